"""What a process does with a chunk: read its compounds, encode and score them, keep the best of each line."""

import json
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.molecules.faults import MoleculeError
from model.molecules.standard import standardised
from model.scoring import calibrated, percentiles
from model.tables.faults import TableError
from model.target_reading import TargetError
from screening.job import INPUTS, Chunk, Job, LibraryRow, ScreenError
from screening.scores.best import NUMBERS, Best, top_columns
from screening.scores.scorers import Codes, scorer_of
from screening.tables import Files, arrays_bytes, table_bytes
from service.prediction.encoders import Encoders
from service.prediction.new_entities import Compound, CompoundFeed
from service.prediction.predictor import Predictor
from service.settings import Settings

BLOCK = 64  # compounds in one run of the encoder
AT_ONCE = 1024  # compounds that are scored together
LONGEST_SHOWN = 2_000  # characters of a structure in the table of rejects
Float = NDArray[np.float32]


class Reading(NamedTuple):
    """A compound that could be read, its standard form, and the row of the bundle's drug that it is."""

    row: LibraryRow
    compound: Compound
    smiles: str
    inchikey: str
    key: str  # of Standard
    drug: int | None


@dataclass(frozen=True)
class Left:
    """What a chunk's rows leave to be said: rejects with the reason, repeats with the row that came first, doubts."""

    rejects: list[tuple[LibraryRow, str]] = field(default_factory=list)
    repeats: list[tuple[Reading, int]] = field(default_factory=list)
    doubts: Counter[str] = field(default_factory=Counter)


