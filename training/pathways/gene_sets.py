"""Gene sets and interaction networks from the user's files."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

GeneSets = dict[str, frozenset[str]]


class GeneFileError(ValueError):
    """A GMT or edge file that cannot be used; the message names file, line and remedy."""


def read_gmt(path: Path) -> GeneSets:
    """Sets of a GMT file: name, description, then one gene a column, tab-separated. Raises GeneFileError."""
    sets: GeneSets = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, *rest = line.rstrip("\t ").split("\t")
        genes = frozenset(gene for gene in rest[1:] if gene)
        if not line.strip():
            continue
        if not name or not genes:
            raise GeneFileError(
                f"{path.name}, line {number}: no name or no gene; give name, description, genes by tabs"
            )
        if name in sets:
            raise GeneFileError(f"{path.name}, line {number}: {name!r} stands twice; keep one")
        sets[name] = genes
    if not sets:
        raise GeneFileError(f"{path.name}: no gene set; give a GMT file")
    return sets


def read_gene_sets(paths: Sequence[Path]) -> GeneSets:
    """Sets of several GMT files. Raises GeneFileError, also where two files have a set of one name."""
    sets: GeneSets = {}
    for path in paths:
        more = read_gmt(path)
        if twice := sorted(sets.keys() & more.keys()):
            raise GeneFileError(f"{path.name}: {twice[0]!r} stands in another file too; keep one")
        sets |= more
    return sets


def read_edges(path: Path) -> pd.DataFrame:
    """Edges of an interaction network as columns `a`, `b`; loops and repeats, in either direction, are left out.

    The first two columns of a Parquet, CSV or tab-separated file are the ends, by symbol. Raises GeneFileError.
    """
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
    else:
        table = pd.read_csv(path, sep="," if path.suffix == ".csv" else "\t", dtype=str)
    if table.shape[1] < 2 or not len(table):
        raise GeneFileError(f"{path.name}: no edges in two columns; give one interaction a row, symbols in both")
    ends = table.iloc[:, :2].astype(str).set_axis(["a", "b"], axis=1)
    swapped = ends["a"] > ends["b"]
    ends.loc[swapped, ["a", "b"]] = ends.loc[swapped, ["b", "a"]].to_numpy()
    return ends[ends["a"] != ends["b"]].drop_duplicates().reset_index(drop=True)
