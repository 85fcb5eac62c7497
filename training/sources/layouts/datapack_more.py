"""Tables of a GDSC data pack that a dataset takes only where they are asked for.

array   expression_array_6163.parquet   array expression of nearly all lines, as a table beside RNA-seq
growth  growth_rates.parquet            growth rate of untreated wells
drugs   drugs_extra_194.parquet         GDSC's drugs beside the 228 of the HGACL tables, with the ln IC50 of
                                        gdsc1_gdsc2_ln_ic50_auc.parquet, here or in ../external
concentrations  drug_max_concentration_dtrace.parquet, gdsc2_drug_concentrations.parquet: highest tested ones
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from model.molecules.standard import as_written
from training.data.schema import DRUG_COLUMNS, DRUG_ID, LINE_ID, Dataset, DatasetError, Problem
from training.sources.layouts import datapack
from training.sources.options import More
from training.sources.parsing.matrices import Import

ARRAY, GROWTH, DRUGS = "expression_array_6163.parquet", "growth_rates.parquet", "drugs_extra_194.parquet"
COMPOUNDS, RESPONSES = "drugs_all_gdsc_compounds.parquet", "gdsc1_gdsc2_ln_ic50_auc.parquet"
DTRACE, GDSC2 = "drug_max_concentration_dtrace.parquet", "gdsc2_drug_concentrations.parquet"
FILES = {
    "array": (ARRAY,),
    "growth": (GROWTH,),
    "drugs": (DRUGS, COMPOUNDS, RESPONSES),
    "concentrations": (DTRACE, GDSC2),
}
PATTERNS = tuple(name for names in FILES.values() for name in names)
TERMS = (
    "array expression of 961 lines (GDSC1000, Wellcome Sanger Institute): free for academic, non-commercial research"
)


def with_more(found: Import, folder: Path | None, more: Sequence[More]) -> Import:
    """The import with what is asked for of data pack `folder`; lines that it does not have are left out.

    Raises DatasetError naming every file that the data pack lacks, and broken tables.
    """
    if folder is None or not more:
        return found
    missing = [name for what in more for name in FILES[what] if not _place(folder, name).is_file()]
    if missing:
        raise DatasetError([Problem(name, "", "", f"missing from {folder}; add it") for name in missing])
    dataset = found.dataset
    notes: list[str] = []
    if "array" in more:
        dataset = replace(dataset, expression_array=_of_lines(dataset, datapack.read_by_id(folder / ARRAY)))
        dataset = replace(dataset, info={**dataset.info, "terms": [*dataset.info["terms"], TERMS]})
    if "growth" in more:
        rates = datapack.read_parquet(folder / GROWTH, ["cosmic_id", "growth_rate"]).reset_index().dropna()
        rates = rates.set_index(rates["cosmic_id"].astype(int).astype(str))[["growth_rate"]]
        dataset = replace(dataset, growth=_of_lines(dataset, rates))
    if "drugs" in more:
        dataset = _with_drugs(dataset, folder, notes)
    if "concentrations" in more:
        dataset = replace(dataset, concentration=_concentrations(dataset, folder))
    dataset = replace(dataset, info={**dataset.info, "notes": [*dataset.info["notes"], *notes]})
    return Import(dataset, found.files | {"expression_array": ARRAY, "growth": GROWTH, "concentration": DTRACE})


def _place(folder: Path, name: str) -> Path:
    return folder.parent / "external" / name if name == RESPONSES and not (folder / name).is_file() else folder / name


def _of_lines(dataset: Dataset, table: pd.DataFrame) -> pd.DataFrame:
    kept = table[table.index.isin(set(dataset.cell_lines["id"]))]
    return kept.astype(np.float32).rename_axis(LINE_ID)


def _with_drugs(dataset: Dataset, folder: Path, notes: list[str]) -> Dataset:
    """Add the further drugs, their responses of the screen that the table names, and thresholds by rule.

    GDSC publishes thresholds of the first drugs alone. The rule: threshold = mean − k · sd of a drug's ln IC50, with
    the median k of the drugs that have one. What it reproduces of their labels stands in the notes.
    """
    drugs = _further_drugs(folder, set(dataset.drugs["id"]))
    found = _responses(dataset, folder, drugs)
    k, note = threshold_rule(dataset)
    by_drug = found.groupby(DRUG_ID)["ln_ic50"]
    limits = (by_drug.mean() - k * by_drug.std(ddof=1)).astype(np.float32).astype(np.float64)
    drugs["threshold_ln_um"] = drugs["id"].map(limits).to_numpy(np.float64)
    below = found["ln_ic50"].to_numpy(np.float32) < found[DRUG_ID].map(limits).to_numpy(np.float32)
    found = found.assign(sensitive=below.astype(np.uint8))
    ids = drugs["id"].tolist()
    notes.append(f"further drugs: {len(ids)} with {len(found):,} responses; {note}")
    columns = dataset.response.columns
    return replace(
        dataset,
        drugs=pd.concat([dataset.drugs, drugs[list(dataset.drugs.columns)]], ignore_index=True),
        response=pd.concat([dataset.response, found[columns]], ignore_index=True),
        info={**dataset.info, "further_drugs": ids},
    )


def threshold_rule(dataset: Dataset) -> tuple[float, str]:
    """Median of (mean − threshold) / sd over the drugs with a threshold, and what the rule makes of their labels."""
    response = dataset.response
    limits = dataset.drugs.set_index("id")["threshold_ln_um"]
    by_drug = response.groupby(DRUG_ID)["ln_ic50"]
    mean, sd = by_drug.mean(), by_drug.std(ddof=1)
    k = float(((mean - limits.reindex(mean.index)) / sd).median())
    called = response["ln_ic50"] < response[DRUG_ID].map(mean - k * sd)
    sensitive = response["sensitive"] == 1
    both = float((called & sensitive).sum())
    note = (
        f"thresholds by rule, since none are published: mean - {k:.3f} sd of the drug's ln IC50, the median of the "
        f"drugs that have one; on those it calls {both / sensitive.sum():.0%} of the sensitive pairs and is right in "
        f"{both / called.sum():.0%} of its calls"
    )
    return k, note


def _further_drugs(folder: Path, known: set[str]) -> pd.DataFrame:
    table = datapack.read_parquet(folder / DRUGS)
    compounds = datapack.read_parquet(folder / COMPOUNDS).groupby("drug_name")
    rows = []
    for row in table.to_dict("records"):
        listed = compounds.get_group(row["drug_name"]) if row["drug_name"] in compounds.groups else None
        ids = [] if listed is None else sorted(listed["drug_id"].astype(int))
        cids = [] if listed is None else sorted({str(int(cid)) for cid in listed["pubchem_cid"].dropna()})
        cid = cids[0] if len(cids) == 1 and cids[0] not in known else None
        identifier = cid or (f"GDSC-{ids[0]}" if ids else row["drug_name"])
        known.add(identifier)
        synonyms = [] if listed is None else [s for text in listed["synonyms"] for s in datapack.split_names(text)]
        rows.append(
            {
                **dict.fromkeys(DRUG_COLUMNS),
                "id": identifier,
                "name": row["drug_name"],
                "synonyms": [s for s in dict.fromkeys(synonyms) if s != row["drug_name"]],
                "pubchem_cid": cid,
                "inchikey": as_written(row["smiles"]).inchikey,
                "smiles": row["smiles"],
                "targets": datapack.split_names(row["targets"]),
                "pathway": None if row["pathway"] == "Unclassified" else row["pathway"],
                "gdsc_drug_ids": [str(i) for i in ids],
                "screen": row["screen"],
            }
        )
    return pd.DataFrame(rows)


def _responses(dataset: Dataset, folder: Path, drugs: pd.DataFrame) -> pd.DataFrame:
    """Long responses of the further drugs on the dataset's lines: the mean where a screen measured a pair twice."""
    table = datapack.read_parquet(_place(folder, RESPONSES), ["cosmic_id", "drug_name", "dataset", "ln_ic50"])
    chosen = table.merge(
        drugs[["id", "name", "screen"]], left_on=["drug_name", "dataset"], right_on=["name", "screen"]
    )
    chosen = chosen.assign(**{LINE_ID: chosen["cosmic_id"].astype(str), DRUG_ID: chosen["id"]})
    chosen = chosen[chosen[LINE_ID].isin(set(dataset.cell_lines["id"]))]
    mean = chosen.groupby([LINE_ID, DRUG_ID, "screen"], as_index=False)["ln_ic50"].mean()
    named_source: pd.DataFrame = mean.assign(source=mean["screen"], ln_ic50=mean["ln_ic50"].astype(np.float32))
    return named_source


