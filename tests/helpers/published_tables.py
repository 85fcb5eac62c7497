"""Small files in exactly the published layouts of GDSC, DepMap and Cell Model Passports, for tests."""

from pathlib import Path

CURVES = (
    "DATASET,NLME_CURVE_ID,COSMIC_ID,CELL_LINE_NAME,SANGER_MODEL_ID,TCGA_DESC,DRUG_ID,DRUG_NAME,PUTATIVE_TARGET,"
    "PATHWAY_NAME,MIN_CONC,MAX_CONC,LN_IC50,AUC,RMSE,Z_SCORE\n"
)
LINES = {  # COSMIC id -> name, SIDM, TCGA label
    "905949": ("A549", "SIDM00903", "LUAD"),
    "905946": ("MCF7", "SIDM00148", "BRCA"),
    "749710": ("HCC1143", "SIDM00866", "BRCA"),
    "930299": ("TT", "SIDM00334", "THCA"),
    "1299064": ("T-T", "SIDM00373", "ESCA"),
    "687452": ("MC-CAR", "", ""),
}
DRUGS = {
    "1": ("Erlotinib", "EGFR", "EGFR signaling"),
    "1168": ("Erlotinib", "EGFR", "EGFR signaling"),
    "1047": ("Nutlin-3a (-)", "MDM2", "p53 pathway"),
    "1053": ("MK-2206", "AKT1, AKT2", "PI3K/MTOR signaling"),
}


def curve(dataset: str, line: str, drug: str, ln_ic50: float) -> str:
    """One row of a fitted dose response."""
    name, sidm, tcga = LINES[line]
    drug_name, target, pathway = DRUGS[drug]
    target = f'"{target}"' if "," in target else target
    known = f"{dataset},14737,{line},{name},{sidm},{tcga},{drug},{drug_name},{target},{pathway}"
    return f"{known},0.01,10,{ln_ic50},0.9,0.1,0\n"


def write_gdsc(folder: Path) -> Path:
    """Six lines; GDSC1 and GDSC2 share the pair A549 / erlotinib, and GDSC1 has erlotinib under two ids."""
    folder.mkdir(parents=True)
    values = dict(zip(LINES, (1.0, 2.0, 3.0, 4.0, 5.0, -4.0), strict=True))
    one = [curve("GDSC1", line, "1", value) for line, value in values.items()]
    one += [curve("GDSC1", "905946", "1168", 2.5)]
    two = [curve("GDSC2", "905949", "1168", -1.0)]
    two += [curve("GDSC2", line, "1047", value) for line, value in values.items()]
    two += [curve("GDSC2", line, "1053", 2 * value) for line, value in values.items()]
    (folder / "GDSC1_fitted_dose_response_27Oct23.csv").write_text(CURVES + "".join(one))
    (folder / "GDSC2_fitted_dose_response_27Oct23.csv").write_text(CURVES + "".join(two))
    (folder / "screened_compounds_rel_8.5.csv").write_text(
        "DRUG_ID,SCREENING_SITE,DRUG_NAME,SYNONYMS,TARGET,TARGET_PATHWAY\n"
        '1,MGH,Erlotinib,"Tarceva, RG-1415, CP-358774",EGFR,EGFR signaling\n'
        "1168,SANGER,Erlotinib,OSI-774,EGFR,EGFR signaling\n"
        "1047,SANGER,Nutlin-3a (-),Nutlin-3,MDM2,p53 pathway\n"
        '1053,SANGER,MK-2206,MK 2206,"AKT1, AKT2",PI3K/MTOR signaling\n'
    )
    return folder


