"""The two encoder graphs of a model: they give new samples and compounds embedding rows (docs/explanation/model.md).

This module knows rows and arrays; service.answers.new_entities knows requests.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.card import Row
from model.bundle.manifest import BundleError
from model.encoder_inputs import (
    ARRAY,
    DRUG_GRAPH,
    DRUG_INPUTS,
    DRUG_OUTPUTS,
    LINE_GRAPH,
    LINE_INPUTS,
    LINE_NAMES,
    LINE_OUTPUTS,
    MODALITIES,
    POTENCY_INPUTS,
    Feed,
    compound_arrays,
    gene_panels,
    sample_arrays,
    unread_reason,
)
from model.genes.panel import Panel
from model.genes.table import GeneTable
from model.molecules.fingerprints import ECFP_BITS, FINGERPRINT_BITS
from model.molecules.notation import stereo_doubts
from model.sample import DOMAIN_SHARE, FEWEST_GENES, Counts, Sample, SampleError
from model.scoring import padded
from model.target_reading import read_pathway, read_targets
from model.units import Doubt, UnitError, unit_doubts
from service.prediction.decoder import Decoder
from service.prediction.embeddings import Float, Index
from service.prediction.new_entities import Compound, CompoundFeed, NewDrugs, NewLines, SampleFeed, TrainingNeighbours
from service.prediction.onnx_session import open_session
from service.prediction.stack_decoder import LineSession, StackDecoder, stack_sessions
from service.settings import Settings

BEYOND = 2.0  # no similarity reaches it


@dataclass(frozen=True)
class Encoders:
    """Sessions of a model's two encoder graphs, and the card's entry that names their inputs.

    `panels` find the genes of each table, `genes` those that a target may mean; `means` (p,) are those of the training
    lines where the bundle has them.
    """

    entry: Mapping[str, Any]
    warnings: list[str]
    panels: Mapping[str, Panel]
    genes: GeneTable
    means: Mapping[str, Float]
    line_rows: Index
    drug_rows: Index
    _line: Any = field(repr=False)  # onnxruntime has no types
    _drug: Any = field(repr=False)

    @classmethod
    def open(
        cls,
        part: ModelPart,
        bundle: Bundle,
        genes: GeneTable,
        settings: Settings,
        decoder: Decoder | StackDecoder,
        width: int,
    ) -> Self | None:
        """Open a model's graphs, or what its stack has instead, and run each once; None where it has neither.

        `width` is that of its lines' codes. Raises BundleError or DeviceError.
        """
        entry = part.card.get("inductive", {})
        if "none" in entry if part.stack else not {LINE_GRAPH, DRUG_GRAPH} <= part.graphs.keys():
            return None
        if missing := {"genes", *LINE_NAMES.values(), "targets", "pathways", "cell_lines", "drugs"} - entry.keys():
            raise BundleError(
                f"manifest.json: {part.name} has encoder graphs, but its 'inductive' lacks {min(missing)}; "
                "it comes from another version, so export the bundle again"
            )
        encoders = cls(
            entry,
            _warnings(entry, part.name),
            gene_panels(entry, genes),
            genes,
            _means(part),
            _rows_of("cell_lines", entry, bundle.cell_lines, part.name),
            _rows_of("drugs", entry, bundle.drugs, part.name),
            *(stack_sessions(decoder, part) if isinstance(decoder, StackDecoder) else _graphs(part, settings)),
        )
        encoders._trial_run(part, width)
        return encoders

    def read_sample(self, sample: Sample) -> SampleFeed:
        """Inputs of the line graph for a sample. Raises model.sample.SampleError."""
        feed, (counts,) = sample_arrays(self.entry, [sample], self.panels, self.means)
        doubts: dict[str, list[Doubt]] = {}
        for table in counts:
            if not self.entry["genes"][table]:
                doubts[table] = [Doubt("unread", unread_reason(table))]
                continue
            try:
                unit = sample.copy_number_unit if table == "copy_number" else ""
                listed = table == "mutation" and not isinstance(sample.mutation, Mapping)  # so 1 is what was mutated
                doubts[table] = [] if listed else unit_doubts(table, feed[table][0], self.means.get(table), unit)
            except UnitError as fault:
                raise SampleError(f"{table}: {fault}", [table], str(fault)) from None
        if ARRAY in feed and np.isfinite(feed[ARRAY]).any():
            text = "is that of an array by its distribution and is read as such; give log2(TPM+1) if it is RNA-seq"
            doubts["expression"] = [Doubt("array", text)]
        return SampleFeed(feed, counts, doubts)

    @property
    def table_panels(self) -> Mapping[str, Panel]:
        """Panels by which tables of many samples are cut: of expression, RNA-seq's and the array's genes."""
        if ARRAY not in self.panels:
            return self.panels
        symbols = dict.fromkeys((*self.panels["expression"].symbols, *self.panels[ARRAY].symbols))
        return {**self.panels, "expression": self.panels[ARRAY].with_symbols(list(symbols))}

    def read_compound(self, compound: Compound) -> CompoundFeed:
        """Inputs of the drug graph for a compound. Raises MoleculeError and model.target_reading.TargetError."""
        targets = read_targets(compound.targets, self.entry["targets"], lambda text: self.genes.find(text).symbols)
        pathway = read_pathway(compound.pathway, self.entry["pathways"])
        highest = compound.max_concentration_um
        feed = compound_arrays(self.entry, [compound.smiles], [targets.all], [pathway], [highest])
        unread = "max_concentration_um" if highest is not None and not self.entry.get("concentrations") else ""
        return CompoundFeed(feed, targets, pathway, unread, stereo_doubts(compound.smiles))

    def encode_samples(self, samples: Mapping[str, SampleFeed]) -> NewLines:
        """Compute the embeddings of samples, by name."""
        feeds = [sample.feed for sample in samples.values()]
        embedding, _, closeness, weights = _in_blocks(self._line, LINE_OUTPUTS, feeds)
        strange = [isinstance(self._line, LineSession) and self._line.strange(feed) for feed in feeds]
        strange = [why or _sparse(one.counts) for why, one in zip(strange, samples.values(), strict=True)]
        outside = [bool(why) for why in strange]
        limits = np.where(outside, BEYOND, self._line_limits(embedding)).astype(np.float32)
        neighbours = TrainingNeighbours(self.line_rows, closeness, limits)
        counts = [one.counts for one in samples.values()]
        warnings = [*self.warnings, *_doubts(samples)]
        warnings += [f"expression of {name} {why}" for name, why in zip(samples, strange, strict=True) if why]
        return NewLines(list(samples), padded(embedding), neighbours, counts, weights, feeds, warnings)

    def encode_compounds(self, compounds: Mapping[str, CompoundFeed], block: int = 1) -> NewDrugs:
        """Compute the embeddings of compounds, by name, in one run for each `block` of them.

        Larger blocks are three times as fast; the last bit of an embedding then differs from that of one alone.
        """
        feeds = [compound.feed for compound in compounds.values()]
        embedding, margin, _, _, threshold, sd, similarity = _in_blocks(self._drug, DRUG_OUTPUTS, feeds, block)
        # Similarity by structure alone is higher than the mean with targets and pathway, so the limit differs.
        annotated = [compound.annotated for compound in compounds.values()]
        limit = np.where(annotated, self._limit("drug"), self._limit("drug_structure")).astype(np.float32)
        neighbours = TrainingNeighbours(self.drug_rows, similarity, limit)
        read = list(compounds.values())
        return NewDrugs(list(compounds), padded(embedding), padded(margin), threshold, sd, neighbours, read)

    def encode_variants(self, feed: Feed) -> Float:
        """Embeddings of n variants of a sample in one run, (n, w); the last bit may differ from `encode_samples`."""
        (embedding,) = self._line.run([LINE_OUTPUTS[0]], feed)
        return padded(embedding)

    def _line_limits(self, codes: Float) -> Float:
        """Limits of the domain of lines, (n,); of the kernel stack by what was measured. Shape: codes (n, w)."""
        own, sets = self._limit("cell_line"), self.entry.get("table_sets")
        if sets is None:
            return np.full(len(codes), own, np.float32)
        limits = np.array([np.nan, own, *(one["domain"] for one in sets)], np.float32)
        return limits[codes[:, -1].astype(np.intp)]

    def _limit(self, kind: str) -> float:
        return float(self.entry.get("domain", {}).get(kind, np.nan))

    def _trial_run(self, part: ModelPart, width: int) -> None:
        """Encode a sample and a compound of zeros. Raises BundleError where shapes differ from the card's."""
        genes = [len(self.entry["genes"][m]) for m in MODALITIES]
        names = [len(self.entry[key]) or 1 for key in LINE_NAMES.values()]
        widths = dict(zip(LINE_INPUTS, [*(count or 1 for count in genes), len(MODALITIES), *names], strict=True))
        line: Feed = {key: np.zeros((1, width), np.float32) for key, width in widths.items()}
        line["has"] = np.array([genes]) > 0
        drug = {key: np.zeros((1, len(self.entry[key]) + 1), np.float32) for key in ("targets",)}
        drug["pathway"] = np.zeros((1, len(self.entry["pathways"]) + 1), np.float32)
        drug["fingerprint"] = np.zeros((1, FINGERPRINT_BITS), np.float32)
        drug["ecfp"] = np.zeros((1, ECFP_BITS), np.float32)
        if "concentrations" in self.entry:
            drug |= {key: np.zeros((1, width), np.float32) for key, width in POTENCY_INPUTS.items()}
        for graph, session, outputs, feed, rows in (
            (LINE_GRAPH, self._line, LINE_OUTPUTS, line, self.line_rows),
            (DRUG_GRAPH, self._drug, DRUG_OUTPUTS, drug, self.drug_rows),
        ):
            try:
                answers = dict(zip(outputs, session.run(list(outputs), feed), strict=True))
            except Exception as fault:  # noqa: BLE001 -- as in sessions: any fault of the runtime means "not this graph"
                reason = str(fault).strip().partition("\n")[0]
                raise BundleError(f"{part.name}/{graph}.onnx: does not take what the card says ({reason})") from None
            embedding, similarity = answers["code"], answers["closeness" if graph == LINE_GRAPH else "similarity"]
            of_lines = graph == LINE_GRAPH or not part.stack
            if (of_lines and padded(embedding).shape[1] != width) or similarity.shape[1] != len(rows):
                raise BundleError(
                    f"{part.name}/{graph}.onnx: its embeddings or similarities are not as wide as the bundle's"
                )


