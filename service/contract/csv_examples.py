"""CSV examples of the contract, by operation and name: header and first row of the bundled model's answer."""

PREDICTION_COLUMNS = (
    "cell_line_id,cell_line,drug_id,drug,probability,score,ln_ic50,ln_ic50_low,ln_ic50_high,ic50_um,"
    "ic50_um_low,ic50_um_high,percentile,ln_ic50_low_other_assay,ln_ic50_high_other_assay,case,in_domain,"
    "nearest_cell_line_id,nearest_cell_line,nearest_cell_line_similarity,nearest_drug_id,nearest_drug,nearest_drug_similarity,"
    "expression_known,expression_unknown,expression_missing,copy_number_known,copy_number_unknown,"
    "copy_number_missing,mutation_known,mutation_unknown,mutation_missing,model,bundle,warnings\n"
)
CSV_EXAMPLES = {
    "predict": {
        "objects": f"{PREDICTION_COLUMNS}"
        "905949,A549,176870,Erlotinib,0.189188,1.09079,1.96255,0.843041,3.08205,7.11742,2.32342,21.8031,"
        "68.3992,,,known,true,,,,,,,,,,,,,,,,hgacl,gdsc@ad0c354f0b1f,\n"
    },
    "rank_new": {
        "drugs for a new sample": f"{PREDICTION_COLUMNS}"
        ",sample,10127622,Selumetinib,0.485319,1.41595,1.21941,-1.27643,3.71525,3.38519,0.279032,41.0689,"
        "67.8794,,,unseen_line,true,1503370,EMC-BAC-2,0.802541,,,,,,,,,,3,0,0,hgacl,gdsc@ad0c354f0b1f,\n"
    },
    "rank": {
        "one drug": f"{PREDICTION_COLUMNS}"
        "905949,A549,10184653,Afatinib,0.535215,1.46248,2.23385,0.636741,3.83096,9.33574,1.89031,46.1067,"
        "86.1746,,,known,true,,,,,,,,,,,,,,,,hgacl,gdsc@ad0c354f0b1f,\n"
    },
    "rank_lines": {
        "one line": f"{PREDICTION_COLUMNS}"
        "1247873,H3255,176870,Erlotinib,0.996424,2.74046,-0.749763,-1.86927,0.369742,0.472479,0.154237,"
        "1.44736,99.896,,,known,true,,,,,,,,,,,,,,,,hgacl,gdsc@ad0c354f0b1f,\n"
    },
    "predict_table": {
        "a table of compounds": f"{PREDICTION_COLUMNS}"
        "1295740,ALL-SIL,,compound 3,0.996064,2.71801,-3.45283,-7.32463,0.418969,0.0316558,0.0006591,"
        "1.52039,99.6881,,,unseen_drug,true,,,,5291,Imatinib,0.75,,,,,,,,,,hgacl,gdsc@ad0c354f0b1f,\n"
    },
    "cell_lines": {
        "one match": "id,name,synonyms,cosmic_id,sanger_model_id,depmap_id,cellosaurus_id,ccle_name,tissue,"
        "cancer_type,medium\n"
        "907312,KU-19-19,,907312,SIDM01033,ACH-000486,CVCL_1344,KU1919_URINARY_TRACT,urogenital_system,"
        "BLCA,R\n"
    },
    "drugs": {
        "one match": "id,name,synonyms,pubchem_cid,inchikey,smiles,targets,pathway,threshold_ln_um,ln_ic50_sd,"
        "gdsc_drug_ids\n"
        "5278396,KU-55933,KU55933,5278396,XRKYMMUGXMWDAO-UHFFFAOYSA-N,"
        "C1COCCN1C2=CC(=O)C=C(O2)C3=C4C(=CC=C3)SC5=CC=CC=C5S4,ATM,Genome integrity,2.5527,0.98363,1030\n"
    },
    "facets": {"some of each": "facet,name,count\ntissues,aero_dig_tract,79\n"},
    "genes": {
        "one gene": "table,symbol,approved_symbol,ensembl_gene_ids,entrez_ids,other_names\n"
        "mutation,ABL1,ABL1,ENSG00000097007,25,c-ABL;JTK7\n"
    },
}
