"""Names as one-hot columns."""

from collections.abc import Sequence

import torch
from torch import Tensor

from training.data.arrays import Floats
from training.features.table_fit import Rows


def known_names(names: Sequence[str], rows: Rows) -> list[str]:
    """The distinct names of `rows` in alphabetical order, without the empty one."""
    return sorted({name for name, inside in zip(names, rows, strict=True) if inside and name})


def one_hot_of(names: Sequence[str], known: Sequence[str]) -> Floats:
    """One column per known name, one at least; any other name is a row of zeros. Shape: (n, names)."""
    return many_hot([[name] if name in set(known) else [] for name in names], known).double().numpy()


def one_hot(names: Sequence[str]) -> Tensor:
    """One column per distinct name in alphabetical order; an empty name is a row of zeros. Shape: (n, names)."""
    return many_hot([[name] if name else [] for name in names])


def many_hot(names: Sequence[Sequence[str]], known: Sequence[str] | None = None) -> Tensor:
    """One column per name, by default per distinct one in alphabetical order. Shape: (n, at least 1)."""
    known = sorted({name for row in names for name in row}) if known is None else known
    column = {name: i for i, name in enumerate(known)}
    out = torch.zeros(len(names), max(len(column), 1))
    for row, members in enumerate(names):
        out[row, [column[name] for name in members]] = 1
    return out
