"""LineEncoder and DrugEncoder as ONNX graphs with constants of 16 bits or fewer, and what their reader must know."""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from model.bundle.card import Inductive
from model.encoder_inputs import (
    DRUG_GRAPH,
    DRUG_INPUTS,
    DRUG_OUTPUTS,
    LINE_GRAPH,
    LINE_INPUTS,
    LINE_NAMES,
    LINE_OUTPUTS,
    MODALITIES,
)
from training.data.arrays import Arrays
from training.dim2.pathway_projection import TABLE, projection_quality
from training.features.panel import panel_columns
from training.inductive.applicability_domain import Tables, fit_domain
from training.inductive.dim2 import OffsetDrugs, OffsetFit, OffsetLines
from training.inductive.grid import LARGEST
from training.inductive.hgacl import DrugEncoder, LineEncoder, TrainedHgacl
from training.inductive.onnx_graph import onnx_graph

SMALL = 4096  # numbers; smaller constants stay float32
Stored = tuple[dict[str, np.ndarray], list[onnx.NodeProto]]  # constants by name, and the nodes that unfold them


def inductive_graphs(fitted: TrainedHgacl) -> tuple[dict[str, bytes], Inductive, Tables]:
    """Both graphs by name, the card's entry "inductive", and the tables of training.inductive.applicability_domain.

    Raises ValueError for a network whose path needs whole tables (training.inductive.hgacl.refuse_other_forms).
    """
    return _graphs(fitted, LineEncoder(fitted).eval(), DrugEncoder(fitted).eval())


def offset_graphs(fit: OffsetFit) -> tuple[dict[str, bytes], Inductive, Tables]:
    """The same of DiM2-DRP's response offset.

    Raises NotPlaceableError where settings or tables do not allow it.
    """
    line = OffsetLines(fit).eval()
    graphs, entry, tables = _graphs(fit, line, OffsetDrugs(fit).eval())
    if line.closeness.further is not None:
        entry["projected"] = {TABLE: projection_quality(fit.arrays, np.any(fit.train, axis=1), fit.config)}
    return graphs, entry, tables


def _graphs(
    fitted: TrainedHgacl | OffsetFit, line: LineEncoder | OffsetLines, drug: DrugEncoder | OffsetDrugs
) -> tuple[dict[str, bytes], Inductive, Tables]:
    graphs = {
        LINE_GRAPH: to_onnx(line, line_example(line), LINE_INPUTS, LINE_OUTPUTS),
        DRUG_GRAPH: to_onnx(drug, drug_example(drug), DRUG_INPUTS, DRUG_OUTPUTS),
    }
    tables, limits = fit_domain(fitted.arrays, fitted.train, line, drug)
    return graphs, {**card_entry(fitted.arrays, fitted.train, line, drug), "domain": limits}, tables


def line_example(line: LineEncoder | OffsetLines) -> tuple[torch.Tensor, ...]:
    """Three lines of zeros that have every table, those that are not read too."""
    widths = [len(table.mean) for table in line.tables]
    names = [len(line.names[name]) or 1 for name in LINE_NAMES]
    return (
        *(torch.zeros(3, p) for p in widths),
        torch.ones(3, 3, dtype=torch.bool),
        *(torch.zeros(3, p) for p in names),
    )


def drug_example(drug: DrugEncoder | OffsetDrugs) -> tuple[torch.Tensor, ...]:
    """Three compounds of zeros."""
    return tuple(torch.zeros(3, x.shape[1]) for x in (drug.references, drug.ecfp, drug.targets, drug.pathways))


