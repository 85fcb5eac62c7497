"""Kernels of one modality between lines (HGACL-DRP, sec. 2.2.2), each in two forms of the same numbers.

Calling a kernel computes in double precision; `graph` does so in single precision and operations that ONNX has.
Shapes of both: x (n, p), y (m, p) -> (n, m).
"""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from model.estimators.kernels import gaussian, jaccard, median_distance, polynomial, squared_distances
from model.hgacl.config import HgaclConfig


@dataclass(frozen=True)
class GaussianKernel:
    """exp(−‖x − y‖² / 2σ²), of expression."""

    sigma: float

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: D102
        return gaussian(x, y, self.sigma)

    def graph(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: D102
        return (-squared_distances(x, y) / (2 * self.sigma**2)).exp()


@dataclass(frozen=True)
class PolynomialKernel:
    """(x · y / s + 1)^degree, of copy number; s is the number of columns where the inner product is scaled, else 1."""

    degree: int
    scale_inner_product: bool

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: D102
        return polynomial(x, y, self.degree, scale_inner_product=self.scale_inner_product)

    def graph(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: D102
        inner: Tensor = x @ y.T / (x.shape[1] if self.scale_inner_product else 1) + 1
        return inner**self.degree


@dataclass(frozen=True)
class CosineKernel:
    """Cosine of components, negative ones 0, of mutation in the default."""

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: D102
        return (functional.normalize(x, dim=1) @ functional.normalize(y, dim=1).T).clamp(min=0)

    graph = __call__


@dataclass(frozen=True)
class JaccardKernel:
    """Jaccard similarity of the mutated genes, of mutation in the paper."""

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: D102
        return jaccard(x, y)

    graph = __call__


LineKernel = GaussianKernel | PolynomialKernel | CosineKernel | JaccardKernel


def fit_kernel(modality: str, train: Tensor, config: HgaclConfig) -> LineKernel:
    """The kernel of a modality, σ from the training lines that have the table. Shape: train (m, p)."""
    if modality == "expression":
        return GaussianKernel(config.gaussian_sigma or (median_distance(train) if len(train) > 1 else 1.0))
    if modality == "copy_number":
        return PolynomialKernel(config.polynomial_degree, config.scale_inner_product)
    return CosineKernel() if reads_components(config) else JaccardKernel()


def reads_components(config: HgaclConfig) -> bool:
    """Whether kernels compare principal components, which a bundle may hold, instead of whole tables."""
    return config.reduced_kernels and config.feature_components > 0
