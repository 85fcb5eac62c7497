"""The Parquet tables of a GDSC data pack: either a whole dataset or what the raw HGACL tables cannot say themselves.

A folder with cell_lines, drugs, thresholds, response_logic50, response_binary, cna, mutation, drug_fingerprints and
expression_rnaseq, expression (array) or expression_combined. Response tables have lines in rows and drugs in columns;
cna and mutation have genes in rows (Entrez id, `symbol`) and lines in columns.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from training.data.schema import DRUG_ID, LINE_ID, Dataset, DatasetError, Problem
from training.sources.corrections import WRONG_PROFILES
from training.sources.options import Expression
from training.sources.parsing.matrices import Import, clean_profiles, gene_names, long_response

EXPRESSION = {  # option -> file, platform
    "rnaseq": ("expression_rnaseq.parquet", "rnaseq_log2_tpm1"),
    "array": ("expression.parquet", "array_z"),
    "combined": ("expression_combined.parquet", "combined_z"),
}
ARRAY_TERMS = (
    "expression: array values of the COSMIC Cell Lines Project, free for non-commercial use after registration; "
    "do not redistribute them"
)
FILES = {
    "cell_lines": "cell_lines.parquet",
    "drugs": "drugs.parquet",
    "response": "response_logic50.parquet",
    "copy_number": "cna.parquet",
    "mutation": "mutation.parquet",
    "drug_fingerprints": "drug_fingerprints.parquet",
}
NEEDED = {
    "cell_lines.parquet": """cosmic_id cell_line_name in_hgacl_962 sanger_model_id depmap_id cellosaurus_rrid ccle_name
        gdsc_tissue_1 cancer_type screen_medium array_assay_name expression_identity_suspect""",
    "drugs.parquet": "pubchem_cid drug_name gdsc_name synonyms inchikey smiles targets pathway gdsc_drug_ids",
    "thresholds.parquet": "pubchem_cid threshold_ln_ic50",
    "cna.parquet": "symbol",
    "mutation.parquet": "symbol",
}
BINARY, THRESHOLDS = "response_binary.parquet", "thresholds.parquet"
PATTERNS = (*FILES.values(), BINARY, THRESHOLDS, *(file for file, _ in EXPRESSION.values()))


def read_datapack(folder: Path, expression: Expression = "rnaseq") -> Import:
    """Read a data pack as a whole dataset: its 962 lines of the HGACL matrix, not its further annotated lines.

    Raises DatasetError naming every file that is missing or not a Parquet table.
    """
    require(folder, expression)
    notes: list[str] = []
    ln_ic50 = read_by_id(folder / FILES["response"])
    binary = read_by_id(folder / BINARY).reindex(index=ln_ic50.index, columns=ln_ic50.columns)
    label = binary.to_numpy(np.float32, na_value=np.nan)
    measured = ~np.isnan(ln_ic50.to_numpy()) | ~np.isnan(label)
    cna = read_parquet(folder / FILES["copy_number"])
    mutation = read_parquet(folder / FILES["mutation"])
    fingerprints = read_by_id(folder / FILES["drug_fingerprints"]).astype(np.uint8)
    dataset = Dataset(
        cell_lines=cell_lines(folder, notes),
        drugs=drugs(folder),
        response=long_response(ln_ic50, label, measured, notes),
        copy_number=clean_profiles("copy_number", _lines_in_rows(cna), notes),
        mutation=clean_profiles("mutation", _lines_in_rows(mutation), notes),
        expression=read_expression(folder, expression, notes),
        drug_fingerprints=fingerprints.rename_axis(DRUG_ID),
        info=info("GDSC release 17, data pack", expression, notes),
    )
    files = {**FILES, "drugs.threshold_ln_um": THRESHOLDS}
    return Import(dataset, files | ({"expression": EXPRESSION[expression][0]} if expression != "none" else {}))


# What the publishers say of use and redistribution; a bundle's card repeats it.
TERMS = {
    "response": "GDSC drug response, copy number and mutation (Wellcome Sanger Institute): free for academic, "
    "non-commercial research; commercial use needs a licence from the institute",
    "drugs": "PubChem structures and fingerprints: public domain",
    "rnaseq": "DepMap / CCLE RNA-seq (Broad Institute): CC BY 4.0",
    "array": "COSMIC Cell Lines Project expression: non-commercial use after registration; redistribution restricted",
    "combined": "COSMIC Cell Lines Project expression (non-commercial use, redistribution restricted) with "
    "DepMap / CCLE RNA-seq (CC BY 4.0)",
}


def info(source: str, expression: Expression, notes: list[str]) -> dict[str, Any]:
    """Give the part of dataset.json that a source knows."""
    platform = None if expression == "none" else EXPRESSION[expression][1]
    terms = [TERMS["response"], TERMS["drugs"], *([TERMS[expression]] if expression != "none" else [])]
    return {"source": source, "expression_platform": platform, "terms": terms, "notes": notes}


def require(folder: Path, expression: Expression) -> None:
    """Raise DatasetError naming every file that `folder` lacks."""
    names = [*FILES.values(), BINARY, THRESHOLDS, *([EXPRESSION[expression][0]] if expression != "none" else [])]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise DatasetError([Problem(name, "", "", f"missing from {folder}; add it") for name in missing])


def read_parquet(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet table as pandas; raises DatasetError where it is none or lacks a column."""
    table = _parquet(path, columns)
    needed = NEEDED.get(path.name, "").split() if columns is None else columns
    absent = [column for column in needed if column not in table.columns and column not in table.index.names]
    if absent:
        raise DatasetError([Problem(path.name, "", column, "this column is missing; add it") for column in absent])
    return table


