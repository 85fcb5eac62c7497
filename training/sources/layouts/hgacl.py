"""The HGACL-DRP / MOFGCN table layout, as published, into the canonical dataset.

cell_drug_common.csv          ln IC50 (µM), lines × drugs; ids are COSMIC ids and PubChem CIDs
cell_drug_common_binary.csv   1 sensitive, 0 resistant, and also 0 where nothing was measured: null_mask.csv rules
null_mask.csv                 1 = not measured
threshold.csv                 ln µM per drug, in another order than the matrices' columns: always by id
drug_feature.csv              920 columns: 32 bits that spell 881, the 881 fingerprint bits, 7 bits of padding
drug_cid.csv                  names of more drugs than the matrices hold
cell_id_tag.csv               the array assay of each line, in another order than the rows (may be missing)
cell_cna/, cell_mutation/     lines × genes (Entrez ids) in zipped parts; mutation is signed, non-zero = mutated
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from model.molecules.fingerprints import FINGERPRINT_BITS
from training.data.schema import (
    CELL_LINE_COLUMNS,
    DRUG_COLUMNS,
    DRUG_ID,
    LISTS,
    Dataset,
    DatasetError,
    Problem,
    id_order,
)
from training.sources.layouts import datapack
from training.sources.options import Expression
from training.sources.parsing.csv_matrices import read_matrix, read_parts, read_texts
from training.sources.parsing.matrices import Import, clean_profiles, long_response

LN_IC50, BINARY, MASK = "cell_drug_common.csv", "cell_drug_common_binary.csv", "null_mask.csv"
THRESHOLD, FINGERPRINT, DRUG_NAMES, ASSAYS = "threshold.csv", "drug_feature.csv", "drug_cid.csv", "cell_id_tag.csv"
TEXT_KEYS = {DRUG_NAMES: ("cid", "drug_name"), ASSAYS: ("cosmic_id", "assay_name")}
PARTS = {"copy_number": "cell_cna", "mutation": "cell_mutation"}
PREFIX_BITS, PADDING_BITS = 32, 7
WIDTH = PREFIX_BITS + FINGERPRINT_BITS + PADDING_BITS
FILES = {
    "cell_lines": LN_IC50,
    "drugs": DRUG_NAMES,
    "drugs.threshold_ln_um": THRESHOLD,
    "response": LN_IC50,
    "drug_fingerprints": FINGERPRINT,
    **PARTS,
}
PATTERNS = (*FILES.values(), BINARY, MASK, ASSAYS)


def read_hgacl(raw: Path, annotations: Path | None = None, expression: Expression = "rnaseq") -> Import:
    """Read the raw tables of folder `raw`; the data pack `annotations` adds names, SMILES, symbols and expression.

    Without annotations a line's name is its id, genes keep their Entrez ids and there is no expression: the layout's
    own expression file comes under restricted terms. Raises DatasetError with every problem of every file.
    """
    _require(raw)
    if annotations is not None:
        datapack.require(annotations, expression)
    tables, faults = _read_all(raw)
    if not faults:
        faults = _disagreements(tables)
    if faults:
        raise DatasetError(faults)
    notes: list[str] = []
    ln_ic50 = tables[LN_IC50]
    measured = tables[MASK].loc[ln_ic50.index, ln_ic50.columns].to_numpy() == 0
    label = tables[BINARY].loc[ln_ic50.index, ln_ic50.columns].to_numpy(np.float32)
    unmasked = int((~measured & ~np.isnan(ln_ic50.to_numpy())).sum())
    if unmasked:
        notes.append(f"{LN_IC50}: {unmasked} values left out because {MASK} says that they were not measured")
    lines, drugs = list(ln_ic50.index), list(ln_ic50.columns)
    dataset = Dataset(
        cell_lines=_plain_lines(lines, tables.get(ASSAYS)),
        drugs=_plain_drugs(drugs, tables[THRESHOLD].iloc[:, 0], tables[DRUG_NAMES], notes),
        response=long_response(ln_ic50, label, measured, notes),
        copy_number=clean_profiles("copy_number", tables[PARTS["copy_number"]], notes),
        mutation=clean_profiles("mutation", tables[PARTS["mutation"]], notes),
        drug_fingerprints=fingerprint_bits(tables[FINGERPRINT], notes),
        info=datapack.info("GDSC release 17, HGACL/MOFGCN tables", "none", notes),
    )
    return Import(dataset if annotations is None else _annotated(dataset, annotations, expression), FILES)


def _require(raw: Path) -> None:
    """Raise DatasetError naming everything that is missing at once."""
    absent = [
        name for name in (LN_IC50, BINARY, MASK, THRESHOLD, FINGERPRINT, DRUG_NAMES) if not (raw / name).is_file()
    ]
    absent += [f"{name}/" for name in PARTS.values() if not any((raw / name).glob("*.csv*"))]
    if absent:
        raise DatasetError([Problem(name, "", "", f"missing from {raw}; add it") for name in absent])


def _read_all(raw: Path) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Problem] = []
    optional = [ASSAYS] if (raw / ASSAYS).is_file() else []
    for name in (LN_IC50, BINARY, MASK, THRESHOLD, FINGERPRINT, *PARTS.values(), DRUG_NAMES, *optional):
        try:
            if name in PARTS.values():
                tables[name] = read_parts(raw / name)
            elif name in TEXT_KEYS:
                tables[name] = read_texts(raw / name, *TEXT_KEYS[name])
            else:
                tables[name] = read_matrix(raw / name, name)
        except DatasetError as fault:
            faults += fault.problems
    return tables, faults


def _disagreements(tables: dict[str, pd.DataFrame]) -> list[Problem]:
    """Find ids that one table has and another lacks, mask values other than 0 and 1, and broken fingerprints."""
    wanted, found = tables[LN_IC50], []
    for name in (BINARY, MASK):
        for kind, here, there in (
            ("row", tables[name].index, wanted.index),
            ("column", tables[name].columns, wanted.columns),
        ):
            lacking = [(i, f"this {kind} is in {LN_IC50} but not here; add it") for i in there.difference(here)]
            extra = [(i, f"this {kind} is not in {LN_IC50}; drop it") for i in here.difference(there)]
            for i, message in (*lacking, *extra):
                row, column = (i, "") if kind == "row" else ("", i)
                found.append(Problem(name, row, column, message))
    for name in (THRESHOLD, FINGERPRINT):
        strangers = tables[name].index.difference(wanted.columns)
        found += [Problem(name, i, "", f"this drug is not in {LN_IC50}; drop the row") for i in strangers]
    if ASSAYS in tables:
        unknown = wanted.index.difference(tables[ASSAYS].index)
        found += [Problem(LN_IC50, i, "", f"this line is not in {ASSAYS}; add it there") for i in unknown]
    mask = tables[MASK]
    for i, j in np.argwhere(~np.isin(mask.to_numpy(), (0, 1))):
        found.append(Problem(MASK, mask.index[i], mask.columns[j], f"{mask.to_numpy()[i, j]:g} is neither 0 nor 1"))
    return found + fingerprint_faults(tables[FINGERPRINT])


def fingerprint_faults(table: pd.DataFrame) -> list[Problem]:
    """Find what is wrong with the layout of drug_feature.csv: its width, its length prefix."""
    if table.shape[1] != WIDTH:
        message = (
            f"{table.shape[1]} columns, {WIDTH} are expected: a {PREFIX_BITS}-bit length, {FINGERPRINT_BITS} bits and "
            f"{PADDING_BITS} bits of padding; export the table again"
        )
        return [Problem(FINGERPRINT, "", "", message)]
    length = table.to_numpy()[:, :PREFIX_BITS] @ 2.0 ** np.arange(PREFIX_BITS - 1, -1, -1)
    return [
        Problem(
            FINGERPRINT,
            str(table.index[int(i)]),
            "0-31",
            f"the length prefix says {length[i]:g} bits, not {FINGERPRINT_BITS}",
        )
        for i in np.flatnonzero(length != FINGERPRINT_BITS)
    ]


def fingerprint_bits(table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Give drugs × 881 bits of drug_feature.csv without prefix and padding, with a note."""
    bits = table.to_numpy(np.float32)[:, PREFIX_BITS : PREFIX_BITS + FINGERPRINT_BITS]
    notes.append(f"drug_fingerprints: length prefix ({PREFIX_BITS} bits) and padding ({PADDING_BITS} bits) removed")
    kind = np.uint8 if np.isin(bits, (0, 1)).all() else np.float32  # validation reports what is no bit
    names = [f"b{i}" for i in range(FINGERPRINT_BITS)]
    return pd.DataFrame(bits.astype(kind), index=pd.Index(table.index, name=DRUG_ID), columns=names)


