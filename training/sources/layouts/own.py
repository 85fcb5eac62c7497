"""A person's own tables in one documented layout; `drp data template` writes an example.

cell_lines.csv    id; optional name, synonyms, cosmic_id, sanger_model_id, depmap_id, cellosaurus_id, ccle_name,
                  tissue, cancer_type, medium
drugs.csv         id; optional name, synonyms, pubchem_cid, inchikey, smiles, targets, pathway, threshold_ln_um
responses.csv     cell_line, drug and one of ln_ic50_um, log10_ic50_um, pic50, ic50_um, ic50_nm, ic50_m (or ic50
                  with --response-unit); optional sensitive (0/1), source
expression.csv, copy_number.csv, mutations.csv    cell_line, then one column a gene; each may be missing

A folder without responses.csv adds to another source: omics of lines, or drugs.csv alone for names and SMILES. In
synonyms and targets `;` parts several; NA is empty. Instead of .csv a file may have any ending of SUFFIXES.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.genes.table import GeneTable
from model.tables.numbers import FLAGS, is_missing
from training.data.schema import (
    CELL_LINE_COLUMNS,
    DRUG_COLUMNS,
    DRUG_ID,
    LINE_ID,
    LISTS,
    RESPONSE_COLUMNS,
    Dataset,
    DatasetError,
    Problem,
)
from training.sources.gene_names import GeneNamesError, read_genes, to_approved
from training.sources.options import Options, ResponseUnit
from training.sources.parsing.entities import (
    cell_lines,
    checked_inchikeys,
    drugs,
    inchikeys,
    no_drugs,
    no_response,
    salts_note,
)
from training.sources.parsing.files import collect_problems, one_file
from training.sources.parsing.matrices import Import
from training.sources.parsing.plain_tables import id_faults, read_numbers, read_plain
from training.sources.parsing.response_units import COLUMNS, require_plausible, to_ln_um
from training.sources.parsing.thresholds import label_responses
from training.sources.parsing.units import to_log2_ratio, to_log2_tpm1
from training.sources.parsing.wide_tables import drop_missing, gene_faults, read_wide

LINES, DRUGS, RESPONSES = "cell_lines.csv", "drugs.csv", "responses.csv"
EXPRESSION, COPY_NUMBER, MUTATIONS = "expression.csv", "copy_number.csv", "mutations.csv"
FILES = {
    "cell_lines": LINES,
    "drugs": DRUGS,
    "response": RESPONSES,
    "expression": EXPRESSION,
    "copy_number": COPY_NUMBER,
    "mutation": MUTATIONS,
}
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".csv.gz", ".tsv.gz", ".txt.gz", ".csv.zip", ".tsv.zip", ".zip")
PATTERNS = {name: tuple(name.removesuffix(".csv") + suffix for suffix in SUFFIXES) for name in FILES.values()}
UNSTATED = "ic50"


def read_own_tables(folder: Path, options: Options) -> Import:
    """Read the tables of `folder`; raises DatasetError with every problem of every file."""
    faults: list[Problem] = []
    notes: list[str] = []
    lines = known = pairs = None
    files = _files(folder)
    with collect_problems(faults):
        adds_drugs = set(files) == {DRUGS}
        lines = cell_lines({"id": []}) if adds_drugs else _lines(files.get(LINES, folder / LINES), faults)
    if DRUGS in files or RESPONSES in files:
        with collect_problems(faults):
            known = _drugs(files.get(DRUGS, folder / DRUGS), faults, notes)
    if RESPONSES in files:
        with collect_problems(faults):
            pairs = _pairs(files[RESPONSES], options.response_unit, faults, notes)
        if pairs is not None and lines is not None and known is not None and not faults:
            faults += _unknown(pairs, set(lines["id"]), set(known["id"]))
    wide = {}
    for table, name in (("expression", EXPRESSION), ("copy_number", COPY_NUMBER), ("mutation", MUTATIONS)):
        if name in files:
            with collect_problems(faults):
                wide[table] = _profiles(files[name], table, options, notes)
    if faults or lines is None:
        raise DatasetError(faults)
    known = no_drugs() if known is None else known
    response, by_rule = no_response(), list[str]()
    if pairs is not None:
        response, known, by_rule = _labels(pairs, known, options, notes)
    unit = options.expression_unit or "log2_tpm1"
    platform = None if "expression" not in wide else "array_z" if unit == "array_z" else "rnaseq_log2_tpm1"
    info = {"source": "own tables", "expression_platform": platform, "terms": [], "notes": notes}
    info["rule_thresholds"] = by_rule
    called = {table: files[name].name if name in files else name for table, name in FILES.items()}
    return Import(Dataset(lines, known, response, info=info, **wide), called)


def _files(folder: Path) -> dict[str, Path]:
    """The file of each table that is there, by the table's name as .csv. Raises DatasetError where one has two."""
    found = {name: one_file(folder, patterns, needed=False) for name, patterns in PATTERNS.items()}
    return {name: path for name, path in found.items() if path is not None}


