"""Ln IC50 of any pairs from a trained network of DiM2-DRP."""

import torch
from torch import Tensor

from model.dim2.network import Dim2
from training.dim2.inputs import Inputs

PAIRS_AT_ONCE = 4_096


@torch.no_grad()
def predict_ln_ic50(network: Dim2, inputs: Inputs, pairs: Tensor) -> Tensor:
    """Ln IC50 (ln µM) of pairs; a line or drug without a training pair has the offset of one never measured.

    Sets the network to evaluation mode. Shapes: pairs (b, 2) -> (b,).
    """
    network.eval()
    offset, device = inputs.offset, inputs.response.device
    cell_codes = network.cells(*inputs.cells)
    drug_codes = network.drugs(**inputs.drugs.named_tensors())
    predicted = []
    for lines, drugs in (part.T for part in pairs.to(device).split(PAIRS_AT_ONCE)):
        line_variant = torch.where(inputs.measured_lines[lines], offset.full, offset.unseen)
        drug_variant = (~inputs.measured_drugs[drugs]).long()
        factors = (offset.line_factors[line_variant, lines], offset.drug_factors[drug_variant, drugs])
        fused = network(cell_codes[lines], drug_codes[drugs], *factors)
        shift, scale = offset.pairs(line_variant, drug_variant, lines, drugs), offset.scale[drug_variant, drugs]
        predicted.append(shift + scale * fused.output)
    return torch.cat(predicted)
