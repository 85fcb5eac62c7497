"""A line's raw tables to what DiM2-DRP's cell encoder reads, standardised as in training, as one module for export."""

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.dim2.cell import CellEncoder
from model.dim2.config import Dim2Config
from training.data.arrays import Arrays
from training.dim2.inputs import COMPONENTS
from training.features.components import LEAST_VARIANCE, principal_axes, standard

SCORES, EXPRESSION, MUTATION, TISSUE = LINE_INPUTS = ("pathway_activity", "expression", "mutation", "tissue")


class Columns(nn.Module):
    """(x − mean) / sd of the columns that vary over the training lines, NaN as the mean; then components, if wanted.

    Shapes: raw (n, p) of the columns `names` -> (n, p), or (n, at most `components`).
    """

    def __init__(self, arrays: Arrays, name: str, lines: NDArray[np.bool_], components: int = 0) -> None:
        super().__init__()
        present = torch.from_numpy(arrays.present[name])
        rows = present & torch.from_numpy(lines)
        if not rows.any():
            raise ValueError(f"{name}: no training line has it; import the dataset without this table and train again")
        raw = torch.from_numpy(arrays.features[name])
        fitted = standard(raw, rows, scale=True)
        self.names = [
            gene for gene, kept in zip(arrays.feature_names[name], fitted.kept.tolist(), strict=True) if kept
        ]
        self.register_buffer("mean", fitted.mean)
        self.register_buffer("divisor", fitted.divisor)
        axes = None
        if components:
            x = fitted.of(raw, present)
            axes = principal_axes(x, rows, components, LEAST_VARIANCE).flip(1)
            axes = (axes / (x.double() @ axes)[rows].std(0, correction=0).mean().clamp(min=1e-6)).float()
        self.register_buffer("axes", axes)

    def forward(self, raw: Tensor) -> Tensor:
        """Standardise, and project where there are axes."""
        x = (raw - self.mean) / self.divisor
        x = torch.where(torch.isnan(x), 0, x)
        return x if self.axes is None else x @ self.axes


class Lines(nn.Module):
    """The cell encoder behind the standardisation of its tables, all fitted on `lines` (N,); see `LINE_INPUTS`.

    Without pathway scores, components of expression stand in for them, as in training.dim2.inputs.
    """

    def __init__(self, encoder: CellEncoder, arrays: Arrays, lines: NDArray[np.bool_], config: Dim2Config) -> None:
        super().__init__()
        self.encoder = encoder
        has_scores = SCORES in arrays.features
        self.scores = Columns(arrays, SCORES, lines) if config.pathways and has_scores else None
        stands_in, reads = config.pathways and not has_scores, config.expression and EXPRESSION in arrays.features
        self.genes = Columns(arrays, EXPRESSION, lines, COMPONENTS) if stands_in or reads else None
        self.stands_in, self.reads = stands_in, reads
        tissues = {name for name, inside in zip(arrays.tissue, lines, strict=True) if inside and name}
        self.columns = {
            SCORES: self.scores.names if self.scores else [],
            EXPRESSION: self.genes.names if self.genes else [],
            MUTATION: arrays.feature_names[MUTATION] if config.mutations else [],
            TISSUE: sorted(tissues) if config.tissue else [],
        }

    def forward(self, pathway_activity: Tensor, expression: Tensor, mutation: Tensor, tissue: Tensor) -> Tensor:
        """Shapes: (n, columns) each, NaN where not measured, tissue one-hot -> (n, width)."""
        genes = None if self.genes is None else self.genes(expression)
        given = dict(zip(LINE_INPUTS, (pathway_activity, expression, mutation, tissue), strict=True))
        none = next(given[name] for name, columns in self.columns.items() if columns)[:, :0]
        pathways = self.scores(pathway_activity) if self.scores is not None else genes if self.stands_in else none
        mutations = torch.where(torch.isnan(mutation), 0, mutation)
        return cast("Tensor", self.encoder(pathways, mutations, genes if self.reads else none, tissue))

    def raw(self, arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        """The dataset's own rows of every line, as the module reads them: (N, columns) by input."""
        tables = {}
        for name, columns in self.columns.items():
            if name == TISSUE:
                tables[name] = np.array([[tissue == c for c in columns] for tissue in arrays.tissue], np.float32)
                continue
            place = {column: i for i, column in enumerate(arrays.feature_names.get(name, []))}
            rows = arrays.features.get(name, np.zeros((len(arrays.cell_line_ids), 0), np.float32))
            tables[name] = rows[:, [place[column] for column in columns]]
        return tables
