"""DiM2-DRP as codes: known lines and drugs, and the way of new ones to theirs, for graphs that ONNX can hold.

    margin(c, d) = (threshold − ln IC50) / scale = x_c · y_d
    x_c = [l_c, 1, a_c]      y_d = [−w_d, (threshold_d − mean_d) / scale_d, b_d]

l and w are the response offset's codes (training.dim2.offset), a · b what the network adds to known pairs, kept as
its first `ADDED` singular vectors. New lines and drugs get l and w from the kernel ridges that the offset was fitted
with, and no addition: on unseen lines and drugs the network was not better than the offset (docs/explanation/dim2.md).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.dim2.config import Dim2Config
from model.estimators.kernel_ridge import kernel_ridge
from training.data.arrays import Arrays, Floats
from training.dim2.kernels import COMPONENTS, PATHWAY_WEIGHT, WEIGHTS, pathway_block
from training.dim2.offset import ResponseOffset
from training.dim2.pathway_projection import LEAST_LINES, TABLE
from training.features.line_fit import fit_lines
from training.features.panel import presence
from training.inductive.drug_kernel import DrugReferences
from training.inductive.grid import round_weights
from training.inductive.hgacl import left_out_sd
from training.inductive.line_kernel import LineKernel, OmicsTable
from training.inductive.requirements import NotPlaceableError, refuse_no_tables

ADDED = 32  # singular vectors
LEAST_SD = 0.05  # ln µM
LEAST_SHARE = 1e-12  # of all tables; a line without any has no share of one


@dataclass(frozen=True)
class OffsetFit:
    """A fitted offset with what it was fitted on. Shapes: train (N, M), added (N, M) ln µM."""

    arrays: Arrays
    train: NDArray[np.bool_]
    config: Dim2Config
    offset: ResponseOffset
    added: NDArray[np.float32]


def known_codes(fit: OffsetFit) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Codes of all lines and drugs, (N, w) and (M, w), and the share of the network's addition that they keep.

    A line or drug without training pairs has that of one never measured, and no addition.
    """
    lines, drugs = (torch.from_numpy(fit.train.any(axis)) for axis in (1, 0))
    offset, n, m = fit.offset, torch.arange(len(lines)), torch.arange(len(drugs))
    drug_variant = (~drugs).long()
    codes = offset.line_codes[torch.where(lines, offset.full, offset.unseen), n]
    mean, scale = offset.mean[drug_variant, m], offset.scale[drug_variant, m]
    margin = (torch.from_numpy(fit.arrays.threshold) - mean) / scale
    added = -torch.from_numpy(fit.added) / scale * (lines.unsqueeze(1) & drugs)
    u, s, vh = torch.linalg.svd(added, full_matrices=False)
    kept = float(s[:ADDED].square().sum() / s.square().sum().clamp(min=1e-12)) if s.any() else 1.0
    root = s[:ADDED].sqrt()
    fill = (0, ADDED - len(root))  # of fewer lines or drugs than that
    a, b = (nn.functional.pad(part * root, fill) for part in (u[:, :ADDED], vh[:ADDED].T))
    x = torch.cat([codes, torch.ones(len(codes), 1), a], 1)
    y = torch.cat([-offset.drug_codes[drug_variant, m], margin.unsqueeze(1), b], 1)
    return x.numpy().astype(np.float32), y.numpy().astype(np.float32), kept


def refuse_other_settings(fit: OffsetFit) -> None:
    """Raise NotPlaceableError where a new sample or compound cannot be brought to codes, saying why."""
    config = fit.config
    reads = {"expression": "expression", "mutations": "mutation"}
    needed = ("offset", "tissue", *(name for name, table in reads.items() if table in fit.arrays.features))
    off = [name for name in needed if not getattr(config, name)]
    if off:
        raise NotPlaceableError(f"{off} are off: new samples and compounds are placed with all of them on")
    lines = np.any(fit.train, axis=1)
    refuse_no_tables(fit.arrays, lines)
    more = _scores(fit)
    if more is not None and (known := int((more[1] & lines & presence(fit.arrays, "expression")).sum())) < LEAST_LINES:
        raise NotPlaceableError(
            f"pathway_activity: {known} training lines have scores and expression, too few to learn a new sample's "
            f"scores from; give {LEAST_LINES}, set pathways=false, or import the dataset without this table"
        )


def _scores(fit: OffsetFit) -> tuple[Floats, NDArray[np.bool_]] | None:
    """Pathway block of all lines and who has scores, (N, p) and (N,); None where the line kernel has no such block."""
    if not fit.config.pathways or TABLE not in fit.arrays.features:
        return None
    block = pathway_block(fit.arrays, np.any(fit.train, axis=1))
    return (block, fit.arrays.present[TABLE]) if block.any() else None


