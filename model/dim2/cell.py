"""The cell side of DiM2-DRP: pathway activities, mutations through an autoencoder; expression, tissue if wanted."""

import torch
from torch import Tensor, nn

from model.dim2.config import Dim2Config


class CellEncoder(nn.Module):
    """A line's code: p standardised pathway scores | mutations → 300 → 100 → 30 | expression → 30 | tissue → 8.

    Each part can be left out; expression comes as principal components. A line without a table has zeros there, which
    after standardising is the mean line.
    """

    def __init__(self, pathways: int, genes: int, components: int, tissues: int, config: Dim2Config) -> None:
        super().__init__()
        self.config = config
        self.width = pathways if config.pathways else 0
        self.encoder = self.decoder = self.expression = self.tissue = None
        self.start = self.width
        if config.mutations:
            code = config.mutation_code
            drop = [nn.Dropout(config.dropout), nn.Dropout(config.dropout)]
            down = [nn.Linear(genes, 300), nn.ReLU(), drop[0], nn.Linear(300, 100), nn.ReLU(), drop[1]]
            self.encoder = nn.Sequential(*down, nn.Linear(100, code))
            self.decoder = nn.Sequential(
                nn.Linear(code, 100), nn.ReLU(), nn.Linear(100, 300), nn.ReLU(), nn.Linear(300, genes)
            )
            self.width += code
        if config.expression and components:
            code = config.expression_code
            self.expression = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(components, code))
            self.width += code
        if config.tissue:
            self.tissue = nn.Linear(tissues, 8, bias=False)
            self.width += 8

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Names and lengths of the code's parts, in their order; a part that is left out has length 0."""
        config = self.config
        return [
            ("pathways", self.start),
            ("mutation code", config.mutation_code if self.encoder is not None else 0),
            ("expression code", config.expression_code if self.expression is not None else 0),
            ("tissue code", 8 if self.tissue is not None else 0),
        ]

    def forward(self, pathways: Tensor, mutations: Tensor, expression: Tensor, tissue: Tensor) -> Tensor:
        """Shapes: pathways (b, p), mutations (b, r) 0/1, expression (b, e), tissue (b, t) one-hot -> (b, width)."""
        parts = [pathways] if self.config.pathways else []
        if self.encoder is not None:
            parts.append(self.encoder(mutations))
        if self.expression is not None:
            parts.append(self.expression(expression))
        if self.tissue is not None:
            parts.append(self.tissue(tissue))
        return torch.cat([*parts, pathways[:, :0]], 1)

    def reconstruction(self, codes: Tensor, mutations: Tensor) -> Tensor:
        """Cross-entropy of the mutations given back from the code; 0 without mutations. Shape: ()."""
        if self.decoder is None:
            return codes.new_zeros(())
        logits = self.decoder(codes[:, self.start : self.start + self.config.mutation_code])
        return nn.functional.binary_cross_entropy_with_logits(logits, mutations)
