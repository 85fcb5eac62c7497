"""The line kernel as a torch module: the similarity of a line outside the training population to each line of it.

Its constants are those of the fitted object of the training lines (training.features.line_fit).
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from torch import Tensor, nn

from model.encoder_inputs import LINE_NAMES, MODALITIES
from model.estimators.kernels import squared_distances
from training.data.arrays import Floats
from training.features.imputation import Imputation, fit_imputation, median_squared_distance
from training.features.line_fit import LineFit
from training.features.line_kernel import EXPRESSION_WEIGHT
from training.inductive.grid import round_to_grid, stored_duals
from training.inductive.requirements import NotPlaceableError


class OmicsTable(nn.Module):
    """One modality of a line as principal components of its genes; an unknown gene counts as the training mean.

    The first `n_block` components enter the line kernel, the first `n_feature` a network. A table that no training
    line has, or whose genes are all constant there, is not `read`: one column stands for it, of which nothing follows.
    """

    mean: Tensor
    divisor: Tensor
    axes: Tensor
    has: Tensor
    imputed: Tensor

    def __init__(self, fit: LineFit, modality: str, features: int) -> None:
        super().__init__()
        table = fit.tables[modality]
        self.kept = table.kept.numpy()
        self.read = modality in fit.present
        if not self.read:
            self._store_nothing(int(fit.lines.sum()), features)
            return
        self.n_block = fit.block_width(modality)
        self.n_feature = min(features, table.axes.shape[1])
        self.feature_scale = table.norm / table.feature_deviation(features) if features else 1.0
        count = max(self.n_block, self.n_feature)
        self.register_buffer("mean", table.mean)
        self.register_buffer("divisor", table.divisor)
        self.register_buffer("axes", (table.axes / table.norm).float()[:, :count])
        self.register_buffer("has", torch.from_numpy(fit.present[modality]))
        self.register_buffer("imputed", torch.from_numpy(fit.references[modality][:, :count]).float())

    def _store_nothing(self, lines: int, features: int) -> None:
        self.n_block, self.n_feature, self.feature_scale = 1, min(features, 1), 1.0
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("divisor", torch.ones(1))
        self.register_buffer("axes", torch.zeros(1, 1))
        self.register_buffer("has", torch.zeros(lines, dtype=torch.bool))
        self.register_buffer("imputed", torch.zeros(lines, 1))

    def references(self) -> Tensor:
        """Components of the training lines, zero where they lack the table. Shape: (N', k)."""
        return torch.where(self.has.unsqueeze(1), self.imputed, 0.0)

    def feature_references(self) -> Tensor:
        """What a network reads of the training lines, zero where they lack the table. Shape: (N', n_feature)."""
        return self.references()[:, : self.n_feature] * self.feature_scale

    def forward(self, raw: Tensor, has: Tensor) -> Tensor:
        """Shapes: raw (n, p) in the dataset's units, NaN for an unknown gene, has (n,) -> (n, k), 0 where not had."""
        z = torch.where(torch.isnan(raw), 0.0, (raw - self.mean) / self.divisor)
        return torch.where(has.unsqueeze(1), z, 0.0) @ self.axes


class Imputer(nn.Module):
    """A block that a new line lacks, predicted from its other blocks (training.features.imputation)."""

    rows: Tensor
    mean: Tensor
    duals: Tensor

    def __init__(self, fit: Imputation, known: NDArray[np.bool_]) -> None:
        """`known` (N',) are the training lines that it was fitted on."""
        super().__init__()
        self.median = fit.median
        self.register_buffer("rows", torch.from_numpy(np.flatnonzero(known)))
        self.register_buffer("mean", torch.from_numpy(fit.mean).float())
        self.register_buffer("duals", stored_duals(fit))

    def forward(self, distances: Tensor) -> Tensor:
        """Squared distances to the training lines over the other blocks -> block. Shapes: (n, N') -> (n, p)."""
        return self.mean + torch.exp(-distances[:, self.rows] / self.median) @ self.duals


class ProjectedBlock(nn.Module):
    """A block that training lines have and a new line never brings, such as pathway scores: it is always imputed.

    Shapes: others (N', q), the other blocks as the line kernel weighs them; block (N', p); known (N',), the lines that
    the imputation is fitted on.
    """

    block: Tensor

    def __init__(self, others: Floats, block: Floats, known: NDArray[np.bool_]) -> None:
        super().__init__()
        self.imputer = Imputer(fit_imputation(others[known], block[known]), known)
        self.register_buffer("block", torch.from_numpy(block).float())

    def forward(self, distances: Tensor) -> Tensor:
        """Squared distances to the training lines over the other blocks -> over this one. Shapes: (n, N') both."""
        return squared_distances(self.imputer(distances), self.block)


class LineKernel(nn.Module):
    """exp(−‖x − x_j‖² / median) over the weighted blocks of the omics tables, tissue, cancer type and medium.

    Everything is the fitted object's, its references rounded to 16 bits before the imputations are fitted on them.
    `features` components of a table are kept for a network; `weights` of blocks are 1 where not named. `more` is a
    further block of the training lines, (N, p), and which lines have it: that of new lines is predicted. Raises
    NotPlaceableError where no table of the training lines has a gene that varies.
    """

    name_blocks: Tensor

    def __init__(
        self,
        fit: LineFit,
        features: int = 0,
        weights: Mapping[str, float] | None = None,
        more: tuple[Floats, NDArray[np.bool_]] | None = None,
    ) -> None:
        super().__init__()
        if not fit.present:
            raise NotPlaceableError("no gene varies in any omics table of the training lines; give tables that do")
        fit = fit.with_references(round_to_grid)
        self.weights = {"expression": EXPRESSION_WEIGHT} if weights is None else dict(weights)
        self.tables = nn.ModuleList(OmicsTable(fit, m, features) for m in MODALITIES)
        self.names = fit.names
        blocks = fit.reference_blocks()
        self.register_buffer("name_blocks", torch.from_numpy(np.hstack([blocks[n] for n in LINE_NAMES])).float())
        self.imputers = nn.ModuleList(Imputer(fit.imputations[m], known) for m, known in fit.present.items())
        self.profile = np.hstack([self.weights.get(name, 1.0) * x for name, x in blocks.items()])
        self.further = None
        if more is not None:
            block, known = round_to_grid(more[0][fit.lines]), more[1][fit.lines]
            self.further = ProjectedBlock(self.profile, block, known)
            self.profile = np.hstack([self.profile, block])
        self.median = median_squared_distance(self.profile)

    def omics(self) -> list[OmicsTable]:
        """The three modalities, with those that are not read."""
        return [table for table in self.tables if isinstance(table, OmicsTable)]

    def kernel(self) -> NDArray[np.float64]:
        """Kernel of the training lines among each other, (N', N')."""
        return np.asarray(np.exp(-cdist(self.profile, self.profile, "sqeuclidean") / self.median))

    def components(self, raw: tuple[Tensor, ...], has: Tensor) -> list[Tensor]:
        """Components of each table, zeros where a line lacks it. Shapes: raw (n, p_m) each, has (n, 3)."""
        return [table(x, has[:, m]) for m, (table, x) in enumerate(zip(self.tables, raw, strict=True))]

    def forward(self, components: list[Tensor], has: Tensor, names: Tensor) -> Tensor:
        """Kernel to the training lines, (n, N'), after tables that a line lacks are imputed from its others."""
        tables = self.omics()
        blocks = [x[:, : table.n_block] for x, table in zip(components, tables, strict=True)]
        distances = [
            squared_distances(x, table.references()[:, : table.n_block])
            for x, table in zip(blocks, tables, strict=True)
        ]
        by_name = squared_distances(names, self.name_blocks)
        total = by_name
        read = [m for m, table in enumerate(tables) if table.read]
        for m, imputer in zip(read, self.imputers, strict=True):
            others = sum((distances[i] for i in read if i != m), by_name)
            block = torch.where(has[:, m : m + 1], blocks[m], imputer(others))
            weight = self.weights.get(MODALITIES[m], 1.0) ** 2
            total = total + weight * squared_distances(block, tables[m].imputed[:, : tables[m].n_block])
        if self.further is not None:
            total = total + self.further(total)
        return torch.exp(-total / self.median)
