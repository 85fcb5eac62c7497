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
    "model": "hgacl",
    "bundle": "gdsc@ad0c354f0b1f",
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
NEAR_LINE = {"id": "1503370", "name": "EMC-BAC-2", "similarity": 0.8025410175323486}
A549_ERLOTINIB = {
    "cell_line": A549,
    "drug": ERLOTINIB,
    "probability": 0.18918770551681519,
    "score": 1.0907872915267944,
    "ln_ic50": 1.96254563331604,
    "ln_ic50_interval": [0.8430405855178833, 3.0820506811141968],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 7.11742237088989,
    "ic50_um_interval": [2.323420807117497, 21.803067722584128],
    "percentile": 68.399169921875,
    **KNOWN,
}
A549_AFATINIB = {
    "cell_line": A549,
    "drug": {"id": "10184653", "name": "Afatinib"},
    "probability": 0.5352147817611694,
    "score": 1.4624768495559692,
    "ln_ic50": 2.2338502407073975,
    "ln_ic50_interval": [0.6367412805557251, 3.83095920085907],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 9.335741823241122,
    "ic50_um_interval": [1.8903108388633447, 46.10674265753083],
    "percentile": 86.17463684082031,
    **KNOWN,
}
H3255_ERLOTINIB = {
    "cell_line": {"id": "1247873", "name": "H3255"},
    "drug": ERLOTINIB,
    "probability": 0.99642413854599,
    "score": 2.7404603958129883,
    "ln_ic50": -0.749763011932373,
    "ln_ic50_interval": [-1.8692680597305298, 0.3697420358657837],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 0.47247851124345097,
    "ic50_um_interval": [0.1542365124246067, 1.4473611992228441],
    "percentile": 99.89604949951172,
    **KNOWN,
}
SAMPLE_TRAMETINIB = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": "11707110", "name": "Trametinib"},
    "probability": 0.4582318663597107,
    "score": 1.3906354904174805,
    "ln_ic50": -1.9500333070755005,
    "ln_ic50_interval": [-5.5366493463516235, 1.6365827322006226],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 0.14226933293218527,
    "ic50_um_interval": [0.0039397053357426515, 5.137582983513549],
    "percentile": 69.02286529541016,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": NEAR_LINE, "drug": None},
}
SAMPLE_COMPOUND = {
    "cell_line": {"id": None, "name": "sample 7"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.05512058734893799,
    "score": 0.7680279016494751,
    "ln_ic50": 1.706606149673462,
    "ln_ic50_interval": [-2.4257442951202393, 5.838956594467163],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 5.5102288158135275,
    "ic50_um_interval": [0.08841228971110023, 343.42082646921546],
    "percentile": 48.23284912109375,
    "case": "unseen_both",
    "in_domain": True,
    "nearest": {
        "cell_line": NEAR_LINE,
        "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75},
    },
}
SAMPLE_SELUMETINIB = {
    "cell_line": {"id": None, "name": "sample"},
    "drug": {"id": "10127622", "name": "Selumetinib"},
    "probability": 0.48531919717788696,
    "score": 1.4159495830535889,
    "ln_ic50": 1.2194113731384277,
    "ln_ic50_interval": [-1.2764294147491455, 3.715252161026001],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 3.3851945306201014,
    "ic50_um_interval": [0.2790318308084768, 41.068941765306704],
    "percentile": 67.8794174194336,
    "case": "unseen_line",
    "in_domain": True,
    "nearest": {"cell_line": NEAR_LINE, "drug": None},
}
BV173_COMPOUND = {
    "cell_line": {"id": "910710", "name": "BV-173"},
    "drug": {"id": None, "name": "compound"},
    "probability": 0.9980961084365845,
    "score": 2.887596368789673,
    "ln_ic50": -4.051482677459717,
    "ln_ic50_interval": [-7.933102607727051, -0.1698627471923828],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 0.017396562017945594,
    "ic50_um_interval": [0.00035867186671954793, 0.8437806199081325],
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
    "ln_ic50_sd": 1.146513819694519,
    "gdsc_drug_ids": ["1", "1168"],
}
CARD = {
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
    "measured_as": "hgacl",
    "calibration": {"slope": 4.294954199635534, "intercept": -6.1401786462039585},
    "decision_threshold": 0.3265607953071594,
    "regression": {
        "slope": 1.0106633595841268,
        "intercept": 0.006497633157352745,
        "half_width_sd": 0.9764426904113639,
        "coverage": 0.9,
    },
    "reliability": {},
    "table_sets": [],
    "config": {"preset": "default"},
    "training": {"seed": 0},
}

ALLSIL_COMPOUND = {
    **BV173_COMPOUND,
    "cell_line": {"id": "1295740", "name": "ALL-SIL"},
    "drug": {"id": None, "name": "compound 3"},
    "probability": 0.9960637092590332,
    "score": 2.71801495552063,
    "ln_ic50": -3.4528329372406006,
    "ln_ic50_interval": [-7.324634552001953, 0.41896867752075195],
    "ln_ic50_interval_other_assay": None,
    "ic50_um": 0.03165583025016986,
    "ic50_um_interval": [0.000659100486352473, 1.5203927315745778],
    "percentile": 99.68814849853516,
    "nearest": {"cell_line": None, "drug": {"id": "5291", "name": "Imatinib", "similarity": 0.75}},
}
EXPLANATION = {
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
