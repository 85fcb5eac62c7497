"""From aligned arrays and a training mask to what the network reads.

The training population is every line and every drug with a training pair. Means, scales, principal components, σ of
the kernel, factors and drug offsets are computed on it alone; the other nodes are rows against its columns.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model.encoder_inputs import MODALITIES
from model.estimators.factor_analysis import factor_analysis
from model.estimators.kernel_ridge import kernel_ridge_prior
from model.estimators.kernels import drug_similarity, gaussian, jaccard, median_distance, polynomial
from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Responses
from model.hgacl.tensors import Factors, Population
from training.data.arrays import Arrays
from training.features.components import principal_components, standardised
from training.features.drug_views import drug_views
from training.features.line_blocks import line_kernel, panel_table
from training.features.responses import responses_of


@dataclass(frozen=True)
class Prepared:
    """What the network reads; `targets` is empty without factors."""

    population: Population
    responses: Responses
    targets: tuple[Factors, ...]


def prepare(arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig, seed: int) -> Prepared:
    """Everything the network needs for one training mask.

    Shapes: train (N, M). Raises ValueError when a line has no omics table at all, naming it, or a drug no fingerprint.
    """
    _refuse_bare_nodes(arrays)
    lines = torch.from_numpy(np.flatnonzero(train.any(1)))
    drugs = torch.from_numpy(np.flatnonzero(train.any(0)))
    population = _population(arrays, lines, drugs, config)
    responses, offset = responses_of(arrays, train)
    targets = _targets(arrays, population, responses, offset, config, seed) if config.factor_rank else ()
    return Prepared(population, responses, targets)


def predicted_thresholds(arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig) -> NDArray[np.float32]:
    """Thresholds (ln µM) of the drugs with a training pair; predicted from structure and targets for others, (M,)."""
    drugs = torch.from_numpy(np.flatnonzero(train.any(0)))
    kernel = _drug_kernel(arrays, torch.from_numpy(arrays.fingerprints), drugs, config)
    known = torch.from_numpy(arrays.threshold)[drugs].unsqueeze(1)
    predicted = kernel_ridge_prior(kernel, drugs, known, config.drug_prior_ridge).squeeze(1).numpy()
    return np.where(train.any(0), arrays.threshold, predicted).astype(np.float32)


def _population(arrays: Arrays, lines: Tensor, drugs: Tensor, config: HgaclConfig) -> Population:
    n = len(arrays.cell_line_ids)
    features, kernels, has = [], [], []
    for modality in MODALITIES:
        present = torch.from_numpy(arrays.present.get(modality, np.zeros(n, bool)))
        raw = torch.from_numpy(panel_table(arrays, modality, panel=config.panel_genes))
        fit_rows = torch.zeros(n, dtype=torch.bool)
        fit_rows[lines] = True
        fit_rows &= present
        table = standardised(raw, present, fit_rows, scale=modality != "mutation")
        features.append(principal_components(table, fit_rows, config.feature_components))
        compared = features[-1] if _reduced(config) else table
        kernel = _line_kernel(modality, compared, raw, present, lines, fit_rows, config)
        # Rows and columns of lines without the table mean nothing (kernels.fuse skips them), nor may they scale.
        kernels.append(kernel / kernel[fit_rows][:, fit_rows[lines]].norm().clamp(min=1e-12))
        has.append(present)
    fingerprints = torch.from_numpy(arrays.fingerprints)
    drug_kernel = _drug_kernel(arrays, fingerprints, drugs, config)
    return Population(
        tuple(features),
        torch.stack(has, 1),
        torch.stack(kernels),
        lines,
        fingerprints,
        drug_kernel / drug_kernel[drugs].norm(),
        drugs,
    )


def _drug_kernel(arrays: Arrays, fingerprints: Tensor, drugs: Tensor, config: HgaclConfig) -> Tensor:
    """Jaccard of PubChem bits; with `drug_annotations` the mean over structure, targets and pathway.

    Shapes: fingerprints (M, 881), drugs (M',) -> (M, M').
    """
    if not config.drug_annotations:
        return jaccard(fingerprints, fingerprints[drugs])
    views = drug_views(arrays)
    return drug_similarity(views, views.rows(drugs))


def _reduced(config: HgaclConfig) -> bool:
    return config.reduced_kernels and config.feature_components > 0


def _line_kernel(
    modality: str,
    table: Tensor,
    raw: Tensor,
    present: Tensor,
    lines: Tensor,
    fit_rows: Tensor,
    config: HgaclConfig,
) -> Tensor:
    if modality == "expression":
        sigma = config.gaussian_sigma or (median_distance(table[fit_rows]) if fit_rows.sum() > 1 else 1.0)
        return gaussian(table, table[lines], sigma)
    if modality == "copy_number":
        degree = config.polynomial_degree
        return polynomial(table, table[lines], degree, scale_inner_product=config.scale_inner_product)
    if _reduced(config):
        unit = functional.normalize(table, dim=1)
        return (unit @ unit[lines].T).clamp(min=0)
    binary = torch.where(present.unsqueeze(1), raw, 0)
    return jaccard(binary, binary[lines])


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
    fit_rows = np.zeros(len(arrays.cell_line_ids), bool)
    fit_rows[lines] = True
    kernel = torch.from_numpy(line_kernel(arrays, fit_rows)[:, fit_rows])
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
        line_prior = kernel_ridge_prior(kernel, lines, fitted.lines[lines], config.prior_ridge)
        of_drugs = torch.cat([fitted.loadings, torch.stack([shift, scale], 1)], 1)[drugs]
        drug_prior = kernel_ridge_prior(drug_kernel, drugs, of_drugs, config.drug_prior_ridge)
        residual = (fitted.lines - line_prior)[lines]
        covariance = residual.T @ residual / len(lines) + fitted.spread
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
    anything = np.zeros(len(arrays.cell_line_ids), bool)
    for modality in MODALITIES:
        anything |= arrays.present.get(modality, False)
    if not anything.all():
        bare = [arrays.cell_line_ids[i] for i in np.flatnonzero(~anything)]
        raise ValueError(f"cell lines without expression, copy number and mutation: {bare[:20]}; leave them out")
    if np.isnan(arrays.fingerprints).any():
        bare = [arrays.drug_ids[i] for i in np.flatnonzero(np.isnan(arrays.fingerprints).any(1))]
        raise ValueError(f"drugs without a fingerprint: {bare[:20]}; give their SMILES or leave them out")