class Screener:
    """A model of a bundle with the lines of a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._predictor = Predictor.load(Settings(bundle=Path(job.bundle), further_bundle=None, device="cpu"))
        self._model = self._predictor.models[job.model]
        self._encoders: Encoders = encoders_of(self._predictor, job.model)
        lines = self._model.embeddings.cell
        if job.samples:
            feeds = {name: self._encoders.read_sample(sample) for name, sample in job.samples.items()}
            lines = np.concatenate([lines, self._encoders.encode_samples(feeds).embeddings])
        self._embeddings = replace(self._model.embeddings, cell=lines)
        part = self._predictor.bundle.models[job.model]
        self._calibration, regression = part.calibration, part.card.get("regression")
        line = (np.nan, np.nan) if regression is None else (regression["slope"], regression["intercept"])
        self._scorer = scorer_of(self._model, self._embeddings, line)
        self._known_lines = len(self._predictor.lines)
        self._names = [*(ref.id for ref in self._predictor.lines.refs), *job.samples]
        self._shown = np.array([self._names.index(name) for name in job.all_scores], np.intp)

    def screen(self, chunk: Chunk) -> Files:
        """Everything that the chunk adds to the answer, as files, and what it cost."""
        begun = time.process_time()
        left, readings, best = Left(), list[Reading](), Best.none(len(self._names))
        shown, codes = list[Float](), list[Codes]()
        compounds = self._read(chunk, left)
        while block := list(islice(compounds, AT_ONCE)):
            encoded = self._encode(block)
            scores = self._scorer.scores(encoded)
            if not np.isfinite(scores).all():
                raise ValueError("a score is not finite; the encoder that gave its codes is damaged")
            if self._job.top:
                is_out = np.isin([one.row.number for one, _ in block], chunk.repeats)
                ranked = np.where(is_out, np.float32(-np.inf), scores)
                best = best.with_later(self._best(ranked, encoded, len(readings), best), self._job.top)
            shown.append(scores[self._shown])
            codes.append(encoded)
            readings += [reading for reading, _ in block]
        keys = np.array([one.key for one in readings], "S27")
        order = np.argsort(keys, kind="stable")
        return {
            "compounds.parquet": self._compounds(readings, codes),
            "best.npz": arrays_bytes(score=best.score, row=best.row.astype(np.int32), numbers=best.numbers),
            "scores.parquet": self._scores(readings, shown),
            "keys.npz": arrays_bytes(key=keys[order], row=order.astype(np.int32)),
            "rejects.parquet": table_bytes(
                number=_whole(row.number for row, _ in left.rejects),
                place=[row.place for row, _ in left.rejects],
                compound=[row.name for row, _ in left.rejects],
                structure=[row.structure[:LONGEST_SHOWN] for row, _ in left.rejects],
                reason=[reason for _, reason in left.rejects],
            ),
            "repeats.parquet": table_bytes(
                number=_whole(one.row.number for one, _ in left.repeats),
                compound=[one.row.name for one, _ in left.repeats],
                first_number=_whole(first for _, first in left.repeats),
                **_inputs(one for one, _ in left.repeats),
            ),
            "doubts.json": json.dumps(left.doubts).encode(),
            "cost.json": _cost(len(chunk.rows), time.process_time() - begun),
        }

    def _read(self, chunk: Chunk, left: Left) -> Iterator[tuple[Reading, CompoundFeed]]:
        """Each compound of a chunk once, with the inputs of the encoder; rows that are none go to `left`."""
        first: dict[str, int] = {}
        for row in chunk.rows:
            try:
                reading, feed = self._read_one(row, was_lost=row.number in chunk.lost)
            except (MoleculeError, TargetError, TableError) as fault:
                left.rejects.append((row, str(fault)))
                continue
            left.doubts.update(feed.doubts)
            if (before := first.setdefault(reading.key, row.number)) != row.number:
                left.repeats.append((reading, before))
            else:
                yield reading, feed

    def _read_one(self, row: LibraryRow, *, was_lost: bool) -> tuple[Reading, CompoundFeed]:
        """Read a compound as the service does. Raises MoleculeError, TargetError or TableError."""
        if was_lost:
            raise MoleculeError("the process that read it ended; it was not screened")
        compound = Compound.of_cells(row.structure, row.targets, row.pathway, row.max_concentration_um)
        standard = standardised(row.structure)
        drug = self._predictor.structures.recognise(row.structure).row
        feed = self._encoders.read_compound(compound)
        return Reading(row, compound, standard.smiles, standard.inchikey, standard.key, drug), feed

    def _encode(self, block: list[tuple[Reading, CompoundFeed]]) -> Codes:
        """Codes of compounds; those that are drugs of the bundle have the drug's."""
        new = self._encoders.encode_compounds({str(place): feed for place, (_, feed) in enumerate(block)}, BLOCK)
        known = np.array([-1 if one.drug is None else one.drug for one, _ in block], np.intp)
        is_new, own = known < 0, self._model.embeddings
        nearest = new.neighbours.similarity.max(1)
        return Codes(
            np.where(is_new[:, None], new.embeddings, own.drug[known]),
            np.where(is_new[:, None], new.margins, own.margin[known]),
            np.where(is_new, new.threshold, own.threshold[known]),
            np.where(is_new, new.sd, own.sd[known]),
            np.where(is_new, nearest, np.float32(1)),
            ~is_new | (nearest >= new.neighbours.limit),
            known,
        )

    def _best(self, scores: Float, codes: Codes, start: int, so_far: Best) -> Best:
        """Best compounds of a block, with the numbers of those that can be among the best so far."""
        columns = top_columns(scores, self._job.top)
        lines = np.arange(len(scores))[:, None]
        best = scores[lines, columns]
        wanted = best > so_far.least(self._job.top)[:, None]
        numbers = np.full((len(NUMBERS), *best.shape), np.nan, np.float32)
        place, _ = np.nonzero(wanted)
        numbers[:, wanted] = self._numbers(scores, codes, place, columns[wanted])
        return Best(np.where(wanted, best, -np.inf).astype(np.float32), columns + start, numbers)

    def _numbers(self, scores: Float, codes: Codes, lines: NDArray[np.intp], columns: NDArray[np.intp]) -> Float:
        """NUMBERS of n pairs, (4, n)."""
        out = np.full((len(NUMBERS), len(lines)), np.nan, np.float32)
        score = scores[lines, columns]
        out[0] = calibrated(score, *self._calibration)
        out[1] = self._percentiles(scores[: self._known_lines], score, columns)
        widths = self._model.interval_widths
        if widths is not None:
            cases = self._model.decoder.line_cases(self._embeddings, lines), codes.is_new[columns]
            out[2] = self._scorer.ln_ic50(codes, lines, columns)
            out[3] = widths.half_width(codes.sd[columns], *cases, codes.known[columns])
        return out

    def _percentiles(self, scores: Float, score: Float, columns: NDArray[np.intp]) -> Float:
        """Share of the bundle's lines whose score with a compound is lower, as model.scoring.percentiles has it."""
        out, order = np.empty(len(score), np.float32), np.argsort(columns, kind="stable")
        begins = np.searchsorted(columns[order], np.arange(scores.shape[1] + 1))
        for column in np.flatnonzero(np.diff(begins)).tolist():
            pairs = order[begins[column] : begins[column + 1]]
            out[pairs] = percentiles(np.sort(scores[:, column]), score[pairs])
        return out

    def _compounds(self, readings: list[Reading], codes: list[Codes]) -> bytes:
        refs = self._predictor.drugs.refs
        return table_bytes(
            number=_whole(one.row.number for one in readings),
            place=[one.row.place for one in readings],
            compound=[one.row.name for one in readings],
            smiles=[one.smiles for one in readings],
            inchikey=[one.inchikey for one in readings],
            drug=["" if one.drug is None else refs[one.drug].id for one in readings],
            similarity=np.concatenate([np.empty(0, np.float32), *(one.similarity for one in codes)]),
            in_domain=[bool(is_so) for one in codes for is_so in one.in_domain],
            **_inputs(readings),
        )

    def _scores(self, readings: list[Reading], shown: list[Float]) -> bytes:
        if not len(self._shown):
            return b""
        columns = np.concatenate(shown, 1) if shown else np.empty((len(self._shown), 0), np.float32)
        names: dict[str, Any] = dict(zip(self._job.all_scores, columns, strict=True))
        return table_bytes(
            number=_whole(one.row.number for one in readings),
            compound=[one.row.name for one in readings],
            inchikey=[one.inchikey for one in readings],
            **names,  # read_samples refuses a name that stands above
        )


