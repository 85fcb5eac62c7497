"""One dataset from several sources: the first has the responses, the others add omics, ids, names and structures.

Rows meet by the ids that authorities gave them, then by name where a name means one row on both sides; what means
several is listed and left alone. A table that the dataset has already stays as it is: two laboratories' expression in
one table would be two scales.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from model.names import Outside, plain, signed
from training.data.schema import EXPRESSION_UNITS, LINE_ID, LISTS, WIDE, Dataset, DatasetError, Problem
from training.sources.options import Kind, Source
from training.sources.parsing.matrices import Import

LINE_KEYS = ("cosmic_id", "sanger_model_id", "depmap_id", "cellosaurus_id", "ccle_name")
DRUG_KEYS = ("pubchem_cid", "inchikey", "gdsc_drug_ids")
FILLED = {
    "cell_lines": (*LINE_KEYS, "tissue", "cancer_type", "medium", "array_assay_name"),
    "drugs": ("pubchem_cid", "inchikey", "smiles", "pathway"),
}
MOST_NAMED = 10
OutsideOf = Callable[[Kind, pd.DataFrame], Outside]  # registered lines or drugs that a table lacks


@dataclass(frozen=True)
class Matches:
    """Which row of the dataset (value) each row of an added table (key) is; how they met; what was left alone.

    `respelled` are pairs that a name alone brought together though both are written otherwise.
    """

    rows: dict[int, int]
    ways: Counter[str]
    ambiguous: list[str]
    respelled: list[str]


def merge_sources(base: Import, added: Mapping[Source, Import], outside: OutsideOf | None = None) -> Import:
    """Add the sources `added` (name -> what it brings), in order, to `base`; every count is in the notes.

    `outside` gives the registered lines or drugs that a table lacks. Raises DatasetError where the base has no
    responses or an added source meets nothing of it.
    """
    if base.dataset.response.empty:
        blamed = base.files.get("response") or base.files.get("cell_lines", "")
        message = "this source has no responses; name one that has with --source and give this one with --add"
        raise DatasetError([Problem(blamed, "", "", message)])
    dataset, files = base.dataset, dict(base.files)
    dataset = replace(dataset, info={**dataset.info, "notes": list(dataset.info["notes"])})
    for name, source in added.items():
        dataset = _with(dataset, name, source, files, outside)
    return Import(dataset, files)


def _with(dataset: Dataset, name: str, source: Import, files: dict[str, str], outside: OutsideOf | None) -> Dataset:
    notes: list[str] = dataset.info["notes"]
    other = source.dataset
    notes += [f"{name}: {note}" for note in other.info["notes"]]
    missing = outside and (outside("cell_line", dataset.cell_lines), outside("drug", dataset.drugs))
    outside_lines, outside_drugs = missing or (None, None)
    lines = match_rows(dataset.cell_lines, other.cell_lines, LINE_KEYS, outside_lines)
    drugs = match_rows(dataset.drugs, other.drugs, DRUG_KEYS, outside_drugs)
    if not lines.rows and not drugs.rows:
        message = f"no cell line or drug of {name} is one of the dataset's; is it keyed by other ids?"
        raise DatasetError([Problem(source.files.get("cell_lines", name), "", "", message)])
    _report(notes, name, "cell lines", lines, dataset.cell_lines, other.cell_lines)
    if len(other.drugs):
        _report(notes, name, "drugs", drugs, dataset.drugs, other.drugs)
    if len(other.response):
        notes.append(f"{name}: its {len(other.response):,} responses are not taken; they are the first source's")
    changed: dict[str, pd.DataFrame] = {
        "cell_lines": _filled("cell_lines", dataset.cell_lines, other.cell_lines, lines, name, notes),
        "drugs": _filled("drugs", dataset.drugs, other.drugs, drugs, name, notes),
    }
    ids = {str(other.cell_lines["id"].iloc[i]): str(dataset.cell_lines["id"].iloc[j]) for i, j in lines.rows.items()}
    info = {**dataset.info, "source": f"{dataset.info['source']}; {name}: {other.info['source']}"}
    info["terms"] = list(dict.fromkeys([*info.get("terms", []), *other.info.get("terms", [])]))
    for table, values in other.tables():
        if table not in WIDE or WIDE[table] != LINE_ID:
            continue
        if getattr(dataset, table) is not None:
            notes.append(_kept(table, name, dataset, other))
            continue
        rows = values.index.isin(list(ids))
        if not rows.any():
            notes.append(f"{name}: {table}: none of its {len(values):,} lines is one of the dataset's; left out")
            continue
        known = values[rows]
        changed[table] = known.set_axis(pd.Index([ids[i] for i in known.index], name=LINE_ID))
        notes.append(f"{name}: {table}: {int(rows.sum()):,} lines taken, {int((~rows).sum()):,} of others left out")
        files[table] = source.files.get(table, table)
        if table == "expression":
            info["expression_platform"] = other.platform
    return replace(dataset, info=info, **changed)


def _kept(table: str, name: str, dataset: Dataset, other: Dataset) -> str:
    text = f"{name}: {table} left out: the dataset has it from a source named before; scales are not mixed"
    if table == "expression" and dataset.platform != other.platform:
        units = [EXPRESSION_UNITS.get(str(d.platform), str(d.platform)) for d in (dataset, other)]
        text += f" ({units[0]} against {units[1]})"
    return text


def match_rows(
    here: pd.DataFrame, there: pd.DataFrame, keys: Sequence[str], outside: Outside | None = None
) -> Matches:
    """Find which row of `there` is which of `here`: by `keys` in their order, then by a name's or synonym's letters.

    A row whose ids or names point to several rows of the other table, or that competes with another row for one, is
    left alone and named. So is a row whose name meets one that has another
    id of the same authority, and one that is written like a registered row `outside`.
    """
    found: dict[int, int] = {}
    ways: dict[int, str] = {}
    ambiguous: dict[int, str] = {}
    at = {key: _places(here, key) for key in (*keys, "name")}
    for place in range(len(there)):
        row = there.iloc[place]
        hits = {key: {r for text in _texts(row.get(key)) for r in at[key].get(text, ())} for key in keys}
        rows = set().union(*hits.values())
        way = next((key for key in keys if hits[key]), "name")
        if not rows:
            texts = {signed(text) for column in ("name", "synonyms") for text in _texts(row.get(column))}
            rows = {r for text in texts for r in at["name"].get(text, ()) if not _contradict(here.iloc[r], row, keys)}
        if rows and way == "name" and outside and (registered := outside.as_written(str(row["name"]))):
            listed = ", ".join(str(here["name"].iloc[r]) for r in sorted(rows))
            alike = any(_written(here.iloc[r]) & {str(row["name"]).casefold()} for r in rows)
            which = f"may be {registered} or {listed}" if alike else f"is {registered}, not {listed}"
            ambiguous[place] = f"{row['name']} ({row['id']}) {which}"
        elif len(rows) == 1:
            found[place], ways[place] = rows.pop(), way
        elif rows:
            others = ", ".join(str(here["id"].iloc[r]) for r in sorted(rows))
            ambiguous[place] = f"{row['name']} ({row['id']}) may be any of {others}"
    for target, rivals in _rivals(found).items():
        by_id = [place for place in rivals if ways[place] != "name"]
        kept = by_id[0] if len(by_id) == 1 else None
        for place in rivals:
            if place != kept:
                del found[place]
        if kept is None:
            names = " and ".join(f"{there['name'].iloc[p]} ({there['id'].iloc[p]})" for p in rivals)
            ambiguous[rivals[0]] = f"{names} both mean {here['id'].iloc[target]}"
    respelled = [
        f"{there['name'].iloc[place]} as {here['name'].iloc[row]}"
        for place, row in found.items()
        if ways[place] == "name" and not _written(there.iloc[place]) & _written(here.iloc[row])
    ]
    return Matches(found, Counter(ways[place] for place in found), list(ambiguous.values()), respelled)


def _written(row: pd.Series) -> set[str]:
    return {text.casefold() for column in ("name", "synonyms") for text in _texts(row.get(column))}


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(v) for v in value]
    return [value] if isinstance(value, str) and value else []


def _places(table: pd.DataFrame, key: str) -> dict[str, set[int]]:
    places: dict[str, set[int]] = {}
    columns = ("name", "synonyms") if key == "name" else (key,)
    for column in columns:
        for place, value in enumerate(table[column]):
            for text in _texts(value):
                for known in {plain(text), signed(text)} if key == "name" else {text}:
                    places.setdefault(known, set()).add(place)
    return places


def _contradict(here: pd.Series, there: pd.Series, keys: Sequence[str]) -> bool:
    """Tell whether two rows of one name have different ids of one authority: two lines called alike."""
    pairs = ((set(_texts(here.get(key))), set(_texts(there.get(key)))) for key in keys)
    return any(a and b and not a & b for a, b in pairs)


def _rivals(found: Mapping[int, int]) -> dict[int, list[int]]:
    rivals: dict[int, list[int]] = {}
    for place, target in found.items():
        rivals.setdefault(target, []).append(place)
    return {target: places for target, places in rivals.items() if len(places) > 1}


def _filled(
    table: str, here: pd.DataFrame, there: pd.DataFrame, matches: Matches, name: str, notes: list[str]
) -> pd.DataFrame:
    """Fill cells of `here` that are empty from the matched rows; a name that differs becomes a synonym.

    An id that another row has already is not taken, since it would then name two.
    """
    filled = here.copy()
    counts: Counter[str] = Counter()
    for column in FILLED[table]:
        values = list(filled[column].astype(object))
        taken = {v for v in values if isinstance(v, str)} if column in (*LINE_KEYS, *DRUG_KEYS) else set()
        for i, j in matches.rows.items():
            new = there[column].iloc[i]
            if isinstance(new, str) and new and not isinstance(values[j], str) and new not in taken:
                values[j] = new
                counts[column] += 1
                if column in (*LINE_KEYS, *DRUG_KEYS):
                    taken.add(new)
        filled[column] = pd.Series(values, index=filled.index, dtype="str")
    for column in (c for c in LISTS if c in filled.columns):
        lists = [list(value) for value in filled[column]]
        for i, j in matches.rows.items():
            more = _texts(there[column].iloc[i]) + ([there["name"].iloc[i]] if column == "synonyms" else [])
            own = {plain(text) for text in [*lists[j], str(filled["name"].iloc[j])]}
            lists[j] += [text for text in dict.fromkeys(more) if plain(text) not in own]
        filled[column] = pd.Series(lists, index=filled.index, dtype=object)
    if counts:
        notes.append(f"{name}: filled in {table}: " + ", ".join(f"{column} {n}" for column, n in counts.items()))
    return filled


def _report(notes: list[str], name: str, what: str, matches: Matches, here: pd.DataFrame, there: pd.DataFrame) -> None:
    ways = ", ".join(f"{way} {count}" for way, count in matches.ways.most_common())
    notes.append(
        f"{name}: {len(matches.rows):,} of the dataset's {len(here):,} {what} matched ({ways or 'none'}); "
        f"{len(here) - len(matches.rows):,} of the dataset and {len(there) - len(matches.rows):,} of the source not"
    )
    if matches.respelled:
        listed = "; ".join(matches.respelled[:MOST_NAMED])
        notes.append(f"{name}: {len(matches.respelled)} {what} matched by a name that is written otherwise: {listed}")
    if matches.ambiguous:
        listed = "; ".join(matches.ambiguous[:MOST_NAMED])
        more = f"; and {len(matches.ambiguous) - MOST_NAMED} more" if len(matches.ambiguous) > MOST_NAMED else ""
        notes.append(f"{name}: {len(matches.ambiguous)} {what} left alone because they are ambiguous: {listed}{more}")
