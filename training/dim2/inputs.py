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
from training.features.names import known_names, one_hot_of
from training.features.panel import panel_table
from training.features.table_fit import TableFit, fit_table

COMPONENTS = 64  # of expression; they stand in for pathway scores where the dataset has none
CONFORMERS = 5
SCORES, EXPRESSION = "pathway_activity", "expression"


@dataclass(frozen=True)
class CellTables:
    """How lines' tables become what the cell encoder reads, fitted on the training lines.

    `scores` are the pathway scores, `genes` the expression table; None where the configuration does not read it.
    Without scores, `stands_in` puts components of expression in their place.
    """

    scores: TableFit | None
    genes: TableFit | None
    stands_in: bool
    tissues: list[str]

    def pathways(self, arrays: Arrays) -> Tensor:
        """Pathway scores z-scored, or components of expression in their place. Shape: (N, p)."""
        if self.scores is not None:
            return _transformed(arrays, SCORES, self.scores, 0)
        return self.expression(arrays) if self.stands_in else torch.zeros(len(arrays.cell_line_ids), 0)

    def pathway_names(self, arrays: Arrays) -> list[str]:
        """Names of the columns of `pathways`; none where components of expression stand in their place."""
        if self.scores is None:
            return []
        return [name for name, kept in zip(arrays.feature_names[SCORES], self.scores.kept, strict=True) if kept]

    def named_parts(self, parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Parts of the cell encoder's code, the first called what it is where expression stands in for pathways."""
        return [("expression components", parts[0][1]), *parts[1:]] if self.stands_in else parts

    def expression(self, arrays: Arrays) -> Tensor:
        """Principal components of expression, (N, at most COMPONENTS); no column where it is not read."""
        if self.genes is None:
            return torch.zeros(len(arrays.cell_line_ids), 0)
        return _transformed(arrays, EXPRESSION, self.genes, COMPONENTS)


@dataclass(frozen=True)
class Inputs:
    """Tables of all lines and drugs, from which a step takes its rows, and how those of lines were transformed.

    Shapes: pathways (N, p), mutations (N, r), expression (N, e), tissue (N, t), response (N, M) ln µM with 0 where not
    measured. `target` (M,) and `cancer` (N,) are classes, −1 where unknown or not a training node; `target_counts`
    (classes,) are the drugs of each class. `measured_lines` (N,) and `measured_drugs` (M,) are boolean: has a training
    pair.
    """

    tables: CellTables
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
    def sizes(self) -> tuple[int, int, int, int, int, int, tuple[int, int]]:
        """What the network is built with: pathways, genes, components, tissues, targets, cancers; lines, drugs."""
        p, r, e, t = (table.shape[1] for table in self.cells)
        n, m = self.response.shape
        return (p, r, e, t, len(self.target_counts), int(self.cancer.max()) + 1, (n, m))

    def to(self, device: torch.device | str) -> "Inputs":
        """The same on another device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "tables"}
        return replace(self, **{name: part.to(device) for name, part in moved.items()})


def inputs_of(arrays: Arrays, train: NDArray[np.bool_], config: Dim2Config, seed: int) -> Inputs:
    """Prepare one training mask; means, scales, covariances and classes come from training nodes and pairs alone.

    Molecule graphs are kept in the folder `arrays.structures`. Raises ValueError where no pair trains, a drug has no
    SMILES, or a table that the configuration asks for is missing.
    """
    _check(arrays, train)
    lines, drugs = torch.from_numpy(np.any(train, axis=1)), torch.from_numpy(np.any(train, axis=0))
    tables = fit_cell_tables(arrays, np.any(train, axis=1), config)
    offset = fit_offset(arrays, train, config, seed) if config.offset else constant_offset(arrays, train)
    count = CONFORMERS if config.drug_3d else 0
    target, share = _classes([names[0] if names else "" for names in arrays.targets], drugs)
    cancer, _ = _classes(arrays.cancer_type, lines)
    return Inputs(
        tables,
        tables.pathways(arrays),
        _mutation_table(arrays, config),
        tables.expression(arrays) if config.expression else torch.zeros(len(lines), 0),
        torch.from_numpy(one_hot_of(arrays.tissue, tables.tissues)).float(),
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
    lines = torch.from_numpy(line_similarity(arrays, np.any(train, axis=1), config))
    drugs = torch.from_numpy(drug_similarity(arrays)[:, np.any(train, axis=0)])
    return response_offset(arrays, train, lines, drugs, config, seed, cross_fitted=cross_fitted)


def _check(arrays: Arrays, train: NDArray[np.bool_]) -> None:
    if not train.any():
        raise ValueError("no training pair: give some")
    if bare := [i for i, text in zip(arrays.drug_ids, arrays.smiles, strict=True) if not text.strip()]:
        raise ValueError(f"drugs without SMILES: {bare[:20]}; DiM2-DRP reads structures: add them or leave these out")


def fit_cell_tables(arrays: Arrays, lines: NDArray[np.bool_], config: Dim2Config) -> CellTables:
    """Fit on the training lines (N,).

    Raises ValueError where the configuration wants pathways and the dataset has neither scores nor expression.
    """
    has_scores, has_genes = SCORES in arrays.features, EXPRESSION in arrays.features
    if config.pathways and not (has_scores or has_genes):
        raise ValueError("the dataset has neither pathway_activity nor expression: add one, or set pathways=false")
    stands_in = config.pathways and not has_scores
    reads_genes = has_genes and (config.expression or stands_in)
    return CellTables(
        _fit(arrays, lines, SCORES, 0) if config.pathways and has_scores else None,
        _fit(arrays, lines, EXPRESSION, COMPONENTS) if reads_genes else None,
        stands_in,
        known_names(arrays.tissue, lines),
    )


def _fit(arrays: Arrays, lines: NDArray[np.bool_], name: str, components: int) -> TableFit:
    rows = torch.from_numpy(arrays.present[name] & lines)
    return fit_table(torch.from_numpy(arrays.features[name]), rows, scale=True, components=components)


def _transformed(arrays: Arrays, name: str, fit: TableFit, count: int) -> Tensor:
    return fit.features(torch.from_numpy(arrays.features[name]), torch.from_numpy(arrays.present[name]), count)


def _mutation_table(arrays: Arrays, config: Dim2Config) -> Tensor:
    if not config.mutations:
        return torch.zeros(len(arrays.cell_line_ids), 0)
    if "mutation" not in arrays.features:
        raise ValueError("the dataset has no mutation table: add one, or set mutations=false")
    return torch.from_numpy(np.nan_to_num(panel_table(arrays, "mutation", panel=config.panel_genes)))


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
