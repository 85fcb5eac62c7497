"""Pseudobulk of single cells: the counts of each group of cells summed and scaled, as a sample for predict_frame."""

from typing import Any

try:
    import numpy as np
    import pandas as pd
except ModuleNotFoundError:
    raise ModuleNotFoundError("client.pseudobulk needs pandas: pip install 'drug-response[frames]'") from None

MILLION = 1e6
FEWEST_CELLS = 10


def pseudobulk(cells: Any, by: str, *, layer: str | None = None, fewest_cells: int = FEWEST_CELLS) -> pd.DataFrame:  # noqa: ANN401 -- AnnData
    """Counts per million of each group of cells, groups × genes; give them as expression in TPM.

    `cells` is an AnnData: raw counts in X, or in a layer, groups in the column `by` of obs, genes in var_names. Counts
    of unique molecules do not grow with a gene's length, so their share of a million stands for TPM. Groups of fewer
    than `fewest_cells` cells are left out. Raises ValueError where counts are not whole numbers of 0 and above, or a
    column or layer is missing.
    """
    for name, there, what in ((by, cells.obs.columns, "column of obs"), (layer, cells.layers, "layer")):
        if name is not None and name not in there:
            raise ValueError(f"no {what} is called {name!r}; there are {', '.join(map(str, there)) or 'none'}")
    counts = cells.X if layer is None else cells.layers[layer]
    groups = pd.Series(np.asarray(cells.obs[by], dtype=object), dtype=object)
    sizes = groups.value_counts()
    rows, names = [], []
    for name in sorted(sizes.index[sizes >= fewest_cells], key=str):
        part = counts[np.flatnonzero((groups == name).to_numpy())]
        values = part.data if hasattr(part, "nnz") else np.asarray(part)  # of a sparse matrix those that are not 0
        if (values < 0).any() or (values != np.round(values)).any():
            raise ValueError(f"group {name}: no whole counts; give raw counts, in X or in `layer`")
        total = np.asarray(part.sum(axis=0), np.float64).ravel()
        rows.append(total / max(total.sum(), 1) * MILLION)
        names.append(str(name))
    if not rows:
        raise ValueError(f"no group of {by} has {fewest_cells} cells; lower fewest_cells")
    return pd.DataFrame(np.array(rows), index=names, columns=[str(gene) for gene in cells.var_names])
