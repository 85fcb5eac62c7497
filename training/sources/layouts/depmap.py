"""DepMap's public releases: cell lines and omics, no drug response of their own (use with --add).

Model.csv                                        ModelID (ACH-), names, SangerModelID, COSMICID, RRID, lineage
OmicsExpressionProteinCodingGenesTPMLogp1*.csv   log2(TPM + 1), columns `TP53 (7157)`; the first column is the ModelID,
                                                 or ModelID stands beside SequencingID, IsDefaultEntryForModel, ...
OmicsCNGene*.csv                                 ratio to diploid, or log2(ratio + 1) in other releases: see the unit
OmicsSomaticMutations*.csv                       one row a variant: ModelID, HugoSymbol
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from model.tables.maf import is_silent
from training.data.schema import LINE_ID, Dataset, DatasetError, Problem
from training.sources.layouts.datapack import TERMS
from training.sources.options import Options
from training.sources.parsing.entities import cell_lines, no_drugs, no_response
from training.sources.parsing.files import collect_problems, one_file
from training.sources.parsing.matrices import Import, gene_names
from training.sources.parsing.plain_tables import id_faults, read_plain
from training.sources.parsing.units import to_log2_ratio, to_log2_tpm1
from training.sources.parsing.wide_tables import date_faults, drop_missing, gene_faults, read_wide

EXPRESSION = ("OmicsExpressionProteinCodingGenes*.csv*", "OmicsExpressionTPMLogp1HumanProteinCodingGenes*.csv*")
COPY_NUMBER = ("OmicsCNGene*.csv*",)
MUTATIONS = ("OmicsSomaticMutations.csv*", "OmicsSomaticMutations_*.csv*", "OmicsSomaticMutationsProfile*.csv*")
PATTERNS = ("Model.csv", *EXPRESSION, *COPY_NUMBER, *MUTATIONS)
GENE = re.compile(r"(.+) \((\d+|Unknown|ENSG\d+)\)")
MODEL_ID = r"ACH-\d{6}"
DEFAULT = "IsDefaultEntryForModel"
YES = ("yes", "true", "1", "1.0")


def read_depmap(folder: Path, options: Options) -> Import:
    """Read Model.csv and whichever omics tables are there; raises DatasetError with every problem of every file.

    A line counts as profiled for mutations when the variant table names it. Genes that some line lacks are left out.
    """
    faults: list[Problem] = []
    notes: list[str] = []
    lines = expression = copy_number = mutation = None
    files: dict[str, str] = {}
    with collect_problems(faults):
        lines = _models(folder / "Model.csv", faults)
    with collect_problems(faults):
        if path := one_file(folder, EXPRESSION, needed=False):
            files["expression"] = path.name
            table = to_log2_tpm1(_profiles(path), options.expression_unit or "log2_tpm1", path.name, notes)
            expression = drop_missing(table, "expression", notes)
    with collect_problems(faults):
        if path := one_file(folder, COPY_NUMBER, needed=False):
            files["copy_number"] = path.name
            table = drop_missing(_profiles(path), "copy_number", notes)
            copy_number = to_log2_ratio(table, options.copy_number_unit, path.name, notes)
    with collect_problems(faults):
        if path := one_file(folder, MUTATIONS, needed=False):
            files["mutation"] = path.name
            mutation = _mutations(path, faults, notes)
    if faults or lines is None:
        raise DatasetError(faults)
    platform = (
        None if expression is None else "array_z" if options.expression_unit == "array_z" else "rnaseq_log2_tpm1"
    )
    info = {"source": "DepMap", "expression_platform": platform, "terms": [TERMS["rnaseq"]], "notes": notes}
    dataset = Dataset(lines, no_drugs(), no_response(), copy_number, mutation, expression, info=info)
    return Import(dataset, {"cell_lines": "Model.csv", **files})


def _models(path: Path, faults: list[Problem]) -> pd.DataFrame:
    table = read_plain(path, ("ModelID",))
    faults += id_faults(table, "ModelID", path.name, pattern=MODEL_ID, what="a DepMap id (ACH-000000)")
    faults += _repeated(table, "ModelID", path.name)
    none = pd.Series("", index=table.index)
    known = {c: table.get(c, none).str.strip() for c in ("CellLineName", "StrippedCellLineName", "CCLEName")}
    names = known["CellLineName"].where(known["CellLineName"] != "", known["StrippedCellLineName"])
    # Releases that once passed through a spreadsheet give COSMICID as 905949.0.
    cosmic = table.get("COSMICID", none).str.replace(r"\.0$", "", regex=True)
    return cell_lines(
        {
            "id": table["ModelID"],
            "depmap_id": table["ModelID"],
            "name": names.where(names != "", table["ModelID"]),
            "synonyms": [
                [s] if s and s != n else [] for s, n in zip(known["StrippedCellLineName"], names, strict=True)
            ],
            "cosmic_id": cosmic,
            "sanger_model_id": table.get("SangerModelID", none),
            "cellosaurus_id": table.get("RRID", none),
            "ccle_name": known["CCLEName"],
            "tissue": table.get("OncotreeLineage", none),
            "cancer_type": table.get("OncotreePrimaryDisease", none),
        }
    )


def _repeated(table: pd.DataFrame, column: str, name: str) -> list[Problem]:
    twice = table.index[table[column].duplicated() & (table[column] != "")]
    return [Problem(name, str(i), column, f"{table[column][i]!r} stands twice; keep one row") for i in twice]


def _profiles(path: Path) -> pd.DataFrame:
    """Read models × genes (float32) by ModelID: each model's default entry where the table says which that is."""
    texts, values = read_wide(path, lambda place, column: place == 0 or not GENE.fullmatch(column))
    key = "ModelID" if "ModelID" in texts.columns else texts.columns[0]
    strangers = [
        c for c in texts.columns if not (c in ("", key) or c.startswith(("Is", "Model", "Sequencing", "Profile")))
    ]
    faults = gene_faults(strangers, path.name) or [
        Problem(path.name, "1", column, "is no gene `SYMBOL (Entrez id)`; correct or drop it") for column in strangers
    ]
    if values.shape[1] == 0:
        faults.append(Problem(path.name, "1", "", "no column is named as `TP53 (7157)`; is this the published table?"))
    if DEFAULT in texts.columns:
        kept = texts[DEFAULT].str.casefold().isin(YES).to_numpy(bool)
        texts, values = texts[kept], values[kept]
    faults += id_faults(texts, key, path.name, pattern=MODEL_ID, what="a DepMap id (ACH-000000)")
    faults += _repeated(texts, key, path.name)
    genes = [GENE.fullmatch(column) for column in values.columns]
    parts = pd.DataFrame([(g[1], g[2]) for g in genes if g], columns=["symbol", "entrez_id"])
    faults += _genes_twice(values.columns, path.name)
    dates = date_faults(parts["symbol"], path.name)
    faults += [replace(p, row="1", column=str(values.columns[int(p.row)])) for p in dates]
    if faults:
        raise DatasetError(faults)
    names = gene_names(parts)
    values.columns = [names[entrez] for entrez in parts["entrez_id"]]
    values.index = pd.Index(texts[key].tolist(), name=LINE_ID)
    return values


