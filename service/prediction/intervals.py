"""How far ln IC50 may lie from its prediction: the half-width of the interval in each of the four cases.

A known pair: half_width_sd · σ_d, split conformal on validation pairs (metrics.calibration). An unseen line: the same
times RMSE(LCO) / RMSE(LPO), how much worse predictions were for lines left out of training. An unseen drug: its
threshold is a prediction too, with a root mean square error measured on left-out drugs, so z · that error in
quadrature with the spread of the pair. How often these cover stands in docs/model.md.

A model that measured its own half-widths by case (`half_widths_sd` of its card, as DiM2-DRP) is taken at its word.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.prediction.embeddings import Float


@dataclass(frozen=True)
class Spread:
    """What widens an interval; NaN where the bundle does not say how much, and then there is no interval."""

    pair_sd: float
    unseen_line: float  # a factor
    unseen_drug: float  # ln µM
    own: Float | None = None  # (2, 2) in σ_d, by whether the line and whether the drug is new

    @classmethod
    def of(cls, card: dict[str, Any], metrics: dict[str, Any]) -> "Spread":
        """From a model's card, which has a regression, and the manifest's metrics of the model."""
        regression, inductive = card["regression"], card.get("inductive", {})
        rmse = [metrics.get(split, {}).get("rmse", {}).get("mean", np.nan) for split in ("LCO", "LPO")]
        z = NormalDist().inv_cdf((1 + regression["coverage"]) / 2)
        unseen_drug = z * inductive.get("threshold_sd_ln_um", np.nan)
        return cls(regression["half_width_sd"], rmse[0] / rmse[1], unseen_drug, _own(card))

    def half_width(self, sd: Float, new_line: NDArray[np.bool_], new_drug: NDArray[np.bool_]) -> Float:
        """Half-widths of pairs in ln µM. Shapes: sd, the drugs' deviations, new_line, new_drug, (n,) -> (n,)."""
        if self.own is not None:
            measured: Float = sd * self.own[new_line.astype(np.intp), new_drug.astype(np.intp)]
            return measured
        half = sd * np.float32(self.pair_sd)
        half = np.where(new_line, half * np.float32(self.unseen_line), half)
        wide: Float = np.where(new_drug, np.hypot(half, np.float32(self.unseen_drug)), half).astype(np.float32)
        return wide


def _own(card: dict[str, Any]) -> Float | None:
    given = card.get("half_widths_sd")
    if given is None:
        return None
    cases = ("known", "new_drug"), ("new_line", "both")
    return np.array([[np.nan if given[case] is None else given[case] for case in row] for row in cases], np.float32)