def encoders_of(predictor: Predictor, model: str) -> Encoders:
    """Encoders of a model. Raises ScreenError where it knows the drugs of its bundle alone."""
    encoders = predictor.models[model].encoders
    if encoders is None:
        raise ScreenError(f"--model: {model} knows the drugs of its bundle alone; choose another")
    return encoders


def screen_chunk(job: Job, chunk: Chunk) -> Files:
    """Screen a chunk in a process that keeps its bundle for the next one."""
    return _screener(_Identity(job)).screen(chunk)


class _Identity:
    """A job as a key: the same text is the same job."""

    def __init__(self, job: Job) -> None:
        self.job, self._text = job, repr(job)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=1)
def _screener(identity: _Identity) -> Screener:
    return Screener(identity.job)


def _cost(rows: int, seconds: float) -> bytes:
    """Rows of a chunk, seconds of processor time that it took, and the most memory that its process has held."""
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return json.dumps({"rows": rows, "cpu_s": round(seconds, 3), "peak_mib": kib // 1024}).encode()


def _inputs(readings: Iterable[Reading]) -> dict[str, list[str]]:
    """What is given of compounds beside their structures, as texts that are equal where it is."""
    given = [one.compound for one in readings]
    highest = ["" if one.max_concentration_um is None else str(one.max_concentration_um) for one in given]
    columns = [";".join(sorted(set(one.targets))) for one in given], [one.pathway or "" for one in given], highest
    return dict(zip(INPUTS, columns, strict=True))


def _whole(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(numbers, np.int64)