def _parquet(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pq.read_table(path, columns=columns).to_pandas()
    except (OSError, pa.ArrowException) as fault:
        raise DatasetError([Problem(path.name, "", "", f"not a Parquet table ({fault}); copy it again")]) from None
    return table


def read_by_id(path: Path) -> pd.DataFrame:
    """Read a Parquet table whose index holds ids, with text ids; raises DatasetError where one stands twice."""
    table = _parquet(path)
    table = table.set_axis(table.index.astype(str)).set_axis(table.columns.astype(str), axis=1)
    twice = [str(i) for i in table.index[table.index.duplicated()]]
    if twice:
        raise DatasetError([Problem(path.name, i, "", "this id stands twice; keep one row") for i in twice])
    return table


def cell_lines(folder: Path, notes: list[str]) -> pd.DataFrame:
    """Read the canonical cell_lines: the lines marked `in_hgacl_962`, with a note on the lines left out."""
    table = read_parquet(folder / FILES["cell_lines"])
    kept = table[table["in_hgacl_962"]]
    if len(kept) < len(table):
        notes.append(f"cell_lines: {len(table) - len(kept)} lines outside the response matrix left out")
    return pd.DataFrame(
        {
            "id": kept["cosmic_id"].astype(str),
            "name": kept["cell_line_name"],
            "synonyms": [_line_synonyms(n, c) for n, c in zip(kept["cell_line_name"], kept["ccle_name"], strict=True)],
            "cosmic_id": kept["cosmic_id"].astype(str),
            "sanger_model_id": kept["sanger_model_id"],
            "depmap_id": kept["depmap_id"],
            "cellosaurus_id": kept["cellosaurus_rrid"],
            "ccle_name": kept["ccle_name"],
            "tissue": kept["gdsc_tissue_1"],
            "cancer_type": kept["cancer_type"],
            "medium": kept["screen_medium"],
            "array_assay_name": kept["array_assay_name"],
        }
    ).reset_index(drop=True)


def _line_synonyms(name: str, ccle_name: object) -> list[str]:
    """CCLE's own spelling of the name where it differs by more than case and punctuation."""
    if not isinstance(ccle_name, str):
        return []
    stem = ccle_name.split("_", 1)[0]
    return [] if stem.casefold() == re.sub(r"[\W_]+", "", name).casefold() else [stem]


def drugs(folder: Path) -> pd.DataFrame:
    """Read the canonical drugs; the name is GDSC's present one, the matrix's older one a synonym.

    Where two drugs share the present name, both keep the older one.
    """
    table = read_parquet(folder / FILES["drugs"])
    thresholds = read_parquet(folder / THRESHOLDS).set_index("pubchem_cid")["threshold_ln_ic50"]
    shared = table["gdsc_name"].duplicated(keep=False) | table["gdsc_name"].isna()
    names = table["gdsc_name"].mask(shared, table["drug_name"])
    synonyms = [
        list(dict.fromkeys(s for s in [old, *split_names(text)] if s != name))
        for name, old, text in zip(names, table["drug_name"], table["synonyms"], strict=True)
    ]
    return pd.DataFrame(
        {
            "id": table["pubchem_cid"].astype(str),
            "name": names,
            "synonyms": synonyms,
            "pubchem_cid": table["pubchem_cid"].astype(str),
            "inchikey": table["inchikey"],
            "smiles": table["smiles"],
            "targets": [split_names(text) for text in table["targets"]],
            "pathway": table["pathway"],
            "threshold_ln_um": table["pubchem_cid"].map(thresholds).astype(np.float64),
            "gdsc_drug_ids": [str(text).split(";") for text in table["gdsc_drug_ids"]],
        }
    )


def split_names(text: object) -> list[str]:
    """Split `PI3K (class 1, 2), MTORC1` in two: `, `, `;` and `|` part names, except a comma inside brackets."""
    if not isinstance(text, str):
        return []
    return [part.strip() for part in re.split(r"[;|]|,\s+(?![^()]*\))", text) if part.strip()]


def read_expression(folder: Path, expression: Expression, notes: list[str]) -> pd.DataFrame | None:
    """Lines × genes float32 of the chosen platform, or None; array values come with their terms and doubtful lines."""
    if expression == "none":
        return None
    table = read_by_id(folder / EXPRESSION[expression][0]).rename_axis(LINE_ID).astype(np.float32)
    if expression != "rnaseq":
        known = read_parquet(folder / FILES["cell_lines"])
        suspect = known[known["expression_identity_suspect"]]
        names = ", ".join(f"{i} {n}" for i, n in zip(suspect["cosmic_id"], suspect["cell_line_name"], strict=True))
        done = "kept though doubtful" if expression == "array" else "replaced by their RNA-seq projection"
        notes += [ARRAY_TERMS, f"expression: array profile matches another line's RNA-seq better ({done}): {names}"]
    for line, reason in WRONG_PROFILES.get(expression, {}).items():
        if line in table.index:
            table = table.drop(index=line)
            notes.append(f"corrected: expression of {line} left out ({reason})")
    return table


def texts(column: pd.Series) -> list[str | None]:
    """Give a column as text, numbers without point: ids with gaps between them may come as floats."""
    return [None if pd.isna(v) else str(int(v)) if isinstance(v, float) else str(v) for v in column.astype(object)]


def symbols(folder: Path) -> dict[str, dict[str, str]]:
    """Entrez id -> column name of the copy_number and mutation tables."""
    return {
        name: gene_names(read_parquet(folder / FILES[name], ["entrez_id", "symbol"]))
        for name in ("copy_number", "mutation")
    }


def _lines_in_rows(genes: pd.DataFrame) -> pd.DataFrame:
    """Genes × lines with a symbol column -> lines × genes, each gene under its column name."""
    names = gene_names(genes)
    values = genes.drop(columns="symbol")
    return pd.DataFrame(
        np.ascontiguousarray(values.to_numpy(np.float32).T),
        index=values.columns.astype(str),
        columns=[names[str(entrez)] for entrez in values.index],
    )
