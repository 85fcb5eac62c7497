"""What a dataset must satisfy before it is written or trained on: every problem, by file, row, column."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.molecules.fingerprints import FINGERPRINT_BITS
from training.data.schema import (
    CELL_LINE_COLUMNS,
    DRUG_COLUMNS,
    DRUG_ID,
    EXPRESSION_UNITS,
    LINE_ID,
    RESPONSE_COLUMNS,
    WIDE,
    Dataset,
    Problem,
)

LN_IC50_UM = (-25.0, 25.0)  # e^±25 µM: far outside what any assay can dose
RANGES = {  # wide table or expression platform -> lowest and highest value that its unit allows
    "rnaseq_log2_tpm1": (0.0, 25.0),
    "array_z": (-25.0, 25.0),
    "combined_z": (-25.0, 25.0),
    "copy_number": (-10.0, 10.0),
    "mutation": (0.0, 1.0),
    "drug_fingerprints": (0.0, 1.0),
    "pathway_activity": (-10.0, 10.0),
    "expression_array": (-25.0, 25.0),
    "growth": (-5.0, 10.0),
    "concentration": (1e-6, 1e5),
}
REMEDY = {
    "rnaseq_log2_tpm1": "give log2(TPM + 1)",
    "copy_number": "give log2 ratios, not copies",
    "mutation": "give 0 or 1",
    "drug_fingerprints": "give bits, 0 or 1",
}
UNIQUE_ELSEWHERE = {
    "cell_lines": ("cosmic_id", "sanger_model_id", "depmap_id", "cellosaurus_id", "ccle_name"),
    "drugs": ("pubchem_cid", "inchikey"),
}


def validate(dataset: Dataset, files: Mapping[str, str] | None = None) -> list[Problem]:
    """Every problem of `dataset`, errors and warnings, in the order of its tables.

    `files` names the file to blame for a table where it is not `<table>.parquet` (an import blames its source).
    """
    blamed = {name: f"{name}.parquet" for name, _ in dataset.tables()} | dict(files or {})
    found = list(_columns(dataset)) or [*_entities(dataset), *_response(dataset), *_features(dataset)]
    return [
        replace(problem, file=blamed.get(f"{problem.file}.{problem.column}") or blamed.get(problem.file, problem.file))
        for problem in found
    ]


def _columns(dataset: Dataset) -> Iterator[Problem]:
    """Find missing columns, which stop the other checks: those would only repeat them."""
    needed = {"cell_lines": CELL_LINE_COLUMNS, "drugs": DRUG_COLUMNS, "response": RESPONSE_COLUMNS}
    for name, columns in needed.items():
        table = getattr(dataset, name)
        for column in columns:
            if column not in table.columns:
                yield Problem(name, "", column, "this column is missing; add it, empty where nothing is known")
        if not len(table):
            yield Problem(name, "", "", "no rows; is this the right table?")
    if dataset.expression is not None and dataset.platform not in EXPRESSION_UNITS:
        known = ", ".join(EXPRESSION_UNITS)
        yield Problem("expression", "", "", f"its platform is {dataset.platform!r}; name one of {known}")


def _entities(dataset: Dataset) -> Iterator[Problem]:
    for name in ("cell_lines", "drugs"):
        table: pd.DataFrame = getattr(dataset, name)
        yield from _duplicates(name, table, "id", "id")
        for column in UNIQUE_ELSEWHERE[name]:
            yield from _duplicates(name, table, column, "id")
        for place in np.flatnonzero(_empty(table["name"])):
            yield Problem(name, str(table["id"].iloc[place]), "name", "is empty; name it", position=int(place))
        yield from _confusable(name, table)
    yield from _thresholds(dataset.drugs)
    skeleton = dataset.drugs["inchikey"].str[:14].to_frame().assign(id=dataset.drugs["id"])
    for problem in _duplicates("drugs", skeleton.rename(columns={"inchikey": "skeleton"}), "skeleton", "id"):
        yield replace(problem, column="inchikey", severity="warning")


def _empty(column: pd.Series) -> NDArray[np.bool_]:
    return (column.isna() | (column.astype(str).str.strip() == "")).to_numpy(bool)


def _duplicates(name: str, table: pd.DataFrame, column: str, label: str) -> Iterator[Problem]:
    """Find the second and later rows with one value; a row that has no value is a fault only in the id itself."""
    empty = _empty(table[column])
    if column == "id":
        for place in np.flatnonzero(empty):
            yield Problem(name, str(place + 1), column, "is empty; give the id", position=int(place))
    twice = table[column].duplicated().to_numpy(bool) & ~empty
    first = table.loc[~twice & ~empty].drop_duplicates(column).set_index(column)[label] if column != label else None
    for place in np.flatnonzero(twice):
        value = table[column].iloc[place]
        other = "" if first is None else f" (first in {first[value]})"
        message = f"{value!r} stands twice{other}; merge the rows or drop one"
        yield Problem(name, str(table[label].iloc[place]), column, message, position=int(place))


def _confusable(name: str, table: pd.DataFrame) -> Iterator[Problem]:
    """Names that are the same once case and punctuation are dropped, as a user may type them."""
    plain = table["name"].fillna("").astype(str).map(lambda text: re.sub(r"[\W_]+", "", text).casefold())
    for _, rows in table[plain.duplicated(keep=False) & (plain != "")].groupby(plain):
        names = ", ".join(f"{row['name']} ({row['id']})" for _, row in rows.iterrows())
        yield Problem(name, "", "name", f"{names} read alike; such a name will be ambiguous", "warning")


def _thresholds(drugs: pd.DataFrame) -> Iterator[Problem]:
    for place, (drug, value) in enumerate(zip(drugs["id"], drugs["threshold_ln_um"], strict=True)):
        if pd.isna(value):
            message = "is missing; give the drug's threshold in ln µM"
        elif not LN_IC50_UM[0] <= value <= LN_IC50_UM[1]:
            message = f"{value:g} is no ln µM ({LN_IC50_UM[0]:g} to {LN_IC50_UM[1]:g}); convert it"
        else:
            continue
        yield Problem("drugs", str(drug), "threshold_ln_um", message, position=place)


def _response(dataset: Dataset) -> Iterator[Problem]:
    table = dataset.response
    value = table["ln_ic50"].to_numpy(np.float32)
    label = table["sensitive"].to_numpy(np.float32)
    limits = dataset.drugs.drop_duplicates("id").set_index("id")["threshold_ln_um"]
    lines, drugs = table[LINE_ID].astype(object), table[DRUG_ID].astype(object)
    threshold = drugs.map(limits.to_dict()).to_numpy(np.float32)
    low, high = LN_IC50_UM
    in_range = (value >= low) & (value <= high)
    binary = np.isin(label, (0, 1))
    wrong = in_range & binary & np.isfinite(threshold) & ((value < threshold) != (label == 1))
    checks: list[tuple[NDArray[np.bool_], str]] = [
        (
            ~lines.isin(set(dataset.cell_lines["id"])).to_numpy(bool),
            "this cell line is in no row of cell_lines; add it",
        ),
        (~drugs.isin(set(dataset.drugs["id"])).to_numpy(bool), "this drug is in no row of drugs; add it"),
        (
            pd.DataFrame({LINE_ID: lines, DRUG_ID: drugs}).duplicated().to_numpy(bool),
            "this pair stands twice; keep one measurement",
        ),
        (~in_range, f"ln_ic50 {{value:g}} is no ln µM ({low:g} to {high:g}); convert it"),
        (~binary, "sensitive {label:g} is neither 0 nor 1"),
        (wrong, "label {label:g} but ln_ic50 {value:g} against threshold {threshold:g}; correct one of the three"),
    ]
    for bad, message in checks:
        for i in np.flatnonzero(bad):
            text = message.format(value=value[i], label=label[i], threshold=threshold[i])
            yield Problem("response", str(lines.iloc[i]), str(drugs.iloc[i]), text, position=int(i))
    for name, used in (("cell_lines", lines), ("drugs", drugs)):
        unused = getattr(dataset, name).loc[lambda t, used=used: ~t["id"].isin(set(used)), "id"]
        if len(unused):
            listed = _listed([str(i) for i in unused])
            yield Problem(name, "", "id", f"{len(unused)} without any response: {listed}", "warning")


def _features(dataset: Dataset) -> Iterator[Problem]:
    for name, table in dataset.tables():
        if name not in WIDE:
            continue
        known = dataset.drugs if WIDE[name] == DRUG_ID else dataset.cell_lines
        yield from _feature_ids(name, table, set(known["id"]))
        yield from _feature_values(name, table, str(dataset.platform) if name == "expression" else name)
    bits = dataset.drug_fingerprints
    if bits is not None:
        if bits.shape[1] != FINGERPRINT_BITS:
            message = f"{bits.shape[1]} columns, a fingerprint has {FINGERPRINT_BITS}; leave out prefix and padding"
            yield Problem("drug_fingerprints", "", "", message)
        for place in np.flatnonzero(~dataset.drugs["id"].isin(bits.index).to_numpy(bool)):
            drug = str(dataset.drugs["id"].iloc[place])
            yield Problem("drug_fingerprints", drug, "", "this drug has no row; add its fingerprint")


def _feature_ids(name: str, table: pd.DataFrame, known: set[str]) -> Iterator[Problem]:
    twice = table.index.duplicated()
    for i, identifier in enumerate(table.index):
        if twice[i]:
            yield Problem(name, str(identifier), WIDE[name], "this id stands twice; drop one row", position=i)
        if identifier not in known:
            yield Problem(name, str(identifier), WIDE[name], "this id matches nothing; add it or drop it", position=i)
    for column in table.columns[table.columns.duplicated()]:
        yield Problem(name, "", str(column), "this feature stands twice; merge the columns or rename one")


def _feature_values(name: str, table: pd.DataFrame, kind: str) -> Iterator[Problem]:
    """One problem a row, naming its first bad value; constant features and equal rows are warnings."""
    values = table.to_numpy()
    low, high = RANGES[kind]
    bad = ~((values >= low) & (values <= high))  # NaN compares false: a value that is missing is bad too
    if values.dtype.kind == "f" and (low, high) == (0, 1):
        bad |= values % 1 != 0
    for i in np.flatnonzero(bad.any(axis=1)):
        j = int(np.argmax(bad[i]))
        more = f", and {int(bad[i].sum()) - 1} more in this row" if bad[i].sum() > 1 else ""
        remedy = REMEDY.get(kind, "correct it")
        message = f"{values[i, j]:g} is out of range ({low:g} to {high:g}){more}; {remedy}"
        yield Problem(name, str(table.index[int(i)]), str(table.columns[j]), message, position=int(i))
    if len(values) > 1:
        constant = [str(column) for column in table.columns[(values == values[0]).all(axis=0)]]
        if constant:
            message = f"{len(constant)} features have one value in all rows: {_listed(constant)}"
            yield Problem(name, "", "", message, "warning")
    alike: dict[bytes, list[str]] = {}
    for identifier, row in zip(table.index, values, strict=True) if values.shape[1] > 1 else ():
        alike.setdefault(hashlib.sha256(row.tobytes()).digest(), []).append(str(identifier))
    for same in alike.values():
        if len(same) > 1:
            yield Problem(name, "", "", f"{_listed(same)} have equal rows; nothing tells them apart here", "warning")


def _listed(names: list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def remove_bad_rows(dataset: Dataset, files: Mapping[str, str] | None = None) -> tuple[Dataset, list[Problem]]:
    """Drop every row that an error names, until no such error is left; returns the rest and the problems it cost.

    A dropped line or drug makes the rows that name it unknown, so they go in the next round. What no dropped row can
    mend (a missing column, a missing fingerprint) stays for `validate` to report.
    """
    dropped: list[Problem] = []
    names = {name: f"{name}.parquet" for name, _ in dataset.tables()} | dict(files or {})
    while True:
        found = [(p, p.file) for p in validate(dataset, {n: n for n in names}) if p.severity == "error"]
        bad = {name: {p.position for p, file in found if file == name and p.position is not None} for name in names}
        if not any(bad.values()):
            return dataset, dropped
        dropped += [replace(p, file=names[file]) for p, file in found if p.position is not None]
        kept: dict[str, Any] = {
            name: table.iloc[[i for i in range(len(table)) if i not in bad[name]]]
            for name, table in dataset.tables()
            if bad[name]
        }
        kept = {name: table if name in WIDE else table.reset_index(drop=True) for name, table in kept.items()}
        dataset = replace(dataset, **kept)
