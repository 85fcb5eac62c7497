"""The canonical cell_lines and drugs from what a source knows, and drugs that are one compound made one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from model.molecules.faults import MoleculeError
from model.molecules.standard import SKELETON, as_written, standardised
from training.data.schema import CELL_LINE_COLUMNS, DRUG_COLUMNS, DRUG_ID, LINE_ID, LISTS, RESPONSE_COLUMNS, Problem

Columns = Mapping[str, Sequence[Any] | pd.Series]


def cell_lines(known: Columns) -> pd.DataFrame:
    """Give cell_lines with the columns that are known; "" and None mean not known."""
    return _entities(known, CELL_LINE_COLUMNS)


def drugs(known: Columns) -> pd.DataFrame:
    """Give drugs with the columns that are known; a threshold that is not known is NaN."""
    return _entities(known, DRUG_COLUMNS)


def no_drugs() -> pd.DataFrame:
    """Give the drugs of a source that has none."""
    return drugs({"id": []})


def no_response() -> pd.DataFrame:
    """Give the response of a source that only adds to others."""
    kinds = {LINE_ID: "str", DRUG_ID: "str", "ln_ic50": "float32", "sensitive": "uint8", "source": "str"}
    return pd.DataFrame({column: pd.Series([], dtype=kinds[column]) for column in RESPONSE_COLUMNS})


def _entities(known: Columns, columns: tuple[str, ...]) -> pd.DataFrame:
    count = len(known["id"])
    table: dict[str, object] = {}
    for column in columns:
        if column in LISTS:
            table[column] = [list(value) for value in known.get(column, [[]] * count)]
        elif column == "threshold_ln_um":
            table[column] = np.asarray(known.get(column, [np.nan] * count), np.float64)
        else:
            values = known.get(column, [None] * count)
            table[column] = pd.Series([value or None for value in map(_text, values)], dtype="str")
    frame = pd.DataFrame(table, columns=list(columns))
    return frame.astype({c: object for c in columns if c in LISTS})


def _text(value: object) -> str | None:
    return None if value is None or (isinstance(value, float) and np.isnan(value)) else str(value).strip()


def inchikeys(smiles: Sequence[str | None], rows: Sequence[str], file: str, faults: list[Problem]) -> list[str | None]:
    """InChIKey of each compound's standard form, so that a drug and its salt have one; None without SMILES.

    A SMILES that cannot be read is a fault of its row.
    """
    keys: list[str | None] = []
    for text, row in zip(smiles, rows, strict=True):
        try:
            keys.append(standardised(text).inchikey if text else None)
        except MoleculeError as fault:
            keys.append(None)
            faults.append(Problem(file, row, "smiles", f"{fault}; correct it or leave it empty"))
    return keys


def checked_inchikeys(
    given: Sequence[str | None], keys: Sequence[str | None], smiles: Sequence[str | None], names: Sequence[str]
) -> tuple[list[str | None], list[str]]:
    """The InChIKeys by which drugs are told apart, and notes: the given one where it is the parent's or stands alone.

    The key of the SMILES' parent takes the place of a salt's key, and of one that fits neither: that is noted.
    """
    found: list[str | None] = []
    notes: list[str] = []
    for own, key, text, name in zip(given, keys, smiles, names, strict=True):
        fits = not own or not key or own[:SKELETON] == key[:SKELETON]
        if not fits and text and own and own[:SKELETON] != as_written(text).inchikey[:SKELETON]:
            notes.append(
                f"drugs: inchikey {own} of {name} is not that of its SMILES, {key}, which is kept; correct one"
            )
        found.append(own or key if fits else key)
    return found, notes


def salts_note(smiles: Sequence[str | None], names: Sequence[str]) -> list[str]:
    """Note the drugs given as salts: they are identified by their parents."""
    salts = [name for text, name in zip(smiles, names, strict=True) if text and "." in text]
    if not salts:
        return []
    return [
        f"drugs: {len(salts)} SMILES of several fragments (salts), identified by their parents: {', '.join(salts)}"
    ]


def merge_drugs(
    table: pd.DataFrame, response: pd.DataFrame, compound: Sequence[str], why: str, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make drugs of one `compound` (a key per row of `table`) one: the first stays, the others are synonyms.

    Two measurements of one pair and source become their mean ln IC50. Both are counted in the notes, `why` says by
    what the drugs were found to be one.
    """
    key = pd.Series(list(compound), index=table["id"].astype(object))
    first = dict(zip(key[::-1], key.index[::-1], strict=True))
    owner = key.map(first)
    groups = table.groupby(owner.to_numpy(), sort=False)
    several = {kept: rows for kept, rows in groups if len(rows) > 1}
    for kept, rows in several.items():
        names = " = ".join(f"{name} ({drug})" for name, drug in zip(rows["name"], rows["id"], strict=True))
        notes.append(f"drugs: merged into {kept}: {names} ({why})")
    single = table[table["id"].isin(set(owner))].reset_index(drop=True)
    for column in LISTS:
        if column in single.columns and several:
            single[column] = [
                _joined(several[drug], column, name) if drug in several else value
                for drug, name, value in zip(single["id"], single["name"], single[column], strict=True)
            ]
    renamed = response.assign(**{DRUG_ID: response[DRUG_ID].map(owner).astype("str")})
    return single, mean_of_repeats(renamed, notes)


def _joined(rows: pd.DataFrame, column: str, name: str) -> list[str]:
    texts = [text for value in rows[column] for text in value]
    if column == "synonyms":
        texts = [text for text in [*rows["name"], *texts] if text != name]
    return list(dict.fromkeys(texts))


def mean_of_repeats(response: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Replace measurements of one pair in one source by their mean ln IC50, and count them in the notes."""
    keys = [LINE_ID, DRUG_ID, "source"]
    again = response.duplicated(keys, keep=False)
    if not again.any():
        return response
    means = response[again].groupby(keys, sort=False)["ln_ic50"].mean().reset_index()
    spread = response[again].groupby(keys, sort=False)["ln_ic50"].agg(lambda v: v.max() - v.min())
    notes.append(
        f"response: {int(again.sum()):,} measurements of {len(means):,} pairs of line and drug replaced by their mean "
        f"ln IC50; they differ by {spread.median():.2f} (median), {spread.max():.2f} at most"
    )
    return pd.concat([response[~again], means], ignore_index=True)
