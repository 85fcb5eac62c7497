"""New samples and compounds -> code rows beside the bundle's, by the model's two encoder graphs (docs/model.md).

Knows rows and arrays; requests are `newcomers`' matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from model.bundle import BundleError, ModelPart, Row
from model.encoder_inputs import LINE_NAMES, MODALITIES, Counts, Feed, Sample, compound_arrays, sample_arrays
from model.molecules import ECFP_BITS, FINGERPRINT_BITS
from model.scoring import padded
from service.prediction.embeddings import Codes, Float, Index
from service.prediction.onnx_session import open_session
from service.settings import Settings

LINE_GRAPH, DRUG_GRAPH = "line_encoder", "drug_encoder"
LINE_INPUTS = (*MODALITIES, "has", *LINE_NAMES)
LINE_OUTPUTS = ("code", "similarity", "closeness", "weights")
DRUG_INPUTS = ("fingerprint", "ecfp", "targets", "pathway")
DRUG_OUTPUTS = ("code", "margin_code", "offset", "scale", "threshold", "ln_ic50_sd", "similarity")


@dataclass(frozen=True)
class Compound:
    """One new compound."""

    smiles: str
    targets: Sequence[str] = ()
    pathway: str | None = None


class ReadSample(NamedTuple):
    """A sample as the line graph reads it, in arrays of one row."""

    feed: Feed
    counts: dict[str, Counts]


class ReadCompound(NamedTuple):
    """A compound as the drug graph reads it, in arrays of one row, and whether a target or pathway is known."""

    feed: Feed
    annotated: bool


@dataclass(frozen=True)
class Surroundings:
    """Training rows around new things. Shapes: rows (N',) of the id table, similarity (n, N') in [0, 1], limit (n,).

    A thing lies in the domain where its nearest training row is at least as similar as `limit`; NaN where the bundle
    states none.
    """

    rows: Index
    similarity: Float
    limit: Float

    def nearest(self, place: int, count: int) -> list[tuple[int, float]]:
        """Rows and similarities of the training rows nearest to one thing, nearest first."""
        order = np.argsort(-self.similarity[place], kind="stable")[:count]
        return [(int(self.rows[i]), float(self.similarity[place, i])) for i in order]

    def inside(self, place: int) -> bool | None:
        """Whether the thing lies in the domain; None where that is not known."""
        limit = self.limit[place]
        return None if np.isnan(limit) else bool(self.similarity[place].max() >= limit)


@dataclass(frozen=True)
class NewLines:
    """Placed samples. Shapes: codes (n, w), weights (n, 3), the share of each modality; `feeds` are what was read.

    `warnings` say what the model made up for in all of them.
    """

    names: list[str]
    codes: Float
    around: Surroundings
    counts: list[dict[str, Counts]]
    weights: Float
    feeds: list[Feed]
    warnings: list[str]


@dataclass(frozen=True)
class NewDrugs:
    """Placed compounds. Shapes: codes and margins (m, w), threshold (ln µM) and sd (m,)."""

    names: list[str]
    codes: Float
    margins: Float
    threshold: Float
    sd: Float
    around: Surroundings


@dataclass(frozen=True)
class Newcomers:
    """What one request brings, placed; row N + i is its i-th sample, row M + j its j-th compound."""

    lines: NewLines | None = None
    drugs: NewDrugs | None = None

    def beside(self, codes: Codes) -> Codes:
        """The bundle's codes and then these."""
        lines, drugs, nothing = self.lines, self.drugs, np.zeros(0, np.float32)
        return codes + Codes(
            codes.cell[:0] if lines is None else lines.codes,
            codes.drug[:0] if drugs is None else drugs.codes,
            codes.drug[:0] if drugs is None else drugs.margins,
            nothing if drugs is None else drugs.threshold,
            nothing if drugs is None else drugs.sd,
        )


NOBODY = Newcomers()


