"""GDSC's releases as the institute publishes them: fitted dose responses, and the list of screened compounds.

*fitted_dose_response*.csv|xlsx   one row a curve; LN_IC50 is the natural logarithm of µM. Any number of files.
screened_compounds*.csv|xlsx      synonyms, targets and pathway by DRUG_ID (may be missing); release 8.2 spells it
                                  screened_compunds

GDSC2 comes before GDSC1 for a pair that both measured. Ids of one compound (one name) are merged. Thresholds: see
training.sources.parsing.thresholds.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from model.names import plain
from training.data.schema import DRUG_ID, LINE_ID, RESPONSE_COLUMNS, Dataset, DatasetError, Problem
from training.sources.layouts.datapack import TERMS, split_names
from training.sources.options import Options
from training.sources.parsing.entities import cell_lines, drugs, merge_drugs
from training.sources.parsing.files import collect_problems, one_file
from training.sources.parsing.matrices import Import
from training.sources.parsing.plain_tables import id_faults, read_numbers, read_plain
from training.sources.parsing.response_units import to_ln_um
from training.sources.parsing.thresholds import label_responses

COLUMNS = (
    "DATASET", "NLME_CURVE_ID", "COSMIC_ID", "CELL_LINE_NAME", "SANGER_MODEL_ID", "TCGA_DESC", "DRUG_ID", "DRUG_NAME",
    "PUTATIVE_TARGET", "PATHWAY_NAME", "MIN_CONC", "MAX_CONC", "LN_IC50", "AUC", "RMSE", "Z_SCORE",
)  # fmt: skip
COMPOUNDS = ("DRUG_ID", "DRUG_NAME", "SYNONYMS", "TARGET", "TARGET_PATHWAY")
PREFERRED = ("GDSC2", "GDSC1")
CURVES, CURVE_SUFFIXES = "*fitted_dose_response*", (".csv", ".xlsx", ".zip", ".gz")
COMPOUND_FILES = ("screened_comp*nds*.csv", "screened_comp*nds*.xlsx")
PATTERNS = (*(f"{CURVES}{suffix}" for suffix in CURVE_SUFFIXES), *COMPOUND_FILES)


def read_gdsc_release(folder: Path, options: Options) -> Import:
    """Read all dose-response files of `folder`; raises DatasetError with every problem of every file."""
    faults: list[Problem] = []
    notes: list[str] = []
    paths = sorted(path for path in folder.glob(CURVES) if path.suffix.lower() in CURVE_SUFFIXES)
    if not paths:
        raise DatasetError([Problem("*fitted_dose_response*.csv", "", "", f"missing from {folder}; add it")])
    curves: list[pd.DataFrame] = []
    for path in paths:
        with collect_problems(faults):
            curves.append(_curves(path, faults))
    compounds = None
    with collect_problems(faults):
        if listed := one_file(folder, COMPOUND_FILES, needed=False):
            compounds = _compounds(listed, faults)
    if faults:
        raise DatasetError(faults)
    table = pd.concat(curves, ignore_index=True)
    lines = _lines(table, faults)
    known = _drugs(table, compounds, faults, notes)
    if faults:
        raise DatasetError(faults)
    measured = pd.DataFrame(
        {
            LINE_ID: table["COSMIC_ID"],
            DRUG_ID: table["DRUG_ID"],
            "ln_ic50": table["ln_ic50"],
            "source": table["DATASET"],
        }
    )
    known, measured = merge_drugs(known, measured, [plain(n) for n in known["name"]], "one name", notes)
    measured = _preferred(measured, notes)
    response, known, by_rule = label_responses(measured, known, options.thresholds, notes)
    response["ln_ic50"] = response["ln_ic50"].astype(np.float32)
    info = {
        "source": " and ".join(sorted(set(table["DATASET"]))) + " release, fitted dose responses",
        "expression_platform": None,
        "terms": [TERMS["response"]],
        "notes": notes,
        "rule_thresholds": by_rule,
    }
    names = ", ".join(path.name for path in paths)
    files = {"cell_lines": names, "drugs": names, "response": names}
    return Import(Dataset(lines, known, response[list(RESPONSE_COLUMNS)], info=info), files)


def _curves(path: Path, faults: list[Problem]) -> pd.DataFrame:
    """Read the columns that count, checked, with `ln_ic50` in ln µM and the file's name and line for messages."""
    table = read_plain(path, COLUMNS)
    table = table.assign(**{c: table[c].str.strip() for c in ("CELL_LINE_NAME", "DRUG_NAME", "DATASET")})
    faults += id_faults(table, "COSMIC_ID", path.name, pattern=r"\d+", what="a COSMIC id")
    faults += id_faults(table, "DRUG_ID", path.name, pattern=r"\d+", what="a GDSC drug id")
    faults += id_faults(table, "SANGER_MODEL_ID", path.name, pattern=r"SIDM\d{5}", what="a Sanger id", empty=True)
    faults += id_faults(table, "DATASET", path.name, pattern="GDSC[12]", what="GDSC1 or GDSC2")
    for column in ("CELL_LINE_NAME", "DRUG_NAME"):
        faults += [Problem(path.name, str(i), column, "is empty; name it") for i in table.index[table[column] == ""]]
    found: list[Problem] = []
    values = read_numbers(table, "LN_IC50", path.name, found)
    faults += found
    if not found:
        values = to_ln_um(values, "ln_um", path.name, "LN_IC50", table.index)
    kept = table[[c for c in COLUMNS if c not in ("LN_IC50", "AUC", "RMSE", "Z_SCORE", "MIN_CONC", "MAX_CONC")]]
    return kept.assign(ln_ic50=values, file=path.name, line=table.index)


