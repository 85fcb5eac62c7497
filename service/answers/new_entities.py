"""Samples and compounds of a request -> placed by a model, or the problem that says which cannot be, where and why."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from model.encoder_inputs import Sample, SampleError
from model.molecules import MoleculeError
from service.errors import MAX_FAULTS, ProblemError, pointer
from service.prediction.encoders import NOBODY, Compound, Encoders, Newcomers
from service.prediction.predictor import Predictor
from service.schemas.new_entities import CompoundObject, SampleAsked
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.responses import GeneCounts

Thing = TypeVar("Thing")
Read = TypeVar("Read")

# What placing one costs, counted in pairs that are answered as objects: a sample of the model's genes takes as long as
# 180 of them, one of a whole transcriptome 1,200, a compound 800 (measured on the bundled model).
PAIRS_OF_A_SAMPLE = PAIRS_OF_A_COMPOUND = 1_000
PAIRS_OF_AN_OCCLUSION = 5_000  # of one sample, whatever the number of its pairs (python -m benchmarks.explain)
SAMPLE, COMPOUND = "sample", "compound"  # the names of those that a ranking is of


def cost(samples: int, compounds: int) -> int:
    """What placing so many takes of the budget, in pairs."""
    return samples * PAIRS_OF_A_SAMPLE + compounds * PAIRS_OF_A_COMPOUND


def by_name(kind: str, name: str, place: Sequence[str]) -> str:
    """Place of a fault in /samples/<name>/… or /compounds/<name>/…"""
    return pointer((f"{kind}s", name, *place))


def alone(kind: str, _: str, place: Sequence[str]) -> str:
    """Place of a fault in the field `sample` or `compound`."""
    return pointer((kind, *place))


def newcomers(
    predictor: Predictor,
    model: str,
    samples: Mapping[str, Sample],
    compounds: Mapping[str, Compound],
    place_of: Callable[[str, str, Sequence[str]], str] = by_name,
) -> Newcomers:
    """Place what a request brings; `place_of` says where a fault lies, from kind, name and place within.

    A problem with the first 20 that cannot be read, or where the model cannot place any.
    """
    if not samples and not compounds:
        return NOBODY
    kind = SAMPLE if samples else COMPOUND
    encoders = encoders_of(predictor, model, kind if place_of is alone else f"{kind}s")
    lines = _read(samples, partial(place_of, SAMPLE), encoders.read_sample, Code.INVALID_SAMPLE)
    drugs = _read(compounds, partial(place_of, COMPOUND), encoders.read_compound, Code.INVALID_COMPOUND)
    return Newcomers(encoders.lines(lines) if lines else None, encoders.drugs(drugs) if drugs else None)


def encoders_of(predictor: Predictor, model: str, field: str) -> Encoders:
    """The model's way to place new things, or a problem at the field that brings them."""
    encoders = predictor.models[model].encoders
    if encoders is not None:
        return encoders
    why = predictor.bundle.models[model].card.get("inductive", {}).get("none", "its bundle has no encoder graphs")
    detail = f"{model} knows the lines and drugs of its bundle alone: {why}"
    raise ProblemError(Code.CANNOT_PLACE, detail, [Fault(pointer=f"/{field}", detail=detail)])


def samples_of(asked: Mapping[str, SampleAsked]) -> dict[str, Sample]:
    """Samples of a JSON body."""
    fields = SampleAsked.model_fields
    return {name: Sample(**{field: getattr(one, field) for field in fields}) for name, one in asked.items()}


def compounds_of(asked: Mapping[str, CompoundObject]) -> dict[str, Compound]:
    """Compounds of a JSON body."""
    return {name: Compound(one.smiles, one.targets, one.pathway) for name, one in asked.items()}


def gene_counts(new: Newcomers) -> dict[str, dict[str, GeneCounts]]:
    """Of every sample, which genes of its tables were read, as it is answered."""
    if new.lines is None:
        return {}
    return {
        name: {table: GeneCounts(**vars(counted)) for table, counted in tables.items()}
        for name, tables in zip(new.lines.names, new.lines.counts, strict=True)
    }


def warnings_of(new: Newcomers) -> list[str]:
    """What the answer says of all samples of the request."""
    return [] if new.lines is None else new.lines.warnings


def _read(
    things: Mapping[str, Thing],
    place_of: Callable[[str, Sequence[str]], str],
    read: Callable[[Thing], Read],
    code: Code,
) -> dict[str, Read]:
    """Read each; a problem with the first 20 that cannot be."""
    out, faults = {}, []
    for name, thing in things.items():
        try:
            out[name] = read(thing)
        except SampleError as fault:
            faults.append(Fault(pointer=place_of(name, fault.place), detail=fault.reason))
        except MoleculeError as fault:
            faults.append(Fault(pointer=place_of(name, ()), detail=str(fault)))
        if len(faults) == MAX_FAULTS:
            break
    if faults:
        raise ProblemError(code, faults[0].detail, faults)
    return out
