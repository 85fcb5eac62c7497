"""The graph encoder, from node features to embeddings, in the paper's form and in ours (HGACL-DRP, sec. 2.3.2)."""

import torch
from torch import Tensor, nn

from model.hgacl.graph import Neighbourhood, Responses, response_message

Rows = tuple[Tensor | None, Tensor | None]  # of lines and of drugs; None is all
ALL: Rows = (None, None)


def at(x: Tensor, rows: Tensor | None) -> Tensor:
    """Some rows of a tensor, or all."""
    return x if rows is None else x[rows]


class JointEncoder(nn.Module):
    """Z = ReLU(Â X W), Â = D^−½ (A + I) D^−½, one W and one normalisation for the three edge types [P].

    Response edges are the visible *sensitive* pairs with weight 1.
    """

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.weight = nn.Linear(width, hidden, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        y: Tensor,
        lines: Neighbourhood,
        drugs: Neighbourhood,
        responses: Responses,
        visible: Tensor,
        rows: Rows = ALL,
    ) -> tuple[Tensor, Tensor]:
        """Shapes: x (N, d), y (M, d) -> z_line (N, hidden), z_drug (M, hidden), or those of some lines and drugs."""
        known = (responses.sensitive & visible).to(x.dtype)
        to_lines = torch.cat([lines.matrix(len(x)), known], 1)
        to_drugs = torch.cat([known.T, drugs.matrix(len(y))], 1)
        # A + I adds to the edge of a node that is its own nearest neighbour.
        a = torch.cat([to_lines, to_drugs]) + torch.eye(len(x) + len(y), device=x.device)
        root = a.sum(1, keepdim=True).rsqrt()
        z = root * (a @ (root * self.weight(torch.cat([x, y]))))
        z = self.dropout(torch.relu(z))
        return at(z[: len(x)], rows[0]), at(z[len(x) :], rows[1])


class TypedEncoder(nn.Module):
    """z_i = ReLU(W_self x_i + W_sim Σ_j k̃_ij x_j + W_resp Σ_p r_ip x_p / √n_i), weights per edge and node type.

    Response edges are all visible pairs and carry the standardised ln IC50, so that resistance is a message too.
    """

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        d, h = width, hidden
        self.self_line, self.self_drug = nn.Linear(d, h), nn.Linear(d, h)
        self.similar_line, self.similar_drug = nn.Linear(d, h, bias=False), nn.Linear(d, h, bias=False)
        self.drug_to_line, self.line_to_drug = nn.Linear(d, h, bias=False), nn.Linear(d, h, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        y: Tensor,
        lines: Neighbourhood,
        drugs: Neighbourhood,
        responses: Responses,
        visible: Tensor,
        rows: Rows = ALL,
    ) -> tuple[Tensor, Tensor]:
        """Shapes: x (N, d), y (M, d) -> z_line (N, hidden), z_drug (M, hidden), or those of some lines and drugs."""
        value, (c, d) = responses.value, rows
        z_line = self.self_line(at(x, c)) + self.similar_line(lines.of(c).message(x))
        z_line = z_line + self.drug_to_line(response_message(at(value, c), at(visible, c), y))
        z_drug = self.self_drug(at(y, d)) + self.similar_drug(drugs.of(d).message(y))
        z_drug = z_drug + self.line_to_drug(response_message(at(value.T, d), at(visible.T, d), x))
        return self.dropout(torch.relu(z_line)), self.dropout(torch.relu(z_drug))
