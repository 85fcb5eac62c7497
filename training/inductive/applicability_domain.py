"""The applicability domain: how similar training lines and drugs are to each other, and the means of the genes.

With these tables the service tells whether a new sample or compound lies inside the training domain, which training
lines and drugs carry the prediction of a known one, and which genes of a sample stand out.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.bundle.card import Domain
from model.encoder_inputs import MODALITIES
from training.data.arrays import Arrays
from training.features.drug_views import ecfp_bits, pathways_of, targets_of
from training.features.panel import panel_table, presence
from training.inductive.dim2 import OffsetDrugs, OffsetLines
from training.inductive.drug_kernel import indicators
from training.inductive.hgacl import DrugEncoder, LineEncoder

NEAREST = 5
DOMAIN_QUANTILE = 0.05

Tables = dict[str, NDArray[np.generic]]


def fit_domain(
    arrays: Arrays, train: NDArray[np.bool_], line: LineEncoder | OffsetLines, drug: DrugEncoder | OffsetDrugs
) -> tuple[Tables, Domain]:
    """Nearest training nodes of all lines and drugs, and the limits of the domain.

    Tables: `line_nearest` (N, k) and `drug_nearest` (M, k) int32, rows of the id tables, nearest first and without the
    node itself; `line_closeness` (N, k) and `drug_similarity` (M, k); `line_weights` (N, 3), the modality weights;
    `<modality>_mean` and `<modality>_sd` (p,) of the panel's genes, sd 1 where the network does not scale, of the
    tables that are read.
    Limits: the 5 % quantile of what a training node's nearest other training node has; `drug` compares structure,
    targets and pathway, `drug_structure` the structure alone.
    """
    with torch.no_grad():
        _, _, closeness, weights = line(*line_inputs(arrays, line))
        inputs = drug_inputs(arrays, drug)
        annotated = drug.similarity(*inputs)
        structure = drug.similarity(*inputs[:2], *(torch.zeros_like(x) for x in inputs[2:]))
    line_nearest, line_closeness = nearest_others(closeness, np.any(train, axis=1))
    drug_nearest, drug_similarity = nearest_others(annotated, np.any(train, axis=0))
    _, by_structure = nearest_others(structure, np.any(train, axis=0))
    tables: Tables = {
        "line_nearest": line_nearest,
        "line_closeness": line_closeness,
        "line_weights": weights.numpy().astype(np.float32),
        "drug_nearest": drug_nearest,
        "drug_similarity": drug_similarity,
    }
    for modality, table in zip(MODALITIES, line.tables, strict=True):
        if table.read:
            tables |= {f"{modality}_mean": table.mean.numpy(), f"{modality}_sd": table.divisor.numpy()}
    limits: Domain = {
        "cell_line": least_nearest(line_closeness, np.any(train, axis=1)),
        "drug": least_nearest(drug_similarity, np.any(train, axis=0)),
        "drug_structure": least_nearest(by_structure, np.any(train, axis=0)),
    }
    return tables, limits


def line_inputs(arrays: Arrays, line: LineEncoder | OffsetLines) -> tuple[Tensor, ...]:
    """Inputs of the line graph for every line of the data, its own tables as they are."""
    tables = [
        torch.from_numpy(panel_table(arrays, m)[:, table.kept]) if table.read else torch.zeros(len(arrays.tissue), 1)
        for m, table in zip(MODALITIES, line.tables, strict=True)
    ]
    has = torch.from_numpy(np.stack([presence(arrays, m) for m in MODALITIES], 1))
    # The last column counts names that training does not know; the graph has none for them.
    names = [
        indicators([[text] if text in known else [] for text in getattr(arrays, name)], known)[:, : len(known) or 1]
        for name, known in line.names.items()
    ]
    return (*tables, has, *names)


def drug_inputs(arrays: Arrays, drug: DrugEncoder | OffsetDrugs) -> tuple[Tensor, ...]:
    """Inputs of the drug graph for every drug of the data."""
    return (
        torch.from_numpy(arrays.fingerprints),
        ecfp_bits(arrays),
        indicators(targets_of(arrays), drug.target_names),
        indicators([[name] if name else [] for name in pathways_of(arrays)], drug.pathway_names),
    )


def nearest_others(similarity: Tensor, train: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Rows and similarities of the nearest others; `similarity` is changed in place.

    Shapes: similarity (n, N'), train (n,) -> (n, k), (n, k).
    """
    columns = np.flatnonzero(train)
    others = similarity.numpy().astype(np.float32)
    others[columns, np.arange(len(columns))] = -1
    order = np.argsort(-others, axis=1, kind="stable")[:, : min(NEAREST, len(columns) - 1)]
    return columns[order].astype(np.int32), np.take_along_axis(others, order, 1)


def least_nearest(nearest: NDArray[np.float32], train: NDArray[np.bool_]) -> float:
    """The limit of the domain: 5 % of the training nodes have a nearest other less similar. Shapes: (n, k), (n,)."""
    return float(np.quantile(nearest[train, 0], DOMAIN_QUANTILE))
