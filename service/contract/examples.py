"""An example of every answer, and of every body, as the contract shows them. A test asks each of the bundled model."""

from model.bundle.map import METHOD
from service.contract.example_values import (
    A549,
    A549_AFATINIB,
    A549_ERLOTINIB,
    A549_READ,
    ALLSIL_COMPOUND,
    BE13_COMPOUND,
    CARD,
    COUNTED,
    DRUG,
    ERLOTINIB,
    ERLOTINIB_READ,
    EXPLANATION,
    H3255_ERLOTINIB,
    IMATINIB,
    LINE,
    NO_NAMES,
    READ,
    READ_WITH_TARGETS,
    SAMPLE,
    SAMPLE_COMPOUND,
    SAMPLE_MEK1,
    SAMPLE_TRAMETINIB,
    SOURCE,
    TRAMETINIB_READ,
    Example,
)

MARKDOWN_EXAMPLES: dict[str, Example] = {
    "model_card": {"kernel_stack": f"# kernel_stack in {SOURCE['bundle']}\n\n## Use\n\nFor research: …"}
}
PARQUET_EXAMPLES: dict[str, Example] = {"predict_table": {"a table of compounds": "PAR1…, the columns of the CSV"}}
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
            "samples": {"sample 7": SAMPLE},
            "compounds": {"compound 3": {"smiles": IMATINIB, "targets": ["ABL", "KIT"]}},
            "known_structures": "as_new",
        },
        "why": {
            "pairs": [{"cell_line": "sample 7", "drug": "Trametinib"}],
            "samples": {"sample 7": SAMPLE},
            "detail": "explain",
        },
    },
    "predict_table": {
        "a table of compounds": {
            "compounds": f"name,smiles,targets\ncompound 3,{IMATINIB},ABL;KIT\n",
            "cell_lines": ["ALL-SIL"],
            "known_structures": ["as_new"],
        },
    },
    "rank_new": {
        "drugs for a new sample": {"sample": SAMPLE, "target": "MEK1", "k": 1},
        "cell lines for a new compound": {"compound": IMATINIB, "known_structures": "as_new", "k": 1},
    },
}
DRAWING = "<?xml version='1.0' encoding='iso-8859-1'?>\n<svg version='1.1' baseProfile='full' …"
BOTH_READ = {"cell_lines": A549_READ, "drugs": ERLOTINIB_READ}
ANSWERS: dict[str, Example] = {
    "predict": {
        "objects": {**SOURCE, "names": BOTH_READ, "detail": "full", "predictions": [A549_ERLOTINIB]},
        "columns": {
            **SOURCE,
            "names": {
                "cell_lines": {**A549_READ, "MCF7": {"id": "905946", "matched_by": "name"}},
                "drugs": {**ERLOTINIB_READ, "Lapatinib": {"id": "208908", "matched_by": "name"}},
            },
            "detail": "scores",
            "scores": [-2.508451461791992, -0.03788143768906593],
        },
        "a new sample and a new compound": {
            **SOURCE,
            "names": {**NO_NAMES, "drugs": TRAMETINIB_READ},
            "samples": {"sample 7": COUNTED},
            "compounds": {"compound 3": READ_WITH_TARGETS},
            "detail": "full",
            "predictions": [SAMPLE_TRAMETINIB, SAMPLE_COMPOUND],
        },
        "why": {
            **SOURCE,
            "names": {**NO_NAMES, "drugs": TRAMETINIB_READ},
            "samples": {"sample 7": COUNTED},
            "detail": "explain",
            "predictions": [{**SAMPLE_TRAMETINIB, "explanation": EXPLANATION}],
        },
    },
    "predict_table": {
        "a table of compounds": {
            **SOURCE,
            "names": {**NO_NAMES, "cell_lines": {"ALL-SIL": {"id": "1295740", "matched_by": "name"}}},
            "compounds": {"compound 3": READ_WITH_TARGETS},
            "detail": "full",
            "predictions": [ALLSIL_COMPOUND],
        }
    },
    "rank_new": {
        "drugs for a new sample": {
            **SOURCE,
            "samples": {"sample": COUNTED},
            "order": "score",
            "cell_line": {"id": None, "name": "sample"},
            "drugs": [SAMPLE_MEK1],
        },
        "cell lines for a new compound": {
            **SOURCE,
            "compounds": {"compound": READ},
            "order": "score",
            "drug": {"id": None, "name": "compound"},
            "cell_lines": [BE13_COMPOUND],
        },
    },
    "rank": {
        "one drug": {
            **SOURCE,
            "names": {**NO_NAMES, "cell_lines": A549_READ},
            "order": "score",
            "cell_line": A549,
            "drugs": [A549_AFATINIB],
        }
    },
    "rank_lines": {
        "one line": {
            **SOURCE,
            "names": {**NO_NAMES, "drugs": ERLOTINIB_READ},
            "order": "score",
            "drug": ERLOTINIB,
            "cell_lines": [H3255_ERLOTINIB],
        }
    },
    "cell_lines": {"one match": {"total": 1, "limit": 50, "offset": 0, "cell_lines": [LINE]}},
    "cell_line": {"A549": {**LINE, "matched_by": "name", "warnings": []}},
    "drugs": {"one match": {"total": 1, "limit": 50, "offset": 0, "drugs": [DRUG]}},
    "drug": {"Erlotinib": {**DRUG, "matched_by": "name", "warnings": []}},
    "facets": {
        "some of each": {
            "bundle": SOURCE["bundle"],
            "tissues": [{"name": "aero_dig_tract", "count": 79}],
            "cancer_types": [{"name": "ACC", "count": 1}],
            "media": [{"name": "D/F12", "count": 416}],
            "targets": [{"name": "ABL", "count": 7}],
            "pathways": [{"name": "ABL signaling", "count": 2}],
        }
    },
    "genes": {
        "one gene": {
            "model": "kernel_stack",
            "bundle": SOURCE["bundle"],
            "genes": [
                {
                    "table": "mutation",
                    "symbol": "TP53",
                    "approved_symbol": "TP53",
                    "ensembl_gene_ids": ["ENSG00000141510"],
                    "entrez_ids": ["7157"],
                    "other_names": ["p53", "LFS1"],
                }
            ],
        }
    },
    "models": {
        "one model": {
            "bundle": SOURCE["bundle"],
            "content_hash": "a8a19a429c344294f816f9d04f4a538fed8dd100549fa318ed97d9b97b7f529b",
            "created": "2026-11-30T19:13:18+00:00",
            "dataset": {"name": "gdsc", "counts": {"cell_lines": 962, "drugs": 422}},
            "baselines": {
                "kernel_ridge_ln_ic50": {
                    "LPO": {
                        "auroc": {
                            "mean": 0.7786188200395363,
                            "sd": 0.004408184117627213,
                            "ci": [0.7731453365232249, 0.7840923035558477],
                        }
                    }
                }
            },
            "files": {"drugs.json": "9a558058cd741cb94c7c8ea2e18e4487636334db6e0a935e4ee7d82f5f6a8c1c"},
            "models": [CARD],
        }
    },
    "model_card": {"kernel_stack": CARD},
    "bundle_map": {
        "one line and one drug": {
            "bundle": SOURCE["bundle"],
            "method": METHOD,
            "cell_lines": [{"id": "683665", "x": 0.664, "y": -0.371}],
            "drugs": [{"id": "1018", "x": -0.063, "y": -0.62}],
        }
    },
    "drug_structure": {"the beginning": DRAWING},
    "structure": {"the beginning": DRAWING},
    "live": {"alive": {"status": "ok"}},
    "ready": {"ready": {"status": "ok"}},
    "metrics": {
        "one counter": "# HELP drp_pairs_total Pairs scored.\n"
        "# TYPE drp_pairs_total counter\n"
        'drp_pairs_total{route="/predict"} 0.9454857110977173\n'
    },
}


def to_openapi_examples(examples: Example) -> dict[str, Example]:
    """Examples in the form that OpenAPI gives them."""
    return {name: {"value": value} for name, value in examples.items()}
