"""The kernel stack as a bundle holds it: numpy arrays, and what they say of known and new lines and drugs.

Arrays by name (N lines, M drugs, n training lines, S stacks):

known (N, 2M)              z of every drug, then q, as they are answered; carried (N, 2M) as new drugs read them
line_stack (N,)            which stack a line's pairs go through
scales (5, M)              mean, sd, offset, soft_mean, soft_sd (model.kernel_stack.pair_stack.DrugScales)
stacks (S, 5)              weights and centre of each stack: known pairs, then one a set of tables
stack_drugs (S, 4, M)      its terms by drug; new_drug_stack (5,) the stack of drugs without responses
block.b (n, w), has.b (n,) blocks of the training lines; mean.b (p,), axes.b (p, w) of tables
spread.b (p,), noise.b (1,)    of tables whose gaps are estimated (model.kernel_stack.table_components)
kernel_scales (3,), responses (n, 2M)         of the line kernels and their ridges
drug.bits, drug.ecfp (M, bytes), drug.targets (M, T), drug.pathway (M, P)     views of the drugs
drug.sources (M,)          1 for the drugs whose order of lines new ones are given
drug.properties (M, 6), drug.concentration (M,)   what tells their potency; ln µM, the mean where not known

A line's code is its rows of both and the number of its stack, 4M + 1 columns before the padding; a new line's two rows
are alike. A known drug goes by its place in the row, a new one by weights of the known drugs, (M,). line_reader and
drug_reader beside this module read new ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.kernel_stack.packing import unpacked
from model.kernel_stack.pair_stack import DrugScales, Floats, PairStack
from model.scoring import padded

Index = NDArray[np.intp]
KNOWN = 0  # the stack of known pairs
ROWS = 4096  # pairs whose products are held at once


@dataclass(frozen=True)
class ServedStack:
    """A stack of a bundle. Shapes: codes (N, 4M + 1 and what pads them) of its lines, float32."""

    codes: Floats
    scales: DrugScales
    stacks: list[PairStack]
    new_drugs: PairStack

    @property
    def width(self) -> int:
        """Number of drugs that have responses."""
        return len(self.scales.mean)

    @cached_property
    def new_scales(self) -> DrugScales:
        """Scales of a new drug, (1,) each: the means of the known drugs."""
        scales = self.scales
        every = (scales.mean, scales.sd, scales.offset, scales.soft_mean, scales.soft_sd)
        return DrugScales(*(np.array([x.mean()]) for x in every))

    def line_stacks(self, codes: Floats, lines: Index) -> Index:
        """The number of the stack of each line. Shapes: codes (n', 4M + 1), lines (n,) -> (n,)."""
        numbers: Index = codes[lines, 4 * self.width].astype(np.intp)
        return numbers

    def known_drugs(self, codes: Floats, lines: Index, drugs: Index) -> tuple[Floats, Floats]:
        """Log odds and ln IC50 (µM) of pairs with known drugs.

        Shapes: codes (n', 4M + 1), lines and drugs (n,) -> (n,) each.
        """
        z, q = codes[lines, drugs].astype(float), codes[lines, self.width + drugs].astype(float)
        score, ln_ic50 = np.empty(len(lines)), np.empty(len(lines))
        case = self.line_stacks(codes, lines)
        for number in np.unique(case):
            here = case == number
            stack, scales = self.stacks[number].of(drugs[here]), self.scales.of(drugs[here])
            score[here] = stack.log_odds(z[here], q[here], scales)
            ln_ic50[here] = stack.ln_ic50(z[here], scales)
        return score, ln_ic50

    def unseen_drugs(self, codes: Floats, weights: Floats, potency: Floats) -> tuple[Floats, Floats]:
        """The same of pairs with new drugs; potency (n,) is their mean ln IC50. Shape: weights (n, M)."""
        z, q = (_weighted(codes[:, k * self.width : (k + 1) * self.width], weights) for k in (2, 3))
        ln_ic50 = self.new_drugs.ln_ic50(z, replace(self.new_scales, mean=potency.astype(float)))
        return self.new_drugs.log_odds(z, q, self.new_scales), ln_ic50

    def crossed(self, codes: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Z and q of every line with every new drug, as `unseen_drugs` reads them but for the last bits.

        Shapes: codes (n', 4M + 1), weights (n, M) or padded to more -> (n', n) each.
        """
        m = self.width
        carried = weights[:, :m].T.astype(float)
        return codes[:, 2 * m : 3 * m].astype(float) @ carried, codes[:, 3 * m : 4 * m].astype(float) @ carried


def served_stack(tensors: Mapping[str, NDArray[Any]]) -> ServedStack:
    """The stack of a bundle's arrays. Raises KeyError naming an array that is missing."""
    of_lines = [unpacked(tensors, name).astype(np.float32) for name in ("known", "carried")]
    which = tensors["line_stack"].astype(np.float32)
    weights, terms = tensors["stacks"].astype(float), tensors["stack_drugs"].astype(float)
    stacks = [PairStack(w[:4], float(w[4]), *of_drugs) for w, of_drugs in zip(weights, terms, strict=True)]
    new = tensors["new_drug_stack"].astype(float)
    none = np.zeros(1)
    return ServedStack(
        padded(np.hstack([*of_lines, which[:, None]])),
        DrugScales(*tensors["scales"].astype(float)),
        stacks,
        PairStack(new[:4], float(new[4]), none, none, none, none + 1),
    )


def _weighted(values: Floats, weights: Floats) -> Floats:
    """Row by row inner products, summed in double and in one order. Shapes: (n, M), (n, M) -> (n,)."""
    out = np.empty(len(values))
    for start in range(0, len(values), ROWS):
        rows = slice(start, start + ROWS)
        out[rows] = (values[rows].astype(float) * weights[rows]).sum(1)
    return out
