"""The blocks by which lines are compared, and how a line that lacks some of them gets these from the others.

A block is a table's principal components, or names as one-hot columns, scaled to a mean norm of 1 over the training
lines and multiplied by its weight: an expression table weighs more than the others. A missing block is imputed by
linear ridge regression on the blocks that the line has, fitted on the training lines that have these and the missing:

    x̂ = x̄ + k (K + λ I)⁻¹ (X − x̄),   K = A Aᵀ,   k = a Aᵀ,   A the blocks that are there, side by side
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Rows = NDArray[np.bool_]
Blocks = dict[str, Floats]
EXPRESSION = ("expression_array", "expression")
WEIGHTS = {"expression_array": 3.0, "expression": 2.0}  # of a block in the kernels; the others 1
SOURCE_WEIGHT = 3.0  # of an expression block that another block is imputed from; the others 1
RIDGE = 5.0


@dataclass(frozen=True)
class LineSpace:
    """The training lines' unweighted blocks as measured, zeros where a line lacks one, and which lines have it.

    Shapes: blocks[b] (n, w_b), present[b] (n,) boolean. A block without gaps, such as tissue, is present in all.
    """

    blocks: Blocks
    present: dict[str, Rows]
    _maps: dict[tuple[str, ...], tuple[Floats, Floats] | None] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def completed(self) -> Blocks:
        """Blocks of the training lines with their gaps imputed, (n, w_b)."""
        return self.complete(self.blocks, self.present)

    @cached_property
    def features(self) -> Floats:
        """The training lines as kernels compare them, (n, D)."""
        return weighted(self.completed)

    def complete(self, blocks: Mapping[str, Floats], present: Mapping[str, Rows]) -> Blocks:
        """Impute what m lines lack. Shapes: blocks[b] (m, w_b), present[b] (m,) -> (m, w_b).

        A block that nobody has, or that no other block tells anything of, stays zero: the mean of the training lines.
        """
        done = {name: np.where(present[name][:, None], x, 0.0) for name, x in blocks.items()}
        patterns = np.stack([present[name] for name in blocks], 1)
        for pattern in np.unique(patterns, axis=0):
            rows = np.flatnonzero((patterns == pattern).all(1))
            there = [name for name, has in zip(blocks, pattern, strict=True) if has]
            for name, has in zip(blocks, pattern, strict=True):
                fitted = None if has else self._linear_map(name, tuple(there))
                if fitted is not None:
                    mean, slopes = fitted
                    done[name][rows] = mean + _sources({known: blocks[known][rows] for known in there}) @ slopes
        return done

    def hidden(self, kept: Sequence[str]) -> Blocks:
        """Blocks of the training lines by `kept` alone, each line's own row left out of its imputation, (n, w_b)."""
        out = {}
        for name in self.blocks:
            if name in kept:
                out[name] = self.completed[name]
            else:
                known = tuple(other for other in self.blocks if other in kept)
                out[name] = self._left_out(name, known)
        return out

    def _linear_map(self, name: str, known: tuple[str, ...]) -> tuple[Floats, Floats] | None:
        """Mean (w,) and slopes (D, w) of an imputation, kept: to fit one takes a second, and samples lack the same."""
        if (name, *known) not in self._maps:
            found, fitted = None, self._imputation(name, known)
            if fitted is not None:
                found = fitted.mean, (fitted.sources.T @ fitted.duals).astype(self.blocks[name].dtype)
            self._maps[name, *known] = found
        return self._maps[name, *known]

    def _left_out(self, name: str, known: tuple[str, ...]) -> Floats:
        fitted = self._imputation(name, known)
        if fitted is None:
            return np.zeros_like(self.blocks[name])
        kernel = _sources({other: self.completed[other] for other in known}) @ fitted.sources.T
        out = fitted.mean + kernel @ fitted.duals
        inside = np.flatnonzero(fitted.rows)
        leverage = np.einsum("ij,ji->i", kernel[inside], fitted.inverse) / fitted.inverse.diagonal()
        out[inside] -= leverage[:, None] * fitted.duals
        return out

    def _imputation(self, name: str, known: tuple[str, ...]) -> "_Imputation | None":
        rows = self.present[name] & np.all([self.present[other] for other in known], axis=0)
        if not known or rows.sum() < 2:
            return None
        sources = _sources({other: self.blocks[other][rows] for other in known})
        target = self.blocks[name][rows].astype(float)
        inverse = np.linalg.inv(sources @ sources.T + RIDGE * np.eye(len(sources)))
        mean = target.mean(0)
        return _Imputation(rows, sources, mean, inverse, inverse @ (target - mean))

    def of(self, rows: Rows) -> "LineSpace":
        """The same of some training lines."""
        return replace(
            self,
            blocks={name: x[rows] for name, x in self.blocks.items()},
            present={name: x[rows] for name, x in self.present.items()},
        )


@dataclass(frozen=True)
class _Imputation:
    rows: Rows
    sources: Floats
    mean: Floats
    inverse: Floats
    duals: Floats


def weighted(blocks: Mapping[str, Floats]) -> Floats:
    """All blocks side by side, weighted, in double precision, (n, D)."""
    return np.hstack([WEIGHTS.get(name, 1.0) * x for name, x in blocks.items()], dtype=float)


def _sources(blocks: Mapping[str, Floats]) -> Floats:
    return np.hstack([(SOURCE_WEIGHT if name in EXPRESSION else 1.0) * x for name, x in blocks.items()], dtype=float)
