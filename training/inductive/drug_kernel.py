"""The drug kernel as a torch module: the similarity of a new compound to each training drug."""

import torch
from torch import Tensor, nn

from model.estimators.kernels import DrugViews, drug_similarity
from training.data.arrays import Arrays
from training.features.drug_views import ecfp_bits, fingerprint_bits, pathways_of, targets_of


class DrugReferences(nn.Module):
    """Bits, targets and pathways of the training drugs, with the names behind their columns."""

    references: Tensor
    ecfp: Tensor
    targets: Tensor
    pathways: Tensor
    pathway_weight = 1.0  # of a shared pathway, where structure and targets count 1

    def store_references(self, arrays: Arrays, rows: list[int]) -> None:
        """Store the drugs `rows` as constants, in their order."""
        targets, pathways = targets_of(arrays), pathways_of(arrays)
        self.target_names = sorted({name for row in rows for name in targets[row]})
        self.pathway_names = sorted({pathways[row] for row in rows} - {""})
        self.register_buffer("references", fingerprint_bits(arrays)[rows])
        self.register_buffer("ecfp", ecfp_bits(arrays)[rows])
        self.register_buffer("targets", indicators([targets[row] for row in rows], self.target_names))
        named = [[pathways[row]] if pathways[row] else [] for row in rows]
        self.register_buffer("pathways", indicators(named, self.pathway_names))

    def similarity(self, fingerprint: Tensor, ecfp: Tensor, targets: Tensor, pathway: Tensor) -> Tensor:
        """Similarity to the training drugs (kernels.drug_similarity); columns of the last two as in `indicators`.

        Shapes: (n, 881), (n, 1024), (n, T + 1), (n, P + 1) -> (n, M').
        """
        references = DrugViews(self.references, self.ecfp, self.targets, self.pathways)
        return drug_similarity(DrugViews(fingerprint, ecfp, targets, pathway), references, self.pathway_weight)


def indicators(rows: list[list[str]], names: list[str]) -> Tensor:
    """One column per name and a last one that counts the others. Shape: (n, names + 1)."""
    place = {name: i for i, name in enumerate(names)}
    out = torch.zeros(len(rows), len(names) + 1)
    for i, row in enumerate(rows):
        for name in row:
            out[i, place.get(name, len(names))] += 1
    return out
