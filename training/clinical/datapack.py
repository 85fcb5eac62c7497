"""Tables of a public data pack in the form that this folder reads: TCGA cohorts, end points, responses, pathways."""

from pathlib import Path

import numpy as np
import pandas as pd

from training.clinical.tables import PATIENT, ClinicalError
from training.pathways.gene_sets import GeneSets

EXPRESSION = "tcga/tcga_rnaseq_z_13_cohorts.parquet"
MELANOMA = "external/tcga_skcm_expression.parquet"
SURVIVAL = "external/tcga_cdr_survival.parquet"
RESPONSES = ("external/tcga_response_ding2016.parquet", "external/tcga_response_gcnpath.parquet")
PATHWAYS, ACTIVITY, LINES = (
    "networks/dim2_38_pathways.csv", "dim2/pathway_activity.parquet", "dim2/cell_lines.parquet",
)  # fmt: skip
NO_GENES = ["cohort", "oncotree_code", "os_months", "death", "age", "female"]
TISSUES = {
    "BLCA": "urogenital_system",
    "BRCA": "breast",
    "COADREAD": "large_intestine",
    "GBMLGG": "nervous_system",
    "HNSC": "aero_dig_tract",
    "KIRC": "kidney",
    "KIRP": "kidney",
    "LIHC": "digestive_system",
    "LUAD": "lung_NSCLC",
    "LUSC": "lung_NSCLC",
    "PAAD": "pancreas",
    "SKCM": "skin",
    "STAD": "digestive_system",
}
JOINED = {"COAD": "COADREAD", "READ": "COADREAD", "GBM": "GBMLGG", "LGG": "GBMLGG"}
CLINICAL = {
    "bcr_patient_barcode": PATIENT,
    "age_at_initial_pathologic_diagnosis": "age",
    "gender": "sex",
    "ajcc_pathologic_tumor_stage": "stage",
    "type": "subtype",
}


def write_inputs(pack: Path, out: Path) -> None:
    """Write expression, melanoma, clinical table and responses as this folder reads them. Raises ClinicalError."""
    missing = [
        name
        for name in (EXPRESSION, MELANOMA, SURVIVAL, *RESPONSES, PATHWAYS, ACTIVITY, LINES)
        if not (pack / name).exists()
    ]
    if missing:
        raise ClinicalError(f"{pack}: no {missing[0]}; give the folder of the data pack")
    out.mkdir(parents=True, exist_ok=True)
    tumours = pd.read_parquet(pack / EXPRESSION)
    tumours.drop(columns=NO_GENES).to_parquet(out / "expression.parquet", index=False)
    melanoma = pd.read_parquet(pack / MELANOMA).sort_index()
    melanoma.index = melanoma.index.str[:12]
    once = melanoma[~melanoma.index.duplicated()]  # of two samples the primary tumour (01), which sorts first
    once.reset_index(names=PATIENT).to_parquet(out / "melanoma.parquet", index=False)
    clinical = pd.read_parquet(pack / SURVIVAL).rename(columns=CLINICAL)
    clinical["cohort"] = clinical["subtype"].map(JOINED).fillna(clinical["subtype"])
    clinical["tissue"] = clinical["cohort"].map(TISSUES).fillna("")
    clinical.to_parquet(out / "clinical.parquet", index=False)
    _responses(pack).to_parquet(out / "responses.parquet", index=False)


def pathway_sets(pack: Path) -> GeneSets:
    """The 38 pathways of DiM2-DRP with their genes."""
    table = pd.read_csv(pack / PATHWAYS)
    return {str(name): frozenset(str(genes).split(";")) for name, genes in table[["pathway", "genes"]].to_numpy()}


def published_activity(pack: Path) -> pd.DataFrame:
    """Their published scores of lines, of the whole transcriptome; lines go by COSMIC id."""
    ids = pd.read_parquet(pack / LINES).set_index("cell_idx")["cosmic_id"]
    table = pd.read_parquet(pack / ACTIVITY).set_index("cell_idx").drop(columns="cell_name")
    cosmic = ids.reindex(table.index).astype("Int64").astype(str)
    return table.set_index(pd.Index(cosmic, name=None)).astype(float)


def _responses(pack: Path) -> pd.DataFrame:
    first, second = (pd.read_parquet(pack / name) for name in RESPONSES)
    parts = [
        first[["patient", "gdsc228_cid", "responder"]].set_axis([PATIENT, "drug", "responder"], axis=1),
        second[["patient", "pubchem_cid", "responder"]].set_axis([PATIENT, "drug", "responder"], axis=1),
    ]
    both = pd.concat(parts, ignore_index=True)
    drug = pd.to_numeric(both["drug"], errors="coerce")
    both = both[drug.notna()].assign(drug=drug[drug.notna()].astype(np.int64).astype(str))
    return both.drop_duplicates(ignore_index=True)
