"""HGNC's complete set as published (hgnc_complete_set.txt, tab-separated) -> genes."""

import csv
from collections.abc import Iterable

from model.genes.spelling import is_date
from model.genes.table import Gene

COLUMNS = ("symbol", "prev_symbol", "alias_symbol", "ensembl_gene_id", "entrez_id")
BETWEEN = "|"


def read_hgnc(lines: Iterable[str]) -> list[Gene]:
    """Genes of the approved entries. Raises ValueError where a column is missing or no gene is there."""
    rows = csv.DictReader(lines, delimiter="\t")
    if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
        raise ValueError(
            f"no column {', '.join(missing)}; give HGNC's complete set as published, tab-separated "
            "(hgnc_complete_set.txt)"
        )
    genes = [
        Gene(row["symbol"].strip(), *(_several(row[column] or "") for column in COLUMNS[1:]))
        for row in rows
        if (row["symbol"] or "").strip() and (row.get("status") or "Approved") == "Approved"
    ]
    if not genes:
        raise ValueError("no approved gene in it; download HGNC's complete set again")
    return genes


def _several(cell: str) -> tuple[str, ...]:
    texts = (text.strip() for text in cell.strip().strip('"').split(BETWEEN))
    return tuple(text for text in texts if text and not is_date(text))
