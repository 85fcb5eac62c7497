"""Encoder graphs with random weights and their card entry, in the form that training exports."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from model.encoder_inputs import LINE_NAMES

GENES = {
    "expression": ["TP53", "KRAS", "EGFR", "MYC", "BRAF"],
    "copy_number": ["MYC", "CDKN2A", "EGFR", "ERBB2"],
    "mutation": ["TP53", "KRAS", "STK11"],
}
TISSUES, CANCER_TYPES, MEDIA = ["lung", "skin"], ["LUAD"], ["D/F12", "R"]
TARGETS, PATHWAYS = ["BRD4", "EGFR"], ["EGFR signaling", "Other"]
LINE_WIDTHS = {"expression": 5, "copy_number": 4, "mutation": 3, "tissue": 2, "cancer_type": 1, "medium": 2}
DRUG_WIDTHS = {"fingerprint": 881, "ecfp": 1024, "targets": 3, "pathway": 3}


def entry(cell_line_ids, drug_ids):
    """The card's entry "inductive"; the last line and drug are not of the training population."""
    return {
        "genes": GENES,
        "tissues": TISSUES,
        "cancer_types": CANCER_TYPES,
        "media": MEDIA,
        "targets": TARGETS,
        "pathways": PATHWAYS,
        "cell_lines": cell_line_ids[:-1],
        "drugs": drug_ids[:-1],
        "threshold_sd_ln_um": 2.0,
        "domain": {"cell_line": 0.6, "drug": 0.55, "drug_structure": 0.6},
    }


def population(lines, drugs, seed):
    """Tables of training.inductive.applicability_domain, random."""
    rng = np.random.default_rng(seed)
    weights = rng.random((lines, 3)).astype(np.float32)
    near = {"line": (lines, "closeness"), "drug": (drugs, "similarity")}
    out = {"line_weights": weights / weights.sum(1, keepdims=True)}
    for side, (count, name) in near.items():
        out[f"{side}_nearest"] = ((np.arange(count)[:, None] + np.arange(1, 4)) % (count - 1)).astype(np.int32)
        out[f"{side}_{name}"] = np.sort(rng.random((count, 3)).astype(np.float32))[:, ::-1].copy()
    for modality, names in GENES.items():
        out |= {
            f"{modality}_mean": np.zeros(len(names), np.float32),
            f"{modality}_sd": np.ones(len(names), np.float32),
        }
    return out


def line_encoder(width, lines, seed):
    """Code, similarity, closeness and weights as functions of the inputs' sum with random weights; NaN counts as 0."""
    rng = np.random.default_rng(seed)
    wide = sum(LINE_WIDTHS.values()) + 3
    constants = {"code_w": rng.normal(size=(wide, width), scale=0.05), "near_w": rng.normal(size=(wide, lines - 1))}
    nodes = []
    for name in LINE_WIDTHS:
        nodes += [
            helper.make_node("IsNaN", [name], [f"{name}_nan"]),
            helper.make_node("Where", [f"{name}_nan", "zero", name], [f"{name}_known"]),
        ]
    nodes += [
        helper.make_node("Cast", ["has"], ["had"], to=TensorProto.FLOAT),
        helper.make_node("Concat", [*(f"{name}_known" for name in LINE_WIDTHS), "had"], ["read"], axis=1),
        *code("read", "code_w", "code"),
        *near("read", "near_w", "closeness"),
        helper.make_node("Identity", ["closeness"], ["similarity"]),
        helper.make_node("ReduceSum", ["had", "axis"], ["tables"], keepdims=1),
        helper.make_node("Div", ["had", "tables"], ["weights"]),
    ]
    inputs = [value(name, LINE_WIDTHS[name]) for name in ("expression", "copy_number", "mutation")]
    inputs += [helper.make_tensor_value_info("has", TensorProto.BOOL, ("n", 3))]
    inputs += [value(name, LINE_WIDTHS[name]) for name in LINE_NAMES]
    outputs = [
        value("code", width),
        *(value(name, lines - 1) for name in ("similarity", "closeness")),
        value("weights", 3),
    ]
    return graph(nodes, inputs, outputs, constants)


def drug_encoder(width, drugs, seed):
    """Embeddings, threshold, deviation and similarity as functions of the inputs with random weights."""
    rng = np.random.default_rng(seed)
    wide = sum(DRUG_WIDTHS.values())
    constants = {
        "code_w": rng.normal(size=(wide, width), scale=0.05),
        "margin_w": rng.normal(size=(wide, width), scale=0.05),
        "two_w": rng.normal(size=(wide, 2), scale=0.05),
        "one_w": rng.normal(size=(wide, 1), scale=0.05),
        "near_w": rng.normal(size=(wide, drugs - 1), scale=0.2),
    }
    nodes = [
        helper.make_node("Concat", list(DRUG_WIDTHS), ["read"], axis=1),
        *code("read", "code_w", "code"),
        *code("read", "margin_w", "margin_code"),
        helper.make_node("MatMul", ["read", "two_w"], ["offset"]),
        helper.make_node("Identity", ["offset"], ["scale"]),
        helper.make_node("MatMul", ["read", "one_w"], ["one"]),
        helper.make_node("ReduceSum", ["one", "axis"], ["threshold"], keepdims=0),
        helper.make_node("Sigmoid", ["threshold"], ["ln_ic50_sd"]),
        *near("read", "near_w", "similarity"),
    ]
    outputs = [value(name, width) for name in ("code", "margin_code")] + [
        value(name, 2) for name in ("offset", "scale")
    ]
    outputs += [value(name) for name in ("threshold", "ln_ic50_sd")] + [value("similarity", drugs - 1)]
    return graph(nodes, [value(name, w) for name, w in DRUG_WIDTHS.items()], outputs, constants)


def code(read, weights, name):
    return [
        helper.make_node("MatMul", [read, weights], [f"{name}_raw"]),
        helper.make_node("Tanh", [f"{name}_raw"], [name]),
    ]


def near(read, weights, name):
    return [
        helper.make_node("MatMul", [read, weights], [f"{name}_raw"]),
        helper.make_node("Sigmoid", [f"{name}_raw"], [name]),
    ]


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ("n", *shape))


def graph(nodes, inputs, outputs, constants):
    given = {name: array.astype(np.float32) for name, array in constants.items()}
    given |= {"zero": np.array(0, np.float32), "axis": np.array([1])}
    used = {name for node in nodes for name in node.input}
    initializers = [numpy_helper.from_array(array, name) for name, array in given.items() if name in used]
    made = helper.make_graph(nodes, "encoder", inputs, outputs, initializers)
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(made, opset_imports=opset, ir_version=10).SerializeToString()
