"""Half-width of the prediction interval of ln IC50 in each of the four cases: known pair, unseen line, drug, or both.

Known pair: half_width_sd · σ_d, by split conformal prediction on validation pairs (metrics.calibration).
Unseen line: the same times RMSE(LCO) / RMSE(LPO), the loss of accuracy measured on lines left out of training.
Unseen drug: hypot(half-width of the pair, z · error of the predicted threshold), the error measured on drugs left out.
docs/explanation/model.md reports how often these intervals cover.

Where a model's card has half-widths measured for each case (`half_widths_sd`, as of DiM2-DRP), those apply instead,
and of known drugs those by drug (`half_widths_by_drug_sd`, as of the kernel stack).

All these are for a repeat in the same screen; `other_assay` widens them for a new measurement in another.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.bundle.card import Case, ModelCard
from service.prediction.embeddings import Float, Index

Cases = Index | NDArray[np.bool_]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class IntervalWidths:
    """Half-widths by case. A part is NaN where the bundle does not state it; pairs that need it get no interval."""

    pair_sd: float
    unseen_line: float  # a factor
    unseen_drug: float  # ln µM
    by_case: Float | None = None  # (c, 2) in σ_d, by the line's case and whether the drug is new
    by_drug: Float | None = None  # (2, M) in σ_d, by the line's case 0 and 1

    @classmethod
    def from_card(cls, card: ModelCard, metrics: dict[str, Any]) -> "IntervalWidths | None":
        """Read them from a model's card and metrics; None where the model predicts labels alone."""
        regression, inductive = card.get("regression"), card.get("inductive", {})
        if regression is None:
            return None
        rmse = [metrics.get(split, {}).get("rmse", {}).get("mean", np.nan) for split in ("LCO", "LPO")]
        z = NormalDist().inv_cdf((1 + regression["coverage"]) / 2)
        unseen_drug = z * inductive.get("threshold_sd_ln_um", np.nan)
        by_case, by_drug = _widths_by_case(card), _widths_by_drug(card)
        return cls(regression["half_width_sd"], rmse[0] / rmse[1], unseen_drug, by_case, by_drug)

    def half_width(self, sd: Float, line_case: Cases, new_drug: Cases, drugs: Index | None = None) -> Float:
        """Half-widths of pairs in ln µM. Shapes: sd, the drugs' deviations, line_case, new_drug, drugs (n,) -> (n,).

        A line's case is 0 known, 1 new, and of the kernel stack further ones by what was measured of a new line;
        `drugs` are rows of the bundle where a drug is not new; without them all drugs have their case's width.
        """
        if self.by_case is not None:
            case = line_case.astype(np.intp)
            widths = self.by_case[case, new_drug.astype(np.intp)]
            if self.by_drug is not None and drugs is not None:
                own = (case < len(self.by_drug)) & ~new_drug.astype(bool)
                widths[own] = self.by_drug[case[own], drugs[own]]
            measured: Float = sd * widths
            return measured
        half = sd * np.float32(self.pair_sd)
        half = np.where(line_case > 0, half * np.float32(self.unseen_line), half)
        wide: Float = np.where(new_drug > 0, np.hypot(half, np.float32(self.unseen_drug)), half).astype(np.float32)
        return wide


def other_assay(half: Doubles, extra: float | None) -> Doubles:
    """Half-widths for a new measurement in another assay, NaN where the bundle does not say `extra`. Shape: (n,)."""
    return np.hypot(half, np.nan if extra is None else extra)


def _widths_by_drug(card: ModelCard) -> Float | None:
    given = card.get("half_widths_by_drug_sd")
    return None if given is None else np.array([given["known"], given["new_line"]], np.float32)


def _widths_by_case(card: ModelCard) -> Float | None:
    given = card.get("half_widths_sd")
    if given is None:
        return None
    cases: tuple[tuple[Case, Case], ...] = (("known", "new_drug"), ("new_line", "both"))
    rows = [[np.nan if given[case] is None else given[case] for case in row] for row in cases]
    sets = card.get("inductive", {}).get("table_sets", [])
    return np.array([*rows, *([one["new_line"], one["both"]] for one in sets)], np.float32)