def card_entry(
    arrays: Arrays, train: np.ndarray, line: LineEncoder | OffsetLines, drug: DrugEncoder | OffsetDrugs
) -> Inductive:
    """What turns names and values into the graphs' arrays: gene panels, names, the training population in order."""
    tables = dict(zip(MODALITIES, line.tables, strict=True))
    return {
        "genes": {m: _genes(arrays, m, table.kept) if table.read else [] for m, table in tables.items()},
        "tissues": line.names["tissue"],
        "cancer_types": line.names["cancer_type"],
        "media": line.names["medium"],
        "targets": drug.target_names,
        "pathways": drug.pathway_names,
        "cell_lines": [arrays.cell_line_ids[i] for i in np.flatnonzero(np.any(train, axis=1))],
        "drugs": [arrays.drug_ids[i] for i in np.flatnonzero(np.any(train, axis=0))],
        "threshold_sd_ln_um": drug.threshold_sd,
        "units": {"expression": "log2(TPM+1)", "copy_number": "log2 ratio to diploid", "mutation": "0/1"},
    }


def _genes(arrays: Arrays, modality: str, kept: np.ndarray) -> list[str]:
    """Genes of a modality's panel that the fit keeps."""
    names: list[str] = np.array(arrays.feature_names[modality])[panel_columns(arrays, modality)][kept].tolist()
    return names


def to_onnx(
    module: nn.Module, example: tuple[torch.Tensor, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> bytes:
    """The module as a graph with a dynamic number of rows."""
    rows = torch.export.Dim("n", min=1)
    with torch.no_grad():
        proto = onnx_graph(module, example, list(inputs), list(outputs), tuple({0: rows} for _ in example))
    content: bytes = compact(proto).SerializeToString()
    return content


def compact(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 matrices as int16 with one scale a column or a row, those of zeros and ones as bits.

    ONNX Runtime unfolds them when it loads the graph. The rounding is a 65,534th of the column's range.
    """
    graph, added = proto.graph, []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor) if tensor.data_type == TensorProto.FLOAT else np.zeros(0)
        if values.size <= SMALL or values.ndim != 2:
            continue
        constants, nodes = _bits(tensor.name, values) if np.isin(values, (0, 1)).all() else _grid(tensor.name, values)
        graph.initializer.remove(tensor)
        graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
        added += nodes
    for place, node in enumerate(added):
        graph.node.insert(place, node)
    return proto


def _bits(name: str, values: np.ndarray) -> Stored:
    """Eight columns a byte, the first highest, and the nodes that unfold them to `name`."""
    constants = {
        f"{name}.stored": np.packbits(values.astype(np.uint8), axis=1)[:, :, None],
        f"{name}.places": np.arange(7, -1, -1, dtype=np.uint8),
        f"{name}.two": np.array(2, np.uint8),
        f"{name}.rows": np.array([len(values), -1]),
        f"{name}.start": np.array([0]),
        f"{name}.end": np.array([values.shape[1]]),
        f"{name}.axis": np.array([1]),
    }
    steps = [
        ("BitShift", "stored", "places", "shifted"),
        ("Mod", "shifted", "two", "bits"),
        ("Reshape", "bits", "rows", "whole"),
        ("Slice", "whole", "start", "end", "axis", "cut"),
    ]
    nodes = [
        helper.make_node(kind, [f"{name}.{n}" for n in names[:-1]], [f"{name}.{names[-1]}"]) for kind, *names in steps
    ]
    nodes[0].attribute.append(helper.make_attribute("direction", "RIGHT"))
    return constants, [*nodes, helper.make_node("Cast", [f"{name}.cut"], [name], to=TensorProto.FLOAT)]


def _grid(name: str, values: np.ndarray) -> Stored:
    """16 bits a number, the scale by column or row, whichever loses less, and the nodes that multiply to `name`."""
    stored, scale = min((_rounded(values, axis) for axis in (0, 1)), key=lambda pair: _gap(values, *pair))
    nodes = [
        helper.make_node("Cast", [f"{name}.stored"], [f"{name}.wide"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.wide", f"{name}.scale"], [name]),
    ]
    return {f"{name}.stored": stored, f"{name}.scale": scale}, nodes


def _rounded(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    scale = np.maximum(np.abs(values).max(axis, keepdims=True) / LARGEST, 1e-30).astype(np.float32)
    return np.rint(values / scale).astype(np.int16), scale


def _gap(values: np.ndarray, stored: np.ndarray, scale: np.ndarray) -> float:
    return float(np.square(values - stored * scale).sum())