@dataclass(frozen=True)
class Encoders:
    """Both graphs of a model, open, and the card's entry that says how to feed them."""

    entry: Mapping[str, Any]
    warnings: list[str]
    line_rows: Index
    drug_rows: Index
    _line: Any = field(repr=False)  # onnxruntime has no types
    _drug: Any = field(repr=False)

    @classmethod
    def open(cls, part: ModelPart, cell_lines: Sequence[Row], drugs: Sequence[Row], settings: Settings) -> Self | None:
        """Open a model's graphs and try each; None where it has none. Raises BundleError or DeviceError."""
        if LINE_GRAPH not in part.graphs or DRUG_GRAPH not in part.graphs:
            return None
        entry = part.card.get("inductive", {})
        if missing := {"genes", *LINE_NAMES.values(), "targets", "pathways", "cell_lines", "drugs"} - entry.keys():
            raise BundleError(
                f"manifest.json: {part.name} has encoder graphs, but its 'inductive' lacks {min(missing)}; "
                "it comes from another version, so export the bundle again"
            )
        encoders = cls(
            entry,
            _warnings(entry, part.name),
            _rows_of("cell_lines", entry, cell_lines, part.name),
            _rows_of("drugs", entry, drugs, part.name),
            _session(part, LINE_GRAPH, LINE_INPUTS, LINE_OUTPUTS, settings),
            _session(part, DRUG_GRAPH, DRUG_INPUTS, DRUG_OUTPUTS, settings),
        )
        encoders._try_out(part)
        return encoders

    def read_sample(self, sample: Sample) -> ReadSample:
        """What the line graph reads of a sample. Raises model.encoder_inputs.SampleError."""
        feed, (counts,) = sample_arrays(self.entry, [sample])
        return ReadSample(feed, counts)

    def read_compound(self, compound: Compound) -> ReadCompound:
        """What the drug graph reads of a compound. Raises model.molecules.MoleculeError."""
        feed = compound_arrays(self.entry, [compound.smiles], [compound.targets], [compound.pathway])
        return ReadCompound(feed, annotated=bool(compound.targets or compound.pathway))

    def lines(self, samples: Mapping[str, ReadSample]) -> NewLines:
        """Place samples by name."""
        feeds = [sample.feed for sample in samples.values()]
        code, _, closeness, weights = _one_by_one(self._line, LINE_OUTPUTS, feeds)
        around = Surroundings(self.line_rows, closeness, np.full(len(feeds), self._limit("cell_line"), np.float32))
        counts = [one.counts for one in samples.values()]
        return NewLines(list(samples), padded(code), around, counts, weights, feeds, self.warnings)

    def drugs(self, compounds: Mapping[str, ReadCompound]) -> NewDrugs:
        """Place compounds by name."""
        feeds = [compound.feed for compound in compounds.values()]
        code, margin, _, _, threshold, sd, similarity = _one_by_one(self._drug, DRUG_OUTPUTS, feeds)
        # By structure alone the nearest drug is more similar than where targets and pathway have a say.
        annotated = [compound.annotated for compound in compounds.values()]
        limit = np.where(annotated, self._limit("drug"), self._limit("drug_structure")).astype(np.float32)
        around = Surroundings(self.drug_rows, similarity, limit)
        return NewDrugs(list(compounds), padded(code), padded(margin), threshold, sd, around)

    def line_codes(self, feed: Feed) -> Float:
        """Codes of many variants of samples in one run; the last bit may differ from `lines`. Shape: (n, w)."""
        (code,) = self._line.run([LINE_OUTPUTS[0]], feed)
        return padded(code)

    def _limit(self, kind: str) -> float:
        return float(self.entry.get("domain", {}).get(kind, np.nan))

    def _try_out(self, part: ModelPart) -> None:
        """Place one sample and one compound of zeros: graphs of another shape than the card's stop the start."""
        genes, names = self.entry["genes"], [len(self.entry[key]) or 1 for key in LINE_NAMES.values()]
        widths = dict(zip(LINE_INPUTS, [*(len(genes[m]) for m in MODALITIES), len(MODALITIES), *names], strict=True))
        line = {key: np.zeros((1, width), np.float32) for key, width in widths.items()}
        line["has"] = np.ones((1, len(MODALITIES)), bool)
        drug = {key: np.zeros((1, len(self.entry[key]) + 1), np.float32) for key in ("targets",)}
        drug["pathway"] = np.zeros((1, len(self.entry["pathways"]) + 1), np.float32)
        drug["fingerprint"] = np.zeros((1, FINGERPRINT_BITS), np.float32)
        drug["ecfp"] = np.zeros((1, ECFP_BITS), np.float32)
        for graph, session, outputs, feed, rows in (
            (LINE_GRAPH, self._line, LINE_OUTPUTS, line, self.line_rows),
            (DRUG_GRAPH, self._drug, DRUG_OUTPUTS, drug, self.drug_rows),
        ):
            try:
                answers = dict(zip(outputs, session.run(list(outputs), feed), strict=True))
            except Exception as fault:  # noqa: BLE001 -- as in sessions: any fault of the runtime means "not this graph"
                reason = str(fault).strip().partition("\n")[0]
                raise BundleError(f"{part.name}/{graph}.onnx: does not take what the card says ({reason})") from None
            code, similarity = answers["code"], answers["closeness" if graph == LINE_GRAPH else "similarity"]
            if padded(code).shape[1] != part.cell.shape[1] or similarity.shape[1] != len(rows):
                raise BundleError(
                    f"{part.name}/{graph}.onnx: its codes or similarities are not as wide as the bundle's"
                )


def _one_by_one(
    session: Any,  # noqa: ANN401 -- no types
    outputs: Sequence[str],
    feeds: Sequence[Feed],
) -> list[NDArray[Any]]:
    """Run one by one: in a batch the last bit of a row depends on its company."""
    answers = [session.run(list(outputs), feed) for feed in feeds]
    return [np.concatenate(column) for column in zip(*answers, strict=True)]


def _session(part: ModelPart, graph: str, inputs: Sequence[str], outputs: Sequence[str], settings: Settings) -> object:
    return open_session(f"{part.name}/{graph}.onnx", part.graphs[graph], set(inputs), set(outputs), settings)


def _warnings(entry: Mapping[str, Any], model: str) -> list[str]:
    """What an answer says where pathway scores of samples are projected; raises BundleError where none can be read."""
    projected = entry.get("projected", {}).get("pathway_activity")
    if projected is None:
        return []
    try:
        count = int(projected["pathways"])
        own, bare = float(projected["pearson"]), float(projected["without_expression"]["pearson"])
    except (KeyError, TypeError, ValueError):
        raise BundleError(
            f"manifest.json: 'inductive' of {model} lacks numbers under 'projected'; export the bundle again"
        ) from None
    return [
        f"{model} reads {count} pathway scores and projects those of a sample from its tables and names: on lines "
        f"left out they correlate with the true ones by {own:.2f} on average, without expression by {bare:.2f}"
    ]


def _rows_of(table: str, entry: Mapping[str, Any], rows: Sequence[Row], model: str) -> Index:
    place = {row["id"]: i for i, row in enumerate(rows)}
    try:
        return np.array([place[i] for i in entry[table]], np.intp)
    except KeyError as fault:
        raise BundleError(f"manifest.json: 'inductive' of {model} names {fault}, which {table}.json has not") from None
