"""DiM2-DRP: dual-input multi-view network with dynamic contrastive learning, regression of ln IC50."""

import torch
from torch import Tensor, nn

from model.dim2.cell import CellEncoder
from model.dim2.config import Dim2Config
from model.dim2.contrast import Contrast
from model.dim2.drug import DrugEncoder
from model.dim2.free_codes import FreeCodes
from model.dim2.fusion import Fused, Fusion


class Dim2(nn.Module):
    """Cell encoder, drug encoder, fusion, contrast and the two auxiliary heads.

    With `offset` the fusion also sees `factors`: a few numbers a side that sum up the line's and the drug's other
    responses (model.estimators.covariance), the last of them 1 where there are none. With `free_codes` it sees a code
    that is learnt for each line and drug itself, behind those.
    """

    def __init__(
        self,
        pathways: int,
        genes: int,
        components: int,
        tissues: int,
        targets: int,
        cancers: int,
        nodes: tuple[int, int],
        config: Dim2Config,
    ) -> None:
        super().__init__()
        self.config = config
        self.cells = CellEncoder(pathways, genes, components, tissues, config)
        self.drugs = DrugEncoder(config)
        factors = config.offset_rank + 1 if config.offset else 0
        self.free_lines = self.free_drugs = None
        if config.free_codes:
            self.free_lines, self.free_drugs = (FreeCodes(count, config.free_codes) for count in nodes)
            factors += config.free_codes + 1
        self.fusion = Fusion(self.cells.width + factors, self.drugs.width + factors, config)
        self.contrast = (
            Contrast(self.cells.width + factors, self.drugs.width + factors, config)
            if config.contrastive_weight
            else None
        )
        self.target = nn.Linear(self.drugs.width, targets) if config.target_weight and targets > 1 else None
        self.cancer = nn.Linear(self.cells.width, cancers) if config.cancer_weight and cancers > 1 else None

    def forward(self, cell: Tensor, drug: Tensor, cell_factors: Tensor, drug_factors: Tensor) -> Fused:
        """Fusion of aligned pairs. Shapes: codes (b, width) of each side, factors (b, f) of each side."""
        fused: Fused = self.fusion(torch.cat([cell, cell_factors], 1), torch.cat([drug, drug_factors], 1))
        return fused
