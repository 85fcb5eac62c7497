"""Cell Model Passports (Wellcome Sanger Institute): cell lines and omics, no drug response (use with --add).

model_list_*.csv      model_id (SIDM), model_name, synonyms, tissue, cancer_type, COSMIC_ID, BROAD_ID, CCLE_ID, RRID
rnaseq_tpm_*.csv      TPM, genes in rows; above them the rows model_id, model_name, dataset_name, data_source and then
                      `gene_id,symbol`; one column a model
mutations_all_*.csv   one row a variant: model_id, gene_symbol, effect
"""

from pathlib import Path

import numpy as np
import pandas as pd

from training.data.schema import LINE_ID, Dataset, DatasetError, Problem
from training.sources.layouts.depmap import mutation_table
from training.sources.options import Options
from training.sources.parsing.entities import cell_lines, no_drugs, no_response
from training.sources.parsing.files import collect_problems, one_file
from training.sources.parsing.matrices import Import, gene_names
from training.sources.parsing.plain_tables import id_faults, read_plain
from training.sources.parsing.units import to_log2_tpm1
from training.sources.parsing.wide_tables import date_faults, drop_missing, read_wide

MODELS, EXPRESSION, MUTATIONS = "model_list_*.csv*", "rnaseq_tpm_*.csv*", "mutations_all_*.csv*"
PATTERNS = (MODELS, EXPRESSION, MUTATIONS)
MODEL_ID = r"SIDM\d{5}"
TERMS = (
    "Cell Model Passports (Wellcome Sanger Institute): free for academic, non-commercial research; commercial use "
    "needs a licence from the institute"
)


def read_cell_model_passports(folder: Path, options: Options) -> Import:
    """Read the model list and whichever omics tables are there; TPM becomes log2(TPM + 1).

    Raises DatasetError with every problem of every file.
    """
    faults: list[Problem] = []
    notes: list[str] = []
    lines = expression = mutation = None
    files: dict[str, str] = {}
    with collect_problems(faults):
        path = one_file(folder, (MODELS,))
        assert path is not None  # noqa: S101  one_file raises where none is there
        files["cell_lines"] = path.name
        lines = _models(path, faults)
    with collect_problems(faults):
        if path := one_file(folder, (EXPRESSION,), needed=False):
            files["expression"] = path.name
            table = to_log2_tpm1(_tpm(path), options.expression_unit or "tpm", path.name, notes)
            expression = drop_missing(table, "expression", notes)
    with collect_problems(faults):
        if path := one_file(folder, (MUTATIONS,), needed=False):
            files["mutation"] = path.name
            variants = read_plain(path, ("model_id", "gene_symbol", "effect"))
            faults += id_faults(variants, "model_id", path.name, pattern=MODEL_ID, what="a Sanger id (SIDM00000)")
            faults += date_faults(variants["gene_symbol"], path.name)
            mutation = mutation_table(variants, "model_id", "gene_symbol", "effect", notes)
    if faults or lines is None:
        raise DatasetError(faults)
    platform = None if expression is None else "rnaseq_log2_tpm1"
    info = {"source": "Cell Model Passports", "expression_platform": platform, "terms": [TERMS], "notes": notes}
    return Import(Dataset(lines, no_drugs(), no_response(), None, mutation, expression, info=info), files)


def _models(path: Path, faults: list[Problem]) -> pd.DataFrame:
    table = read_plain(path, ("model_id", "model_name"))
    faults += id_faults(table, "model_id", path.name, pattern=MODEL_ID, what="a Sanger id (SIDM00000)")
    twice = table.index[table["model_id"].duplicated()]
    faults += [Problem(path.name, str(i), "model_id", "this id stands twice; keep one row") for i in twice]
    none = pd.Series("", index=table.index)
    # A model with several Broad or COSMIC ids (derived lines) is known by none of them.
    single = {
        c: table.get(c, none).where(~table.get(c, none).str.contains("[;,]"), "") for c in ("COSMIC_ID", "BROAD_ID")
    }
    return cell_lines(
        {
            "id": table["model_id"],
            "sanger_model_id": table["model_id"],
            "name": table["model_name"],
            "synonyms": [[s.strip() for s in text.split(";") if s.strip()] for text in table.get("synonyms", none)],
            "cosmic_id": single["COSMIC_ID"].str.replace(r"\.0$", "", regex=True),
            "depmap_id": single["BROAD_ID"],
            "cellosaurus_id": table.get("RRID", none),
            "ccle_name": table.get("CCLE_ID", none),
            "tissue": table.get("tissue", none),
            "cancer_type": table.get("cancer_type", none),
        }
    )


def _tpm(path: Path) -> pd.DataFrame:
    """Read models × genes in TPM (float32). Two genes of one symbol keep their SIDG ids as names."""
    texts, values = read_wide(path, lambda place, _: place < 2, below="gene_id")
    models = [*texts.columns, *values.columns]
    if models[0] != "model_id" or values.empty:
        message = "the rows model_id ... gene_id do not stand above the values; is this the published table?"
        raise DatasetError([Problem(path.name, "1", "", message)])
    ids, symbols = texts.iloc[:, 0], texts.iloc[:, 1].rename("symbol")
    columns = pd.DataFrame({"model_id": models[2:]}, index=[str(i) for i in range(3, len(models) + 1)])
    faults = id_faults(columns, "model_id", path.name, pattern=MODEL_ID, what="a Sanger id (SIDM00000)")
    repeated = columns["model_id"][columns["model_id"].duplicated()]
    faults += [Problem(path.name, "1", model, "this model stands twice; keep one column") for model in repeated]
    faults += [
        Problem(path.name, str(line), "gene_id", "this gene stands twice; keep one row")
        for line in texts.index[ids.duplicated()]
    ]
    genes = gene_names(pd.DataFrame({"symbol": symbols.replace("", None).to_numpy(), "entrez_id": ids.to_numpy()}))
    faults += date_faults(symbols, path.name)
    if faults:
        raise DatasetError(faults)
    return pd.DataFrame(
        np.ascontiguousarray(values.to_numpy().T),
        index=pd.Index(models[2:], name=LINE_ID),
        columns=[genes[i] for i in ids],
    )
