"""Dynamic contrastive learning: a pair's fused cell and drug sides should find each other among many others."""

import torch
from torch import Tensor, nn

from model.dim2.config import Dim2Config


class Queue(nn.Module):
    """The last `size` projections of one side with the cell and drug they belong to; empty places have id −1."""

    rows: Tensor
    cells: Tensor
    drugs: Tensor
    at: Tensor

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(size, width))
        self.register_buffer("cells", torch.full((size,), -1))
        self.register_buffer("drugs", torch.full((size,), -1))
        self.register_buffer("at", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def push(self, rows: Tensor, cells: Tensor, drugs: Tensor) -> None:
        """Put rows (b, width) in place of the oldest; of more than fit, the last stay."""
        size = len(self.rows)
        rows, cells, drugs = rows[-size:], cells[-size:], drugs[-size:]
        places = (self.at + torch.arange(len(rows), device=rows.device)) % size
        self.rows[places], self.cells[places], self.drugs[places] = rows.to(self.rows.dtype), cells, drugs
        self.at.copy_((self.at + len(rows)) % size)


class Contrast(nn.Module):
    """Projection heads, one queue a side, and InfoNCE in both directions with per-sample weights."""

    def __init__(self, cell: int, drug: int, config: Dim2Config) -> None:
        super().__init__()
        self.temperature = config.temperature
        self.cell_head, self.drug_head = _head(cell, config.projection), _head(drug, config.projection)
        self.cell_queue, self.drug_queue = (Queue(config.queue, config.projection) for _ in range(2))

    def forward(self, cell: Tensor, drug: Tensor, cells: Tensor, drugs: Tensor, confidence: Tensor) -> Tensor:
        """Weighted loss of b pairs; pushes their projections into the queues.

        Shapes: cell (b, cell width), drug (b, drug width), cells, drugs (b,) ids, confidence (b,) -> (). The weight of
        a pair is its confidence, and so is, on the average, the loss: where attention says nothing, neither does this.
        """
        z, w = (
            nn.functional.normalize(head(x), dim=1) for head, x in ((self.cell_head, cell), (self.drug_head, drug))
        )
        to_drug = info_nce(z, w, self.drug_queue, cells, drugs, self.temperature)
        to_cell = info_nce(w, z, self.cell_queue, cells, drugs, self.temperature)
        self.cell_queue.push(z, cells, drugs)
        self.drug_queue.push(w, cells, drugs)
        return (confidence.detach() * (to_drug + to_cell) / 2).mean()


def info_nce(
    anchors: Tensor, others: Tensor, queue: Queue, cells: Tensor, drugs: Tensor, temperature: float
) -> Tensor:
    """InfoNCE loss of each anchor: −log of the softmax share of its partner among the batch's and the queue's, (b,).

    False negatives are left out of the sum: partners of the same drug or of the same cell, and empty places.
    Shapes: anchors, others (b, p) unit rows, cells, drugs (b,).
    """
    candidates = torch.cat([others, queue.rows])
    logits = anchors @ candidates.T / temperature
    false = false_negatives(cells, drugs, torch.cat([cells, queue.cells]), torch.cat([drugs, queue.drugs]))
    logits = logits.masked_fill(false, -torch.inf)
    partner = torch.arange(len(anchors), device=logits.device)
    return nn.functional.cross_entropy(logits, partner, reduction="none")


def false_negatives(cells: Tensor, drugs: Tensor, other_cells: Tensor, other_drugs: Tensor) -> Tensor:
    """Mask the candidates that are no negatives of a pair: same cell, same drug, or empty; never the pair itself.

    Shapes: cells, drugs (b,), other_cells, other_drugs (b + q,) with the pairs themselves first -> (b, b + q).
    """
    same = (cells.unsqueeze(1) == other_cells) | (drugs.unsqueeze(1) == other_drugs) | (other_cells < 0)
    itself = torch.arange(len(cells), device=cells.device)
    same[itself, itself] = False
    return same


def _head(width: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, out), nn.ReLU(), nn.Linear(out, out))
