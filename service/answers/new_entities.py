"""Samples and compounds of a request -> their embeddings, or the problem that says which cannot be read and why."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, TypeVar

from model.molecules.faults import MoleculeError
from model.sample import Sample, SampleError
from model.target_reading import TargetError
from service.answers.annotation_warnings import annotation_warnings
from service.answers.new_compounds import recognised
from service.answers.refusals import refusal_of_all
from service.errors import MAX_FAULTS, ProblemError, pointer
from service.prediction.encoders import Encoders
from service.prediction.new_entities import NO_NEW_ENTITIES, Compound, NewEntities
from service.prediction.predictor import Predictor
from service.schemas.new_entities import SampleInput
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.responses import GeneCounts, Refusal

Input = TypeVar("Input")
Feed = TypeVar("Feed")

# Cost of encoding, in pairs that are answered as objects. Measured on the bundled model: a sample of the model's genes
# takes as long as 1,200 pairs, a compound 1,500, and 400 where this process has read it before.
PAIRS_OF_A_SAMPLE = PAIRS_OF_A_COMPOUND = 1_000
PAIRS_OF_AN_OCCLUSION = 5_000  # of one sample, whatever the number of its pairs (python -m benchmarks.explain)
# Kinds, and the names of the single sample or compound of a ranking.
SAMPLE: Literal["sample"] = "sample"
COMPOUND: Literal["compound"] = "compound"
CODES = {SAMPLE: Code.INVALID_SAMPLE, COMPOUND: Code.INVALID_COMPOUND}


def encoding_cost(samples: int, compounds: int) -> int:
    """Cost of encoding so many samples and compounds, in pairs."""
    return samples * PAIRS_OF_A_SAMPLE + compounds * PAIRS_OF_A_COMPOUND


def explaining_cost(pairs: int, samples: int, most: int) -> int:
    """Cost of explaining so many pairs of so many samples. Raises ProblemError beyond `most` pairs."""
    if pairs > most:
        raise ProblemError(Code.TOO_MANY_PAIRS, f"{pairs} pairs to explain; a request may have {most}, so split it")
    return samples * PAIRS_OF_AN_OCCLUSION


def named_pointer(kind: str, name: str, place: Sequence[str]) -> str:
    """Place of a fault in /samples/<name>/… or /compounds/<name>/…"""
    return pointer((f"{kind}s", name, *place))


def single_pointer(kind: str, _: str, place: Sequence[str]) -> str:
    """Place of a fault in the field `sample` or `compound`."""
    return pointer((kind, *place))


def encode_new_entities(
    predictor: Predictor,
    model: str,
    samples: Mapping[str, Sample],
    compounds: Mapping[str, Compound],
    pointer_to: Callable[[str, str, Sequence[str]], str] = named_pointer,
    *,
    marking: bool = False,
) -> NewEntities:
    """Encode the samples and compounds of a request; `pointer_to` gives a fault's place from kind, name and step.

    Raises ProblemError with the first 20 that cannot be read, unless `marking` keeps these in `refused`, or where the
    model has no encoders.
    """
    if not samples and not compounds:
        return NO_NEW_ENTITIES
    kind = SAMPLE if samples else COMPOUND
    encoders = encoders_of(predictor, model, kind if pointer_to is single_pointer else f"{kind}s")
    most = None if marking else MAX_FAULTS
    lines, bad_lines = _read_all(SAMPLE, samples, partial(pointer_to, SAMPLE), encoders.read_sample, most)
    if not marking and bad_lines:
        raise refusal_of_all(bad_lines)
    drugs, bad_drugs = _read_all(COMPOUND, compounds, partial(pointer_to, COMPOUND), encoders.read_compound, most)
    if not marking and bad_drugs:
        raise refusal_of_all(bad_drugs)
    samples = {name: samples[name] for name in lines}
    compounds = {name: compounds[name] for name in drugs}
    encoded = encoders.encode_samples(lines) if lines else None
    if encoded is not None:
        encoded.warnings.extend(annotation_warnings(predictor, samples, partial(pointer_to, SAMPLE)))
    new_drugs = recognised(predictor, encoders.encode_compounds(drugs), compounds) if drugs else None
    return NewEntities(encoded, new_drugs, bad_lines + bad_drugs)


def encoders_of(predictor: Predictor, model: str, field: str) -> Encoders:
    """Encoders of the model. Raises ProblemError at `field` where the model has none."""
    if not predictor.places_new:
        raise RuntimeError("only a worker places new samples and compounds")
    encoders = predictor.models[model].encoders
    if encoders is not None:
        return encoders
    why = predictor.bundle.models[model].card.get("inductive", {}).get("none", "its bundle has no encoder graphs")
    others = " or ".join(name for name, served in predictor.models.items() if served.encoders is not None)
    detail = f"{model} knows the lines and drugs of its bundle alone: {why}{others and f'; ask {others}'}"
    raise ProblemError(Code.CANNOT_PLACE, detail, [Fault(pointer=f"/{field}", detail=detail)])


def to_samples(inputs: Mapping[str, SampleInput]) -> dict[str, Sample]:
    """Samples of a JSON body, by name."""
    fields = SampleInput.model_fields
    return {name: Sample(**{field: getattr(one, field) for field in fields}) for name, one in inputs.items()}


def gene_counts(new: NewEntities) -> dict[str, dict[str, GeneCounts]]:
    """How many genes of each table of each sample were read."""
    if new.lines is None:
        return {}
    return {
        name: {table: GeneCounts(**vars(count)) for table, count in tables.items()}
        for name, tables in zip(new.lines.names, new.lines.counts, strict=True)
    }


def sample_warnings(new: NewEntities) -> list[str]:
    """Warnings that concern the samples of the request."""
    return [] if new.lines is None else new.lines.warnings


def _read_all(
    kind: Literal["sample", "compound"],
    inputs: Mapping[str, Input],
    pointer_to: Callable[[str, Sequence[str]], str],
    read: Callable[[Input], Feed],
    most: int | None,
) -> tuple[dict[str, Feed], list[Refusal]]:
    """Read each input: the readable, and at most `most` that are not."""
    feeds, refused = {}, []
    for name, one in inputs.items():
        try:
            feeds[name] = read(one)
        except (SampleError, TargetError, MoleculeError) as fault:
            place = () if isinstance(fault, MoleculeError) else fault.place
            detail = fault.reason if isinstance(fault, SampleError) else str(fault)
            pointer_of = pointer_to(name, place)
            refused.append(Refusal(kind=kind, name=name, pointer=pointer_of, code=CODES[kind], detail=detail))
        if most is not None and len(refused) == most:
            break
    return feeds, refused