def _in_blocks(
    session: Any,  # noqa: ANN401 -- no types
    outputs: Sequence[str],
    feeds: Sequence[Feed],
    block: int = 1,
) -> list[NDArray[Any]]:
    """Run the feeds one by one, or in blocks: there the last bit of a row depends on the size of its block.

    A last block that is not full repeats its first row, so that all are of one size.
    """
    answers = []
    for start in range(0, len(feeds), block):
        part = list(feeds[start : start + block])
        filled = part + part[:1] * (block - len(part))
        feed = {name: np.concatenate([one[name] for one in filled]) for name in part[0]} if block > 1 else part[0]
        answers.append([column[: len(part)] for column in session.run(list(outputs), feed)])
    return [np.concatenate(column) for column in zip(*answers, strict=True)]


def _graphs(part: ModelPart, settings: Settings) -> list[object]:
    graphs = (LINE_GRAPH, LINE_INPUTS, LINE_OUTPUTS), (DRUG_GRAPH, DRUG_INPUTS, DRUG_OUTPUTS)
    return [
        open_session(f"{part.name}/{graph}.onnx", part.graphs[graph], set(inputs), set(outputs), settings)
        for graph, inputs, outputs in graphs
    ]


def _warnings(entry: Mapping[str, Any], model: str) -> list[str]:
    """Warning of a model that estimates the pathway scores of samples. Raises BundleError where figures lack."""
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


