"""What the manifest of an exported DiM2-DRP network says: every graph's inputs, their order, units and names."""

from dataclasses import asdict
from typing import Any

import onnxruntime as ort

from model.bundle.card import Training
from model.dim2.config import Dim2Config
from model.molecule_graphs import ATOM_SIZES, BOND_SIZES, BONDS, ELEMENTS, HYBRIDS, PAIR_CUTOFF
from training.data.arrays import Arrays
from training.data.schema import EXPRESSION_UNITS, UNITS
from training.dim2.inputs import CONFORMERS, EXPRESSION, SCORES
from training.export.cell_tables import MUTATION, TISSUE
from training.export.network_graphs import CELL_INPUTS, DRUG_INPUTS, PAIR_INPUTS, Sizes
from training.inductive.onnx_graph import OPSET

FORMAT = 1
MISSING = "NaN where not measured, which counts as the training lines' mean"
SIZES = {
    "m": "molecules", "V": "atoms", "E": "bonds", "K": "conformers", "A": "angles", "P": "pairs of atoms",
    "n": "cell lines, or pairs",
}  # fmt: skip
MEANINGS = {
    "ecfp": "ECFP4 bits, 0/1",
    "atoms": f"codes below {list(ATOM_SIZES)}: element, degree, charge + 2, hybridisation, hydrogens, aromatic, in a "
    "ring, chirality (none, R, S)",
    "atom_drug": "which molecule an atom belongs to, from 0",
    "bonds": "atoms i < j of each bond",
    "bond_kinds": f"codes below {list(BOND_SIZES)}: order, conjugated, in a ring",
    "lengths": "of bonds, Å; 0 without geometry",
    "angle_bonds": "pairs of bonds that share an atom; none without geometry",
    "angles": "between those bonds, radians",
    "pairs": f"atoms i < j without a bond that come within {PAIR_CUTOFF} Å; none without geometry",
    "distances": "of those pairs, Å",
    "has_geometry": "false where the molecule has no conformer",
    "cell": "answer of cell_encoder",
    "drug": "answer of drug_encoder",
    "cell_factors": "the line's row of offset.safetensors",
    "drug_factors": "the drug's row of offset.safetensors",
    "offset": "the pair's element of offset.safetensors, ln µM",
    "scale": "the drug's element of offset.safetensors, ln µM",
    "ln_ic50": "natural logarithm of the IC50 in µM",
}
OUTPUTS = {"drug_encoder": ("m", None), "cell_encoder": ("n", None), "pair_network": ("n",)}


def manifest_of(
    graphs: dict[str, bytes],
    info: dict[str, Any],
    arrays: Arrays,
    config: Dim2Config,
    training: Training,
    columns: dict[str, list[str]],
) -> dict[str, Any]:
    """The manifest without parity and hashes.

    `info` is the dataset's, `training` the card's; `columns` are the names of the cell encoder's inputs, in order.
    """
    sizes = {
        "drug_encoder": DRUG_INPUTS,
        "cell_encoder": CELL_INPUTS,
        "pair_network": PAIR_INPUTS,
    }
    meanings = {**MEANINGS, **_line_meanings(EXPRESSION_UNITS.get(info.get("expression_platform", ""), ""))}
    return {
        "format": FORMAT,
        "model": "dim2",
        "opset": OPSET,
        "dataset": {"name": info.get("name"), "content_hash": arrays.dataset_hash},
        "config": asdict(config),
        "training": training,
        "conformers": CONFORMERS if config.drug_3d else 0,
        "cell_lines": arrays.cell_line_ids,
        "drugs": arrays.drug_ids,
        "sizes": SIZES,
        "codes": {"element": [*ELEMENTS, "other"], "hybridisation": [*HYBRIDS, "other"], "order": [*BONDS, "other"]},
        "graphs": {name: _graph(name, content, sizes[name], meanings, columns) for name, content in graphs.items()},
    }


def _line_meanings(expression_unit: str) -> dict[str, str]:
    return {
        SCORES: f"{UNITS[SCORES]}; {MISSING}",
        EXPRESSION: f"{expression_unit}; {MISSING}",
        MUTATION: f"{UNITS[MUTATION]}; NaN where not measured, which counts as 0",
        TISSUE: "1 in the line's column; zeros for another tissue or none",
    }


def _graph(
    name: str,
    content: bytes,
    sizes: dict[str, Sizes],
    meanings: dict[str, str],
    columns: dict[str, list[str]],
) -> dict[str, Any]:
    """Inputs and output as the graph itself states them; one that the configuration does not read is not there."""
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])

    def described(part: ort.NodeArg, symbols: Sizes, meaning: str) -> dict[str, Any]:
        shape = [symbol or size for symbol, size in zip(symbols, part.shape, strict=True)]
        return {"type": part.type, "shape": shape, "meaning": meaning}

    inputs = {part.name: described(part, sizes[part.name], meanings[part.name]) for part in session.get_inputs()}
    for part in inputs.keys() & columns.keys():
        inputs[part]["columns"] = columns[part]
    (output,) = session.get_outputs()
    meaning = meanings["ln_ic50"] if output.name == "ln_ic50" else "code"
    return {"inputs": inputs, "outputs": {output.name: described(output, OUTPUTS[name], meaning)}}
