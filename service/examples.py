"""An example of every answer, and of every body, as the contract shows them. A test asks each of the bundled model."""

from typing import Any

Example = dict[str, Any]

_A549 = {"id": "905949", "name": "A549"}
_ERLOTINIB = {"id": "176870", "name": "Erlotinib"}
_SOURCE = {"model": "hgacl", "bundle": "gdsc@e49d5e59c295", "samples": {}}
_KNOWN = {"case": "known", "in_domain": True, "nearest": None}
_IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"
_SAMPLE = {"mutation": ["KRAS", "STK11", "TP53"], "tissue": "lung_NSCLC"}
_COUNTED = {"mutation": {"known": 3, "unknown": 0, "missing": 0}}
_NEAR_LINE = {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8498614430427551}
_A549_ERLOTINIB = {
    "cell_line": _A549,
    "drug": _ERLOTINIB,
    "probability": 0.19135770201683044,
    "score": 1.0979139804840088,
    "ln_ic50": 1.9846746921539307,
    "ln_ic50_interval": [0.8608465194702148, 3.1085028648376465],
    "ic50_um": 7.2766798393385566,
    "ic50_um_interval": [2.365162002198055, 22.387502181680258],
    "percentile": 68.60707092285156,
    **_KNOWN,
}
_A549_AFATINIB = {
    "cell_line": _A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.5311357378959656,
    "score": 1.462110996246338,
    "ln_ic50": 2.222386121749878,
    "ln_ic50_interval": [0.6191096305847168, 3.825662612915039],
    "ic50_um": 9.229326910503548,
    "ic50_um_interval": [1.8572736457937873, 45.86317983559142],
    "percentile": 86.2785873413086,
    **_KNOWN,
}
_H3255_ERLOTINIB = {
    "cell_line": {"id": "1247873", "name": "H3255"},
    "drug": _ERLOTINIB,
    "probability": 0.9965155124664307,
    "score": 2.7485549449920654,
    "ln_ic50": -0.7762711048126221,
    "ln_ic50_interval": [-1.900099277496338, 0.34755706787109375],
    "ic50_um": 0.46011855022936554,
    "ic50_um_interval": [0.14955377116163926, 1.4156050938786142],
    "percentile": 99.68814849853516,
    **_KNOWN,
}
_SAMPLE_TRAMETINIB = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": "11707110", "name": "Trametinib"},
    "probability": 0.4209345579147339,
    "score": 1.3589296340942383,
    "ln_ic50": -1.8450387716293335,
    "ln_ic50_interval": [-5.458345293998718, 1.7682677507400513],
    "ic50_um": 0.15801919410925436,
    "ic50_um_interval": [0.0042605999554744, 5.860692383206368],
    "percentile": 67.67151641845703,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": _NEAR_LINE, "drug": None},
}
_SAMPLE_COMPOUND = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.061605364084243774,
    "score": 0.7997007966041565,
    "ln_ic50": 1.6150882244110107,
    "ln_ic50_interval": [-2.5242979526519775, 5.754474401473999],
    "ic50_um": 5.028331525487401,
    "ic50_um_interval": [0.08011453724670685, 315.599625225942],
    "percentile": 52.182952880859375,
    "case": "unseen_both",
    "in_domain": True,
    "nearest": {
        "cell_line": _NEAR_LINE,
        "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75},
    },
}
_SAMPLE_SELUMETINIB = {
    "cell_line": {"id": None, "name": "sample"},
    "drug": {"id": "10127622", "name": "Selumetinib"},
    "probability": 0.4590524435043335,
    "score": 1.3949280977249146,
    "ln_ic50": 1.2581496238708496,
    "ln_ic50_interval": [-1.2562644481658936, 3.7725636959075928],
    "ic50_um": 3.5189041632100397,
    "ic50_um_interval": [0.2847156123887928, 43.49142081098033],
    "percentile": 66.9438705444336,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": _NEAR_LINE, "drug": None},
}
_ALLSIL_COMPOUND = {
    "cell_line": {"id": "910710", "name": "BV-173"},
    "drug": {"id": None, "name": "compound"},
    "probability": 0.9981278777122498,
    "score": 2.893418073654175,
    "ln_ic50": -4.061927318572998,
    "ln_ic50_interval": [-7.945427179336548, -0.17842745780944824],
    "ic50_um": 0.017215806776099168,
    "ic50_um_interval": [0.00035427851829301644, 0.8365847423660302],
    "percentile": 99.68814849853516,
    "case": "unseen_drug",
    "in_domain": True,
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 1.0}},
}
_LINE = {
    **_A549,
    "synonyms": [],
    "cosmic_id": "905949",
    "sanger_model_id": "SIDM00903",
    "depmap_id": "ACH-000681",
    "cellosaurus_id": "CVCL_0023",
    "ccle_name": "A549_LUNG",
    "tissue": "lung_NSCLC",
    "cancer_type": "LUAD",
}
_DRUG = {
    **_ERLOTINIB,
    "synonyms": ["Tarceva", "OSI-774"],
    "pubchem_cid": "176870",
    "inchikey": "AAKJLRGGTJKAMG-UHFFFAOYSA-N",
    "smiles": "COCCOC1=C(C=C2C(=C1)C(=NC=N2)NC3=CC=CC(=C3)C#C)OCCOC",
    "targets": ["EGFR"],
    "pathway": "EGFR signaling",
    "threshold_ln_um": 1.5671,
    "ln_ic50_sd": 1.146513819694519,
    "gdsc_drug_ids": ["1", "1168"],
}
_CARD = {
    "name": "hgacl",
    "default": True,
    "provider": "CPUExecutionProvider",
    "metrics": {"LPO": {"auroc": {"mean": 0.8863, "sd": 0.0028, "ci": [0.8829, 0.8897]}}},
    "calibration": {"slope": 2.6863, "intercept": -0.1659},
    "decision_threshold": 0.2862,
    "regression": {"slope": 0.9837, "intercept": 0.0089, "half_width_sd": 1.0393, "coverage": 0.9},
    "config": {"preset": "default"},
    "training": {"seed": 0},
}

