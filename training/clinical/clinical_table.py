"""The clinical table: who the patients are and how long they were followed, for up to four end points."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from model.tables.numbers import MISSING
from training.clinical.statistics.cox import Outcome
from training.clinical.tables import PATIENT, ClinicalError, read_table, refuse_repeats

ENDPOINTS = {
    "OS": "overall survival",
    "DSS": "disease-specific survival",
    "DFI": "disease-free interval",
    "PFI": "progression-free interval",
}
TIMES = ".time"  # OS and OS.time, as TCGA's clinical data resource writes them
PER_YEAR = {"days": 365.25, "months": 12.0, "years": 1.0}
TIME_UNIT, ONE_COHORT = "time_unit", "cohort"
DESCRIPTIONS = ("cohort", "age", "sex", "stage", "subtype", "tissue")
LONGEST_YEARS, LEAST_MEDIAN_DAYS = 60.0, 60.0
OLDEST = 120.0
STAGE = re.compile(r"(?:stage\s*)?(IV|I{1,3}|[1-4])(?:[A-D]\d?|\.0)?", re.IGNORECASE)
STAGES = {"I": 1, "II": 2, "III": 3, "IV": 4}
FEMALE = {"female": 1.0, "f": 1.0, "woman": 1.0, "male": 0.0, "m": 0.0, "man": 0.0}
UNKNOWN = re.compile(r"\[.*\]|\?|'?-+|u|unk|unknown|unspecified|other|missing|n\.a\.|not .*")


def read_clinical(path: Path, columns: Mapping[str, str], time_unit: str | None) -> pd.DataFrame:
    """Patients with cohort, age (years), female (0/1), stage (1–4), subtype, tissue, and `E_years`, `E_event` of each
    end point E that the table has; NaN or "" where not known.

    The table has a column `patient`, end points as `OS` (0/1) and `OS.time`, and may have the DESCRIPTIONS; `columns`
    gives others the names that are read. `time_unit` is one of PER_YEAR, or the table has a column `time_unit`.
    Raises ClinicalError naming column, patient, value and remedy.
    """
    table = read_table(path)
    table = _renamed(path, table, columns)
    patients = pd.Index(table[PATIENT].astype(str), name=PATIENT)
    refuse_repeats(path, patients)
    table = table.set_index(patients)
    out = pd.DataFrame(index=patients)
    for name in ("cohort", "subtype", "tissue"):
        out[name] = _texts(table, name)
    if "cohort" not in table:
        out["cohort"] = ONE_COHORT
    out["age"] = _ages(path, table)
    out["female"] = _female(path, table)
    out["stage"] = _texts(table, "stage").map(read_stage).astype(float)
    found = [name for name in ENDPOINTS if {name, name + TIMES} <= set(table.columns)]
    if not found:
        raise ClinicalError(
            f"{path}: no end point; give columns OS (0/1) and OS{TIMES}, or DSS, DFI, PFI, or name them with --column"
        )
    per_year = _per_year(path, table, time_unit)
    for name in found:
        event = _events(path, table, name)
        years = _years(path, table, name, per_year)
        known = event.notna() & years.notna()
        out[f"{name}_years"], out[f"{name}_event"] = years.where(known), event.where(known)
    return out


def endpoints_of(clinical: pd.DataFrame) -> list[str]:
    """End points that a table of `read_clinical` has."""
    return [name for name in ENDPOINTS if f"{name}_years" in clinical]


def outcome_of(clinical: pd.DataFrame, endpoint: str) -> Outcome:
    """Follow-up of these patients, all of whom must have it."""
    return Outcome(clinical[f"{endpoint}_years"].to_numpy(float), clinical[f"{endpoint}_event"].to_numpy() == 1)


def read_stage(text: str) -> float:
    """Stage 1 to 4 of texts such as `Stage IIIA`, `III` and `3`; NaN of any other, stage 0 and X among them."""
    found = STAGE.fullmatch(text.strip())
    if not found:
        return np.nan
    number = found.group(1).upper()
    return float(STAGES.get(number) or number)


def _renamed(path: Path, table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    names = {PATIENT, *DESCRIPTIONS, TIME_UNIT, *ENDPOINTS, *(name + TIMES for name in ENDPOINTS)}
    for name, column in columns.items():
        if name not in names:
            raise ClinicalError(
                f"--column {name}={column}: {name!r} is not read; give one of {', '.join(sorted(names))}"
            )
        if column not in table:
            raise ClinicalError(f"{path}: no column {column!r} (--column {name}={column})")
    taken = table.drop(columns=[name for name in columns if name in table and name not in columns.values()])
    table = taken.rename(columns={column: name for name, column in columns.items()})
    if PATIENT not in table:
        raise ClinicalError(f"{path}: no column 'patient'; add it, or name it with --column patient=COLUMN")
    if table[PATIENT].isna().any():
        raise ClinicalError(f"{path}: a row has no patient; fill it in or leave the row out")
    return table


def _texts(table: pd.DataFrame, name: str) -> "pd.Series[str]":
    if name not in table:
        return pd.Series("", index=table.index)
    return table[name].astype(object).fillna("").astype(str).str.strip()


def _numbers(path: Path, table: pd.DataFrame, name: str) -> "pd.Series[float]":
    numbers = pd.to_numeric(table[name], errors="coerce").astype(float)
    wrong = numbers.isna() & table[name].notna() & (table[name].astype(str).str.strip() != "")
    if wrong.any():
        patient = table.index[wrong][0]
        raise ClinicalError(
            f"{path}: {name} of {patient} is {table[name][wrong].iloc[0]!r}, no number; leave it empty where unknown"
        )
    return numbers


def _female(path: Path, table: pd.DataFrame) -> "pd.Series[float]":
    texts = _texts(table, "sex").str.lower()
    wrong = ~texts.isin([*FEMALE, *MISSING]) & ~texts.str.fullmatch(UNKNOWN)
    if wrong.any():
        raise ClinicalError(
            f"{path}: sex of {table.index[wrong][0]} is {table['sex'][wrong].iloc[0]!r}; give female or male, or "
            "leave it empty where unknown"
        )
    return texts.map(FEMALE).astype(float)


def _ages(path: Path, table: pd.DataFrame) -> "pd.Series[float]":
    if "age" not in table:
        return pd.Series(np.nan, index=table.index)
    ages = _numbers(path, table, "age")
    wrong = (ages < 0) | (ages > OLDEST)
    if wrong.any():
        raise ClinicalError(f"{path}: age of {table.index[wrong][0]} is {ages[wrong].iloc[0]:g}; give years")
    return ages


def _events(path: Path, table: pd.DataFrame, name: str) -> "pd.Series[float]":
    events = _numbers(path, table, name)
    wrong = ~(events.isna() | events.isin([0, 1]))
    if wrong.any():
        raise ClinicalError(
            f"{path}: {name} of {table.index[wrong][0]} is {events[wrong].iloc[0]:g}; give 1 where the event happened "
            "and 0 where the patient was last seen without it"
        )
    return events


def _per_year(path: Path, table: pd.DataFrame, time_unit: str | None) -> "pd.Series[float]":
    if (time_unit is None) == (TIME_UNIT not in table):
        told = "the unit of the times is not known" if time_unit is None else "the unit of the times is given twice"
        raise ClinicalError(f"{path}: {told}; give --time-unit days, months or years, or a column time_unit")
    units = table[TIME_UNIT].astype(str) if time_unit is None else pd.Series(time_unit, index=table.index)
    wrong = ~units.isin(list(PER_YEAR))
    if wrong.any():
        raise ClinicalError(f"{path}: time unit {units[wrong].iloc[0]!r}; give days, months or years")
    return units.map(PER_YEAR).astype(float)


def _years(path: Path, table: pd.DataFrame, name: str, per_year: "pd.Series[float]") -> "pd.Series[float]":
    times = _numbers(path, table, name + TIMES)
    wrong = times < 0
    if wrong.any():
        raise ClinicalError(
            f"{path}: {name}{TIMES} of {table.index[wrong][0]} is {times[wrong].iloc[0]:g}; times cannot be negative"
        )
    years = times / per_year
    if (years > LONGEST_YEARS).any():
        raise ClinicalError(
            f"{path}: {name}{TIMES} of {years.idxmax()} is {years.max():,.0f} years; is the unit a shorter one?"
        )
    days = float(years.median() * PER_YEAR["days"])
    if days < LEAST_MEDIAN_DAYS:
        raise ClinicalError(
            f"{path}: {name}{TIMES} has a median of {days:.2g} days; is the unit a longer one? Nothing is said of "
            f"cohorts that half of the patients leave within {LEAST_MEDIAN_DAYS:.0f} days"
        )
    return years
