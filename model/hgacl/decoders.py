"""From embeddings of lines and drugs to codes whose inner product is a pair's score (HGACL-DRP, sec. 2.4).

A decoder gives a line one code and a drug two: one for the score, one for the margin (threshold − ln IC50) / σ_d.
"""
# ruff: noqa: ARG002 -- decoders share one signature, and not each reads all of it

import torch
from torch import Tensor, nn
from torch.nn import functional

Codes = tuple[Tensor, ...]  # of margin and soft label, or none


class CorrelationDecoder(nn.Module):
    """The paper's: s = ρ(h_c, h_d), the Pearson correlation of two linear maps of z; the margin is the score."""

    def __init__(self, line: nn.Module, drug: nn.Module) -> None:
        super().__init__()
        self.line, self.drug = line, drug

    def line_codes(self, z: Tensor, factors: Codes) -> Tensor:
        """Shapes: z (n, hidden) -> (n, w)."""
        return centred_unit(self.line(z))

    def drug_codes(self, z: Tensor, factors: Codes, offsets: Codes) -> tuple[Tensor, Tensor]:
        """Shapes: z (n, hidden) -> (n, w), twice the same."""
        drug = centred_unit(self.drug(z))
        return drug, drug


class NoBias(nn.Module):
    """A bias that is left out: 0."""

    def forward(self, z: Tensor) -> Tensor:
        """Shapes: z (n, hidden) -> (n, 1)."""
        return torch.zeros_like(z[:, :1])


class InnerProduct(nn.Module):
    """A drug's side of β ρ(h_c, h_d) + Σ_t γ_t (u_ct · v_dt + offset_dt) + κ b_c + b_d.

    Weights are parameters where they are learned and numbers where they are not; without factors γ is empty.
    """

    def __init__(
        self,
        correlation: nn.Parameter | float,
        factors: nn.Parameter | tuple[()],
        drug_bias: nn.Module,
        line_bias: nn.Parameter | float = 1.0,
    ) -> None:
        super().__init__()
        self.correlation, self.factors, self.line_bias = correlation, factors, line_bias  # β, γ, κ
        self.drug_bias = drug_bias

    def forward(self, unit: Tensor, z: Tensor, factors: Codes, offsets: Codes) -> Tensor:
        """Shapes: unit (n, w) centred and of length 1, z (n, hidden), factors (n, r), offsets (n,) -> (n, w')."""
        weighted = [w * f for w, f in zip(self.factors, factors, strict=True)]
        shift = self.drug_bias(z)
        for w, offset in zip(self.factors, offsets, strict=True):
            shift = shift + w * offset.unsqueeze(1)
        one = torch.ones_like(z[:, :1])
        return torch.cat([self.correlation * unit, *weighted, shift, self.line_bias * one], 1)


class FactorDecoder(CorrelationDecoder):
    """The score is the correlation with response factors and biases beside it; the margin is the score."""

    def __init__(self, line: nn.Module, drug: nn.Module, line_bias: nn.Module, score: InnerProduct) -> None:
        super().__init__(line, drug)
        self.line_bias, self.score = line_bias, score

    def line_codes(self, z: Tensor, factors: Codes) -> Tensor:
        """Columns of ρ, factors, 1 and the line's bias. Shapes: z (n, hidden), each of factors (n, r) -> (n, w')."""
        return torch.cat([centred_unit(self.line(z)), *factors, torch.ones_like(z[:, :1]), self.line_bias(z)], 1)

    def drug_codes(self, z: Tensor, factors: Codes, offsets: Codes) -> tuple[Tensor, Tensor]:
        """Shapes: z (n, hidden), each of factors (n, r) and of offsets (n,) -> (n, w'), twice the same."""
        code = self.score(centred_unit(self.drug(z)), z, factors, offsets)
        return code, code


class MarginDecoder(FactorDecoder):
    """The default: a second inner product with the same line codes estimates the margin."""

    def __init__(
        self, line: nn.Module, drug: nn.Module, line_bias: nn.Module, score: InnerProduct, margin: InnerProduct
    ) -> None:
        super().__init__(line, drug, line_bias, score)
        self.margin = margin

    def drug_codes(self, z: Tensor, factors: Codes, offsets: Codes) -> tuple[Tensor, Tensor]:
        """Shapes: z (n, hidden), each of factors (n, r) and of offsets (n,) -> (n, w') of score and of margin."""
        unit = centred_unit(self.drug(z))
        return self.score(unit, z, factors, offsets), self.margin(unit, z, factors, offsets)


def centred_unit(h: Tensor) -> Tensor:
    """Rows centred and scaled to length 1, so that the Pearson correlation of two rows is their inner product."""
    return functional.normalize(h - h.mean(1, keepdim=True), dim=1)
