"""From aligned arrays and a training mask to what the network reads.

The training population is every line and every drug with a training pair. Means, scales, principal components, σ of
the kernel, factors and drug offsets are computed on it alone; the other nodes are rows against its columns.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.encoder_inputs import MODALITIES
from model.estimators.factor_analysis import factor_analysis
from model.estimators.kernel_ridge import kernel_ridge_prior, landmark_ridge_prior
from model.estimators.kernels import drug_similarity, jaccard
from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Responses
from model.hgacl.tensors import Factors, Population
from training.data.arrays import Arrays
from training.features.drug_views import drug_views
from training.features.line_fit import LineFit, fit_lines
from training.features.line_kernel import landmark_kernel, line_kernel
from training.features.panel import fit_modality, panel_table, presence
from training.features.responses import responses_of
from training.features.table_fit import TableFit
from training.hgacl.line_kernels import fit_kernel, reads_components

MOST_LINES, LANDMARKS = 2_048, 1_024  # more training lines than that are compared with landmarks
ROWS = 4_096  # of a kernel at a time


@dataclass(frozen=True)
class TrainingData:
    """What the network reads, and what it was made with; `targets` is empty without factors."""

    population: Population
    responses: Responses
    targets: tuple[Factors, ...]
    lines: LineFit


def prepare(arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig, seed: int) -> TrainingData:
    """Everything the network needs for one training mask.

    Shapes: train (N, M). Raises ValueError when a line has no omics table at all, naming it, or a drug no fingerprint.
    """
    _refuse_bare_nodes(arrays)
    drugs = torch.from_numpy(np.flatnonzero(np.any(train, axis=0)))
    lines = fit_lines(arrays, np.any(train, axis=1), components=config.feature_components)
    population = _population(arrays, lines, drugs, config, references(lines.lines, seed))
    responses, offset = responses_of(arrays, train)
    targets = _targets(arrays, population, responses, offset, config, seed) if config.factor_rank else ()
    return TrainingData(population, responses, targets, lines)


def references(lines: NDArray[np.bool_], seed: int) -> NDArray[np.intp]:
    """The training lines that kernels compare with: all, or of more than MOST_LINES a random LANDMARKS of them."""
    rows = np.flatnonzero(lines)
    if len(rows) <= MOST_LINES:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, LANDMARKS, replace=False))


def predicted_thresholds(arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig) -> NDArray[np.float32]:
    """Thresholds (ln µM) of the drugs with a training pair; predicted from structure and targets for others, (M,)."""
    drugs = torch.from_numpy(np.flatnonzero(np.any(train, axis=0)))
    kernel = _drug_kernel(arrays, torch.from_numpy(arrays.fingerprints), drugs, config)
    known = torch.from_numpy(arrays.threshold)[drugs].unsqueeze(1)
    predicted = kernel_ridge_prior(kernel, drugs, known, config.drug_prior_ridge).squeeze(1).numpy()
    return np.where(np.any(train, axis=0), arrays.threshold, predicted).astype(np.float32)


def _population(
    arrays: Arrays, fit: LineFit, drugs: Tensor, config: HgaclConfig, sources: NDArray[np.intp]
) -> Population:
    modalities = [_modality(arrays, fit, modality, config, torch.from_numpy(sources)) for modality in MODALITIES]
    fingerprints = torch.from_numpy(arrays.fingerprints)
    drug_kernel = _drug_kernel(arrays, fingerprints, drugs, config)
    return Population(
        features=tuple(features for features, _, _ in modalities),
        has=torch.stack([present for _, present, _ in modalities], 1),
        line_kernels=torch.stack([kernel for _, _, kernel in modalities]),
        line_sources=torch.from_numpy(sources),
        fingerprints=fingerprints,
        drug_kernel=drug_kernel / drug_kernel[drugs].norm(),
        drug_sources=drugs,
    )


def _modality(
    arrays: Arrays, fit: LineFit, modality: str, config: HgaclConfig, sources: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Features (N, p), which lines have the table (N,), and its kernel to the training lines (N, N')."""
    count, table = config.feature_components, fit.tables[modality]
    if not config.panel_genes:
        table = fit_modality(arrays, fit.lines, modality, panel=False, components=count)
    raw = torch.from_numpy(panel_table(arrays, modality, panel=config.panel_genes))
    present = torch.from_numpy(presence(arrays, modality))
    features = table.features(raw, present, count)
    compared = features if reads_components(config) else _whole_table(modality, table, raw, present)
    has = present[sources]
    similarity = fit_kernel(modality, compared[sources][has], config)
    kernel = torch.cat([similarity(rows, compared[sources]) for rows in compared.split(ROWS)])
    # Rows and columns of lines without the table mean nothing (kernels.fuse skips them), nor may they scale.
    return features, present, kernel.div_(kernel[sources][has][:, has].norm().clamp(min=1e-12))


