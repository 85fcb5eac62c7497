"""A line's raw tables to what DiM2-DRP's cell encoder reads, standardised as in training, as one module for export."""

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.dim2.cell import CellEncoder
from model.dim2.config import Dim2Config
from training.data.arrays import Arrays
from training.dim2.inputs import COMPONENTS, EXPRESSION, SCORES, CellTables
from training.features.panel import panel_names
from training.features.table_fit import TableFit

MUTATION, TISSUE = "mutation", "tissue"
LINE_INPUTS = (SCORES, EXPRESSION, MUTATION, TISSUE)


class Columns(nn.Module):
    """(x − mean) / sd of the columns that a fitted table keeps, NaN as the mean; then `count` components, if wanted.

    Shapes: raw (n, p) of the columns `names` -> (n, p), or (n, at most `count`).
    """

    mean: Tensor
    divisor: Tensor
    axes: Tensor | None

    def __init__(self, fit: TableFit, names: list[str], count: int = 0) -> None:
        super().__init__()
        self.names = [name for name, kept in zip(names, fit.kept.tolist(), strict=True) if kept]
        self.register_buffer("mean", fit.mean)
        self.register_buffer("divisor", fit.divisor)
        self.register_buffer("axes", fit.feature_axes(count).float() if count else None)

    def forward(self, raw: Tensor) -> Tensor:
        """Standardise, and project where there are axes."""
        x = (raw - self.mean) / self.divisor
        x = torch.where(torch.isnan(x), 0, x)
        return x if self.axes is None else x @ self.axes


class Lines(nn.Module):
    """The cell encoder behind the transformation of its tables that it was trained with; see `LINE_INPUTS`.

    Raises ValueError where no training line has a table that is read.
    """

    def __init__(self, encoder: CellEncoder, arrays: Arrays, tables: CellTables, config: Dim2Config) -> None:
        super().__init__()
        self.encoder, self.stands_in = encoder, tables.stands_in
        self.reads = config.expression and tables.genes is not None
        self.scores, self.genes = (
            None if fit is None else Columns(_refuse_nothing(name, fit), arrays.feature_names[name], count)
            for name, fit, count in ((SCORES, tables.scores, 0), (EXPRESSION, tables.genes, COMPONENTS))
        )
        self.columns = {
            SCORES: self.scores.names if self.scores else [],
            EXPRESSION: self.genes.names if self.genes else [],
            MUTATION: panel_names(arrays, MUTATION, panel=config.panel_genes) if config.mutations else [],
            TISSUE: tables.tissues if config.tissue else [],
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


def _refuse_nothing(name: str, fit: TableFit) -> TableFit:
    if not len(fit.mean):
        raise ValueError(f"{name}: no training line has it; import the dataset without this table and train again")
    return fit
