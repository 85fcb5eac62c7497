"""What a trained network of DiM2-DRP says of any pairs: ln IC50, its spread with dropout, and where attention goes."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from model.dim2.fusion import Fused
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
    graphs = network.drugs.graph_codes(**inputs.drugs.named_tensors())
    return torch.cat([ln_ic50 for ln_ic50, _ in _in_parts(network, inputs, graphs, pairs)])


@torch.no_grad()
def monte_carlo_ln_ic50(network: Dim2, inputs: Inputs, pairs: Tensor, passes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of ln IC50 (ln µM) of pairs over passes with dropout: Monte Carlo dropout.

    Dropout alone is active, in the encoders and the last MLP; all else is as `predict_ln_ic50` has it. The molecule
    graphs' codes have no dropout and are computed once. In a pass all pairs of a line or drug share its code. Leaves
    the network in evaluation mode and torch's generator as it was. Shapes: pairs (b, 2) -> (b,), (b,).

    Raises ValueError for fewer than two passes.
    """
    if passes < 2:
        raise ValueError(f"{passes} passes: give at least 2, a spread needs them")
    network.eval()
    graphs = network.drugs.graph_codes(**inputs.drugs.named_tensors())
    device = inputs.response.device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.train()
        once = [torch.cat([x for x, _ in _in_parts(network, inputs, graphs, pairs)]) for _ in range(passes)]
    network.eval()
    values = torch.stack(once).double()
    return values.mean(0).float(), values.std(0).float()


@torch.no_grad()
def mean_attention(network: Dim2, inputs: Inputs, pairs: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """Weights of the other side's class token over the tokens of "cell" and "drug": mean and deviation over pairs.

    A pair's weights are the mean over heads of those in the last layer. Sets the network to evaluation mode; empty for
    one without attention. Shapes: pairs (b, 2) -> (k,) and (k,) of each side, class token first, both double.
    """
    if not network.config.attention:
        return {}
    network.eval()
    graphs = network.drugs.graph_codes(**inputs.drugs.named_tensors())
    total: dict[str, Tensor] = {}
    square: dict[str, Tensor] = {}
    for _, fused in _in_parts(network, inputs, graphs, pairs):
        for side, weights in (("cell", fused.over_cell), ("drug", fused.over_drug)):
            assert weights is not None  # noqa: S101  it attends
            of_pair = weights.double().mean(2)
            total[side] = total.get(side, 0) + of_pair.sum(0)
            square[side] = square.get(side, 0) + (of_pair**2).sum(0)
    means = {side: sums / len(pairs) for side, sums in total.items()}
    return {side: (mean, (square[side] / len(pairs) - mean**2).clamp(min=0).sqrt()) for side, mean in means.items()}


def _in_parts(network: Dim2, inputs: Inputs, graphs: Tensor, pairs: Tensor) -> Iterator[tuple[Tensor, Fused]]:
    """Ln IC50 (ln µM) and fusion of pairs, some at once, in the network's present mode.

    Shapes: graphs (M, 5 or 10) of `graph_codes`, pairs (b, 2) -> (PAIRS_AT_ONCE,) or fewer each time.
    """
    offset, device = inputs.offset, inputs.response.device
    cell_codes = network.cells(*inputs.cells)
    drug_codes = torch.cat([network.drugs.ecfp(inputs.drugs.ecfp), graphs], 1)
    for lines, drugs in (part.T for part in pairs.to(device).split(PAIRS_AT_ONCE)):
        line_variant = torch.where(inputs.measured_lines[lines], offset.full, offset.unseen)
        drug_variant = (~inputs.measured_drugs[drugs]).long()
        factors = pair_factors(network, offset, line_variant, drug_variant, lines, drugs)
        fused: Fused = network(cell_codes[lines], drug_codes[drugs], *factors)
        shift, scale = offset.pairs(line_variant, drug_variant, lines, drugs), offset.scale[drug_variant, drugs]
        yield shift + scale * fused.output, fused


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