def _compounds(path: Path, faults: list[Problem]) -> pd.DataFrame:
    table = read_plain(path, COMPOUNDS)
    faults += id_faults(table, "DRUG_ID", path.name, pattern=r"\d+", what="a GDSC drug id")
    twice = table["DRUG_ID"].duplicated()
    faults += [Problem(path.name, str(i), "DRUG_ID", "this id stands twice; keep one") for i in table.index[twice]]
    return table.drop_duplicates("DRUG_ID").set_index("DRUG_ID")


def _disagreeing(table: pd.DataFrame, key: str, column: str, faults: list[Problem]) -> None:
    """Find rows whose `column` is not that of the first row with the same `key`."""
    first = table.drop_duplicates(key).set_index(key)[column]
    other = table[column] != table[key].map(first)
    for _, row in table[other].drop_duplicates([key, column]).iterrows():
        message = f"{row[column]!r}, but {key} {row[key]} is {first[row[key]]!r} before; correct one of the two"
        faults.append(Problem(row["file"], str(row["line"]), column, message))


def _lines(table: pd.DataFrame, faults: list[Problem]) -> pd.DataFrame:
    _disagreeing(table, "COSMIC_ID", "CELL_LINE_NAME", faults)
    filled = table.sort_values("SANGER_MODEL_ID", ascending=False, kind="stable")  # "" last
    _disagreeing(filled[filled["SANGER_MODEL_ID"] != ""], "COSMIC_ID", "SANGER_MODEL_ID", faults)
    first = filled.drop_duplicates("COSMIC_ID")
    return cell_lines(
        {
            "id": first["COSMIC_ID"],
            "cosmic_id": first["COSMIC_ID"],
            "name": first["CELL_LINE_NAME"],
            "sanger_model_id": first["SANGER_MODEL_ID"],
            "cancer_type": first["TCGA_DESC"],
        }
    )


def _drugs(
    table: pd.DataFrame, compounds: pd.DataFrame | None, faults: list[Problem], notes: list[str]
) -> pd.DataFrame:
    _disagreeing(table, "DRUG_ID", "DRUG_NAME", faults)
    first = table.drop_duplicates("DRUG_ID").sort_values(
        "DRUG_ID", key=lambda ids: pd.to_numeric(ids, errors="coerce")
    )
    synonyms, targets, pathways = [], [], []
    absent = [] if compounds is None else [i for i in first["DRUG_ID"] if i not in compounds.index]
    if absent:
        notes.append(f"drugs: {len(absent)} ids that the list of screened compounds lacks: {', '.join(absent[:10])}")
    for _, row in first.iterrows():
        listed = None if compounds is None or row["DRUG_ID"] in absent else compounds.loc[row["DRUG_ID"]]
        names = [] if listed is None else [listed["DRUG_NAME"].strip(), *split_names(listed["SYNONYMS"])]
        synonyms.append([n for n in dict.fromkeys(names) if n not in ("", "-", row["DRUG_NAME"])])
        targets.append(split_names(row["PUTATIVE_TARGET"] if listed is None else listed["TARGET"]))
        pathways.append(row["PATHWAY_NAME"] if listed is None else listed["TARGET_PATHWAY"])
    return drugs(
        {
            "id": first["DRUG_ID"],
            "name": first["DRUG_NAME"],
            "synonyms": synonyms,
            "targets": targets,
            "pathway": pathways,
            "gdsc_drug_ids": [[i] for i in first["DRUG_ID"]],
        }
    )


def _preferred(measured: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Keep one measurement a pair: GDSC2's where there is one."""
    rank = measured["source"].map({name: i for i, name in enumerate(PREFERRED)})
    ordered = measured.loc[rank.sort_values(kind="stable").index]
    kept = ordered.drop_duplicates([LINE_ID, DRUG_ID])
    if len(kept) < len(measured):
        notes.append(f"response: {len(measured) - len(kept):,} GDSC1 values left out: GDSC2 measured the same pair")
    return kept.sort_index().reset_index(drop=True)
