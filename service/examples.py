"""An example of every answer, and of every body, as the contract shows them. A test asks each of the bundled model."""

from typing import Any

Example = dict[str, Any]

_A549 = {"id": "905949", "name": "A549"}
_ERLOTINIB = {"id": "176870", "name": "Erlotinib"}
_SOURCE = {"model": "hgacl", "bundle": "gdsc@34b24c61606a"}
_A549_ERLOTINIB = {
    "cell_line": _A549,
    "drug": _ERLOTINIB,
    "probability": 0.17853373289108276,
    "score": -0.5064300894737244,
    "ln_ic50": 2.1135034561157227,
    "ln_ic50_interval": [0.9528130292892456, 3.2741938829421997],
    "percentile": 68.19126892089844,
    "case": "known",
}
_A549_AFATINIB = {
    "cell_line": _A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.43867552280426025,
    "score": -0.030018828809261322,
    "ln_ic50": 2.1634113788604736,
    "ln_ic50_interval": [0.4364790916442871, 3.89034366607666],
    "percentile": 83.26403045654297,
    "case": "known",
}
_HCC827_ERLOTINIB = {
    "cell_line": {"id": "1240146", "name": "HCC-827"},
    "drug": _ERLOTINIB,
    "probability": 0.9927725791931152,
    "score": 1.8942623138427734,
    "ln_ic50": -0.5236809253692627,
    "ln_ic50_interval": [-1.6843713521957397, 0.6370095014572144],
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
        "columns": {**_SOURCE, "scores": [-0.5064300894737244, 0.2927018105983734]},
    },
    "rank": {"one drug": {**_SOURCE, "cell_line": _A549, "drugs": [_A549_AFATINIB]}},
    "rank_lines": {"one line": {**_SOURCE, "drug": _ERLOTINIB, "cell_lines": [_HCC827_ERLOTINIB]}},
    "cell_lines": {"one match": {"total": 1, "limit": 50, "offset": 0, "cell_lines": [_LINE]}},
    "cell_line": {"A549": _LINE},
    "drugs": {"one match": {"total": 1, "limit": 50, "offset": 0, "drugs": [_DRUG]}},
    "drug": {"Erlotinib": _DRUG},
    "models": {
        "one model": {
            "bundle": _SOURCE["bundle"],
            "content_hash": "34b24c61606a9848dae19167500ecb25c56cd812d41da3e1fef9900cbe283755",
            "created": "2026-11-21T02:27:15+00:00",
            "dataset": {"name": "gdsc", "counts": {"cell_lines": 962, "drugs": 228}},
            "baselines": {"drug_mean": {"LPO": {"auroc": {"mean": 0.6292, "sd": 0.0053, "ci": [0.6226, 0.6358]}}}},
            "files": {"drugs.json": "e7a708d3ac6ab9e00941349808317c679cb7f19d471ad3decc44f6bb22d4797e"},
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
