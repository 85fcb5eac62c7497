"""Values of the contract's examples: rows, predictions and cards of the bundled model."""

from typing import Any

Example = dict[str, Any]

A549 = {"id": "905949", "name": "A549"}
ERLOTINIB = {"id": "176870", "name": "Erlotinib"}
NO_NAMES: Example = {"cell_lines": {}, "drugs": {}}
A549_READ = {"A549": {"id": "905949", "matched_by": "name"}}
ERLOTINIB_READ = {"Erlotinib": {"id": "176870", "matched_by": "name"}}
TRAMETINIB_READ = {"Trametinib": {"id": "11707110", "matched_by": "name"}}
SOURCE: Example = {
    "model": "kernel_stack",
    "bundle": "gdsc@a8a19a429c34",
    "names": NO_NAMES,
    "samples": {},
    "compounds": {},
    "refused": [],
    "warnings": [],
}
KNOWN = {"case": "known", "in_domain": True, "nearest": None}
IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"
SAMPLE = {"mutation": ["KRAS", "STK11", "TP53"], "tissue": "lung_NSCLC"}
COUNTED = {"mutation": {"known": 3, "unknown": 0, "missing": 0, "unread": [], "notes": []}}
READ: Example = {"drug": None, "matched_by": None, "targets": [], "other_targets": [], "pathway": None, "columns": {}}
READ_WITH_TARGETS = {**READ, "targets": ["ABL1", "KIT"]}
NEAR_LINE = {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.785922646522522}
A549_ERLOTINIB = {
    "cell_line": A549,
    "drug": ERLOTINIB,
    "probability": 0.07526782155036926,
    "score": -2.508451461791992,
    "ln_ic50": 2.159590005874634,
    "ln_ic50_interval": [1.0469558238983154, 3.272224187850952],
    "ln_ic50_interval_other_assay": [-0.5768227595725146, 4.896002771321783],
    "ic50_um": 8.667583271651889,
    "ic50_um_interval": [2.8489651523349906, 26.369925834103704],
    "percentile": 55.09355545043945,
    **KNOWN,
}
A549_AFATINIB = {
    "cell_line": A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.304545521736145,
    "score": -0.8257449865341187,
    "ln_ic50": 2.3652868270874023,
    "ln_ic50_interval": [0.9616403579711914, 3.7689332962036133],
    "ln_ic50_interval_other_assay": [-0.501806371652814, 5.232380025827618],
    "ic50_um": 10.647092254045454,
    "ic50_um_interval": [2.615984106216524, 43.333815827385564],
    "percentile": 83.47193145751953,
    **KNOWN,
}
H3255_ERLOTINIB = {
    "cell_line": {"id": "1247873", "name": "H3255"},
    "drug": ERLOTINIB,
    "probability": 0.9953449964523315,
    "score": 5.365152835845947,
    "ln_ic50": -1.2351114749908447,
    "ln_ic50_interval": [-2.347745656967163, -0.12247729301452637],
    "ln_ic50_interval_other_assay": [-3.971524240437993, 1.5013012904563037],
    "ic50_um": 0.2908023433723665,
    "ic50_um_interval": [0.09558439954016519, 0.8847259941756976],
    "percentile": 99.89604949951172,
    **KNOWN,
}
SAMPLE_TRAMETINIB = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": "11707110", "name": "Trametinib"},
    "probability": 0.511719286441803,
    "score": 0.04688562452793121,
    "ln_ic50": -2.25317645072937,
    "ln_ic50_interval": [-5.877252101898193, 1.3708992004394531],
    "ln_ic50_interval_other_assay": [-6.655894284680886, 2.1495413832221457],
    "ic50_um": 0.10506496028618692,
    "ic50_um_interval": [0.0028024756214941765, 3.9388909560086147],
    "percentile": 72.97297668457031,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": NEAR_LINE, "drug": None},
}
SAMPLE_COMPOUND = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.05114501714706421,
    "score": -2.920590877532959,
    "ln_ic50": 2.3521196842193604,
    "ln_ic50_interval": [-1.185049295425415, 5.889288663864136],
    "ln_ic50_interval_other_assay": [-1.9793424696683148, 6.6835818381070355],
    "ic50_um": 10.507819394209966,
    "ic50_um_interval": [0.3057311079822058, 361.14829514751716],
    "percentile": 32.32848358154297,
    "case": "unseen_both",
    "in_domain": True,
    "nearest": {
        "cell_line": NEAR_LINE,
        "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75},
    },
}
SAMPLE_MEK1 = {**SAMPLE_TRAMETINIB, "cell_line": {"id": None, "name": "sample"}}
BE13_COMPOUND = {
    "cell_line": {"id": "906763", "name": "BE-13"},
    "drug": {"id": None, "name": "compound"},
    "probability": 0.9454857110977173,
    "score": 2.853236436843872,
    "ln_ic50": -2.9294934272766113,
    "ln_ic50_interval": [-6.3664796352386475, 0.5074927806854248],
    "ln_ic50_interval_other_assay": [-7.179537449839349, 1.320550595286126],
    "ic50_um": 0.05342409448065337,
    "ic50_um_interval": [0.0017181972723968992, 1.6611211744599255],
    "percentile": 99.89604949951172,
    "case": "unseen_drug",
    "in_domain": True,
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 1.0}},
}
LINE = {
    **A549,
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
DRUG = {
    **ERLOTINIB,
    "synonyms": ["Tarceva", "RG-1415", "CP-358774", "OSI-774", "Ro-508231", "R-1415"],
    "pubchem_cid": "176870",
    "inchikey": "AAKJLRGGTJKAMG-UHFFFAOYSA-N",
    "smiles": "COCCOC1=C(C=C2C(=C1)C(=NC=N2)NC3=CC=CC(=C3)C#C)OCCOC",
    "targets": ["EGFR"],
    "pathway": "EGFR signaling",
    "threshold_ln_um": 1.5671,
    "threshold_source": "published",
    "ln_ic50_sd": 1.146513819694519,
    "gdsc_drug_ids": ["1", "1168"],
}
CARD = {
    "name": "kernel_stack",
    "default": True,
    "provider": "numpy",
    "metrics": {
        "LPO": {
            "auroc": {
                "mean": 0.914829381823259,
                "sd": 0.002090850525841969,
                "ci": [0.9122332479996956, 0.9174255156468224],
            }
        }
    },
    "measured_as": "kernel_stack",
    "calibration": {"slope": 1.0, "intercept": 0.0},
    "decision_threshold": 0.30135029554367065,
    "regression": {
        "slope": 1.0,
        "intercept": 0.0,
        "half_width_sd": 0.970449891747654,
        "coverage": 0.9,
    },
    "reliability": {
        "LCDO": [{"predicted": 0.027137255957184997, "observed": 0.03349282296650718, "pairs": 3553}],
        "LCO": [{"predicted": 0.005992965974732144, "observed": 0.007366808109382367, "pairs": 33936}],
        "LDO": [{"predicted": 0.015885497554956055, "observed": 0.014884140497265603, "pairs": 17737}],
        "LPO": [{"predicted": 0.0015427893082989325, "observed": 0.0006188118811881188, "pairs": 33936}],
    },
    "table_sets": [
        {
            "name": "array",
            "tables": ["expression_array", "copy_number", "mutation", "tissue", "cancer_type", "medium"],
            "lines": 956,
            "domain": 0.6100177104266953,
            "new_line": 1.3478072975821505,
            "both": 2.629049168629403,
        }
    ],
    "config": {"preset": "default"},
    "training": {"seed": 0},
}

ALLSIL_COMPOUND = {
    **BE13_COMPOUND,
    "cell_line": {"id": "1295740", "name": "ALL-SIL"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.8956412076950073,
    "score": 2.149704933166504,
    "ln_ic50": -2.790107488632202,
    "ln_ic50_interval": [-6.227093696594238, 0.646878719329834],
    "ln_ic50_interval_other_assay": [-7.0401515111949395, 1.4599365339305352],
    "ic50_um": 0.061414612187539894,
    "ic50_um_interval": [0.0019751840470437466, 1.9095712097265567],
    "percentile": 99.68814849853516,
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75}},
}
EXPLANATION = {
    "cell_lines": [
        {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.785922646522522, "share": 0.20396831918371056}
    ],
    "drugs": [{"id": "9826528", "name": "PD0325901", "similarity": 0.7850954532623291, "share": 0.22981569437747934}],
    "modality_weights": {"expression": 0.0, "copy_number": 0.0, "mutation": 1.0},
    "genes": {
        "method": "occlusion",
        "tried": {"expression": 0, "copy_number": 0, "mutation": 40},
        "top": [
            {"gene": "KRAS", "table": "mutation", "score": 0.7768285274505615, "probability": 0.1865120530128479},
            {
                "gene": "TP53",
                "table": "mutation",
                "score": -0.09675462543964386,
                "probability": -0.024129152297973633,
            },
        ],
    },
}
