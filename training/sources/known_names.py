"""Lists of registered cell lines and drugs -> names beyond a bundle's own, so that none is taken for another.

Read as published: DepMap's Model.csv, Cell Model Passports' model_list, GDSC's list of compounds; and own tables with
a column `cell_line` or `drug`, and `synonyms` (separated by ;) and `id` where they are known.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from model.names import Outside, plain, signed
from training.data.schema import DatasetError
from training.sources.corrections import corrected, wrong_synonyms
from training.sources.options import Kind
from training.sources.parsing.plain_tables import read_plain

LINE_IDS = ("cosmic_id", "sanger_model_id", "depmap_id", "cellosaurus_id", "ccle_name")
SHORTEST_SYNONYM = 3  # letters and digits; GDSC's list has "2" and "4" from cut texts
LOCANTS = re.compile(r"(?<=\d),(?=\d)|(?<=\bN),(?=N\b)")  # commas as in 2,4-D and N,N-dimethyl
MANGLED = re.compile(r"X\.?\d")  # names that R has made valid: X5.Fluorouracil


class KnownNamesError(ValueError):
    """A file that is no list of names; the message names it, what it lacks and what is read."""


@dataclass(frozen=True)
class Layout:
    """Columns of a published list; `ids` by the column of a bundle's table that holds the same."""

    kind: Kind
    name: str
    ids: Mapping[str, str]
    synonyms: str | None = None
    note: str | None = None
    targets: str | None = None


_DEPMAP = {
    "depmap_id": "ModelID",
    "sanger_model_id": "SangerModelID",
    "cellosaurus_id": "RRID",
    "cosmic_id": "COSMICID",
    "ccle_name": "CCLEName",
}
_PASSPORTS = {
    "sanger_model_id": "model_id",
    "cellosaurus_id": "RRID",
    "cosmic_id": "COSMIC_ID",
    "depmap_id": "BROAD_ID",
    "ccle_name": "CCLE_ID",
}
LAYOUTS = (
    Layout("cell_line", "CellLineName", _DEPMAP, note="OncotreeLineage"),
    Layout("cell_line", "model_name", _PASSPORTS, "synonyms", note="tissue"),
    Layout("cell_line", "cell_line_name", {key: key for key in LINE_IDS}, note="gdsc_tissue_1"),
    Layout("drug", "DRUG_NAME", {"gdsc_drug_ids": "DRUG_ID"}, "SYNONYMS", targets="TARGET"),
    Layout("drug", "drug_name", {"gdsc_drug_ids": "drug_id"}, "synonyms", targets="targets"),
    Layout("cell_line", "cell_line", {"id": "id"}, "synonyms"),
    Layout("drug", "drug", {"id": "id"}, "synonyms"),
)


@dataclass(frozen=True)
class Known:
    """A registered line or drug: its ids by column of a bundle's table, its name, all its names, targets."""

    kind: Kind
    name: str
    ids: Mapping[str, str]
    synonyms: tuple[str, ...] = ()
    note: str = ""
    targets: tuple[str, ...] = ()


def read_known_names(path: Path) -> list[Known]:
    """Lines or drugs of one file (Parquet, or a table as opened_rows reads it). Raises KnownNamesError."""
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else read_plain(path, ())
    except (OSError, ValueError, DatasetError) as fault:
        raise KnownNamesError(f"{path}: cannot be read ({str(fault).partition(chr(10))[0]})") from None
    layout = next((one for one in LAYOUTS if one.name in table.columns), None)
    if layout is None:
        names = ", ".join(one.name for one in LAYOUTS)
        raise KnownNamesError(f"{path}: no column of names; one of {names} is needed")
    found = [
        known for row in table.to_dict("records") if (known := _known({str(k): v for k, v in row.items()}, layout))
    ]
    if not found:
        raise KnownNamesError(f"{path}: the column {layout.name} is empty")
    return found


