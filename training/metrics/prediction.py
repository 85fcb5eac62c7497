"""What a method says of every pair, the one form in which baselines and networks are compared."""

from dataclasses import dataclass, field

from training.data.arrays import Floats


@dataclass(frozen=True)
class Predicted:
    """Scores, and ln IC50 where the method predicts it itself; every array (N, M), finite everywhere.

    `score` is larger for more sensitive and comparable between drugs. `ln_ic50` is in ln µM; where it is None,
    evaluation maps the score to it on validation pairs. A method that was fitted again on train + validation once its
    settings were chosen gives in `held_out_score` and `held_out_ln_ic50` what it said before that, so that calibration
    never uses a pair that the model was fitted on; None stands for the same arrays. `notes` are further figures (the
    chosen epoch), `stages` embeddings of the cell lines, (N, any), for the report. `half_width`, half of the 90 %
    interval of `ln_ic50` in ln µM, is a method's own; without it evaluation takes it from the validation residuals.
    """

    score: Floats
    ln_ic50: Floats | None = None
    held_out_score: Floats | None = None
    held_out_ln_ic50: Floats | None = None
    notes: dict[str, float] = field(default_factory=dict)
    stages: dict[str, Floats] = field(default_factory=dict)
    half_width: Floats | None = None

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
