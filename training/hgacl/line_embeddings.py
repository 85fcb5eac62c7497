"""The cell lines in three stages (HGACL-DRP, Fig. 8), for the report's pictures."""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from torch import Tensor

from model.hgacl.assembly import build_network
from model.hgacl.config import HgaclConfig
from training.hgacl.inputs import TrainingData

COMPONENTS = 50  # of the first two stages, at most


@torch.no_grad()
def line_embeddings(
    state: dict[str, Tensor], data: TrainingData, config: HgaclConfig
) -> dict[str, NDArray[np.float32]]:
    """Lines as raw tables, as fused and filtered kernel, and as trained embedding, (N, any) each."""
    population, responses, targets = data.population, data.responses, data.targets
    network = build_network(population, config).eval()
    network.load_state_dict(state)
    factors = tuple(network.factor_codes(target, responses.known) for target in targets)
    inputs = network.inputs(population, factors)
    raw = torch.cat(population.features, 1)
    fused = torch.zeros(len(raw), population.line_kernels.shape[2])
    fused.scatter_(1, inputs.lines.columns, inputs.lines.values)
    trained = network(population, responses, targets, responses.known, inputs=inputs).z[: len(raw)]
    return {"raw": _reduced(raw.numpy()), "fused": _reduced(fused.numpy()), "trained": trained.numpy()}


def _reduced(x: NDArray[np.float32]) -> NDArray[np.float32]:
    reduced: NDArray[np.float32] = PCA(min(COMPONENTS, *x.shape), random_state=0).fit_transform(x).astype(np.float32)
    return reduced
