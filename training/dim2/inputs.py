"""What DiM2-DRP reads, prepared from aligned arrays and a training mask: tables, molecule graphs, response offset."""

from collections import Counter
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.dim2.config import Dim2Config
from model.dim2.drug_batch import DrugBatch, drug_batch
from training.data.arrays import Arrays
from training.dim2.kernels import drug_similarity, line_similarity
from training.dim2.molecule_cache import molecule_graphs
from training.dim2.offset import ResponseOffset, constant_offset, response_offset
from training.features.components import known_names, principal_components, standardised

COMPONENTS = 64  # of expression; they stand in for pathway scores where the dataset has none
CONFORMERS = 5


@dataclass(frozen=True)
class Inputs:
    """Tables of all lines and drugs, from which a step takes its rows.

    Shapes: pathways (N, p), mutations (N, r), expression (N, e), tissue (N, t), response (N, M) ln µM with 0 where not
    measured. `target` (M,) and `cancer` (N,) are classes, −1 where unknown or not a training node; `target_counts`
    (classes,) are the drugs of each class. `measured_lines` (N,) and `measured_drugs` (M,) are boolean: has a training
    pair.
    """

    pathways: Tensor
    mutations: Tensor
    expression: Tensor
    tissue: Tensor
    drugs: DrugBatch
    offset: ResponseOffset
    response: Tensor
    target: Tensor
    target_counts: Tensor
    cancer: Tensor
    measured_lines: Tensor
    measured_drugs: Tensor

    @property
    def cells(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What the cell encoder reads, in the order of its arguments."""
        return self.pathways, self.mutations, self.expression, self.tissue

    @property
    def sizes(self) -> tuple[int, int, int, int, int, int]:
        """Widths that the network is built with: pathways, genes, components, tissues, targets, cancer types."""
        p, r, e, t = (table.shape[1] for table in self.cells)
        return (p, r, e, t, len(self.target_counts), int(self.cancer.max()) + 1)

    def to(self, device: torch.device | str) -> "Inputs":
        """The same on another device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self)}
        return replace(self, **{name: part.to(device) for name, part in moved.items()})


def inputs_of(arrays: Arrays, train: NDArray[np.bool_], config: Dim2Config, seed: int) -> Inputs:
    """Prepare one training mask; means, scales, covariances and classes come from training nodes and pairs alone.

    Molecule graphs are kept in the folder `arrays.structures`. Raises ValueError where no pair trains, a drug has no
    SMILES, or a table that the configuration asks for is missing.
    """
    _check(arrays, train)
    lines, drugs = torch.from_numpy(train.any(1)), torch.from_numpy(train.any(0))
    pathways, mutations = pathway_table(arrays, lines, config), _mutation_table(arrays, config)
    expression, profiled = _expression(arrays, lines, config)
    tissue = torch.from_numpy(known_names(arrays.tissue, train.any(1))).float()
    offset = fit_offset(arrays, train, config, seed) if config.offset else constant_offset(arrays, train)
    count = CONFORMERS if config.drug_3d else 0
    target, share = _classes([names[0] if names else "" for names in arrays.targets], drugs)
    cancer, _ = _classes(arrays.cancer_type, lines)
    return Inputs(
        pathways,
        mutations,
        principal_components(expression, lines & profiled, COMPONENTS),
        tissue,
        drug_batch(molecule_graphs(arrays.smiles, arrays.drug_ids, arrays.structures, count)),
        offset,
        torch.from_numpy(np.nan_to_num(arrays.ln_ic50)),
        target,
        share,
        cancer,
        lines,
        drugs,
    )


def fit_offset(
    arrays: Arrays,
    train: NDArray[np.bool_],
    config: Dim2Config,
    seed: int,
    *,
    cross_fitted: bool = True,
) -> ResponseOffset:
    """Fit the response offset of one training mask, kernels included. Raises ValueError as `inputs_of` does."""
    _check(arrays, train)
    lines = torch.from_numpy(line_similarity(arrays, train.any(1), config))
    drugs = torch.from_numpy(drug_similarity(arrays)[:, train.any(0)])
    return response_offset(arrays, train, lines, drugs, config, seed, cross_fitted=cross_fitted)


def _check(arrays: Arrays, train: NDArray[np.bool_]) -> None:
    if not train.any():
        raise ValueError("no training pair: give some")
    if bare := [i for i, text in zip(arrays.drug_ids, arrays.smiles, strict=True) if not text.strip()]:
        raise ValueError(f"drugs without SMILES: {bare[:20]}; DiM2-DRP reads structures: add them or leave these out")


def pathway_table(arrays: Arrays, lines: Tensor, config: Dim2Config) -> Tensor:
    """Pathway scores z-scored on training lines, (N, p); without them, principal components of expression.

    Raises ValueError where the configuration wants pathways and the dataset has neither table.
    """
    if not config.pathways:
        return torch.zeros(len(lines), 0)
    for name in ("pathway_activity", "expression"):
        if name in arrays.features:
            present = torch.from_numpy(arrays.present[name])
            table = torch.from_numpy(arrays.features[name])
            x = standardised(table, present, lines & present, scale=True)
            return x if name == "pathway_activity" else principal_components(x, lines & present, COMPONENTS)
    raise ValueError("the dataset has neither pathway_activity nor expression: add one, or set pathways=false")


def _expression(arrays: Arrays, lines: Tensor, config: Dim2Config) -> tuple[Tensor, Tensor]:
    """Expression z-scored on training lines (N, genes), and which lines have it (N,); no column where unused."""
    if not config.expression or "expression" not in arrays.features:
        return torch.zeros(len(lines), 0), torch.zeros(len(lines), dtype=torch.bool)
    present = torch.from_numpy(arrays.present["expression"])
    return standardised(torch.from_numpy(arrays.features["expression"]), present, lines & present, scale=True), present


def _mutation_table(arrays: Arrays, config: Dim2Config) -> Tensor:
    if not config.mutations:
        return torch.zeros(len(arrays.cell_line_ids), 0)
    if "mutation" not in arrays.features:
        raise ValueError("the dataset has no mutation table: add one, or set mutations=false")
    return torch.from_numpy(np.nan_to_num(arrays.features["mutation"]))


def _classes(names: list[str], fit_rows: Tensor) -> tuple[Tensor, Tensor]:
    """Class of each row and the classes' counts; names that only one training row has share one class."""
    counts = Counter(name for name, used in zip(names, fit_rows.tolist(), strict=True) if used and name)
    known = {name: i for i, name in enumerate(sorted(name for name, count in counts.items() if count > 1))}
    rows = [
        -1 if not name or not used else known.get(name, len(known))
        for name, used in zip(names, fit_rows.tolist(), strict=True)
    ]
    classes = torch.tensor(rows)
    return classes, torch.bincount(classes[classes >= 0], minlength=len(known) + 1).float()