def _lines(path: Path, faults: list[Problem]) -> pd.DataFrame:
    table = read_plain(path, ("id",))
    faults += _ids(table, path.name)
    return cell_lines(_columns(table, CELL_LINE_COLUMNS))


def _drugs(path: Path, faults: list[Problem], notes: list[str]) -> pd.DataFrame:
    table = read_plain(path, ("id",))
    faults += _ids(table, path.name)
    known = _columns(table, DRUG_COLUMNS)
    if "threshold_ln_um" in known:
        known["threshold_ln_um"] = list(read_numbers(table, "threshold_ln_um", path.name, faults, empty=True))
    if "smiles" in known:
        keys = inchikeys(known["smiles"], [str(i) for i in table.index], path.name, faults)
        given = known.get("inchikey", [""] * len(keys))
        known["inchikey"], noted = checked_inchikeys(given, keys, known["smiles"], known["id"])
        notes += noted
        notes += salts_note(known["smiles"], known["id"])
    return drugs(known)


def _ids(table: pd.DataFrame, name: str) -> list[Problem]:
    twice = table.index[table["id"].duplicated() & (table["id"] != "")]
    found = [
        Problem(name, str(i), "id", f"{table['id'][i]!r} stands twice; merge the rows or drop one") for i in twice
    ]
    return id_faults(table, "id", name) + found


def _columns(table: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, list[Any]]:
    known: dict[str, list[Any]] = {
        column: ["" if column != "id" and is_missing(cell) else cell.strip() for cell in table[column]]
        for column in columns
        if column in table.columns
    }
    if "name" in known:
        known["name"] = [name or own for name, own in zip(known["name"], known["id"], strict=True)]
    else:
        known["name"] = known["id"]
    for column in (c for c in LISTS if c in known):
        known[column] = [[part.strip() for part in text.split(";") if not is_missing(part)] for text in known[column]]
    return known


def _pairs(path: Path, declared: ResponseUnit | None, faults: list[Problem], notes: list[str]) -> pd.DataFrame:
    """Read the pairs with `ln_ic50`, and `sensitive` where the table has it; indexed by line."""
    table = read_plain(path, ("cell_line", "drug"))
    column, unit = _value_column(table, path.name, declared)
    found = id_faults(table, "cell_line", path.name) + id_faults(table, "drug", path.name)
    values = read_numbers(table, column, path.name, found)
    given = [c for c in ("sensitive",) if c in table.columns]
    labels = {c: read_numbers(table, c, path.name, found) for c in given}
    for i in np.flatnonzero(~np.isin(labels.get("sensitive", []), (0, 1, np.nan))):
        label = labels["sensitive"][i]
        if not np.isnan(label):
            found.append(Problem(path.name, str(table.index[int(i)]), "sensitive", f"{label:g} is neither 0 nor 1"))
    twice = table.duplicated(["cell_line", "drug"])
    for i in table.index[twice]:
        pair = f"{table['cell_line'][i]} and {table['drug'][i]}"
        found.append(Problem(path.name, str(i), "", f"{pair} stand together twice; keep one measurement"))
    faults += found
    if not found:
        ln_um = to_ln_um(values, unit, path.name, column, table.index)
        if column == UNSTATED or declared is None:  # a name and an option that agree are not doubted
            notes += require_plausible(values, table["drug"], unit, path.name, column)
        values = ln_um
    source = table["source"] if "source" in table.columns else pd.Series("own tables", index=table.index)
    texts = {LINE_ID: table["cell_line"], DRUG_ID: table["drug"], "source": source}
    return pd.DataFrame({**texts, "ln_ic50": values, **labels}, index=table.index)


def _value_column(table: pd.DataFrame, name: str, declared: ResponseUnit | None) -> tuple[str, ResponseUnit]:
    stated = [column for column in COLUMNS if column in table.columns]
    if len(stated) > 1 or (stated and UNSTATED in table.columns):
        message = f"several columns hold an IC50 ({', '.join(stated)}); keep one"
        raise DatasetError([Problem(name, "1", "", message)])
    if stated:
        unit = COLUMNS[stated[0]]
        if declared not in (None, unit):
            message = f"the column states {unit}, --response-unit says {declared}; leave one out"
            raise DatasetError([Problem(name, "1", stated[0], message)])
        return stated[0], unit
    if UNSTATED not in table.columns:
        message = f"this column is missing; add one of {', '.join(COLUMNS)}, or ic50 with --response-unit"
        raise DatasetError([Problem(name, "1", "ln_ic50_um", message)])
    if declared is None:
        message = f"its unit is not stated; give --response-unit {', '.join(COLUMNS.values())}"
        raise DatasetError([Problem(name, "1", UNSTATED, message)])
    return UNSTATED, declared