def _concentrations(dataset: Dataset, folder: Path) -> pd.DataFrame:
    """Documented highest concentrations (µM), of the screen that a drug's responses come from where it has one.

    The geometric mean where a drug was screened under several ids; no value that was recovered from responses.
    """
    columns = ["drug_id", "max_conc_um"]
    first = datapack.read_parquet(folder / DTRACE, [*columns, "screen"])
    second = datapack.read_parquet(folder / GDSC2, columns).assign(screen="GDSC2")
    listed = pd.concat([first, second], ignore_index=True).dropna()
    listed = listed.assign(drug_id=listed["drug_id"].astype(int).astype(str)).drop_duplicates(["drug_id", "screen"])
    screens = dataset.response.groupby(DRUG_ID, observed=True)["source"].first()
    found = {}
    for drug, ids in zip(dataset.drugs["id"], dataset.drugs["gdsc_drug_ids"], strict=True):
        rows = listed[listed["drug_id"].isin(list(ids))]
        own = rows[rows["screen"] == ("GDSC2" if screens.get(drug) == "GDSC2" else "GDSC1")]
        if len(rows):
            found[drug] = float(np.exp(np.log((own if len(own) else rows)["max_conc_um"]).mean()))
    table = pd.DataFrame({"max_concentration_um": pd.Series(found, dtype=np.float32)})
    return table.rename_axis(DRUG_ID)
