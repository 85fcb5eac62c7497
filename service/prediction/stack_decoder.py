"""The kernel stack in numpy: scores of pairs from a line's z and q, and codes for new samples and compounds.

Its codes are no embeddings to multiply: a line has z and q of every known drug and the number of its stack, a new drug
weights of the known drugs (model.kernel_stack.served_stack). A pair's numbers are the same to the last bit in any
company.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.bundle.bundle import ModelPart
from model.bundle.card import TableSet
from model.bundle.manifest import BundleError
from model.bundle.reader import SELF_TEST_TOLERANCE
from model.encoder_inputs import ARRAY, LINE_NAMES, MODALITIES, Feed
from model.kernel_stack.drug_reader import DrugReader, Views, drug_reader
from model.kernel_stack.line_reader import LineReader, line_reader, table_shares
from model.kernel_stack.pair_stack import DrugScales
from model.kernel_stack.served_stack import served_stack
from model.scoring import calibrated, padded
from service.prediction.embeddings import Embeddings, Float, Index

Part = TypeVar("Part")
UNSEEN_LINE = 1  # stack of new lines that have all tables


class StackDecoder:
    """Scores and ln IC50 of a kernel stack."""

    provider = "numpy"

    def __init__(self, part: ModelPart) -> None:
        self.stack = _read(served_stack, part)
        self._part = part.opened()

    def codes(self) -> tuple[Float, Float]:
        """Codes of the bundle's lines and drugs, as `Embeddings` has them; a known drug's is not read."""
        drugs = len(self._part.drug)
        return self.stack.codes, padded(np.zeros((drugs, self.stack.width), np.float32))

    def score(self, embeddings: Embeddings, cells: Index, drugs: Index) -> tuple[Float, Float]:
        """Log odds and probability of aligned rows of the embeddings. Shapes: cells, drugs (n,) -> (n,), (n,)."""
        score = self._pairs(embeddings, cells, drugs)[0]
        return score, calibrated(score, *self._part.calibration)

    def ln_ic50(self, embeddings: Embeddings, cells: Index, drugs: Index) -> Float:
        """Predicted ln IC50 (µM) of such pairs, (n,)."""
        out: Float = self._pairs(embeddings, cells, drugs)[1]
        return out

    def without(self, codes: Float, embeddings: Embeddings, drug: int) -> tuple[Float, Float]:
        """Score and probability of n lines with other codes, (n, w), and one drug."""
        lines = Embeddings(codes, embeddings.drug, embeddings.margin, embeddings.threshold, embeddings.sd)
        return self.score(lines, np.arange(len(codes)), np.full(len(codes), drug))

    def line_cases(self, embeddings: Embeddings, cells: Index) -> Index:
        """Which stack each line goes through: 0 known, 1 unseen, then one a set of tables, (n,)."""
        return self.stack.line_stacks(embeddings.cell, cells)

    def self_test(self, embeddings: Embeddings, cells: Index, drugs: Index) -> None:
        """Compare with the manifest's answers; raises BundleError where they differ."""
        got = dict(zip(("score", "probability"), self.score(embeddings, cells, drugs), strict=True))
        tests: Sequence[Mapping[str, Any]] = self._part.card["self_test"]
        for key, values in got.items():
            gap = float(np.abs(values - np.array([test[key] for test in tests])).max())
            if not gap <= SELF_TEST_TOLERANCE * max(1.0, float(np.abs(values).max())):
                raise BundleError(f"{self._part.name}/stack.safetensors: self-test fails, {key} is off by {gap:.2g}")

    def _pairs(self, embeddings: Embeddings, cells: Index, drugs: Index) -> Float:
        """Log odds and ln IC50, (2, n)."""
        out = np.empty((2, len(cells)), np.float32)
        known = drugs < len(self._part.drug)
        out[:, known] = self.stack.known_drugs(embeddings.cell, cells[known], drugs[known])
        rest = drugs[~known]
        scales = self.stack.new_scales
        potency = embeddings.threshold[rest] - scales.sd * scales.offset
        weights = embeddings.drug[rest, : self.stack.width]
        out[:, ~known] = self.stack.unseen_drugs(embeddings.cell[cells[~known]], weights, potency)
        return out


