"""The omics tables of a dataset as models read them: the genes of the panel, and which lines have a table."""

import numpy as np
import torch
from numpy.typing import NDArray

from training.data.arrays import Arrays
from training.features.table_fit import COMPONENTS, Rows, TableFit, fit_table


def fit_modality(
    arrays: Arrays, lines: Rows, modality: str, *, panel: bool = True, components: int = COMPONENTS
) -> TableFit:
    """Fit one omics table on the lines that have it; mutation is centred, not scaled."""
    rows = torch.from_numpy(lines & presence(arrays, modality))
    raw = torch.from_numpy(panel_table(arrays, modality, panel=panel))
    return fit_table(raw, rows, scale=modality != "mutation", components=components)


def presence(arrays: Arrays, modality: str) -> Rows:
    """Which lines have the table, (N,); none where the dataset lacks it."""
    return arrays.present.get(modality, np.zeros(len(arrays.cell_line_ids), bool)) & (modality in arrays.features)


def panel_table(arrays: Arrays, modality: str, *, panel: bool = True) -> NDArray[np.float32]:
    """The modality's table, (N, p); with `panel` only the genes that the expression table has, where it has any.

    On GDSC the 700 genes of the panel say as much as all 24,000, and a new sample needs no more than them.
    """
    table = arrays.features.get(modality, np.zeros((len(arrays.cell_line_ids), 1), np.float32))
    return table[:, panel_columns(arrays, modality)] if panel else table


def panel_columns(arrays: Arrays, modality: str) -> slice | list[int]:
    """Columns of the genes that the expression table has too; all where there is none, and for expression itself."""
    genes = set(arrays.feature_names.get("expression", []))
    shared = [i for i, gene in enumerate(arrays.feature_names.get(modality, [])) if gene in genes]
    return shared if modality != "expression" and shared else slice(None)


def panel_names(arrays: Arrays, modality: str, *, panel: bool = True) -> list[str]:
    """Names of the columns of `panel_table`. Raises KeyError where the dataset lacks the table."""
    columns, names = panel_columns(arrays, modality), arrays.feature_names[modality]
    return [names[i] for i in columns] if panel and isinstance(columns, list) else names
