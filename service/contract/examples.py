"""An example of every answer, and of every body, as the contract shows them. A test asks each of the bundled model."""

from typing import Any

Example = dict[str, Any]

_A549 = {"id": "905949", "name": "A549"}
_ERLOTINIB = {"id": "176870", "name": "Erlotinib"}
_SOURCE = {"model": "hgacl", "bundle": "gdsc@512aeb97d4d2", "samples": {}, "warnings": []}
_KNOWN = {"case": "known", "in_domain": True, "nearest": None}
_IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"
_SAMPLE = {"mutation": ["KRAS", "STK11", "TP53"], "tissue": "lung_NSCLC"}
_COUNTED = {"mutation": {"known": 3, "unknown": 0, "missing": 0}}
_NEAR_LINE = {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8025410175323486}
_A549_ERLOTINIB = {
    "cell_line": _A549,
    "drug": _ERLOTINIB,
    "probability": 0.18918770551681519,
    "score": 1.0907872915267944,
    "ln_ic50": 1.96254563331604,
    "ln_ic50_interval": [0.8430405855178833, 3.0820506811141968],
    "ic50_um": 7.11742237088989,
    "ic50_um_interval": [2.323420807117497, 21.803067722584128],
    "percentile": 68.399169921875,
    **_KNOWN,
}
_A549_AFATINIB = {
    "cell_line": _A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.5352147817611694,
    "score": 1.4624768495559692,
    "ln_ic50": 2.2338502407073975,
    "ln_ic50_interval": [0.6367412805557251, 3.83095920085907],
    "ic50_um": 9.335741823241122,
    "ic50_um_interval": [1.8903108388633447, 46.10674265753083],
    "percentile": 86.17463684082031,
    **_KNOWN,
}
_H3255_ERLOTINIB = {
    "cell_line": {"id": "1247873", "name": "H3255"},
    "drug": _ERLOTINIB,
    "probability": 0.99642413854599,
    "score": 2.7404603958129883,
    "ln_ic50": -0.749763011932373,
    "ln_ic50_interval": [-1.8692680597305298, 0.3697420358657837],
    "ic50_um": 0.47247851124345097,
    "ic50_um_interval": [0.1542365124246067, 1.4473611992228441],
    "percentile": 99.89604949951172,
    **_KNOWN,
}
_SAMPLE_TRAMETINIB = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": "11707110", "name": "Trametinib"},
    "probability": 0.4582318663597107,
    "score": 1.3906354904174805,
    "ln_ic50": -1.9500333070755005,
    "ln_ic50_interval": [-5.5366493463516235, 1.6365827322006226],
    "ic50_um": 0.14226933293218527,
    "ic50_um_interval": [0.0039397053357426515, 5.137582983513549],
    "percentile": 69.02286529541016,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": _NEAR_LINE, "drug": None},
}
_SAMPLE_COMPOUND = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.05512058734893799,
    "score": 0.7680279016494751,
    "ln_ic50": 1.706606149673462,
    "ln_ic50_interval": [-2.4257442951202393, 5.838956594467163],
    "ic50_um": 5.5102288158135275,
    "ic50_um_interval": [0.08841228971110023, 343.42082646921546],
    "percentile": 48.23284912109375,
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
    "probability": 0.48531919717788696,
    "score": 1.4159495830535889,
    "ln_ic50": 1.2194113731384277,
    "ln_ic50_interval": [-1.2764294147491455, 3.715252161026001],
    "ic50_um": 3.3851945306201014,
    "ic50_um_interval": [0.2790318308084768, 41.068941765306704],
    "percentile": 67.8794174194336,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": _NEAR_LINE, "drug": None},
}
_BV173_COMPOUND = {
    "cell_line": {"id": "910710", "name": "BV-173"},
    "drug": {"id": None, "name": "compound"},
    "probability": 0.9980961084365845,
    "score": 2.887596368789673,
    "ln_ic50": -4.051482677459717,
    "ln_ic50_interval": [-7.933102607727051, -0.1698627471923828],
    "ic50_um": 0.017396562017945594,
    "ic50_um_interval": [0.00035867186671954793, 0.8437806199081325],
    "percentile": 99.89604949951172,
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
    "medium": "D/F12",
}
_DRUG = {
    **_ERLOTINIB,
    "synonyms": ["Tarceva", "RG-1415", "CP-358774", "OSI-774", "Ro-508231", "R-1415"],
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
    "metrics": {
        "LPO": {
            "auroc": {
                "mean": 0.9054837878424467,
                "sd": 0.0012897300928836905,
                "ci": [0.9038823764187129, 0.9070851992661804],
            }
        }
    },
    "calibration": {"slope": 4.294954199635534, "intercept": -6.1401786462039585},
    "decision_threshold": 0.3265607953071594,
    "regression": {
        "slope": 1.0106633595841268,
        "intercept": 0.006497633157352745,
        "half_width_sd": 0.9764426904113639,
        "coverage": 0.9,
    },
    "config": {"preset": "default"},
    "training": {"seed": 0},
}

_ALLSIL_COMPOUND = {
    **_BV173_COMPOUND,
    "cell_line": {"id": "1295740", "name": "ALL-SIL"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.9960637092590332,
    "score": 2.71801495552063,
    "ln_ic50": -3.4528329372406006,
    "ln_ic50_interval": [-7.324634552001953, 0.41896867752075195],
    "ic50_um": 0.03165583025016986,
    "ic50_um_interval": [0.000659100486352473, 1.5203927315745778],
    "percentile": 99.68814849853516,
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75}},
}
_EXPLANATION = {
    "cell_lines": [
        {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8025410175323486, "share": 0.20621017997439756}
    ],
    "drugs": [{"id": "9826528", "name": "PD0325901", "similarity": 0.8209128379821777, "share": 0.22306424263928865}],
    "modality_weights": {"expression": 0.0, "copy_number": 0.0, "mutation": 1.0},
    "genes": {
        "method": "occlusion",
        "tried": {"expression": 0, "copy_number": 0, "mutation": 40},
        "top": [
            {"gene": "KRAS", "table": "mutation", "score": 0.151314377784729, "probability": 0.15190568566322327},
            {
                "gene": "TP53",
                "table": "mutation",
                "score": -0.03371834754943848,
                "probability": -0.03610736131668091,
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
            "1295740,ALL-SIL,,compound 3,0.9960637092590332,2.71801495552063,-3.4528329372406006,-7.324634552001953,"
            "0.41896867752075195,0.03165583025016986,0.000659100486352473,1.5203927315745778,99.68814849853516,"
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
        "columns": {**_SOURCE, "scores": [1.0907872915267944, 1.5812400579452515]},
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
    "predict_table": {"a table of compounds": {**_SOURCE, "predictions": [_ALLSIL_COMPOUND]}},
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
            "cell_lines": [_BV173_COMPOUND],
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
            "content_hash": "512aeb97d4d214c070dc7c5443f46ad03b9df119a2cfd1f791cca33914ce7e9f",
            "created": "2026-11-21T11:31:11+00:00",
            "dataset": {"name": "gdsc", "counts": {"cell_lines": 962, "drugs": 228}},
            "baselines": {
                "kernel_ridge_ln_ic50": {
                    "LPO": {
                        "auroc": {
                            "mean": 0.7786161070539185,
                            "sd": 0.004318285865200454,
                            "ci": [0.7732542469611469, 0.7839779671466901],
                        }
                    }
                }
            },
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


def to_openapi_examples(examples: Example) -> dict[str, Example]:
    """Examples in the form that OpenAPI gives them."""
    return {name: {"value": value} for name, value in examples.items()}
