"""An example of every answer, and of every body, as the contract shows them. A test asks each of the bundled model."""

from typing import Any

Example = dict[str, Any]

_A549 = {"id": "905949", "name": "A549"}
_ERLOTINIB = {"id": "176870", "name": "Erlotinib"}
_SOURCE = {"model": "hgacl", "bundle": "gdsc@e4e181e8cdba"}
_A549_ERLOTINIB = {
    "cell_line": _A549,
    "drug": _ERLOTINIB,
    "probability": 0.17280268669128418,
    "score": 1.0893330574035645,
    "ln_ic50": 2.023228168487549,
    "ln_ic50_interval": [0.903651237487793, 3.1428050994873047],
    "percentile": 66.73596954345703,
    "case": "known",
}
_A549_AFATINIB = {
    "cell_line": _A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.4888463616371155,
    "score": 1.4324694871902466,
    "ln_ic50": 2.3027617931365967,
    "ln_ic50_interval": [0.7055501937866211, 3.8999733924865723],
    "percentile": 85.75883483886719,
    "case": "known",
}
_H3255_ERLOTINIB = {
    "cell_line": {"id": "1247873", "name": "H3255"},
    "drug": _ERLOTINIB,
    "probability": 0.9969368577003479,
    "score": 2.7474493980407715,
    "ln_ic50": -0.8200907707214355,
    "ln_ic50_interval": [-1.9396677017211914, 0.2994861602783203],
    "percentile": 99.89604949951172,
    "case": "known",
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

# By operation, then by name; a body and the answer to it have the same name.
BODIES: dict[str, Example] = {
    "predict": {
        "objects": {"pairs": [{"cell_line": "A549", "drug": "Erlotinib"}]},
        "columns": {"cell_lines": ["A549", "MCF7"], "drugs": ["Erlotinib", "Lapatinib"], "detail": "scores"},
    },
}
ANSWERS: dict[str, Example] = {
    "predict": {
        "objects": {**_SOURCE, "predictions": [_A549_ERLOTINIB]},
        "columns": {**_SOURCE, "scores": [1.0893330574035645, 1.5604913234710693]},
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
            "content_hash": "e4e181e8cdbaddfe61d5a7e7404ef0081a67d8b14af701381bd34bd1e890fd95",
            "created": "2026-11-21T05:23:54+00:00",
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