def name_table(known: Sequence[Known], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Names that the rows of a bundle's table lack, and the lines or drugs that it has not.

    Known rows become {"id", "synonyms"} with what is new, the others {"name", "ids", "synonyms", "note", "targets"},
    those of one name (of one DepMap id, for lines) made one. A line belongs to the row with which more of its ids
    agree than differ, a drug to that of its id or else its name; by a synonym only if that row's name is in no list.
    """
    places = {str(row["id"]): place for place, row in enumerate(rows)}
    registered = {plain(one.name) for one in known}
    finder = _Rows(rows, registered)
    more: dict[str, list[str]] = defaultdict(list)
    outside: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        if (row := finder.row(one)) is None:
            outside[one.ids.get("depmap_id") or plain(one.name)].append(one)
        else:
            others = registered - {plain(one.name)}  # GDSC once calls Selumetinib AZD1480, which is another drug
            wrong = wrong_synonyms("drugs" if one.kind == "drug" else "cell_lines", row)
            names = (text for text in one.synonyms if plain(text) not in others and text not in wrong)
            more[str(row["id"])] += names
    fresh = {
        row_id: _fresh(more[row_id], _names(rows[places[row_id]])) for row_id in sorted(more, key=places.__getitem__)
    }
    extended = [{"id": row_id, "synonyms": names} for row_id, names in fresh.items() if names]
    return extended + [_merged(group) for _, group in sorted(outside.items())]


def outside(known: Sequence[Known], kind: Kind, table: pd.DataFrame) -> Outside:
    """Registered lines, or drugs, that a table of the dataset lacks."""
    rows = [{str(k): v for k, v in row.items() if isinstance(v, str | list)} for row in table.to_dict("records")]
    chosen = [one for one in known if one.kind == kind]
    return Outside(row for row in name_table(chosen, rows) if "id" not in row)


class _Rows:
    """Rows of a bundle's table by their ids and names."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], registered: Set[str]) -> None:
        self._rows = rows
        self._registered = registered
        self._by_id: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._by_name: dict[str, set[int]] = defaultdict(set)
        for place, row in enumerate(rows):
            for column in (*LINE_IDS, "gdsc_drug_ids", "id"):
                for text in _list(row.get(column)):
                    self._by_id[column, text].add(place)
            for name in _names(row):
                for key in {plain(name), signed(name)}:
                    self._by_name[key].add(place)

    def row(self, known: Known) -> Mapping[str, Any] | None:
        """The row of a registered line or drug; None where there is none, or no single one."""
        votes = Counter(place for item in known.ids.items() for place in self._by_id.get(item, ()))
        for place, agree in votes.most_common(1):
            row = self._rows[place]
            differ = sum(bool(row.get(c)) and text not in _list(row.get(c)) for c, text in known.ids.items())
            return row if agree > differ else None
        named = self._by_name.get(signed(known.name), set()) if known.kind == "drug" or not known.ids else set()
        if len(named) != 1:
            return None
        row = self._rows[min(named)]
        own = plain(str(row["name"]))
        return None if own in self._registered - {plain(known.name)} else row


def _known(row: Mapping[str, Any], layout: Layout) -> Known | None:
    name = _text(row.get(layout.name))
    if not name:
        return None
    ids = {column: text for column, theirs in layout.ids.items() if (text := _text(row.get(theirs)))}
    if layout.kind == "cell_line":
        ids = _corrected(ids)
    listed = _text(row.get(layout.synonyms)) if layout.synonyms else ""
    names = [name, *split_names(listed)]
    useful = [text for text in names if len(plain(text)) >= SHORTEST_SYNONYM and not MANGLED.match(text)]
    note = _text(row.get(layout.note)) if layout.note else ""
    targets = split_names(_text(row.get(layout.targets))) if layout.targets else []
    return Known(layout.kind, name, ids, tuple(dict.fromkeys(useful)), note, tuple(targets))


def split_names(text: str) -> list[str]:
    """Names of a list, separated by ; or else by commas, of which those within a chemical name part nothing."""
    separator = ";" if ";" in text else ","
    kept = {found.start() for found in LOCANTS.finditer(text)}
    depth, names = 0, [""]
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == separator and not depth and place not in kept:
            names.append("")
        else:
            names[-1] += letter
    return [name.strip() for name in names if name.strip()]


def _corrected(ids: Mapping[str, str]) -> dict[str, str]:
    """Ids of a registered line, which a list keys by the first of them, without the known errors."""
    ((row,), _) = corrected("cell_lines", [{"id": next(iter(ids.values()), ""), **ids}])
    return {column: row[column] for column in ids if row[column]}


def _merged(group: Sequence[Known]) -> dict[str, Any]:
    ids = dict.fromkeys(text for one in group for text in one.ids.values())
    names = [name for one in group for name in (one.name, *one.synonyms)]
    row = {"name": group[0].name, "ids": list(ids), "synonyms": _fresh(names, [group[0].name])}
    note = next((one.note for one in group if one.note), "")
    targets = list(dict.fromkeys(text for one in group for text in one.targets))
    return row | ({"note": note} if note else {}) | ({"targets": targets} if targets else {})


def _fresh(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Names whose letters and digits are not there yet, each once."""
    fresh = {plain(name): name for name in known}
    return [fresh.setdefault(plain(name), name) for name in names if plain(name) not in fresh]


def _names(row: Mapping[str, Any]) -> list[str]:
    return [str(row["name"]), *_list(row.get("synonyms"))]


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _text(value: object) -> str:
    """Text of a cell; "" for one without value, whole numbers without decimals."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
