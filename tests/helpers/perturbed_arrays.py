"""Copies of the arrays with some responses or features changed, to see what they reach."""

from dataclasses import replace

import numpy as np


def with_other_values(arrays, pairs):
    """`arrays` with every response of `pairs` replaced, labels flipped."""
    ln_ic50 = np.where(pairs, 20 - 2 * arrays.ln_ic50, arrays.ln_ic50).astype(np.float32)
    return replace(arrays, ln_ic50=ln_ic50, sensitive=np.where(pairs, 1 - arrays.sensitive, arrays.sensitive))


def with_other_features(arrays, lines):
    """`arrays` with other omics of `lines`."""
    features = {name: table.copy() for name, table in arrays.features.items()}
    for name, table in features.items():
        table[lines] = 1 - table[lines] if name == "mutation" else table[lines] * 7 + 3
    return replace(arrays, features=features)
