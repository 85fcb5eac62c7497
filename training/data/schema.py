"""What the canonical dataset is made of: its tables, their columns and units, and what can be wrong with them.

cell_lines, drugs   one row a thing; `id` is text: the COSMIC id or PubChem CID, or the source's own id
response            long form: one row a measured pair; ln_ic50 is the natural logarithm of the IC50 in µM
wide tables         one row a line (or a drug), one column a feature; in memory the id is the index, in a file the
                    first column. Only rows that have the modality stand in them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

FORMAT = 2

LINE_ID = "cell_line_id"
DRUG_ID = "drug_id"
CELL_LINE_COLUMNS = (
    "id",
    "name",
    "synonyms",
    "cosmic_id",
    "sanger_model_id",
    "depmap_id",
    "cellosaurus_id",
    "ccle_name",
    "tissue",
    "cancer_type",
    "medium",
    "array_assay_name",
)
DRUG_COLUMNS = (
    "id",
    "name",
    "synonyms",
    "pubchem_cid",
    "inchikey",
    "smiles",
    "targets",
    "pathway",
    "threshold_ln_um",
    "gdsc_drug_ids",
)
RESPONSE_COLUMNS = (LINE_ID, DRUG_ID, "ln_ic50", "sensitive", "source")
LISTS = ("synonyms", "targets", "gdsc_drug_ids")
WIDE = {  # table -> its id column
    "expression": LINE_ID,
    "expression_array": LINE_ID,
    "copy_number": LINE_ID,
    "mutation": LINE_ID,
    "pathway_activity": LINE_ID,
    "growth": LINE_ID,
    "drug_fingerprints": DRUG_ID,
    "concentration": DRUG_ID,
}
UNITS = {
    "response": "ln IC50 (natural logarithm, µM); sensitive 1 = ln_ic50 < threshold_ln_um",
    "drugs": "threshold_ln_um: ln IC50 (natural logarithm, µM)",
    "expression_array": "z-score within the line, over its own genes, of array expression (RMA)",
    "copy_number": "log2 ratio to diploid",
    "mutation": "0/1, 1 = mutated",
    "drug_fingerprints": "0/1, PubChem/CACTVS substructure keys b0..b880",
    "pathway_activity": "ssGSEA score",
    "growth": "growth rate of untreated wells, as the screen gives it",
    "concentration": "µM, highest tested concentration",
}
EXPRESSION_UNITS = {
    "rnaseq_log2_tpm1": "log2(TPM + 1)",
    "array_z": "array z-score per gene",
    "combined_z": "array z-score per gene; RNA-seq lines projected onto it",
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a table; `message` holds the value and the remedy.

    `position` is the row's place in its table, where dropping that row would mend the fault.
    """

    file: str
    row: str
    column: str
    message: str
    severity: Literal["error", "warning"] = "error"
    position: int | None = None

    def __str__(self) -> str:
        """`file: row R, column C: message`, leaving out what does not apply."""
        place = ", ".join(f"{kind} {value}" for kind, value in (("row", self.row), ("column", self.column)) if value)
        return ": ".join(part for part in (self.file, place, self.message) if part)


class DatasetError(Exception):
    """Tables that must not be trained on; `problems` says every fault that was found, the text the same."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Dataset:
    """The canonical tables in memory and `info`, the content of dataset.json.

    cell_lines (N rows), drugs (M rows) and response have the columns named in this module. The wide tables have the
    id as index and features as columns: expression, expression_array, copy_number, pathway_activity, growth
    and concentration float32, mutation and drug_fingerprints uint8.
    """

    cell_lines: pd.DataFrame
    drugs: pd.DataFrame
    response: pd.DataFrame
    copy_number: pd.DataFrame | None = None
    mutation: pd.DataFrame | None = None
    expression: pd.DataFrame | None = None
    drug_fingerprints: pd.DataFrame | None = None
    pathway_activity: pd.DataFrame | None = None
    expression_array: pd.DataFrame | None = None
    growth: pd.DataFrame | None = None
    concentration: pd.DataFrame | None = None
    info: dict[str, Any] = field(default_factory=dict)

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Every table that is there, by name, in a fixed order."""
        for name in ("cell_lines", "drugs", "response", *WIDE):
            table = getattr(self, name)
            if table is not None:
                yield name, table

    @property
    def platform(self) -> str | None:
        """Which kind of expression the table holds, a key of EXPRESSION_UNITS."""
        return self.info.get("expression_platform")


def id_order(identifier: str) -> tuple[int, int, str]:
    """Sort key of ids: numbers by value, then other texts."""
    return (0, int(identifier), identifier) if identifier.isdecimal() else (1, 0, identifier)


def canonical_order(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with its rows in the order of its ids, so that equal content has equal rows."""
    if name in WIDE:
        order = sorted(range(len(table)), key=lambda i: id_order(str(table.index[i])))
        return table.iloc[order]
    keys = [LINE_ID, DRUG_ID] if name == "response" else ["id"]
    ranks = pd.DataFrame({key: _rank(table[key]) for key in keys})
    return table.loc[ranks.sort_values(keys, kind="stable").index].reset_index(drop=True)


def _rank(ids: pd.Series) -> pd.Series:
    texts = ids.astype(object).astype(str).tolist()
    rank = {identifier: i for i, identifier in enumerate(sorted(set(texts), key=id_order))}
    return pd.Series([rank[text] for text in texts], index=ids.index)
