"""Errors of published tables that are known, with what is right; import and `drp annotate` apply them and say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from training.data.schema import Dataset

Table = Literal["cell_lines", "drugs"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Correction:
    """One value of one row, found by an identifier: `wrong` becomes `right`; in a list several may take its place."""

    table: Table
    key: tuple[str, str]  # column and value that find the row
    column: str
    wrong: str
    right: tuple[str, ...]
    reason: str


_MS1 = "the ids were those of the Merkel-cell line MS-1; GDSC screened the small-cell lung line MS-1 (RIKEN)"
_MERKEL = "the COSMIC id is that of the small-cell lung line MS-1; this is the Merkel-cell line"
_ACHP = "the structure is ACHP; name, ids and targets were those of AKT inhibitor VIII"
_SYNONYM = "GDSC's list gives the synonym to the wrong drug"
_JOINED = "several synonyms stood in one text"

CORRECTIONS = (
    # Before the next four, which go by the COSMIC id: DepMap, Cell Model Passports and CCLE give it to the other line.
    *(
        Correction("cell_lines", ("id", name), "cosmic_id", "753594", (), _MERKEL)
        for name in ("ACH-001131", "SIDM00408", "MS1_SKIN")
    ),
    Correction("cell_lines", ("cosmic_id", "753594"), "depmap_id", "ACH-001131", ("ACH-001958",), _MS1),
    Correction("cell_lines", ("cosmic_id", "753594"), "sanger_model_id", "SIDM00408", ("SIDM00245",), _MS1),
    Correction("cell_lines", ("cosmic_id", "753594"), "cellosaurus_id", "CVCL_E995", ("CVCL_1429",), _MS1),
    Correction("cell_lines", ("cosmic_id", "753594"), "ccle_name", "MS1_SKIN", ("MS1_LUNG",), _MS1),
    Correction("drugs", ("pubchem_cid", "10451420"), "name", "KIN001-102", ("KIN001-260",), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "synonyms", "Akti-1/2", (), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "gdsc_drug_ids", "171", (), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "gdsc_drug_ids", "228", (), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "targets", "AKT1", ("IKKB",), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "targets", "AKT2", (), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "targets", "AKT3", (), _ACHP),
    Correction("drugs", ("pubchem_cid", "10451420"), "pathway", "PI3K/MTOR signaling", ("Other, kinases",), _ACHP),
    Correction("drugs", ("pubchem_cid", "446378"), "synonyms", "Octanoic acid", (), _SYNONYM),
    Correction("drugs", ("pubchem_cid", "5284616"), "synonyms", "Torisel", (), _SYNONYM),
    Correction("drugs", ("name", "Tozasertib"), "synonyms", "MK 0457,MK-0457,MK-045", ("MK 0457", "MK-0457"), _JOINED),
    Correction(
        "drugs", ("name", "Luminespib"), "synonyms", "VER-52296,NVP-AUY922", ("VER-52296", "NVP-AUY922"), _JOINED
    ),
)


# Profiles that are another line's: data pack's expression -> line, reason. They are left out.
WRONG_PROFILES = {
    name: {
        "930299": "the RNA-seq profile of TT is that of T-T (TP63, SOX2 high; RET low, in a medullary thyroid line)"
    }
    for name in ("rnaseq", "combined")
}


def corrected(table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[str]]:
    """Rows with the known errors corrected, and a note for each correction that found its wrong value."""
    out, notes = [dict(row) for row in rows], []
    for correction in (one for one in CORRECTIONS if one.table == table):
        column, value = correction.key
        for row in out:
            if row.get(column) == value and _is_wrong(row.get(correction.column), correction):
                row[correction.column] = _after(row[correction.column], correction)
                right = ", ".join(correction.right) or "nothing"
                what = f"{column} {value}, {correction.column}: {correction.wrong} -> {right}"
                notes.append(f"{table}: {what} ({correction.reason})")
    return out, notes


def wrong_synonyms(table: Table, row: Mapping[str, Any]) -> set[str]:
    """Synonyms that published lists give to this row in error."""
    mine = (one for one in CORRECTIONS if one.table == table and row.get(one.key[0]) == one.key[1])
    return {one.wrong for one in mine if one.column == "synonyms"}


def corrected_dataset(dataset: Dataset) -> Dataset:
    """The dataset with its id tables corrected and a note in dataset.json for each correction."""
    notes: list[str] = []
    tables = {}
    for name in ("cell_lines", "drugs"):
        table = getattr(dataset, name)
        rows, found = corrected(name, table.to_dict("records"))
        notes += found
        tables[name] = table.assign(**{c: [row[c] for row in rows] for c in table.columns}).astype(table.dtypes)
    if not notes:
        return dataset
    info = {**dataset.info, "notes": [*dataset.info.get("notes", []), *(f"corrected: {note}" for note in notes)]}
    return replace(dataset, **tables, info=info)


def _is_wrong(value: object, correction: Correction) -> bool:
    return correction.wrong in value if isinstance(value, list) else value == correction.wrong


def _after(value: object, correction: Correction) -> object:
    """The wrong value once corrected; None where nothing takes its place."""
    if isinstance(value, list):
        place = value.index(correction.wrong)
        return [*value[:place], *correction.right, *value[place + 1 :]]
    return next(iter(correction.right), None)
