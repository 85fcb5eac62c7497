"""An example of every answer, and of every body, as the contract shows them. A test asks each of the bundled model."""

from typing import Any

Example = dict[str, Any]

_A549 = {"id": "905949", "name": "A549"}
_ERLOTINIB = {"id": "176870", "name": "Erlotinib"}
_SOURCE = {"model": "hgacl", "bundle": "gdsc@9a424ccd2256", "samples": {}}
_KNOWN = {"case": "known", "in_domain": True, "nearest": None}
_IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"
_SAMPLE = {"mutation": ["KRAS", "STK11", "TP53"], "tissue": "lung_NSCLC"}
_COUNTED = {"mutation": {"known": 3, "unknown": 0, "missing": 0}}
_NEAR_LINE = {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8498614430427551}
_A549_ERLOTINIB = {
    "cell_line": _A549,
    "drug": _ERLOTINIB,
    "probability": 0.17280268669128418,
    "score": 1.0893330574035645,
    "ln_ic50": 2.023228168487549,
    "ln_ic50_interval": [0.903651237487793, 3.1428050994873047],
    "ic50_um": 7.562699237674539,
    "ic50_um_interval": [2.46860012135663, 23.168766486202554],
    "percentile": 66.73596954345703,
    **_KNOWN,
}
_A549_AFATINIB = {
    "cell_line": _A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.4888463616371155,
    "score": 1.4324694871902466,
    "ln_ic50": 2.3027617931365967,
    "ln_ic50_interval": [0.7055501937866211, 3.8999733924865723],
    "ic50_um": 10.001767157549407,
    "ic50_um_interval": [2.024960499172208, 49.401134646689556],
    "percentile": 85.75883483886719,
    **_KNOWN,
}
_H3255_ERLOTINIB = {
    "cell_line": {"id": "1247873", "name": "H3255"},
    "drug": _ERLOTINIB,
    "probability": 0.9969368577003479,
    "score": 2.7474493980407715,
    "ln_ic50": -0.8200907707214355,
    "ln_ic50_interval": [-1.9396677017211914, 0.2994861602783203],
    "ic50_um": 0.4403916780213513,
    "ic50_um_interval": [0.1437517102878002, 1.3491653746739534],
    "percentile": 99.89604949951172,
    **_KNOWN,
}
_SAMPLE_TRAMETINIB = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": "11707110", "name": "Trametinib"},
    "probability": 0.372404009103775,
    "score": 1.3248112201690674,
    "ln_ic50": -1.7707265615463257,
    "ln_ic50_interval": [-5.356055855751038, 1.8146027326583862],
    "ic50_um": 0.1702092763734556,
    "ic50_um_interval": [0.004719483771782857, 6.138637012969551],
    "percentile": 65.90436553955078,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": _NEAR_LINE, "drug": None},
}
_SAMPLE_COMPOUND = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.06472590565681458,
    "score": 0.840138852596283,
    "ln_ic50": 2.1203060150146484,
    "ln_ic50_interval": [-2.1128225326538086, 6.3534345626831055],
    "ic50_um": 8.33368733097329,
    "ic50_um_interval": [0.12089625079288079, 574.4623516026725],
    "percentile": 41.89189147949219,
    "case": "unseen_both",
    "in_domain": True,
    "nearest": {
        "cell_line": _NEAR_LINE,
        "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.8333333730697632},
    },
}
_SAMPLE_SELUMETINIB = {
    "cell_line": {"id": None, "name": "sample"},
    "drug": {"id": "10127622", "name": "Selumetinib"},
    "probability": 0.4204137921333313,
    "score": 1.3701130151748657,
    "ln_ic50": 1.2912672758102417,
    "ln_ic50_interval": [-1.2036782503128052, 3.7862128019332886],
    "ic50_um": 3.6373932166171055,
    "ic50_um_interval": [0.30008837921952713, 44.08910950401507],
    "percentile": 64.8648681640625,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": _NEAR_LINE, "drug": None},
}
_ALLSIL_COMPOUND = {
    "cell_line": {"id": "1295740", "name": "ALL-SIL"},
    "drug": {"id": None, "name": "compound"},
    "probability": 0.978415846824646,
    "score": 2.3028109073638916,
    "ln_ic50": -1.768295407295227,
    "ln_ic50_interval": [-5.718142151832581, 2.1815513372421265],
    "ic50_um": 0.17062358479906792,
    "ic50_um_interval": [0.0032858097708647715, 8.86004051355134],
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
    "ln_ic50_sd": 1.1167539358139038,
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
    "probability": 0.9923171401023865,
    "score": 2.538987398147583,
    "ln_ic50": -2.5134687423706055,
    "ln_ic50_interval": [-6.481790781021118, 1.4548532962799072],
    "ic50_um": 0.08098682900801613,
    "ic50_um_interval": [0.0015310664181887007, 4.283854962042069],
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.8333333730697632}},
}
_EXPLANATION = {
    "cell_lines": [
        {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8498614430427551, "share": 0.20628952392251218}
    ],
    "drugs": [{"id": "9826528", "name": "PD0325901", "similarity": 0.8815261721611023, "share": 0.22182749871710403}],
    "modality_weights": {"expression": 0.0, "copy_number": 0.0, "mutation": 1.0},
    "genes": {
        "method": "occlusion",
        "tried": {"expression": 0, "copy_number": 0, "mutation": 40},
        "top": [
            {"gene": "KRAS", "table": "mutation", "score": 0.1541767120361328, "probability": 0.14189675450325012},
            {"gene": "TP53", "table": "mutation", "score": -0.04308748245239258, "probability": -0.045619577169418335},
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
            "1295740,ALL-SIL,,compound 3,0.9923171401023865,2.538987398147583,-2.5134687423706055,-6.481790781021118,"
            "1.4548532962799072,0.08098682900801613,0.0015310664181887007,4.283854962042069,99.89604949951172,"
            f"unseen_drug,true,,,,5291,Imatinib,0.8333333730697632,,,,,,,,,,hgacl,{_SOURCE['bundle']}\n"
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
        "columns": {**_SOURCE, "scores": [1.0893330574035645, 1.5604913234710693]},
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
            "content_hash": "9a424ccd2256b3e4da7a164198478b470fced86853126894a99b1e1a36c2510c",
            "created": "2026-11-21T07:17:14+00:00",
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
