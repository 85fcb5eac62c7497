"""Losses of DiM2-DRP: the response, the reconstructions, the drug's target and the line's cancer type."""

from torch import Tensor
from torch.nn import functional

from model.dim2.network import Dim2
from training.dim2.inputs import Inputs

HUBER_DELTA = 2.0  # standard deviations of the drug


def pair_loss(output: Tensor, response: Tensor, offset: Tensor, scale: Tensor) -> Tensor:
    """Huber loss of the standardised residual, weighted by the drug's standard deviation.

        Σ scale · huber(output − (response − offset) / scale) / Σ scale

    Quadratic for errors up to HUBER_DELTA standard deviations and linear beyond, because a few fitted curves lie far
    outside the tested concentrations. Without a weight the loss would serve the correlation within drugs alone, with
    the squared scale the RMSE in ln µM alone. Shapes: output, response, offset (ln µM), scale (ln µM), all (b,) -> ().
    """
    target = (response - offset) / scale
    loss = functional.huber_loss(output.float(), target, reduction="none", delta=HUBER_DELTA)
    return (loss * scale).sum() / scale.sum()


def drug_auxiliary_loss(network: Dim2, codes: Tensor, inputs: Inputs) -> Tensor:
    """Sum of the weighted losses on all training drugs' codes: their bits, and the target class where known.

    A class is weighted by one over the root of its number of drugs, so that the class that collects rare targets does
    not dominate. Shapes: codes (M, drug width) -> ().
    """
    config, loss, drugs = network.config, codes.new_zeros(()), inputs.measured_drugs
    if config.drug_reconstruction:
        error = network.drugs.bits_loss(codes[drugs, : config.ecfp_code], inputs.drugs.ecfp[drugs])
        loss = loss + config.drug_reconstruction * error
    if network.target is not None:
        weight = inputs.target_counts.clamp(min=1).rsqrt()
        logits = network.target(codes)
        error = functional.cross_entropy(
            logits, inputs.target, weight, ignore_index=-1, label_smoothing=config.label_smoothing
        )
        loss = loss + config.target_weight * error
    return loss


def cell_auxiliary_loss(network: Dim2, codes: Tensor, inputs: Inputs) -> Tensor:
    """Sum of the weighted losses on all training lines' codes: mutations, and the cancer type where known.

    Shapes: codes (N, cell width) -> ().
    """
    config, loss, lines = network.config, codes.new_zeros(()), inputs.measured_lines
    if config.mutations and config.mutation_reconstruction:
        error = network.cells.reconstruction(codes[lines], inputs.mutations[lines])
        loss = loss + config.mutation_reconstruction * error
    if network.cancer is not None:
        error = functional.cross_entropy(network.cancer(codes), inputs.cancer, ignore_index=-1)
        loss = loss + config.cancer_weight * error
    return loss
