"""A population of eight lines and five drugs with random tables, and networks small enough to check densely."""

import pytest
import torch

from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Responses
from model.hgacl.tensors import Factors, Population

# Threads of torch spin while they wait: on cores that others use too, two threads are a hundred times slower than one.
torch.set_num_threads(1)

N, M, RANK = 8, 5, 3
TRAIN_LINES, TRAIN_DRUGS = [0, 1, 2, 3, 4, 6], [0, 1, 2, 4]
SIZES = {"shared_dim": 6, "hidden_dim": 7, "decoder_dim": 5, "neighbours": 3, "dropout": 0.0}


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.fixture
def population(generator) -> Population:
    """Line 5, 7 and drug 3 are outside the training population; line 1 has expression alone."""
    has = torch.rand(N, 3, generator=generator) < 0.7
    has[1], has[0], has[5] = torch.tensor([1, 0, 0]).bool(), torch.ones(3).bool(), torch.tensor([0, 0, 1]).bool()
    has[:, 2] |= ~has.any(1)
    features = tuple(torch.randn(N, p, generator=generator) * has[:, i : i + 1] for i, p in enumerate((4, 3, 2)))
    kernels = torch.rand(3, N, len(TRAIN_LINES), generator=generator)
    fingerprints = (torch.rand(M, 881, generator=generator) < 0.3).float()
    drug_kernel = torch.rand(M, len(TRAIN_DRUGS), generator=generator)
    lines, drugs = torch.tensor(TRAIN_LINES), torch.tensor(TRAIN_DRUGS)
    return Population(features, has, kernels, lines, fingerprints, drug_kernel, drugs)


@pytest.fixture
def responses(generator) -> Responses:
    known = torch.zeros(N, M, dtype=torch.bool)
    known[TRAIN_LINES] = torch.rand(len(TRAIN_LINES), M, generator=generator) < 0.7
    known[:, 3] = False
    value, margin = (torch.randn(N, M, generator=generator) * known for _ in range(2))
    return Responses(known, (margin > 0) & known, value, margin)


def target(value: torch.Tensor, known: torch.Tensor, generator: torch.Generator) -> Factors:
    """A target with random factors; no number of one field stands in another."""

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    root, square = normal(RANK, RANK), normal(RANK, RANK)
    identity = torch.eye(RANK)
    return Factors(
        value=value * known,
        scale=0.5 + torch.rand(M, generator=generator),
        offset=normal(M),
        offset_prior=normal(M),
        loadings=normal(M, RANK),
        noise=0.2 + torch.rand(M, generator=generator),
        spread=0.1 * square @ square.T,
        line_prior=normal(N, RANK),
        precision=root @ root.T + identity,
        drug_prior=normal(M, RANK),
    )


@pytest.fixture
def targets(generator, responses) -> tuple[Factors, ...]:
    """Margin and soft label."""
    return tuple(target(x, responses.known, generator) for x in (responses.value, torch.sigmoid(responses.margin)))


@pytest.fixture
def default() -> HgaclConfig:
    return HgaclConfig.named("default", **SIZES, factor_rank=RANK, factor_shrinkage=2.0)


@pytest.fixture
def paper() -> HgaclConfig:
    return HgaclConfig.named("paper", **SIZES)
