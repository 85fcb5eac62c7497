"""Of what a screen measured in a pair, the part that another assay would measure again.

    answer = p + LINE_SHARE (l − p) + w_d (z − l)        w_d = σ_d² / (σ_d² + NOISE)

z is the measured value, p the ridge's prediction from the line's tables, l the posterior by the line's other responses
without z; σ_d is the drug's deviation of ln IC50. The posterior itself would nearly repeat z: one response a pair does
not tell noise from what is the pair's own (model.estimators.covariance). Both numbers come from 50 drugs that GDSC
measured in two assays, and were tested on 50 others and on CCLE (docs/explanation/results.md).
"""

import numpy as np

from training.data.arrays import Floats
from training.splits.splits import Mask

LINE_SHARE = 0.4  # of what a line's other responses add to its tables
NOISE = 5.0  # (ln µM)²


def repeatable(values: Floats, pairs: Mask, prior: Floats, left_out: Floats, sd: Floats) -> Floats:
    """What pairs are answered with; those that are not measured keep `left_out`.

    Shapes: values, pairs, prior, left_out (N, M), sd (M,) in ln µM -> (N, M).
    """
    own = sd**2 / (sd**2 + NOISE)
    answer = prior + LINE_SHARE * (left_out - prior) + own * (values - left_out)
    return np.where(pairs, answer, left_out)
