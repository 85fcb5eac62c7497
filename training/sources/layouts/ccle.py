"""The CCLE tables of MOFGCN and HGACL-DRP, as published, into the canonical dataset.

cell_drug.csv          IC50 in µM, capped at 8; lines by CCLE name, drugs by PubChem CID. 0 = not measured: no dose
                       of 0 exists, and CCLE's own table has no such pair
cell_drug_binary.csv   1 sensitive, 0 resistant; the zeros above are labelled too, most of them as sensitive
drug_name_cid.csv      drug_name, cid
drug_feature.csv       920 columns, as in the GDSC tables: prefix, 881 fingerprint bits, padding
mutation_feature.csv   lines × genes (Entrez ids), signed scores, non-zero = mutated
gene_feature*.csv      lines × genes (symbols), log2(TPM + 1) (may be missing)
cna_feature*.csv       lines × genes (symbols), ratio to diploid (may be missing)

The published labels follow from the rule: IC50 below mean - 0.8 sd of the drug's column in µM, zeros included. That
is the threshold kept here, as ln µM; where it is no concentration (below 0) nothing is sensitive to the drug, and the
lowest IC50 measured of it stands in: nothing lies below it, and margins to it stay within what was measured.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from training.data.schema import LINE_ID, Dataset, DatasetError, Problem
from training.sources.layouts import datapack
from training.sources.layouts.hgacl import FINGERPRINT, fingerprint_bits, fingerprint_faults
from training.sources.options import Options
from training.sources.parsing.csv_matrices import read_matrix, read_texts
from training.sources.parsing.entities import cell_lines, drugs
from training.sources.parsing.files import collect_problems, one_file
from training.sources.parsing.matrices import Import, clean_profiles, long_response
from training.sources.parsing.response_units import to_ln_um
from training.sources.parsing.thresholds import Z_SENSITIVE
from training.sources.parsing.units import to_log2_ratio, to_log2_tpm1

IC50, BINARY, NAMES, MUTATION = "cell_drug.csv", "cell_drug_binary.csv", "drug_name_cid.csv", "mutation_feature.csv"
EXPRESSION, COPY_NUMBER = ("gene_feature*.csv",), ("cna_feature*.csv",)
CAP_UM = 8.0
PACK_LINES = {
    "cosmic_id": "cosmic_id",
    "sanger_model_id": "sanger_model_id",
    "depmap_id": "depmap_id",
    "cellosaurus_id": "cellosaurus_rrid",
    "cancer_type": "tcga_code",
}
PACK_EXPRESSION = {
    "rnaseq": "expression.parquet",
    "array": "expression_array_z.parquet",
    "combined": "expression_combined.parquet",
}
FILES = {
    "cell_lines": IC50,
    "drugs": NAMES,
    "drugs.threshold_ln_um": IC50,
    "response": IC50,
    "drug_fingerprints": FINGERPRINT,
    "mutation": MUTATION,
}
PATTERNS = (*FILES.values(), BINARY, *EXPRESSION, *COPY_NUMBER)


def read_ccle(raw: Path, options: Options) -> Import:
    """Read the tables of folder `raw`; `options.annotations` is a CCLE data pack with ids, SMILES and expression.

    The ids of lines are CCLE names: a fourth of them have no COSMIC id. Raises DatasetError with every problem.
    """
    absent = [name for name in (IC50, BINARY, NAMES, FINGERPRINT, MUTATION) if not (raw / name).is_file()]
    if absent:
        raise DatasetError([Problem(name, "", "", f"missing from {raw}; add it") for name in absent])
    faults: list[Problem] = []
    notes: list[str] = []
    tables: dict[str, pd.DataFrame] = {}
    for name in (IC50, BINARY, FINGERPRINT, MUTATION):
        with collect_problems(faults):
            tables[name] = read_matrix(raw / name, name)
    with collect_problems(faults):
        tables[NAMES] = read_texts(raw / NAMES, "cid", "drug_name")
    if not faults:
        faults += fingerprint_faults(tables[FINGERPRINT]) + _unmatched(tables)
    if faults:
        raise DatasetError(faults)
    ic50 = tables[IC50]
    label = tables[BINARY].loc[ic50.index, ic50.columns].to_numpy(np.float32)
    measured = _measured(ic50, label, notes)
    ln_ic50 = _ln(ic50.where(measured))
    dataset = Dataset(
        cell_lines=_lines(list(ic50.index), options.annotations),
        drugs=_drugs(ic50, tables[NAMES], options.annotations, notes),
        response=long_response(ln_ic50, label, measured.to_numpy(), notes).assign(source="CCLE"),
        mutation=clean_profiles("mutation", tables[MUTATION], notes),
        drug_fingerprints=fingerprint_bits(tables[FINGERPRINT], notes),
        **_profiles(raw, options, set(ic50.index), notes),
        info={"source": "CCLE, HGACL/MOFGCN tables", "expression_platform": None, "terms": [], "notes": notes},
    )
    terms = ["CCLE drug response (Broad Institute and Novartis): terms of the legacy CCLE", datapack.TERMS["drugs"]]
    dataset.info["terms"] = [*terms, *([datapack.TERMS["rnaseq"]] if dataset.expression is not None else [])]
    if dataset.expression is not None:
        pack = options.annotations is not None and options.expression != "rnaseq"
        dataset.info["expression_platform"] = (
            datapack.EXPRESSION[options.expression][1] if pack else "rnaseq_log2_tpm1"
        )
    return Import(dataset, FILES)


def _unmatched(tables: dict[str, pd.DataFrame]) -> list[Problem]:
    """Find lines and drugs that one table has and another lacks."""
    ic50 = tables[IC50]
    found = []
    for name, here, there in (
        (BINARY, tables[BINARY].index, ic50.index),
        (BINARY, tables[BINARY].columns, ic50.columns),
        (FINGERPRINT, tables[FINGERPRINT].index, ic50.columns),
        (MUTATION, tables[MUTATION].index, ic50.index),
    ):
        found += [Problem(name, str(i), "", f"is in {IC50} but not here; add it") for i in there.difference(here)]
        found += [Problem(name, str(i), "", f"is not in {IC50}; drop it") for i in here.difference(there)]
    return found


def _measured(ic50: pd.DataFrame, label: np.ndarray, notes: list[str]) -> pd.DataFrame:
    """Mark the cells that hold a measurement, and say what the zeros would have been."""
    zero = (ic50 == 0).to_numpy()
    both, kept = [(int((label[m] == 1).sum()), int((label[m] == 0).sum())) for m in (np.ones_like(zero), ~zero)]
    notes.append(
        f"response: {int(zero.sum()):,} IC50 of 0 taken as not measured; {both[0] - kept[0]:,} of them are labelled "
        f"sensitive: {both[0]:,} sensitive / {both[1]:,} resistant published, {kept[0]:,} / {kept[1]:,} measured"
    )
    notes.append(f"response: {int((ic50 == CAP_UM).to_numpy().sum()):,} IC50 stand at the highest dose, {CAP_UM:g} µM")
    return ic50.notna() & (ic50 != 0)


def _ln(ic50: pd.DataFrame) -> pd.DataFrame:
    """Ln µM of the measured cells; a negative IC50 is refused by line and drug."""
    faults: list[Problem] = []
    columns = {}
    for drug in ic50.columns:
        with collect_problems(faults):
            columns[drug] = to_ln_um(ic50[drug].to_numpy(np.float64), "um", IC50, str(drug), ic50.index)
    if faults:
        raise DatasetError(faults)
    return pd.DataFrame(columns, index=ic50.index)


def _thresholds(ic50: pd.DataFrame, notes: list[str]) -> pd.Series:
    """Ln µM by drug, from the published matrix with its zeros: the labels were made with them."""
    limit = ic50.mean() + Z_SENSITIVE * ic50.std(ddof=1)
    none = [str(drug) for drug in limit.index[limit <= 0]]
    if none:
        text = "the rule gives no concentration, so nothing is sensitive to them"
        notes.append(f"thresholds: {len(none)} drugs at the lowest IC50 measured, {text}: {', '.join(none)}")
    um = limit.where(limit > 0, ic50.where(ic50 > 0).min())
    return pd.Series(np.log(um.to_numpy(np.float64)), um.index)


def _lines(names: list[str], pack: Path | None) -> pd.DataFrame:
    parts = [name.partition("_") for name in names]
    known: dict[str, Sequence[object]] = {
        "id": [*names],
        "ccle_name": [*names],
        "tissue": [site.casefold() for _, _, site in parts],
    }
    if pack is not None:
        table = (
            datapack.read_parquet(pack / "cell_lines.parquet", [*PACK_LINES.values(), "ccle_name"])
            .set_index("ccle_name")
            .reindex(names)
        )
        known |= {ours: datapack.texts(table[theirs]) for ours, theirs in PACK_LINES.items()}
    # TT_THYROID and TT_OESOPHAGUS are two lines: where the stem is shared, the tissue stays in the name.
    stems = [stem for stem, _, _ in parts]
    shared = pd.Series(stems).duplicated(keep=False)
    known["name"] = [name if twice else stem for name, stem, twice in zip(names, stems, shared, strict=True)]
    return cell_lines(known)


def _drugs(ic50: pd.DataFrame, names: pd.DataFrame, pack: Path | None, notes: list[str]) -> pd.DataFrame:
    ids = [str(drug) for drug in ic50.columns]
    known: dict[str, Sequence[object]] = {
        "id": [*ids],
        "pubchem_cid": [*ids],
        "name": names["drug_name"].reindex(ids).tolist(),
        "threshold_ln_um": _thresholds(ic50, notes).tolist(),
    }
    if pack is not None:
        table = datapack.read_parquet(
            pack / "drugs.parquet", ["pubchem_cid", "inchikey", "smiles", "pathway", "targets"]
        )
        table = table.set_index(table["pubchem_cid"].astype(str)).reindex(ids)
        known |= {column: datapack.texts(table[column]) for column in ("inchikey", "smiles", "pathway")}
        known["targets"] = [datapack.split_names(text) for text in table["targets"]]
    return drugs(known)


def _profiles(raw: Path, options: Options, lines: set[str], notes: list[str]) -> dict[str, pd.DataFrame | None]:
    """Read expression and copy number, from the data pack where one is given; lines without response are left out."""
    found: dict[str, pd.DataFrame | None] = {"expression": None, "copy_number": None}
    pack = options.annotations
    if pack is not None:
        ratio = datapack.read_by_id(pack / "cna.parquet")
        if options.expression in ("array", "combined"):
            notes.append(datapack.ARRAY_TERMS)
        if options.expression != "none":
            found["expression"] = datapack.read_by_id(pack / PACK_EXPRESSION[options.expression])
        found["copy_number"] = to_log2_ratio(ratio.astype(np.float32), "relative", "cna.parquet", notes)
    else:
        if path := one_file(raw, EXPRESSION, needed=False):
            table = read_matrix(path, path.name).astype(np.float32)
            found["expression"] = to_log2_tpm1(table, options.expression_unit or "log2_tpm1", path.name, notes)
        if path := one_file(raw, COPY_NUMBER, needed=False):
            table = read_matrix(path, path.name).astype(np.float32)
            found["copy_number"] = to_log2_ratio(table, options.copy_number_unit or "relative", path.name, notes)
    return {
        name: None if table is None else table[table.index.isin(lines)].rename_axis(LINE_ID).astype(np.float32)
        for name, table in found.items()
    }