def _means(part: ModelPart) -> dict[str, Float]:
    """Means of the training lines, (p,), of the tables whose unit is the one that samples come in."""
    states = part.card.get("inductive", {}).get("units", {})
    tables = [
        table for table in MODALITIES if table != "expression" or states.get(table, "log2(TPM+1)") == "log2(TPM+1)"
    ]
    return {table: part.population[f"{table}_mean"] for table in tables if f"{table}_mean" in part.population}


def _doubts(samples: Mapping[str, SampleFeed]) -> list[str]:
    """Doubts about units, one sentence for all samples that have the same."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for name, sample in samples.items():
        for table, doubts in sample.doubts.items():
            for doubt in doubts:
                found[table, doubt.looks].append((name, doubt.text))
    out = []
    for (table, _), several in found.items():
        (name, text), more = several[0], len(several) - 1
        out.append(f"{table} of {name} {text}" + (f" (and {more} more samples)" if more else ""))
    return out


def _rows_of(table: str, entry: Mapping[str, Any], rows: Sequence[Row], model: str) -> Index:
    place = {row["id"]: i for i, row in enumerate(rows)}
    try:
        return np.array([place[i] for i in entry[table]], np.intp)
    except KeyError as fault:
        raise BundleError(f"manifest.json: 'inductive' of {model} names {fault}, which {table}.json has not") from None


def _sparse(counts: Mapping[str, Counts]) -> str:
    """What to say of expression that lacks many of the model's genes; "" of any other."""
    one = counts.get("expression")
    whole = 0 if one is None else one.known + one.missing
    if one is None or whole < FEWEST_GENES or one.known >= DOMAIN_SHARE * whole:
        return ""
    return f"has {one.known} of the model's {whole} genes: outside the domain below {DOMAIN_SHARE:.0%}"
