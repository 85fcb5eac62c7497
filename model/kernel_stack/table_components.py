"""A table's principal components. A gene that is not known counts as what the others let expect of it.

    z = U s + e,   s ~ N(0, Λ),   e ~ N(0, σ²)        ŝ = (U_oᵀ U_o / σ² + Λ⁻¹)⁻¹ U_oᵀ z_o / σ²

z are the standardised genes, U the axes, o the genes that are known (probabilistic PCA; Tipping and Bishop 1999); the
components are those of z with U ŝ in the gaps. They are patterns of many genes, so that an eighth of these tells them
almost as well as all.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.kernel_stack.packing import Stored

Floats = NDArray[np.floating]
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class TableComponents:
    """Shapes: mean (p,); axes (p, w), which take x − mean to the block; spread (p,), 0 where gaps count as the mean.

    axes · spread are the orthonormal U; `variance` (w,) is Λ, `noise` σ².
    """

    mean: Floats
    axes: Stored
    spread: Floats
    variance: Floats
    noise: float

    def block(self, table: Floats) -> Floats:
        """Components of m samples, genes that are not known NaN. Shapes: table (m, p) -> (m, w)."""
        apart = table.astype(float) - self.mean
        known = ~np.isnan(apart)
        out: Floats = self.axes.times(np.nan_to_num(apart))
        patterns: dict[bytes, list[int]] = {}
        for row in np.flatnonzero(known.any(1) & ~known.all(1)):
            patterns.setdefault(known[row].tobytes(), []).append(int(row))
        for rows in patterns.values() if self.spread.any() else ():
            out[rows] = self._estimated(out[rows], known[rows[0]])
        return out

    def explained(self, table: Floats) -> Floats:
        """Share of the squares of each sample's known genes that its components hold. Shape: (m, p) -> (m,).

        Real lines have much; genes that are mixed of several lines or on another scale have little. It says less the
        fewer genes are known: half of them are nearly always held, whatever they are.
        """
        z, block = (table.astype(float) - self.mean) / self.spread, self.block(table)
        squares = np.maximum(np.nansum(z**2, axis=1), 1e-12)
        shares: Floats = (block**2).sum(1) / squares
        for row in np.flatnonzero(np.isnan(z).any(1)):
            here = ~np.isnan(z[row])
            left = z[row, here] - self._orthonormal(here) @ block[row]
            shares[row] = 1 - (left**2).sum() / squares[row]
        return shares

    def _estimated(self, projected: Floats, known: Rows) -> Floats:
        """Components of samples with the same `known` (p,) genes. Shape: projected U_oᵀ z_o, (m, w) -> (m, w)."""
        some = self._products(known) if 2 * known.sum() < len(known) else self._all_products - self._products(~known)
        precision = some / self.noise + np.diag(1 / self.variance)
        patterns = np.linalg.solve(precision, projected.T / self.noise)
        out: Floats = projected + ((self._all_products - some) @ patterns).T
        return out

    @cached_property
    def _all_products(self) -> Floats:
        return self._products(np.ones(len(self.mean), bool))

    def _products(self, genes: Rows) -> Floats:
        """Uᵀ U over some genes, (w, w); over all of them the unit matrix, but that axes are stored in eight bits."""
        axes = self._orthonormal(genes)
        products: Floats = axes.T @ axes
        return products

    def _orthonormal(self, genes: Rows) -> Floats:
        axes: Floats = self.axes.values[genes].astype(float) * self.axes.scale * self.spread[genes, None]
        return axes
