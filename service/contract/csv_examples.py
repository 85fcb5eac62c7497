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
        "905949,A549,176870,Erlotinib,0.0752678,-2.50845,2.15959,1.04696,3.27222,8.66758,2.84897,26.3699,"
        "55.0936,-0.576823,4.896,known,true,,,,,,,,,,,,,,,,kernel_stack,gdsc@a8a19a429c34,\n"
    },
    "rank_new": {
        "drugs for a new sample": f"{PREDICTION_COLUMNS}"
        ",sample,11707110,Trametinib,0.511719,0.0468856,-2.25318,-5.87725,1.3709,0.105065,0.00280248,3.93889,"
        "72.973,-6.65589,2.14954,unseen_line,true,1503370,EMC-BAC-2,0.785923,,,,,,,,,,3,0,0,kernel_stack,gdsc@a8a19a429c34,\n"
    },
    "rank": {
        "one drug": f"{PREDICTION_COLUMNS}"
        "905949,A549,10184653,Afatinib,0.304546,-0.825745,2.36529,0.96164,3.76893,10.6471,2.61598,43.3338,"
        "83.4719,-0.501806,5.23238,known,true,,,,,,,,,,,,,,,,kernel_stack,gdsc@a8a19a429c34,\n"
    },
    "rank_lines": {
        "one line": f"{PREDICTION_COLUMNS}"
        "1247873,H3255,176870,Erlotinib,0.995345,5.36515,-1.23511,-2.34775,-0.122477,0.290802,0.0955844,"
        "0.884726,99.896,-3.97152,1.5013,known,true,,,,,,,,,,,,,,,,kernel_stack,gdsc@a8a19a429c34,\n"
    },
    "predict_table": {
        "a table of compounds": f"{PREDICTION_COLUMNS}"
        "1295740,ALL-SIL,,compound 3,0.895641,2.1497,-2.79011,-6.22709,0.646879,0.0614146,0.00197518,"
        "1.90957,99.6881,-7.04015,1.45994,unseen_drug,true,,,,5291,Imatinib,0.75,,,,,,,,,,kernel_stack,gdsc@a8a19a429c34,\n"
    },
    "cell_lines": {
        "one match": "id,name,synonyms,cosmic_id,sanger_model_id,depmap_id,cellosaurus_id,ccle_name,tissue,"
        "cancer_type,medium\n"
        "907312,KU-19-19,,907312,SIDM01033,ACH-000486,CVCL_1344,KU1919_URINARY_TRACT,urogenital_system,"
        "BLCA,R\n"
    },
    "drugs": {
        "one match": "id,name,synonyms,pubchem_cid,inchikey,smiles,targets,pathway,threshold_ln_um,threshold_source,"
        "ln_ic50_sd,gdsc_drug_ids\n"
        "5278396,KU-55933,KU55933,5278396,XRKYMMUGXMWDAO-UHFFFAOYSA-N,"
        "C1COCCN1C2=CC(=O)C=C(O2)C3=C4C(=CC=C3)SC5=CC=CC=C5S4,ATM,Genome integrity,2.5527,published,0.98363,1030\n"
    },
    "facets": {"some of each": "facet,name,count\ntissues,aero_dig_tract,79\n"},
    "genes": {
        "one gene": "table,symbol,approved_symbol,ensembl_gene_ids,entrez_ids,other_names\n"
        "mutation,TP53,TP53,ENSG00000141510,7157,p53;LFS1\n"
    },
}