def _unknown(pairs: pd.DataFrame, lines: set[str], known: set[str]) -> list[Problem]:
    found = []
    if not set(pairs[LINE_ID]) & lines and set(pairs[LINE_ID]) & known:
        first = str(pairs.index[0])
        message = f"{pairs[LINE_ID].iloc[0]!r} is a drug of {DRUGS}: the columns cell_line and drug are swapped"
        return [Problem(RESPONSES, first, "cell_line", message)]
    for column, ids, called, where in ((LINE_ID, lines, "cell_line", LINES), (DRUG_ID, known, "drug", DRUGS)):
        for i, text in pairs[column][~pairs[column].isin(ids)].items():
            found.append(Problem(RESPONSES, str(i), called, f"{text!r} is in no row of {where}; add it there"))
    return found


def _labels(
    pairs: pd.DataFrame, known: pd.DataFrame, options: Options, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Label by threshold; labels of the table's own must agree with it, so they need thresholds that are given."""
    stated = pairs.get("sensitive")
    if stated is not None and options.thresholds is None and known["threshold_ln_um"].isna().any():
        missing = known["id"][known["threshold_ln_um"].isna()].tolist()
        message = (
            f"labels need the thresholds they were made with: give threshold_ln_um in {DRUGS} for "
            f"{', '.join(missing[:10])}, or drop the column and let the rule make labels"
        )
        raise DatasetError([Problem(RESPONSES, "1", "sensitive", message)])
    response, known, by_rule = label_responses(pairs, known, options.thresholds, notes)
    if stated is not None:
        wrong = response["sensitive"].to_numpy() != stated.to_numpy()
        if wrong.any():
            limits = known.set_index("id")["threshold_ln_um"]
            raise DatasetError(
                [
                    Problem(
                        RESPONSES,
                        str(i),
                        "sensitive",
                        f"{stated[i]:g}, but ln IC50 {response['ln_ic50'][i]:.4g} against the threshold "
                        f"{limits[response[DRUG_ID][i]]:.4g}; correct one of the three",
                    )
                    for i in response.index[wrong]
                ]
            )
    response = response.reset_index(drop=True)
    return response.assign(ln_ic50=response["ln_ic50"].astype(np.float32))[list(RESPONSE_COLUMNS)], known, by_rule


def _profiles(path: Path, table: str, options: Options, notes: list[str]) -> pd.DataFrame:
    texts, values = read_wide(path, lambda place, _: place == 0, words=FLAGS if table == "mutation" else None)
    key = texts.columns[0]
    if options.genes is not None:
        values.columns = pd.Index(_approved(list(values.columns), options.genes, table, notes))
    faults = gene_faults(list(values.columns), path.name)
    if key != "cell_line":
        faults.append(Problem(path.name, "1", "cell_line", f"the first column is {key!r}, not cell_line; add it"))
    faults += id_faults(texts, key, path.name)
    twice = texts.index[texts[key].duplicated() & (texts[key] != "")]
    faults += [Problem(path.name, str(i), key, f"{texts[key][i]!r} stands twice; keep one row") for i in twice]
    if faults:
        raise DatasetError(faults)
    values.index = pd.Index(texts[key].tolist(), name=LINE_ID)
    values = drop_missing(values, table, notes, keep_genes=True)
    if table == "expression":
        return to_log2_tpm1(values, options.expression_unit or "log2_tpm1", path.name, notes)
    if table == "copy_number":
        return to_log2_ratio(values, options.copy_number_unit or "log2_ratio", path.name, notes)
    return values.astype(np.uint8) if np.isin(values.to_numpy(), (0, 1)).all() else values


def _approved(columns: list[str], genes: Path, table: str, notes: list[str]) -> list[str]:
    try:
        symbols = to_approved(columns, GeneTable(read_genes(genes)))
    except GeneNamesError as fault:
        raise DatasetError([Problem(genes.name, "", "", str(fault))]) from None
    changed = sum(a != b for a, b in zip(columns, symbols, strict=True))
    notes.append(f"{table}: {changed:,} of {len(columns):,} genes named by their approved symbols, by {genes.name}")
    return symbols
