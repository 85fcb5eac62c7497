"""Losses of DiM2-DRP: the response, the reconstructions, the drug's target and the line's cancer type."""

from torch import Tensor
from torch.nn import functional

from model.dim2.drug_batch import DrugBatch
from model.dim2.network import Dim2
from training.dim2.inputs import Inputs


def pair_loss(output: Tensor, response: Tensor, offset: Tensor, scale: Tensor) -> Tensor:
    """Huber loss of (response − offset) / scale, weighted by scale; from one unit on it grows linearly.

    A few curve fits lie far outside the tested concentrations. The weight is between the two figures that count: none
    would serve the correlation within each drug alone, the scale's square the RMSE in ln µM alone. Shapes: all (b,).
    """
    target = (response - offset) / scale
    loss = functional.huber_loss(output.float(), target, reduction="none", delta=2.0)
    return (loss * scale).sum() / scale.sum()


def auxiliary_drug(network: Dim2, codes: Tensor, graphs: DrugBatch, inputs: Inputs) -> Tensor:
    """Weighted losses on the drug codes of all training drugs: reconstruction, and target class where it is known.

    Classes are weighted by one over the root of their drugs, so that the rest of rare targets does not rule.
    """
    config, loss = network.config, codes.new_zeros(())
    if config.drug_reconstruction:
        loss = loss + config.drug_reconstruction * network.drugs.reconstruction(codes, graphs, inputs.measured_drugs)
    if network.target is not None:
        weight = inputs.target_share.clamp(min=1).rsqrt()
        logits = network.target(codes)
        error = functional.cross_entropy(
            logits, inputs.target, weight, ignore_index=-1, label_smoothing=config.label_smoothing
        )
        loss = loss + config.target_weight * error
    return loss


def auxiliary_cell(network: Dim2, codes: Tensor, inputs: Inputs) -> Tensor:
    """Weighted losses on the cell codes of all training lines: mutations given back, cancer type where it is known."""
    config, loss, lines = network.config, codes.new_zeros(()), inputs.measured_lines
    if config.mutations and config.mutation_reconstruction:
        error = network.cells.reconstruction(codes[lines], inputs.mutations[lines])
        loss = loss + config.mutation_reconstruction * error
    if network.cancer is not None:
        error = functional.cross_entropy(network.cancer(codes), inputs.cancer, ignore_index=-1)
        loss = loss + config.cancer_weight * error
    return loss
