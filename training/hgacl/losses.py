"""What HGACL-DRP is trained on: contrast between views, and labels and ln IC50 of supervised pairs."""
# ruff: noqa: ARG002 -- losses share one signature, and not each reads all of it

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Responses


def info_nce(anchors: Tensor, others: Tensor, positive: Tensor, neutral: Tensor, temperature: float) -> Tensor:
    """InfoNCE with neutral pairs (HGACL-DRP, sec. 2.3.3).

        L_i = −log Σ_{j ∈ P(i)} e^{s_ij/τ} / Σ_{j ∈ P(i) ∪ N(i)} e^{s_ij/τ},   s = cosine

    P(i): `positive`; left out of both sums: `neutral` without P(i); N(i): the rest. Anchors without a positive are
    left out of the mean. Shapes: anchors, others (n, d), positive, neutral (n, n) boolean -> scalar.
    """
    similarity = functional.normalize(anchors, dim=1) @ functional.normalize(others, dim=1).T / temperature
    has_positive = positive.any(1)
    above = torch.logsumexp(similarity.masked_fill(~positive, -torch.inf)[has_positive], 1)
    below = torch.logsumexp(similarity.masked_fill(neutral & ~positive, -torch.inf)[has_positive], 1)
    return (below - above).mean()


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


def partner_mask(sensitive: Tensor) -> Tensor:
    """Symmetric node mask of the sensitive pairs. Shapes: sensitive (N, M) boolean -> (N + M, N + M)."""
    n, m = sensitive.shape
    mask = torch.zeros(n + m, n + m, dtype=torch.bool, device=sensitive.device)
    mask[:n, n:] = sensitive
    mask[n:, :n] = sensitive.T
    return mask


def neighbour_mask(line_edges: Tensor, drug_edges: Tensor, n: int, m: int) -> Tensor:
    """Symmetric node mask of the reliable neighbours. Shapes: edge indices (2, e) -> (N + M, N + M)."""
    mask = torch.zeros(n + m, n + m, dtype=torch.bool, device=line_edges.device)
    mask[line_edges[0], line_edges[1]] = True
    mask[drug_edges[0] + n, drug_edges[1] + n] = True
    return mask | mask.T


class LabelLoss(nn.Module):
    """The paper's loss of the supervised pairs: cross-entropy of the rescaled sigmoid of ρ (sec. 2.4)."""

    def __init__(self, decoder_scale: float) -> None:
        super().__init__()
        self.decoder_scale = decoder_scale

    def forward(self, scores: Tensor, margins: Tensor, responses: Responses, supervised: Tensor) -> Tensor:
        """Shapes: scores, margins (N, M), supervised (N, M) boolean -> scalar."""
        label = responses.sensitive[supervised].to(scores.dtype)
        probability = rescaled_sigmoid(scores[supervised], self.decoder_scale)
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
        label = responses.sensitive[supervised].to(scores.dtype)
        logits = self.slope * scores[supervised] + self.intercept
        squared = (margins[supervised] - responses.margin[supervised]).square().mean()
        return functional.binary_cross_entropy_with_logits(logits, label) + self.margin_weight * squared


def choose_loss(config: HgaclConfig) -> LabelLoss | LabelAndMarginLoss:
    """The loss of the label alone, or of label and margin where the margin has a weight."""
    return LabelAndMarginLoss(config.margin_weight) if config.margin_weight else LabelLoss(config.decoder_scale)


def rescaled_sigmoid(rho: Tensor, alpha: float) -> Tensor:
    """(σ(αρ) − σ(−α)) / (σ(α) − σ(−α)): 0 at ρ = −1, 1 at ρ = 1 [C]. Shapes: any -> the same."""
    low, high = torch.sigmoid(rho.new_tensor([-alpha, alpha]))
    rescaled: Tensor = (torch.sigmoid(alpha * rho) - low) / (high - low)
    return rescaled.clamp(0, 1)