class LineSession:
    """What a line graph is to other models: inputs of samples -> code, similarity, closeness and table weights."""

    def __init__(
        self, reader: LineReader, table_sets: Sequence[TableSet], least_explained: Mapping[str, float]
    ) -> None:
        self._reader, self._least = reader, least_explained
        self._sets = {one["name"]: number for number, one in enumerate(table_sets, UNSEEN_LINE + 1)}

    def run(self, outputs: Sequence[str], feed: Feed) -> list[NDArray[Any]]:
        """Outputs by their names (model.encoder_inputs.LINE_OUTPUTS) for n samples."""
        has = feed["has"]
        tables = {m: np.where(has[:, [i]], feed[m], np.nan) for i, m in enumerate(MODALITIES)}
        arrays = np.zeros_like(has[:, 0])
        if ARRAY in feed:
            tables[ARRAY] = feed[ARRAY]
            arrays = np.any(np.isfinite(feed[ARRAY]), axis=1)
        names = {name: feed[name] for name in LINE_NAMES if name in self._reader.space.blocks}
        zq, closeness = self._reader.predict(*self._reader.blocks(tables, names, len(has)))
        number = [self._number(bool(a), *row) for a, row in zip(arrays, has.tolist(), strict=True)]
        found = {
            "code": np.hstack([zq, zq, np.array(number, float)[:, None]]).astype(np.float32),
            "similarity": closeness.astype(np.float32),
            "closeness": closeness.astype(np.float32),
            "weights": table_shares(np.column_stack([has[:, 0] | arrays, has[:, 1:]])).astype(np.float32),
        }
        return [found[name] for name in outputs]

    def strange(self, feed: Feed) -> str:
        """Why a sample is no line like those of training, in one sentence; "" where its expression is like theirs."""
        for name, least in self._least.items():
            table = feed.get(name)
            if table is not None and not np.isnan(table).all():
                share = float(self._reader.tables[name].explained(table)[0])
                if not share >= least:  # nor where it is no number
                    return (
                        f"varies otherwise than in lines: their components hold {share:.0%} of it, of 95 % of lines "
                        f"{least:.0%} or more (few genes, a mixture, another scale?); taken as outside the domain"
                    )
        return ""

    def _number(self, array: bool, expression: bool, copy_number: bool, mutation: bool) -> int:
        """The stack of what a sample has; where it was not fitted, that of lines with all that training lines have."""
        if array:
            name = "array"
        elif expression:
            name = "rnaseq" if copy_number and mutation else "rnaseq_tissue"
        else:
            name = "mutation_tissue"
        return self._sets.get(name, UNSEEN_LINE)


class DrugSession:
    """What a drug graph is to other models: inputs of compounds -> weights of the known drugs and similarity."""

    def __init__(self, reader: DrugReader, scales: DrugScales) -> None:
        self._reader, self._scales = reader, scales

    def run(self, outputs: Sequence[str], feed: Feed) -> list[NDArray[Any]]:
        """Outputs by their names (model.encoder_inputs.DRUG_OUTPUTS) for n compounds; thresholds in ln µM."""
        drugs, scales = self._reader, self._scales
        similarity = drugs.similarity(Views(*(feed[name] for name in ("fingerprint", "ecfp", "targets", "pathway"))))
        weights = drugs.weights(similarity)
        potency = drugs.potency(similarity, feed["properties"], feed["concentration"][:, 0])
        every = np.ones(len(weights))
        found = {
            "code": weights,
            "margin_code": weights,
            "offset": 0 * every,
            "scale": every,
            "threshold": potency + scales.offset * scales.sd,
            "ln_ic50_sd": scales.sd * every,
            "similarity": similarity,
        }
        return [found[name].astype(np.float32) for name in outputs]


def stack_sessions(decoder: StackDecoder, part: ModelPart) -> tuple[LineSession, DrugSession]:
    """What places new samples and compounds instead of graphs. Raises BundleError."""
    entry = part.card["inductive"]
    lines = LineSession(_read(line_reader, part), entry.get("table_sets", []), entry.get("least_explained", {}))
    return lines, DrugSession(_read(drug_reader, part), decoder.stack.new_scales)


def _read(reader: Callable[[Mapping[str, NDArray[Any]]], Part], part: ModelPart) -> Part:
    try:
        return reader(part.stack)
    except (KeyError, ValueError, np.linalg.LinAlgError) as fault:
        raise BundleError(f"{part.name}/stack.safetensors: {fault}; export the bundle again") from None
