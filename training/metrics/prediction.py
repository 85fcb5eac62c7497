"""The prediction of one method for every pair: the form in which baselines and networks are compared."""

from dataclasses import dataclass, field

from training.data.arrays import Floats


@dataclass(frozen=True)
class MonteCarlo:
    """Mean and standard deviation of ln IC50 over passes with dropout, by the fit that saw no validation pair.

    Shapes: both (N, M) ln µM, finite on validation and test pairs, NaN elsewhere.
    """

    mean: Floats
    sd: Floats


@dataclass(frozen=True)
class TokenWeights:
    """Attention to the k tokens of one side: mean over heads, then mean and deviation over test pairs; they sum to 1.

    Shapes: labels, mean and deviation all have k entries.
    """

    labels: list[str]
    mean: Floats
    deviation: Floats


@dataclass(frozen=True)
class Prediction:
    """Scores of all pairs, and ln IC50 where the method predicts it; every array (N, M), finite everywhere.

    score: larger is more sensitive; comparable between drugs.
    ln_ic50: ln µM. Where it is None, evaluation fits ln IC50 to the score on validation pairs.
    held_out_score, held_out_ln_ic50: the predictions of the fit that saw no validation pair, for a method that is
        fitted again on train + validation. Calibration reads these. None stands for `score` and `ln_ic50`.
    notes: further metrics of the fit, such as the epoch.
    line_embeddings: embeddings of the cell lines for the report, stage -> (N, any).
    half_width: half of the 90 % interval of `ln_ic50` in ln µM. Where it is None, evaluation takes it from the
        residuals of the validation pairs.
    monte_carlo: what passes with dropout gave, for a method that makes some.
    attention: what a network's attention looks at, of the "cell" and of the "drug", for the report.
    """

    score: Floats
    ln_ic50: Floats | None = None
    held_out_score: Floats | None = None
    held_out_ln_ic50: Floats | None = None
    notes: dict[str, float] = field(default_factory=dict)
    line_embeddings: dict[str, Floats] = field(default_factory=dict)
    half_width: Floats | None = None
    monte_carlo: MonteCarlo | None = None
    attention: dict[str, TokenWeights] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse held-out values of one of the two only: the other would be calibrated on pairs it was fitted on."""
        if self.held_out_ln_ic50 is not None and self.ln_ic50 is None:
            raise ValueError("held_out_ln_ic50: given without ln_ic50; give both or neither")
        if self.ln_ic50 is not None and (self.held_out_score is None) != (self.held_out_ln_ic50 is None):
            raise ValueError("held_out_score, held_out_ln_ic50: one is missing; a method fitted again gives both")

    @property
    def calibration_score(self) -> Floats:
        """The scores that calibration on validation pairs may read."""
        return self.score if self.held_out_score is None else self.held_out_score

    @property
    def calibration_ln_ic50(self) -> Floats | None:
        """The ln IC50 that calibration on validation pairs may read."""
        return self.ln_ic50 if self.held_out_ln_ic50 is None else self.held_out_ln_ic50
