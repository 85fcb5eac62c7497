"""HGACL-DRP for lines and drugs outside the training population, as two modules that can be exported to ONNX.

Every step is the network's own (model.hgacl.network) or that of the object fitted on the training lines
(training.features.line_fit); constants are axes, reduced references, duals and node features of that population.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.encoder_inputs import MODALITIES
from model.estimators.factor_analysis import factors_of_lines
from model.estimators.kernel_ridge import kernel_ridge, kernel_ridge_prior
from model.estimators.kernels import fuse
from model.hgacl.config import HgaclConfig
from model.hgacl.encoders import TypedEncoder
from model.hgacl.neighbours import select
from model.hgacl.network import Hgacl
from model.hgacl.shared_embedding import mean_over_present
from model.hgacl.tensors import Factors
from training.data.arrays import Arrays
from training.features.responses import drug_scale
from training.hgacl.inputs import TrainingData
from training.hgacl.line_kernels import fit_kernel
from training.inductive.drug_kernel import DrugReferences
from training.inductive.grid import round_weights
from training.inductive.line_kernel import LineKernel, OmicsTable
from training.inductive.requirements import NotPlaceableError, refuse_no_tables

LEAST_SD = 0.05  # ln µM


class Neighbours(NamedTuple):
    """Reliable neighbours among the training population. Shapes: (n, k)."""

    columns: Tensor
    values: Tensor


@dataclass(frozen=True)
class TrainedHgacl:
    """A finished fit: the network in evaluation mode on the CPU, what it read, and the pairs it was trained on."""

    network: Hgacl
    config: HgaclConfig
    data: TrainingData
    arrays: Arrays
    train: NDArray[np.bool_]


def refuse_other_forms(fitted: TrainedHgacl) -> None:
    """Raise NotPlaceableError where the inductive path needs more than a bundle may hold, saying which setting."""
    config = fitted.config
    needed = {
        "reduced_kernels": bool(config.reduced_kernels),
        "feature_components": config.feature_components > 0,
        "panel_genes": bool(config.panel_genes),
        "factor_rank": config.factor_rank > 0,
        "encoder": config.encoder == "typed",
        "drug_annotations": bool(config.drug_annotations),
    }
    if wrong := [name for name, fine in needed.items() if not fine]:
        values = ", ".join(f"{name} = {getattr(config, name)}" for name in wrong)
        raise NotPlaceableError(f"{values}; new samples and compounds are placed with the default's values of these")
    lines = np.any(fitted.train, axis=1)
    if (used := len(fitted.data.population.line_sources)) < (count := int(lines.sum())):
        raise NotPlaceableError(
            f"{count} training lines, compared through {used} landmarks: new samples are placed where all are "
            "compared; train on fewer lines"
        )
    refuse_no_tables(fitted.arrays, lines)


def typed_encoder(network: Hgacl) -> TypedEncoder:
    """The encoder with weights of its own for each edge type, which `refuse_other_forms` asks for."""
    if not isinstance(network.encoder, TypedEncoder):
        raise NotPlaceableError("encoder: new samples and compounds are placed with 'typed' only")
    return network.encoder


class LineEncoder(nn.Module):
    """Code, similarities and modality weights of lines without any response."""

    prior_weights: Tensor
    prior_mean: Tensor
    nodes: Tensor
    attention: Tensor

    def __init__(self, fitted: TrainedHgacl) -> None:
        super().__init__()
        refuse_other_forms(fitted)
        self.network, self.config = network, config = fitted.network, fitted.config
        data = fitted.data
        population, responses, targets = data.population, data.responses, data.targets
        self.closeness = LineKernel(data.lines, config.feature_components)
        self._fit_prior(data)
        self.kernels, self.norms = [], []
        for modality, table in zip(MODALITIES, self.tables, strict=True):
            train = table.feature_references()[table.has]
            kernel = fit_kernel(modality, train, config)
            self.kernels.append(kernel)
            self.norms.append(float(kernel(train, train).norm().clamp(min=1e-12)))
        with torch.no_grad():
            codes = tuple(network.factor_codes(target, responses.known) for target in targets)
            inputs = network.inputs(population, codes)
            x, _ = network.node_features(inputs)
            shared = inputs.shared[population.line_sources]
            self.register_buffer("nodes", x[population.line_sources])
            self.register_buffer("attention", network.line_attention(shared))

    @property
    def tables(self) -> list[OmicsTable]:
        """The three modalities."""
        return self.closeness.omics()

    @property
    def names(self) -> dict[str, list[str]]:
        """Tissues and cancer types of the training lines."""
        return self.closeness.names

    def _fit_prior(self, data: TrainingData) -> None:
        """Kernel ridge of both targets' factors (training.hgacl.inputs), against training lines alone."""
        kernel = torch.from_numpy(self.closeness.kernel())
        known, config = data.responses.known, self.config
        ridges = []
        for target in data.targets:
            factors = _training_factors(target, known)[data.population.line_sources]
            ridges.append(kernel_ridge(kernel, factors, config.prior_ridge))
        self.rank = config.factor_rank
        weights = round_weights(torch.cat([r.weights for r in ridges], 1).numpy(), kernel.numpy())
        self.register_buffer("prior_weights", torch.from_numpy(weights).float())
        self.register_buffer("prior_mean", torch.cat([r.mean for r in ridges]).float())

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

        code (n, w), fused similarity (n, N'), closeness in [0, 1] by the line kernel (n, N'), modality weights (n, 3).
        """
        network, raw = self.network, (expression, copy_number, mutation)
        components = self.closeness.components(raw, has)
        closeness = self.closeness(components, has, torch.cat([tissue, cancer_type, medium], 1))
        priors = self.prior_mean + closeness @ self.prior_weights
        features, kernels = [], []
        for table, kernel, norm, x in zip(self.tables, self.kernels, self.norms, components, strict=True):
            features.append(x[:, : table.n_feature] * table.feature_scale)
            kernels.append(kernel.graph(features[-1], table.feature_references()) / norm)
        layers = [layer for layer in network.embedding.modality if isinstance(layer, nn.Linear)]
        embedded = [
            nn.functional.linear(x, layer.weight.flip(1), layer.bias)  # training has the best component last
            for x, layer in zip(features, layers, strict=True)
        ]
        shared = mean_over_present(embedded, has)
        weights = network.fusion(shared, has)
        column_has = torch.stack([table.has for table in self.tables], 1)
        similarity = fuse(torch.stack(kernels), weights, has, column_has)
        near = Neighbours(*select(network.selection, similarity, self.attention))
        x = network.line_nodes(near, shared, priors)
        message = torch.einsum("nk,nkd->nd", near.values, self.nodes[near.columns])
        encoder = typed_encoder(network)
        z = torch.relu(encoder.self_line(x) + encoder.similar_line(message))
        return (
            network.decoder.line_codes(z, (priors[:, : self.rank], priors[:, self.rank :])),
            similarity,
            closeness,
            weights,
        )


class DrugEncoder(DrugReferences):
    """Codes and drug-wise quantities of compounds without any response."""

    prior_weights: Tensor
    prior_mean: Tensor
    nodes: Tensor
    attention: Tensor

    def __init__(self, fitted: TrainedHgacl) -> None:
        super().__init__()
        refuse_other_forms(fitted)
        self.network, config = fitted.network, fitted.config
        network, arrays, data = fitted.network, fitted.arrays, fitted.data
        population, responses, targets = data.population, data.responses, data.targets
        rows = population.drug_sources.tolist()
        self.store_references(arrays, rows)
        self.rank = config.factor_rank
        kernel = self.similarity(self.references, self.ecfp, self.targets, self.pathways)
        self.norm = float(kernel.norm())
        _, sd = drug_scale(arrays, fitted.train)
        quantities = [torch.cat([t.loadings, torch.stack([t.offset, t.scale], 1)], 1)[rows] for t in targets]
        quantities.append(torch.from_numpy(np.stack([arrays.threshold, sd], 1)[rows]))
        ridges = [kernel_ridge(kernel, y, config.drug_prior_ridge) for y in quantities]
        weights = round_weights(torch.cat([r.weights for r in ridges], 1).numpy(), kernel.double().numpy())
        self.register_buffer("prior_weights", torch.from_numpy(weights).float())
        self.register_buffer("prior_mean", torch.cat([r.mean for r in ridges]).float())
        self.threshold_sd = left_out_sd(kernel, quantities[-1][:, :1], config.drug_prior_ridge)
        with torch.no_grad():
            codes = tuple(network.factor_codes(target, responses.known) for target in targets)
            inputs = network.inputs(population, codes)
            _, y = network.node_features(inputs)
            self.register_buffer("nodes", y[population.drug_sources])
            self.register_buffer("attention", network.drug_attention(inputs.drug_shared[population.drug_sources]))

    def forward(self, fingerprint: Tensor, ecfp: Tensor, targets: Tensor, pathway: Tensor) -> tuple[Tensor, ...]:
        """Shapes: fingerprint (n, 881), ecfp (n, 1024), targets (n, T + 1), pathway (n, P + 1), whose last
        column counts other names ->

        code and margin code (n, w), offset and scale (n, 2) of margin and soft label, threshold (n,) ln µM,
        ln_ic50_sd (n,), similarity (n, M') in [0, 1].
        """
        network, r = self.network, self.rank
        similarity = self.similarity(fingerprint, ecfp, targets, pathway)
        prior = self.prior_mean + similarity @ self.prior_weights
        margin, soft, potency = prior[:, : r + 2], prior[:, r + 2 : 2 * r + 4], prior[:, 2 * r + 4 :]
        factors = tuple(p[:, :r] * p[:, r + 1 :] for p in (margin, soft))
        offset, scale = (torch.stack([margin[:, i], soft[:, i]], 1) for i in (r, r + 1))
        shared = network.embedding.drug(fingerprint)
        near = Neighbours(*select(network.selection, similarity / self.norm, self.attention))
        y = network.drug_nodes(near, shared, torch.cat([*factors, offset], 1))
        message = torch.einsum("nk,nkd->nd", near.values, self.nodes[near.columns])
        encoder = typed_encoder(network)
        z = torch.relu(encoder.self_drug(y) + encoder.similar_drug(message))
        score, for_margin = network.decoder.drug_codes(z, factors, (offset[:, 0], offset[:, 1]))
        return score, for_margin, offset, scale, potency[:, 0], potency[:, 1].clamp(min=LEAST_SD), similarity


def left_out_sd(kernel: Tensor, y: Tensor, ridge: float) -> float:
    """Root mean square error of kernel ridge for each drug from the others. Shapes: kernel (m, m), y (m, 1)."""
    return float((kernel_ridge_prior(kernel, torch.arange(len(y)), y, ridge) - y).square().mean().sqrt())


def _training_factors(target: Factors, known: Tensor) -> Tensor:
    """The factors that factor_analysis ended with: posterior means under the prior N(0, I)."""
    rank = target.loadings.shape[1]
    zero = torch.zeros(len(known), rank)
    return factors_of_lines(target.value, known, target.loadings, target.noise, zero, torch.eye(rank))
