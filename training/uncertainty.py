"""How sure a predicted ln IC50 is: Monte Carlo dropout, ensembles, and intervals that cover what they promise."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.dim2.network import Dim2
from training.dim2.inputs import Inputs
from training.dim2.trainer import predict

Float = NDArray[np.float32]
COVERAGE = 0.9


@dataclass(frozen=True)
class Conformal:
    """Interval ŷ ± quantile · spread, where spread is the drug's scale or the standard deviation of draws."""

    quantile: float
    coverage: float

    def half_width(self, spread: Float) -> Float:
        """Half the interval's width in ln µM. Shape: as `spread`."""
        return np.float32(self.quantile) * spread


def conformal(error: Float, spread: Float, coverage: float = COVERAGE) -> Conformal:
    """Split conformal: the (n + 1) · coverage-th smallest |error| / spread of n validation pairs.

    Pairs that the network has not trained on must give the errors, and the spread must be known without the response.
    Covers a fresh pair of the same kind with at least `coverage`; not each drug by itself. Raises ValueError where a
    spread is not positive, or where there are too few pairs for the coverage asked.
    """
    if not (spread > 0).all():
        raise ValueError("spread: some are 0 or below; give positive ones")
    rank = int(np.ceil((len(error) + 1) * coverage))
    if rank > len(error):
        raise ValueError(f"{len(error)} validation pairs cannot give a coverage of {coverage}; give more")
    return Conformal(float(np.sort(np.abs(error) / spread)[rank - 1]), coverage)


def covered(error: Float, half_width: Float) -> float:
    """Share of the errors that lie within the half-width."""
    return float(np.mean(np.abs(error) <= half_width))


def monte_carlo(network: Dim2, inputs: Inputs, pairs: Tensor, draws: int, seed: int) -> tuple[Float, Float]:
    """Mean and standard deviation over draws of dropout, both (b,) ln µM; pairs (b, 2).

    It knows what the network is unsure of, not the noise of a measurement: too narrow by itself, see `conformal`.
    """
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    drawn = torch.stack([predict(network, inputs, pairs, dropout=True) for _ in range(draws)])
    torch.set_rng_state(state)
    return spread_of(drawn.cpu().numpy())


def spread_of(members: Float) -> tuple[Float, Float]:
    """Mean and standard deviation over the first axis: draws, or the networks of an ensemble. (k, b) -> (b,), (b,)."""
    return members.mean(0), members.std(0, ddof=1)
