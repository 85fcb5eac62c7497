"""The shared embedding: one space for all omics tables of a line, and one for drugs (HGACL-DRP, sec. 2.2.1)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from model.hgacl.tensors import Population


class SharedEmbedding(nn.Module):
    """E_m = Linear_m(X_m); E of a line is the mean over the modalities that it has; E_drug = Linear(F)."""

    def __init__(self, feature_widths: Sequence[int], bits: int, width: int) -> None:
        super().__init__()
        self.modality = nn.ModuleList(nn.Linear(p, width) for p in feature_widths)
        self.drug = nn.Linear(bits, width)

    def forward(self, population: Population) -> tuple[Tensor, Tensor]:
        """Shapes: features (N, p_m), fingerprints (M, 881) -> lines (N, d), drugs (M, d)."""
        embedded = [linear(x) for linear, x in zip(self.modality, population.features, strict=True)]
        return mean_over_present(embedded, population.has), self.drug(population.fingerprints)


def mean_over_present(embedded: Sequence[Tensor], has: Tensor) -> Tensor:
    """Mean over the modalities that a line has. Shapes: each of embedded (n, d), has (n, 3) boolean -> (n, d)."""
    total = (torch.stack(list(embedded)) * has.T.unsqueeze(2)).sum(0)
    return total / has.sum(1, keepdim=True)