class OffsetLines(nn.Module):
    """Codes of lines without any response, by the kernel ridge from omics, tissue, cancer type and medium.

    Where training lines have pathway scores, those of new lines are projected (training.dim2.pathway_projection).
    """

    duals: Tensor
    mean: Tensor

    def __init__(self, fit: OffsetFit) -> None:
        super().__init__()
        refuse_other_settings(fit)
        lines = np.any(fit.train, axis=1)
        self.closeness = LineKernel(fit_lines(fit.arrays, lines, COMPONENTS), 0, WEIGHTS, _scores(fit))
        kernel = self.closeness.kernel()
        ridge = kernel_ridge(torch.from_numpy(kernel), fit.offset.ridge_targets[lines], fit.config.line_ridge)
        self.register_buffer("duals", torch.from_numpy(round_weights(ridge.weights.numpy(), kernel)).float())
        self.register_buffer("mean", ridge.mean.float())

    @property
    def tables(self) -> list[OmicsTable]:
        """The three modalities."""
        return self.closeness.omics()

    @property
    def names(self) -> dict[str, list[str]]:
        """Tissues and cancer types of the training lines."""
        return self.closeness.names

    def forward(
        self,
        expression: Tensor,
        copy_number: Tensor,
        mutation: Tensor,
        has: Tensor,
        tissue: Tensor,
        cancer_type: Tensor,
        medium: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Shapes: omics (n, p_m), has (n, 3) boolean, tissue (n, t), cancer_type (n, c), medium (n, g) one-hot or 0 ->

        code (n, w), closeness in [0, 1] by the line kernel (n, N'), twice, and each table's share of it (n, 3).
        """
        parts = self.closeness.components((expression, copy_number, mutation), has)
        closeness = self.closeness(parts, has, torch.cat([tissue, cancer_type, medium], 1))
        codes = self.mean + closeness @ self.duals
        rest = torch.cat([torch.ones_like(codes[:, :1]), torch.zeros_like(codes[:, :1]).expand(-1, ADDED)], 1)
        share = has.to(codes.dtype) * torch.tensor([WEIGHTS[name] ** 2 for name in WEIGHTS])
        weights = share / share.sum(1, keepdim=True).clamp(min=LEAST_SHARE)
        return torch.cat([codes, rest], 1), closeness, closeness.clone(), weights


class OffsetDrugs(DrugReferences):
    """Codes and drug-wise quantities of compounds without any response, by kernel ridge from structure and targets."""

    duals: Tensor
    mean: Tensor
    pathway_weight = PATHWAY_WEIGHT

    def __init__(self, fit: OffsetFit) -> None:
        super().__init__()
        refuse_other_settings(fit)
        arrays, offset, rows = fit.arrays, fit.offset, np.flatnonzero(np.any(fit.train, axis=0)).tolist()
        self.store_references(arrays, rows)
        kernel = self.similarity(self.references, self.ecfp, self.targets, self.pathways)
        threshold = torch.from_numpy(arrays.threshold)
        self.rank = offset.drug_codes.shape[2]
        potency = torch.stack([offset.mean[0], threshold], 1)[rows]
        ridges = [
            kernel_ridge(kernel, offset.drug_codes[0][rows], fit.config.drug_ridge),
            kernel_ridge(kernel, potency, fit.config.mean_ridge),
        ]
        weights = round_weights(torch.cat([r.weights for r in ridges], 1).numpy(), kernel.double().numpy())
        self.register_buffer("duals", torch.from_numpy(weights).float())
        self.register_buffer("mean", torch.cat([r.mean for r in ridges]).float())
        self.sd = float(offset.scale[1][0].clamp(min=LEAST_SD))
        self.margin = float(((threshold - offset.mean[0]) / offset.scale[0])[rows].mean())
        self.threshold_sd = left_out_sd(kernel, potency[:, :1], fit.config.mean_ridge)

    def forward(self, fingerprint: Tensor, ecfp: Tensor, targets: Tensor, pathway: Tensor) -> tuple[Tensor, ...]:
        """Shapes: fingerprint (n, 881), ecfp (n, 1024), targets (n, T + 1), pathway (n, P + 1) ->

        code and margin code (n, w), offset and scale (n, 1) of the margin, threshold (n,) ln µM, ln_ic50_sd (n,),
        similarity (n, M') in [0, 1]. The score takes the mean offset of the training drugs: potency is not known.
        """
        similarity = self.similarity(fingerprint, ecfp, targets, pathway)
        predicted = self.mean + similarity @ self.duals
        loadings, mean, threshold = -predicted[:, : self.rank], predicted[:, self.rank], predicted[:, self.rank + 1]
        sd = torch.full_like(mean, self.sd)
        offset = ((threshold - mean) / sd).unsqueeze(1)
        rest = torch.zeros_like(offset).expand(-1, ADDED)
        code = torch.cat([loadings, torch.full_like(offset, self.margin), rest], 1)
        margin_code = torch.cat([loadings, offset, rest], 1)
        return code, margin_code, offset, sd.unsqueeze(1), threshold, sd, similarity
