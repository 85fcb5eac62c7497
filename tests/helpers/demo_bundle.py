"""A bundle of 30 lines × 12 drugs with random codes: what the service's tests serve from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.map import DRUG_MAP, LINE_MAP
from model.bundle.writer import write_bundle
from model.scoring import calibrated, pair_scores
from tests.helpers import demo_encoders

LINES, DRUGS, WIDTH = 30, 12, 64
SLOPE, INTERCEPT = 2.0, -1.5
MAPS = (LINE_MAP, DRUG_MAP)
RELIABILITY = {"LPO": [{"predicted": p, "observed": p + 0.05, "pairs": 40} for p in (0.1, 0.4, 0.8)]}
REGRESSION = {"slope": 0.9, "intercept": 0.1, "half_width_sd": 1.4, "coverage": 0.9}

# The first rows carry real names; TT and T-T are two lines of GDSC that differ in punctuation alone.
CELL_NAMES = ["A549", "MCF7", "TT", "T-T", "NCI/ADR-RES", "HT-29", "β-TC6", "COLO 205"]
DRUG_NAMES = ["Erlotinib", "Lapatinib", "5-Fluorouracil", "(5Z)-7-Oxozeaenol", "JQ1", "Nutlin-3a (-)"]


def on_a_circle(row, place):
    return {"id": row["id"], "x": round(float(np.cos(place)), 3), "y": round(float(np.sin(place)), 3)}


def build_bundle(
    folder: Path,
    width: int = WIDTH,
    lines: int = LINES,
    drugs: int = DRUGS,
    *,
    margins: bool = True,
    encoders: bool = True,
) -> Path:
    """Write a bundle with the models `hgacl` (the default) and `other`, and return its folder.

    `margins`: whether drugs have codes of their own for the ln IC50 margin; bundles of 0.1 had none. `encoders`:
    whether hgacl can place new samples and compounds; `other` cannot.
    """
    tables = [cell_row(i) for i in range(lines)], [drug_row(j) for j in range(drugs)]
    names = "hgacl", "other"
    parts = {name: model_part(name, seed, width, tables, margins=margins) for seed, name in enumerate(names)}
    if encoders:
        parts["hgacl"] = with_encoders(parts["hgacl"], width, tables)
    metrics = {"LPO": {"auroc": {"mean": 0.87, "sd": 0.01, "ci": [0.86, 0.88]}, "rmse": {"mean": 0.8}}}
    metrics["LCO"] = {"rmse": {"mean": 1.2}}
    manifest = {
        "name": "demo",
        "created": "2026-01-31T12:00:00Z",
        "default_model": "hgacl",
        "dataset": {
            "name": "demo",
            "content_hash": "0" * 64,
            "source": "random codes",
            "counts": {"cell_lines": lines, "drugs": drugs},
            "terms": ["none"],
        },
        "metrics": {**dict.fromkeys(parts, metrics), "baselines": {"drug_mean": metrics}},
        "other_assay_half_width_ln_um": 2.5,
    }
    maps = {name: [on_a_circle(row, i) for i, row in enumerate(rows)] for name, rows in zip(MAPS, tables, strict=True)}
    write_bundle(folder, Bundle(manifest, *tables, parts, maps))
    return folder


def build_further(folder: Path, seed: int = 2) -> Path:
    """Write a second bundle, of the same lines and drugs, with the model `further`, and return its folder."""
    tables = [cell_row(i) for i in range(LINES)], [drug_row(j) for j in range(DRUGS)]
    part = model_part("further", seed, WIDTH, tables, margins=False)
    manifest = {"name": "second", "default_model": "further", "dataset": {"content_hash": "0" * 64}, "metrics": {}}
    write_bundle(folder, Bundle(manifest, *tables, {"further": part}))
    return folder


def with_encoders(part: ModelPart, width: int, tables: tuple[list[dict], list[dict]]) -> ModelPart:
    lines, drugs = ([row["id"] for row in rows] for rows in tables)
    graphs = {
        "line_encoder": demo_encoders.line_encoder(width, len(lines), 0),
        "drug_encoder": demo_encoders.drug_encoder(width, len(drugs), 1),
    }
    card = {**part.card, "reliability": RELIABILITY, "inductive": demo_encoders.entry(lines, drugs)}
    return replace(part, card=card, graphs=graphs, population=demo_encoders.population(len(lines), len(drugs), 2))


def cell_row(i: int) -> dict:
    name = CELL_NAMES[i] if i < len(CELL_NAMES) else f"Line {i}"
    return {
        "id": f"SIDM{i:05d}",
        "name": name,
        "synonyms": ["A-549/ATCC"] if i == 0 else [f"alias {i}", "shared alias"] if i in (8, 9) else [],
        "cosmic_id": 905949 + i,
        "sanger_model_id": f"SIDM{i:05d}",
        "depmap_id": None if i == 1 else f"ACH-{i:06d}",
        "cellosaurus_id": f"CVCL_{i:04d}",
        "ccle_name": None,
        "tissue": "lung" if i % 2 else "skin",
        "cancer_type": "LUAD",
        "medium": "R",
    }


def drug_row(j: int) -> dict:
    return {
        "id": f"drug-{j}",
        "name": DRUG_NAMES[j] if j < len(DRUG_NAMES) else f"Compound {j}",
        "synonyms": ["Tarceva"] if j == 0 else None,
        "pubchem_cid": 176870 + j,
        "inchikey": f"AAGJUKVWKZGRTI-UHFFFAOYSA-{chr(65 + j)}",
        "smiles": "C" * (j + 1) + "S",
        "targets": ["EGFR"] if j < 2 else ["BRD4", "BRD2"] if j == 4 else None,
        "pathway": "EGFR signaling" if j < 2 else "Other",
        "threshold_ln_um": 1.5,
        "ln_ic50_sd": 0.8,
        "gdsc_drug_ids": [j + 1, 1000 + j],
    }


def model_part(name: str, seed: int, width: int, tables: tuple[list[dict], list[dict]], *, margins: bool) -> ModelPart:
    rng = np.random.default_rng(seed)
    cell, drug = (rng.normal(size=(len(rows), width), scale=width**-0.25).astype(np.float32) for rows in tables)
    # Rows 10 and 11 are twins on either side, so that a rank has ties to break.
    cell[11], drug[11 % len(drug)] = cell[10], drug[10 % len(drug)]
    margin = drug[::-1].copy() if margins else None
    scores = pair_scores(cell[:5], drug[:5])
    probabilities = calibrated(scores, SLOPE, INTERCEPT)
    card = {
        "calibration": {"slope": SLOPE, "intercept": INTERCEPT},
        "decision_threshold": 0.5,
        "regression": REGRESSION if name == "hgacl" else None,
        "config": {"width": width},
        "training": {"seed": seed, "epochs": 0},
        "self_test": [
            {
                "cell_line": tables[0][i]["id"],
                "drug": tables[1][i]["id"],
                "score": float(scores[i]),
                "probability": float(probabilities[i]),
            }
            | ({"margin": float(pair_scores(cell[i], margin[i]))} if margins else {})
            for i in range(5)
        ],
    }
    return ModelPart(name, cell, drug, decoder(width), card, margin)


def decoder(w: int, slope: float = SLOPE) -> bytes:
    """model.scoring.pair_scores and calibrated as an ONNX graph."""
    constants = {
        "axis": np.array([1]),
        "slope": np.array(slope, np.float32),
        "intercept": np.array(INTERCEPT, np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["cell"], ["cell_double"], to=TensorProto.DOUBLE),
        helper.make_node("Cast", ["drug"], ["drug_double"], to=TensorProto.DOUBLE),
        helper.make_node("Mul", ["cell_double", "drug_double"], ["product"]),
        helper.make_node("ReduceSum", ["product", "axis"], ["sum"], keepdims=0),
        helper.make_node("Cast", ["sum"], ["score"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["score", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "intercept"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]

    def value(name: str, *shape: int | str):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes,
        "decoder",
        [value("cell", "n", w), value("drug", "n", w)],
        [value("score", "n"), value("probability", "n")],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def point(link, folder):
    """Let the link lead to this folder, from one moment to the next."""
    fresh = link.with_name("fresh")
    fresh.symlink_to(folder)
    fresh.replace(link)
