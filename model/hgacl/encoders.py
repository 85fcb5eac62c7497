"""The graph encoder, from node features to embeddings, in the paper's form and in ours (HGACL-DRP, sec. 2.3.2)."""

import torch
from torch import Tensor, nn
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from model.hgacl.graph import Edges, Responses, WeightedSum, join_edges, response_message, self_loops, sensitive_edges


class JointEncoder(nn.Module):
    """Z = ReLU(Â X W), Â = D^−½ (A + I) D^−½, one W and one normalisation for the three edge types [P].

    Response edges are the visible *sensitive* pairs with weight 1.
    """

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.weight = nn.Linear(width, hidden, bias=False)
        self.sum = WeightedSum()
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, y: Tensor, lines: Edges, drugs: Edges, responses: Responses, visible: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Shapes: x (N, d), y (M, d) -> z_line (N, hidden), z_drug (M, hidden)."""
        n = len(x)
        drugs = Edges(drugs.index + n, drugs.weight)
        nodes = torch.cat([x, y])
        # gcn_norm adds no loop to a node that has one, and most nodes are their own nearest neighbour: A + I by hand.
        a = join_edges(
            [lines, drugs, sensitive_edges(responses.sensitive & visible), self_loops(len(nodes), x.device)]
        )
        normalised = Edges(*gcn_norm(a.index, a.weight, len(nodes), add_self_loops=False))
        z = self.dropout(torch.relu(self.sum(self.weight(nodes), normalised)))
        return z[:n], z[n:]


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
        self.sum = WeightedSum()
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, y: Tensor, lines: Edges, drugs: Edges, responses: Responses, visible: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Shapes: x (N, d), y (M, d) -> z_line (N, hidden), z_drug (M, hidden)."""
        r = responses.value
        z_line = self.self_line(x) + self.sum(self.similar_line(x), lines)
        z_line = z_line + response_message(r, visible, self.drug_to_line(y))
        z_drug = self.self_drug(y) + self.sum(self.similar_drug(y), drugs)
        z_drug = z_drug + response_message(r.T, visible.T, self.line_to_drug(x))
        return self.dropout(torch.relu(z_line)), self.dropout(torch.relu(z_drug))
