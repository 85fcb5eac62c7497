"""What HGACL-DRP reads, makes on its way and returns, as named tensors.

N cell lines, M drugs; N' and M' of them are the training population.
"""

from dataclasses import dataclass

from torch import Tensor

from model.hgacl.graph import Neighbourhood


@dataclass(frozen=True)
class Population:
    """What is known of N cell lines and M drugs before any response.

    Kernel columns are of the training population only: N' lines (rows `line_sources`), all or landmarks of very many,
    and M' drugs (`drug_sources`).
    Shapes: features[m] (N, p_m), zero where a line lacks modality m; has (N, 3) boolean; line_kernels (3, N, N');
    fingerprints (M, 881); drug_kernel (M, M').
    """

    features: tuple[Tensor, ...]
    has: Tensor
    line_kernels: Tensor
    line_sources: Tensor
    fingerprints: Tensor
    drug_kernel: Tensor
    drug_sources: Tensor

    @property
    def n_lines(self) -> int:
        """N."""
        return len(self.has)


@dataclass(frozen=True)
class Factors:
    """One continuous target of the training pairs as model.estimators.factor_analysis sees it, and its priors.

    The target of a pair is about scale_d · u_c · v_d + offset_d. `line_prior`, `drug_prior` and `offset_prior` are
    what omics and structure predict for a node from the others; a node without visible responses has them.
    Shapes: value (N, M) in units of scale, 0 where unknown; scale, offset, offset_prior, noise (M,);
    loadings, drug_prior (M, r); line_prior (N, r); spread, precision (r, r).
    """

    value: Tensor
    scale: Tensor
    offset: Tensor
    offset_prior: Tensor
    loadings: Tensor
    noise: Tensor
    spread: Tensor
    line_prior: Tensor
    precision: Tensor
    drug_prior: Tensor


@dataclass(frozen=True)
class FactorCodes:
    """A target's factors for one set of visible pairs. Shapes: lines (N, r), drugs (M, r) scaled, offset (M,)."""

    lines: Tensor
    drugs: Tensor
    offset: Tensor


@dataclass(frozen=True)
class Inputs:
    """What a pass reads before noise and messages; views of one step share it.

    Shapes: shared (N, d), drug_shared (M, d).
    """

    shared: Tensor
    drug_shared: Tensor
    lines: Neighbourhood
    drugs: Neighbourhood
    factors: tuple[FactorCodes, ...]


@dataclass(frozen=True)
class Output:
    """Embeddings, codes and similarity edges of one pass; a pair's score is the inner product of its codes.

    `features` are the node features X that the messages carried, of lines (N, shared) and drugs (M, shared).
    `margin_drugs` are the codes of drugs whose inner product with the same line codes estimates the ln IC50 margin.
    Shapes: z (N + M, hidden), lines (N, w), drugs and margin_drugs (M, w).
    """

    z: Tensor
    lines: Tensor
    drugs: Tensor
    margin_drugs: Tensor
    inputs: Inputs
    features: tuple[Tensor, Tensor]

    def scores(self) -> Tensor:
        """Score of every line with every drug, (N, M)."""
        return self.lines @ self.drugs.T

    def margins(self) -> Tensor:
        """Estimate of (threshold − ln IC50) / σ_d of every pair, (N, M)."""
        return self.lines @ self.margin_drugs.T
