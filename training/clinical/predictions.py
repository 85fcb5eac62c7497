"""What a bundle predicts of lines and tumours: the ln IC50 of every drug, from expression and tissue alone.

It reads the bundle's own graphs, as the service does. Expression in another unit than the bundle's is brought to it
gene by gene: z-scores within the cohort on the mean and deviation of the training lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime as ort
import pandas as pd
from numpy.typing import NDArray

from model.bundle.bundle import ModelPart
from model.bundle.card import Inductive
from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.encoder_inputs import LINE_GRAPH, LINE_NAMES, LINE_OUTPUTS, MODALITIES, Feed
from model.kernel_stack.line_reader import LineReader, line_reader
from model.kernel_stack.served_stack import ServedStack, served_stack
from model.sample import LEAST_SHARE
from model.scoring import ln_ic50
from training.clinical.tables import ClinicalError

Float = NDArray[np.float32]
ROWS = 256  # samples in one run of the graph
UNSEEN_LINE, TABLES = 1, "rnaseq_tissue"  # stack of lines without responses, set of tables of tumours
Progress = Callable[[int, int], None]


def unheard(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class LineModel:
    """A model of a bundle that places new samples; `mean` and `sd` (p,) are of its `genes` over the training lines."""

    name: str
    version: str
    genes: list[str]
    tissues: list[str]
    mean: Float
    sd: Float
    drugs: pd.DataFrame  # id, name, threshold_ln_um, ln_ic50_sd
    least_similarity: float
    _part: ModelPart = field(repr=False)
    _session: Any = field(repr=False)  # onnxruntime has no types; a LineReader for a kernel stack
    _stack: ServedStack | None = field(repr=False)

    @classmethod
    def open(cls, folder: Path, name: str | None = None) -> Self:
        """Read a bundle's model, its default one without a name. Raises BundleError or ClinicalError."""
        bundle = read_bundle(folder)
        name = name or bundle.default_model
        if name not in bundle.models:
            raise ClinicalError(f"--model {name}: {folder} has {', '.join(bundle.models)}")
        part = bundle.models[name]
        entry = part.card.get("inductive", {})
        if reason := entry.get("none"):
            raise ClinicalError(f"{folder}: {name} places no new samples ({reason}); choose another --model")
        if "expression_mean" not in part.population:
            raise ClinicalError(f"{folder}: {name} has no moments of its genes; export the bundle again")
        stack = served_stack(part.stack) if part.stack else None
        session = line_reader(part.stack) if part.stack else _session(part)
        genes = entry["genes"]["expression"]
        if not genes:
            raise ClinicalError(f"{folder}: {name} reads no expression; choose another --model")
        drugs = pd.DataFrame(bundle.drugs)[["id", "name", "threshold_ln_um", "ln_ic50_sd"]]
        return cls(
            name,
            bundle.version,
            genes,
            entry["tissues"],
            part.population["expression_mean"],
            part.population["expression_sd"],
            drugs,
            _least_similarity(entry),
            part,
            session,
            stack,
        )

    def refuse_few_genes(self, genes: Sequence[str]) -> None:
        """Raise ClinicalError where the model reads too many genes that are not among these."""
        known = len(set(genes) & set(self.genes))
        if known < LEAST_SHARE * len(self.genes):
            raise ClinicalError(
                f"{known} of the {len(self.genes)} genes that {self.name} reads are there, under "
                f"{LEAST_SHARE:.0%}; responses are not predicted"
            )

    def on_lines_scale(self, z: pd.DataFrame) -> Float:
        """Expression of the model's genes from z-scores within a cohort, NaN where unknown. Shape: (n, p)."""
        values = self.mean + self.sd * z.reindex(columns=self.genes).to_numpy(np.float32)
        return np.asarray(values, np.float32)

    def predict(self, expression: Float, tissues: Sequence[str], progress: Progress = unheard) -> tuple[Float, Float]:
        """Predicted ln IC50 (µM) of every drug, and the likeness to the nearest training line.

        Shapes: expression (n, p) in the bundle's unit, NaN where unknown; tissues (n,), "" where unknown ->
        (n, M), (n,). Raises ClinicalError where the model does not know a tissue.
        """
        named = self._tissue_columns(tissues)
        values, nearest = [], []
        for start in range(0, len(expression), ROWS):
            rows = slice(start, start + ROWS)
            codes, closeness = self._encode(expression[rows], named[rows])
            values.append(self._ln_ic50(codes))
            nearest.append(closeness.max(1))
            progress(min(start + ROWS, len(expression)), len(expression))
        return np.concatenate(values), np.concatenate(nearest)

    def _tissue_columns(self, tissues: Sequence[str]) -> Float:
        if unknown := sorted({name for name in tissues if name and name not in self.tissues}):
            raise ClinicalError(
                f"tissue {unknown[0]!r} is not one of the model's; give one of {', '.join(self.tissues)}"
            )
        columns = np.zeros((len(tissues), len(self.tissues)), np.float32)
        for row, name in enumerate(tissues):
            if name:
                columns[row, self.tissues.index(name)] = 1
        return columns

    def _encode(self, expression: Float, tissues: Float) -> tuple[Float, Float]:
        entry, count = self._part.card["inductive"], len(expression)
        if isinstance(self._session, LineReader):
            tables = {"expression": expression}
            zq, closeness = self._session.predict(*self._session.blocks(tables, {"tissue": tissues}, count))
            return zq.astype(np.float32), closeness.astype(np.float32)
        feed: Feed = {m: np.full((count, len(entry["genes"][m]) or 1), np.nan, np.float32) for m in MODALITIES}
        widths = {name: len(entry[key]) or 1 for name, key in LINE_NAMES.items()}  # type: ignore[literal-required]
        feed |= {name: np.zeros((count, width), np.float32) for name, width in widths.items()}
        has = np.tile([name == "expression" for name in MODALITIES], (count, 1))
        feed |= {"expression": expression, "tissue": tissues, "has": has}
        codes, closeness = self._session.run([LINE_OUTPUTS[0], "closeness"], feed)
        return codes, closeness

    @property
    def _stack_number(self) -> int:
        """The stack of lines known by RNA-seq and tissue; where it was not fitted, of those with all tables."""
        names = [one["name"] for one in self._part.card["inductive"].get("table_sets", [])]
        return UNSEEN_LINE + 1 + names.index(TABLES) if TABLES in names else UNSEEN_LINE

    def _ln_ic50(self, codes: Float) -> Float:
        threshold, sd = (self.drugs[key].to_numpy(np.float32) for key in ("threshold_ln_um", "ln_ic50_sd"))
        if self._stack is not None:
            stack = self._stack.stacks[self._stack_number]
            return np.asarray(stack.ln_ic50(codes[:, : len(sd)], self._stack.scales), np.float32)
        drug = self._part.drug if self._part.drug_margin is None else self._part.drug_margin
        regression = self._part.card["regression"]
        if regression is None:
            raise ClinicalError(f"{self.name} predicts labels alone, no ln IC50; choose another --model")
        width = min(codes.shape[1], drug.shape[1])
        margin = (codes[:, :width].astype(float) @ drug[:, :width].T.astype(float)).astype(np.float32)
        return ln_ic50(margin, regression["slope"], regression["intercept"], threshold, sd)


def _session(part: ModelPart) -> Any:  # noqa: ANN401 -- no types
    if LINE_GRAPH not in part.graphs:
        raise BundleError(f"{part.name}: no {LINE_GRAPH} graph; export the bundle again")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(part.graphs[LINE_GRAPH], options, providers=["CPUExecutionProvider"])


def _least_similarity(entry: Inductive) -> float:
    """Similarity from which a line that is known by expression and tissue lies in the domain."""
    of_tables = {one["name"]: one["domain"] for one in entry.get("table_sets", [])}
    return float(of_tables.get(TABLES, entry["domain"]["cell_line"]))