def _whole_table(modality: str, table: TableFit, raw: Tensor, present: Tensor) -> Tensor:
    """The standardised columns; of mutation all columns as they are, 0 where a line lacks the table."""
    if modality == "mutation":
        return torch.where(present.unsqueeze(1), raw, 0)
    return table.features(raw, present, 0)


def _drug_kernel(arrays: Arrays, fingerprints: Tensor, drugs: Tensor, config: HgaclConfig) -> Tensor:
    """Jaccard of PubChem bits; with `drug_annotations` the mean over structure, targets and pathway.

    Shapes: fingerprints (M, 881), drugs (M',) -> (M, M').
    """
    if not config.drug_annotations:
        return jaccard(fingerprints, fingerprints[drugs])
    views = drug_views(arrays)
    return drug_similarity(views, views.rows(drugs))


def _targets(
    arrays: Arrays,
    population: Population,
    responses: Responses,
    offset: Tensor,
    config: HgaclConfig,
    seed: int,
) -> tuple[Factors, ...]:
    """Margin and soft label as factors with their priors."""
    lines, drugs = population.line_sources, population.drug_sources
    trained = responses.known.any(1)
    fit_rows, all_lines = trained.numpy(), trained.nonzero()[:, 0]
    by_landmarks = len(lines) < len(all_lines)
    kernel = torch.from_numpy(
        landmark_kernel(arrays, fit_rows, lines.numpy())
        if by_landmarks
        else line_kernel(arrays, fit_rows)[:, fit_rows]
    )
    drug_kernel = population.drug_kernel / population.drug_kernel.max()
    known = responses.known
    soft = torch.sigmoid(config.soft_slope * responses.margin)
    count = known.sum(0)
    seen = count > 0
    mean = (soft * known).sum(0) / count.clamp(min=1)
    sd = (((soft - mean).square() * known).sum(0) / count.clamp(min=1)).sqrt().clamp(min=1e-3)
    unit = torch.ones_like(mean)
    out = []
    for value, scale, shift in (
        (responses.value, unit, offset),
        (torch.where(known, (soft - mean) / sd, 0.0), sd, mean),
    ):
        generator = torch.Generator().manual_seed(seed)
        fitted = factor_analysis(value, known, config.factor_rank, config.factor_shrinkage, generator)
        factors = fitted.lines[all_lines]
        if by_landmarks:
            line_prior = landmark_ridge_prior(kernel, lines, all_lines, factors, config.prior_ridge)
        else:
            line_prior = kernel_ridge_prior(kernel, lines, factors, config.prior_ridge)
        of_drugs = torch.cat([fitted.loadings, torch.stack([shift, scale], 1)], 1)[drugs]
        drug_prior = kernel_ridge_prior(drug_kernel, drugs, of_drugs, config.drug_prior_ridge)
        residual = (fitted.lines - line_prior)[all_lines]
        covariance = residual.T @ residual / len(all_lines) + fitted.spread
        out.append(
            Factors(
                value=value,
                scale=torch.where(seen, scale, drug_prior[:, -1]),
                offset=torch.where(seen, shift, drug_prior[:, -2]),
                offset_prior=drug_prior[:, -2],
                loadings=fitted.loadings,
                noise=fitted.noise,
                spread=fitted.spread,
                line_prior=line_prior,
                precision=torch.linalg.inv(covariance),
                drug_prior=drug_prior[:, :-2].contiguous(),
            )
        )
    return tuple(out)


def _refuse_bare_nodes(arrays: Arrays) -> None:
    if bare := arrays.bare_lines:
        raise ValueError(f"cell lines without expression, copy number and mutation: {bare[:20]}; leave them out")
    if np.isnan(arrays.fingerprints).any():
        bare = [arrays.drug_ids[i] for i in np.flatnonzero(np.isnan(arrays.fingerprints).any(1))]
        raise ValueError(f"drugs without a fingerprint: {bare[:20]}; give their SMILES or leave them out")