def _genes_twice(columns: Iterable[str], name: str) -> list[Problem]:
    index = pd.Index(list(columns))
    twice = dict.fromkeys(index[index.duplicated()])
    return [Problem(name, "1", gene, "this gene stands twice; merge the columns or rename one") for gene in twice]


def _mutations(path: Path, faults: list[Problem], notes: list[str]) -> pd.DataFrame:
    table = read_plain(path, ("ModelID", "HugoSymbol"))
    faults += id_faults(table, "ModelID", path.name, pattern=MODEL_ID, what="a DepMap id (ACH-000000)")
    faults += date_faults(table["HugoSymbol"], path.name)
    if DEFAULT in table.columns:
        table = table[table[DEFAULT].str.casefold().isin(YES)]
    effect = next((c for c in ("MolecularConsequence", "VariantInfo") if c in table.columns), None)
    return mutation_table(table, "ModelID", "HugoSymbol", effect, notes)


def mutation_table(variants: pd.DataFrame, line: str, gene: str, effect: str | None, notes: list[str]) -> pd.DataFrame:
    """Lines × genes 0/1 (uint8) from one row a variant; variants without effect on the protein do not count.

    Every line that the table names is profiled, also where all its variants are silent.
    """
    lines, genes = sorted(variants[line].unique()), variants[gene]
    counts = (genes != "").to_numpy(bool)
    if effect is not None:
        kinds = {text: is_silent(text) for text in variants[effect].unique()}
        counts = counts & ~variants[effect].map(kinds).to_numpy(bool)
        notes.append(
            f"mutation: {int((~counts).sum()):,} of {len(counts):,} variants change no protein and do not count"
        )
    notes.append(
        f"mutation: {len(lines):,} lines named by a variant count as profiled; a line without any is not known"
    )
    symbols = sorted(genes[counts].unique())
    table = np.zeros((len(lines), len(symbols)), np.uint8)
    table[pd.Index(lines).get_indexer(variants[line][counts]), pd.Index(symbols).get_indexer(genes[counts])] = 1
    return pd.DataFrame(table, index=pd.Index(lines, name=LINE_ID), columns=symbols)