def write_depmap(folder: Path, *, newer: bool = True) -> Path:
    """A549, MCF7, HCC1143 and a line that GDSC lacks; both layouts of expression; ratios; variants."""
    folder.mkdir(parents=True)
    (folder / "Model.csv").write_text(
        "ModelID,PatientID,CellLineName,StrippedCellLineName,OncotreeLineage,OncotreePrimaryDisease,RRID,"
        "SangerModelID,COSMICID,CCLEName\n"
        "ACH-000681,PT-1,A549,A549,Lung,Non-Small Cell Lung Cancer,CVCL_0023,SIDM00903,905949.0,A549_LUNG\n"
        "ACH-000019,PT-2,MCF7,MCF7,Breast,Invasive Breast Carcinoma,CVCL_0031,SIDM00148,905946.0,MCF7_BREAST\n"
        "ACH-000374,PT-3,HCC1143,HCC1143,Breast,Invasive Breast Carcinoma,CVCL_1245,,,HCC1143_BREAST\n"
        "ACH-000001,PT-4,NIH:OVCAR-3,NIHOVCAR3,Ovary/Fallopian Tube,Ovarian Cancer,CVCL_0465,SIDM00105,905933,\n"
    )
    genes = "TP53 (7157),KRAS (3845),EGFR (1956)"
    if newer:
        text = (
            f",SequencingID,ModelID,IsDefaultEntryForModel,ModelConditionID,IsDefaultEntryForMC,{genes}\n"
            "0,CDS-1,ACH-000681,Yes,MC-1,Yes,4.9,3.9,6.1\n"
            "1,CDS-2,ACH-000681,No,MC-2,Yes,9.9,9.9,9.9\n"
            "2,CDS-3,ACH-000374,Yes,MC-3,Yes,3.3,2.2,1.1\n"
            "3,CDS-4,ACH-000001,Yes,MC-4,Yes,1,2,3\n"
        )
    else:
        text = f",{genes}\nACH-000681,4.9,3.9,6.1\nACH-000374,3.3,2.2,1.1\nACH-000001,1,2,3\n"
    (folder / "OmicsExpressionProteinCodingGenesTPMLogp1.csv").write_text(text)
    (folder / "OmicsCNGene.csv").write_text(
        f",{genes},XIST (7503)\nACH-000681,1,2,0.5,\nACH-000019,0,1,8.5,1\nACH-000374,,,,\nACH-000001,1,1,1,1\n"
    )
    (folder / "OmicsSomaticMutations.csv").write_text(
        "Chrom,Pos,Ref,Alt,VariantType,VariantInfo,HugoSymbol,ModelID,IsDefaultEntryForModel\n"
        "chr12,25245351,C,A,SNV,missense_variant,KRAS,ACH-000681,Yes\n"
        "chr17,7674220,C,T,SNV,synonymous_variant,TP53,ACH-000681,Yes\n"
        "chr17,7674220,C,T,SNV,synonymous_variant,TP53,ACH-000019,Yes\n"
        "chr17,7674221,C,T,SNV,missense_variant&splice_region_variant,TP53,ACH-000374,Yes\n"
    )
    return folder


def write_passports(folder: Path) -> Path:
    """A549 and TT as Cell Model Passports publish them; TT's COSMIC id is not given."""
    folder.mkdir(parents=True)
    (folder / "model_list_20240110.csv").write_text(
        "model_id,sample_id,patient_id,model_name,synonyms,tissue,cancer_type,COSMIC_ID,BROAD_ID,CCLE_ID,RRID\n"
        "SIDM00903,SIDS1,SIDP1,A549,A-549;A 549,Lung,Lung Carcinoma,905949,ACH-000681,A549_LUNG,CVCL_0023\n"
        "SIDM00334,SIDS2,SIDP2,TT,,Thyroid,Thyroid Gland Carcinoma,,ACH-001321,TT_THYROID,CVCL_1774\n"
        "SIDM09999,SIDS3,SIDP3,Organoid-1,,Lung,Lung Cancer,,,,\n"
    )
    (folder / "rnaseq_tpm_20220624.csv").write_text(
        "model_id,,SIDM00903,SIDM00334,SIDM09999\n"
        "model_name,,A549,TT,Organoid-1\n"
        "dataset_name,,Sanger & Broad Cell Lines RNASeq,Sanger & Broad Cell Lines RNASeq,Organoids\n"
        "data_source,,broad,sanger,sanger\n"
        "gene_id,symbol,,,\n"
        "SIDG00001,TP53,3,7,1\n"
        "SIDG00002,KRAS,0,15,2\n"
        "SIDG00003,EGFR,1,,4\n"
    )
    (folder / "mutations_all_20230202.csv").write_text(
        "gene_symbol,ensembl_gene_id,gene_id,model_id,protein_mutation,rna_mutation,cdna_mutation,cancer_driver,"
        "cancer_predisposition_variant,effect,vaf,coding,source,model_name\n"
        "KRAS,ENSG00000133703,SIDG00002,SIDM00903,p.G12S,r.1,c.34G>A,t,f,missense,1,t,Sanger,A549\n"
        "TP53,ENSG00000141510,SIDG00001,SIDM00334,p.R1=,r.1,c.3G>A,f,f,silent,0.5,t,Sanger,TT\n"
    )
    return folder
