"""What HGACL-DRP is trained on: contrast between views, and labels and ln IC50 of supervised pairs."""
# ruff: noqa: ARG002 -- losses share one signature, and not each reads all of it

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Neighbourhood, Responses


def info_nce(anchors: Tensor, others: Tensor, positive: Tensor, neutral: Tensor, temperature: float) -> Tensor:
    """InfoNCE with neutral pairs (HGACL-DRP, sec. 2.3.3).

        L_i = −log Σ_{j ∈ P(i)} e^{s_ij/τ} / Σ_{j ∈ P(i) ∪ N(i)} e^{s_ij/τ},   s = cosine

    P(i): `positive`; left out of both sums: `neutral` without P(i); N(i): the rest. Anchors without a positive are
    left out of the mean. Shapes: anchors, others (n, d), positive, neutral (n, n) boolean -> scalar.
    """
    similarity = functional.normalize(anchors, dim=1) @ functional.normalize(others, dim=1).T
    # Between e^(-2/τ) and 1: without a search for each row's largest, as logsumexp has it, in half of the time.
    weight = ((similarity - 1) / temperature).exp()
    has_positive = positive.any(1)
    above = (weight * positive).sum(1)[has_positive]
    below = (weight * (positive | ~neutral)).sum(1)[has_positive]
    return (below.log() - above.log()).mean()


def contrast(
    original: Tensor, feature: Tensor, structure: Tensor, partners: Tensor, neutral: Tensor, tau: float
) -> Tensor:
    """Mean InfoNCE of original–feature, original–structure and original–original views (sec. 2.3.3).

    Across views a node's positives are itself and its known sensitive partners. Within the original view its
    similarity to itself is the constant 1, so there it is neither positive nor negative.
    Shapes: views (n, d), partners, neutral (n, n) boolean -> scalar.
    """
    itself = torch.eye(len(original), dtype=torch.bool, device=original.device)
    return (
        info_nce(original, feature, partners | itself, neutral, tau)
        + info_nce(original, structure, partners | itself, neutral, tau)
        + info_nce(original, original, partners, neutral | itself, tau)
    ) / 3


def partner_mask(nodes: Tensor, sensitive: Tensor) -> Tensor:
    """Which of the nodes are sensitive pairs, drugs numbered after the lines.

    Shapes: nodes (a,) rising, sensitive (N, M) boolean -> (a, a).
    """
    n = len(sensitive)
    lines, drugs = nodes[nodes < n], nodes[nodes >= n] - n
    mask = torch.zeros(len(nodes), len(nodes), dtype=torch.bool, device=sensitive.device)
    mask[: len(lines), len(lines) :] = sensitive[lines][:, drugs]
    return mask | mask.T


def neighbour_mask(nodes: Tensor, lines: Neighbourhood, drugs: Neighbourhood) -> Tensor:
    """Which of the nodes are reliable neighbours of each other. Shapes: nodes (a,) rising -> (a, a)."""
    n = len(lines.columns)
    place = torch.full((n + len(drugs.columns),), -1, device=nodes.device)
    place[nodes] = torch.arange(len(nodes), device=nodes.device)
    mask = torch.zeros(len(nodes), len(nodes), dtype=torch.bool, device=nodes.device)
    for rows, near, start in ((nodes[nodes < n], lines, 0), (nodes[nodes >= n], drugs, n)):
        other = place[near.sources[near.columns[rows - start]] + start]  # (rows, k)
        one = place[rows].unsqueeze(1).expand_as(other)
        mask[one[other >= 0], other[other >= 0]] = True
    return mask | mask.T


class LabelLoss(nn.Module):
    """The paper's loss of the supervised pairs: cross-entropy of the rescaled sigmoid of ρ (sec. 2.4)."""

    def __init__(self, decoder_scale: float) -> None:
        super().__init__()
        self.decoder_scale = decoder_scale

    def forward(self, scores: Tensor, margins: Tensor, responses: Responses, supervised: Tensor) -> Tensor:
        """Shapes: scores, margins (N, M), supervised (N, M) boolean -> scalar."""
        pairs = supervised.nonzero(as_tuple=True)
        label = responses.sensitive[pairs].to(scores.dtype)
        probability = rescaled_sigmoid(scores[pairs], self.decoder_scale)
        return functional.binary_cross_entropy(probability, label)


class LabelAndMarginLoss(nn.Module):
    """The default's loss: cross-entropy of σ(slope · s + intercept), both learned, plus the squared error of m.

    m is compared with the margin (threshold − ln IC50) / σ_d, and its error weighs `margin_weight`.
    """

    def __init__(self, margin_weight: float) -> None:
        super().__init__()
        self.margin_weight = margin_weight
        self.slope = nn.Parameter(torch.tensor(1.5))
        self.intercept = nn.Parameter(torch.tensor(-1.5))

    def forward(self, scores: Tensor, margins: Tensor, responses: Responses, supervised: Tensor) -> Tensor:
        """Shapes: scores, margins (N, M), supervised (N, M) boolean -> scalar."""
        pairs = supervised.nonzero(as_tuple=True)
        label = responses.sensitive[pairs].to(scores.dtype)
        logits = self.slope * scores[pairs] + self.intercept
        squared = (margins[pairs] - responses.margin[pairs]).square().mean()
        return functional.binary_cross_entropy_with_logits(logits, label) + self.margin_weight * squared


def choose_loss(config: HgaclConfig) -> LabelLoss | LabelAndMarginLoss:
    """The loss of the label alone, or of label and margin where the margin has a weight."""
    return LabelAndMarginLoss(config.margin_weight) if config.margin_weight else LabelLoss(config.decoder_scale)


def rescaled_sigmoid(rho: Tensor, alpha: float) -> Tensor:
    """(σ(αρ) − σ(−α)) / (σ(α) − σ(−α)): 0 at ρ = −1, 1 at ρ = 1 [C]. Shapes: any -> the same."""
    low, high = torch.sigmoid(rho.new_tensor([-alpha, alpha]))
    rescaled: Tensor = (torch.sigmoid(alpha * rho) - low) / (high - low)
    return rescaled.clamp(0, 1)
