"""Names of genes from HGNC's complete set as published, or from a Parquet table of identifiers."""

import gzip
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from model.genes.hgnc import read_hgnc
from model.genes.spelling import is_date, tidy
from model.genes.table import Gene, GeneTable

COLUMNS = ("identifier", "symbol", "kind")
KINDS = {
    "previous": "previous",
    "alias": "alias",
    "alias_or_previous": "alias",
    "entrez": "entrez",
    "ensembl": "ensembl",
}


class GeneNamesError(ValueError):
    """A file that holds no names of genes; the message names it, what it lacks and what is read."""


def read_genes(path: Path) -> list[Gene]:
    """Genes of HGNC's complete set (tab-separated, also gzip), or of a Parquet table of identifier, symbol and kind.

    A kind is approved, previous, alias, entrez or ensembl; other kinds that begin with alias count as alias. Raises
    GeneNamesError.
    """
    try:
        if path.suffix == ".parquet":
            return _of_identifiers(pd.read_parquet(path))
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as lines:
            return read_hgnc(lines)
    except OSError as fault:
        raise GeneNamesError(f"{path}: {fault.strerror or fault}") from None
    except (ValueError, EOFError, pa.ArrowException) as fault:
        raise GeneNamesError(f"{path}: {fault}") from None


def _of_identifiers(table: pd.DataFrame) -> list[Gene]:
    if missing := [column for column in COLUMNS if column not in table]:
        raise ValueError(f"no column {', '.join(missing)}; a table of identifiers has {', '.join(COLUMNS)}")
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for identifier, symbol, kind in zip(*(table[column].astype(str) for column in COLUMNS), strict=True):
        of_gene = names[symbol]
        if kind == "approved" or (is_date(identifier) and not kind.startswith("en")):
            continue
        of_gene["alias" if kind.startswith("alias") else kind].append(identifier)
    if strange := {kind for of_gene in names.values() for kind in of_gene} - set(KINDS):
        raise ValueError(f"a kind is {min(strange)!r}, none of approved, {', '.join(KINDS)}")
    return [Gene(symbol, **{kind: tuple(texts) for kind, texts in kinds.items()}) for symbol, kinds in names.items()]


def to_approved(columns: Sequence[str], table: GeneTable) -> list[str]:
    """Approved symbols of the columns that name one gene by any identifier; all others stay as they are."""
    found = (table.find(tidy(column)).symbols for column in columns)
    return [symbols[0] if len(symbols) == 1 else column for column, symbols in zip(columns, found, strict=True)]
