"""Ln IC50 of any pairs from a trained network of DiM2-DRP."""

import torch
from torch import Tensor

from model.dim2.network import Dim2
from training.dim2.inputs import Inputs
from training.dim2.offset import ResponseOffset

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
        factors = pair_factors(network, offset, line_variant, drug_variant, lines, drugs)
        fused = network(cell_codes[lines], drug_codes[drugs], *factors)
        shift, scale = offset.pairs(line_variant, drug_variant, lines, drugs), offset.scale[drug_variant, drugs]
        predicted.append(shift + scale * fused.output)
    return torch.cat(predicted)


def pair_factors(
    network: Dim2, offset: ResponseOffset, line_variant: Tensor, drug_variant: Tensor, lines: Tensor, drugs: Tensor
) -> tuple[Tensor, Tensor]:
    """What the network sees of the responses of aligned pairs: the offset's factors and its own free codes.

    Shapes: variants as in training.dim2.offset and rows, all (b,) -> (b, f) of the lines and of the drugs.
    """
    of_lines, of_drugs = offset.line_factors[line_variant, lines], offset.drug_factors[drug_variant, drugs]
    if network.free_lines is None or network.free_drugs is None:
        return of_lines, of_drugs
    free = network.free_lines(lines, line_variant == offset.unseen), network.free_drugs(drugs, drug_variant == 1)
    return torch.cat([of_lines, free[0]], 1), torch.cat([of_drugs, free[1]], 1)