_ALLSIL_KNOWN_TARGETS = {
    **_ALLSIL_COMPOUND,
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.9961169958114624,
    "score": 2.723273515701294,
    "ln_ic50": -3.466883897781372,
    "ln_ic50_interval": [-7.340494155883789, 0.4067263603210449],
    "ic50_um": 0.031214145741015942,
    "ic50_um_interval": [0.0006487298680431239, 1.5018930718889238],
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75}},
}
_EXPLANATION = {
    "cell_lines": [
        {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8498614430427551, "share": 0.20628952392251218}
    ],
    "drugs": [{"id": "9826528", "name": "PD0325901", "similarity": 0.8209128379821777, "share": 0.22306424263928865}],
    "modality_weights": {"expression": 0.0, "copy_number": 0.0, "mutation": 1.0},
    "genes": {
        "method": "occlusion",
        "tried": {"expression": 0, "copy_number": 0, "mutation": 40},
        "top": [
            {"gene": "KRAS", "table": "mutation", "score": 0.16587138175964355, "probability": 0.15826240181922913},
            {
                "gene": "TP53",
                "table": "mutation",
                "score": -0.038878679275512695,
                "probability": -0.041194647550582886,
            },
        ],
    },
}

# Of an operation, answers in other media types than its first.
FURTHER_FORMS: dict[str, dict[str, Example]] = {
    "predict_table": {
        "text/csv": {
            "a table of compounds": "cell_line_id,cell_line,drug_id,drug,probability,score,ln_ic50,ln_ic50_low,"
            "ln_ic50_high,ic50_um,ic50_um_low,ic50_um_high,percentile,case,in_domain,nearest_cell_line_id,"
            "nearest_cell_line,nearest_cell_line_similarity,nearest_drug_id,nearest_drug,nearest_drug_similarity,"
            "expression_known,expression_unknown,expression_missing,copy_number_known,copy_number_unknown,"
            "copy_number_missing,mutation_known,mutation_unknown,mutation_missing,model,bundle\n"
            "1295740,ALL-SIL,,compound 3,0.9961169958114624,2.723273515701294,-3.466883897781372,-7.340494155883789,"
            "0.4067263603210449,0.031214145741015942,0.0006487298680431239,1.5018930718889238,99.68814849853516,"
            f"unseen_drug,true,,,,5291,Imatinib,0.75,,,,,,,,,,hgacl,{_SOURCE['bundle']}\n"
        },
        "application/vnd.apache.parquet": {"a table of compounds": "PAR1…, the same columns"},
    }
}
# By operation, then by name; a body and the answer to it have the same name.
BODIES: dict[str, Example] = {
    "predict": {
        "objects": {"pairs": [{"cell_line": "A549", "drug": "Erlotinib"}]},
        "columns": {"cell_lines": ["A549", "MCF7"], "drugs": ["Erlotinib", "Lapatinib"], "detail": "scores"},
        "a new sample and a new compound": {
            "pairs": [
                {"cell_line": "sample 7", "drug": "Trametinib"},
                {"cell_line": "sample 7", "drug": "compound 3"},
            ],
            "samples": {"sample 7": _SAMPLE},
            "compounds": {"compound 3": {"smiles": _IMATINIB, "targets": ["ABL", "KIT"]}},
        },
        "why": {
            "pairs": [{"cell_line": "sample 7", "drug": "Trametinib"}],
            "samples": {"sample 7": _SAMPLE},
            "detail": "explain",
        },
    },
    "predict_table": {
        "a table of compounds": {
            "compounds": f"name,smiles,targets\ncompound 3,{_IMATINIB},ABL;KIT\n",
            "cell_lines": ["ALL-SIL"],
        },
    },
    "rank_new": {
        "drugs for a new sample": {"sample": _SAMPLE, "target": "MEK1", "k": 1},
        "cell lines for a new compound": {"compound": _IMATINIB, "k": 1},
    },
}
ANSWERS: dict[str, Example] = {
    "predict": {
        "objects": {**_SOURCE, "predictions": [_A549_ERLOTINIB]},
        "columns": {**_SOURCE, "scores": [1.0979139804840088, 1.5693769454956055]},
        "a new sample and a new compound": {
            **_SOURCE,
            "samples": {"sample 7": _COUNTED},
            "predictions": [_SAMPLE_TRAMETINIB, _SAMPLE_COMPOUND],
        },
        "why": {
            **_SOURCE,
            "samples": {"sample 7": _COUNTED},
            "predictions": [{**_SAMPLE_TRAMETINIB, "explanation": _EXPLANATION}],
        },
    },
    "predict_table": {"a table of compounds": {**_SOURCE, "predictions": [_ALLSIL_KNOWN_TARGETS]}},
    "rank_new": {
        "drugs for a new sample": {
            **_SOURCE,
            "samples": {"sample": _COUNTED},
            "cell_line": {"id": None, "name": "sample"},
            "drugs": [_SAMPLE_SELUMETINIB],
        },
        "cell lines for a new compound": {
            **_SOURCE,
            "drug": {"id": None, "name": "compound"},
            "cell_lines": [_ALLSIL_COMPOUND],
        },
    },
    "rank": {"one drug": {**_SOURCE, "cell_line": _A549, "drugs": [_A549_AFATINIB]}},
    "rank_lines": {"one line": {**_SOURCE, "drug": _ERLOTINIB, "cell_lines": [_H3255_ERLOTINIB]}},
    "cell_lines": {"one match": {"total": 1, "limit": 50, "offset": 0, "cell_lines": [_LINE]}},
    "cell_line": {"A549": _LINE},
    "drugs": {"one match": {"total": 1, "limit": 50, "offset": 0, "drugs": [_DRUG]}},
    "drug": {"Erlotinib": _DRUG},
    "models": {
        "one model": {
            "bundle": _SOURCE["bundle"],
            "content_hash": "e49d5e59c295d3c6436e67fa77312f2d14bbb1e411ba636e2db5df0b656e7e14",
            "created": "2026-11-21T08:12:40+00:00",
            "dataset": {"name": "gdsc", "counts": {"cell_lines": 962, "drugs": 228}},
            "baselines": {"drug_mean": {"LPO": {"auroc": {"mean": 0.6289, "sd": 0.006, "ci": [0.6214, 0.6363]}}}},
            "files": {"drugs.json": "125481fb996b4514fe85240e33c07112d37c898d2f3b573dd711c72648d9d12e"},
            "models": [_CARD],
        }
    },
    "live": {"alive": {"status": "ok"}},
    "ready": {"ready": {"status": "ok"}},
    "metrics": {
        "one counter": "# HELP drp_pairs_total Pairs scored.\n"
        "# TYPE drp_pairs_total counter\n"
        'drp_pairs_total{route="/predict"} 1.0\n'
    },
}


def shown(examples: Example) -> dict[str, Example]:
    """Examples in the form that OpenAPI gives them."""
    return {name: {"value": value} for name, value in examples.items()}
