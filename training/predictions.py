"""What a method says of every pair, the one form in which baselines and networks are compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]


@dataclass(frozen=True)
class Predicted:
    """Scores, and ln IC50 where the method predicts it itself; every array (N, M), finite everywhere.

    `score` is larger for more sensitive and comparable between drugs. `ln_ic50` is in ln µM; where it is None,
    evaluation maps the score to it on validation pairs. A method that was fitted again on train + validation once its
    settings were chosen gives in `held_out_score` and `held_out_ln_ic50` what it said before that, so that calibration
    never uses a pair that the model was fitted on; None stands for the same arrays.
    """

    score: Float
    ln_ic50: Float | None = None
    held_out_score: Float | None = None
    held_out_ln_ic50: Float | None = None

    @property
    def calibration_score(self) -> Float:
        """The scores that calibration on validation pairs may read."""
        return self.score if self.held_out_score is None else self.held_out_score

    @property
    def calibration_ln_ic50(self) -> Float | None:
        """The ln IC50 that calibration on validation pairs may read."""
        return self.ln_ic50 if self.held_out_ln_ic50 is None else self.held_out_ln_ic50