def _plain_lines(lines: list[str], assays: pd.DataFrame | None) -> pd.DataFrame:
    """Give cell_lines as far as the raw tables know them: the id, which is also the name, and the array assay."""
    known: dict[str, list[object]] = {column: [None] * len(lines) for column in CELL_LINE_COLUMNS}
    known |= {"id": [*lines], "name": [*lines], "cosmic_id": [*lines], "synonyms": [[] for _ in lines]}
    if assays is not None:
        known["array_assay_name"] = assays["assay_name"].loc[lines].tolist()
    return pd.DataFrame(known).astype({column: "str" for column in CELL_LINE_COLUMNS if column not in LISTS})


def _plain_drugs(drugs: list[str], thresholds: pd.Series, names: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Give drugs as far as the raw tables know them: CID, name, threshold in ln µM (by id, never by place)."""
    left_out = sorted(set(names.index) - set(drugs), key=id_order)
    if left_out:
        notes.append(f"drugs: {len(left_out)} of {DRUG_NAMES} that no response names left out: {', '.join(left_out)}")
    known: dict[str, list[object]] = {column: [None] * len(drugs) for column in DRUG_COLUMNS}
    known |= {column: [[] for _ in drugs] for column in DRUG_COLUMNS if column in LISTS}
    known |= {"id": [*drugs], "pubchem_cid": [*drugs], "name": names["drug_name"].reindex(drugs).tolist()}
    known["threshold_ln_um"] = thresholds.reindex(drugs).tolist()
    texts = [column for column in DRUG_COLUMNS if column not in (*LISTS, "threshold_ln_um")]
    return pd.DataFrame(known).astype({**dict.fromkeys(texts, "str"), "threshold_ln_um": np.float64})


def _annotated(dataset: Dataset, folder: Path, expression: Expression) -> Dataset:
    """Put the data pack's names, ids, SMILES, gene symbols and expression in; responses and thresholds stay raw."""
    notes: list[str] = dataset.info["notes"]
    lines, drugs = datapack.cell_lines(folder, notes), datapack.drugs(folder)
    thresholds = drugs["id"].map(dataset.drugs.set_index("id")["threshold_ln_um"])
    symbols = datapack.symbols(folder)
    profiles = datapack.read_expression(folder, expression, notes)
    known = set(dataset.cell_lines["id"])
    info = datapack.info(f"{dataset.info['source']}; annotations of a data pack", expression, notes)
    return replace(
        dataset,
        cell_lines=lines[lines["id"].isin(known)].reset_index(drop=True),
        drugs=drugs.assign(threshold_ln_um=thresholds)[drugs["id"].isin(dataset.drugs["id"])].reset_index(drop=True),
        copy_number=_renamed(dataset.copy_number, symbols["copy_number"]),
        mutation=_renamed(dataset.mutation, symbols["mutation"]),
        expression=None if profiles is None else profiles[profiles.index.isin(known)],
        info=info,
    )


def _renamed(table: pd.DataFrame | None, symbols: dict[str, str]) -> pd.DataFrame | None:
    return None if table is None else table.rename(columns=symbols)
