"""The example that `drp data template` writes: every file of the own-tables layout, ready to be imported."""

from pathlib import Path

from training.data.schema import DatasetError, Problem

TEMPLATE = {
    "cell_lines.csv": """\
id,name,synonyms,cosmic_id,sanger_model_id,depmap_id,cellosaurus_id,ccle_name,tissue,cancer_type,medium
A549,A549,A-549;A 549,905949,SIDM00903,ACH-000681,CVCL_0023,A549_LUNG,lung,LUAD,RPMI
MCF7,MCF7,MCF-7,905946,SIDM00148,ACH-000019,CVCL_0031,MCF7_BREAST,breast,BRCA,RPMI
MyLine1,My line 1,,,,,,,skin,,
""",
    "drugs.csv": """\
id,name,synonyms,pubchem_cid,inchikey,smiles,targets,pathway,threshold_ln_um
erlotinib,Erlotinib,OSI-774,176870,,COCCOC1=C(C=C2C(=C1)C(=NC=N2)NC3=CC=CC(=C3)C#C)OCCOC,EGFR,EGFR signaling,1.5
fluorouracil,5-Fluorouracil,5-FU,3385,,C1=C(C(=O)NC(=O)N1)F,,DNA replication,2.5
""",
    "responses.csv": """\
cell_line,drug,ln_ic50_um,source
A549,erlotinib,1.21,my laboratory
A549,fluorouracil,1.93,my laboratory
MCF7,erlotinib,3.02,my laboratory
MyLine1,fluorouracil,4.10,my laboratory
""",
    "expression.csv": """\
cell_line,TP53,KRAS,EGFR
A549,4.91,3.95,6.12
MyLine1,5.33,3.10,0.42
""",
    "copy_number.csv": """\
cell_line,TP53,KRAS,EGFR
A549,-0.12,0.35,0.81
MCF7,-0.64,0.07,0.02
""",
    "mutations.csv": """\
cell_line,TP53,KRAS,EGFR
A549,0,1,0
MCF7,0,0,0
MyLine1,1,0,0
""",
}


def write_template(out: Path) -> list[Path]:
    """Write the example into the folder `out`; raises DatasetError where a file of that name is there already."""
    there = [name for name in TEMPLATE if (out / name).exists()]
    if there:
        raise DatasetError(
            [Problem(str(out / name), "", "", "is there already; name another folder") for name in there]
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in TEMPLATE.items():
        (out / name).write_text(text, encoding="utf-8")
    return [out / name for name in TEMPLATE]
