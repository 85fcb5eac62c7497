"""Samples and compounds of a request -> placed by a model, or the problem that says which cannot be, where and why."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from model.inductive import Sample, SampleError
from model.molecules import MoleculeError
from service.errors import MAX_FAULTS, Code, ProblemError, pointer
from service.placing import NOBODY, Compound, Newcomers
from service.predictor import Predictor
from service.schemas.brought import CompoundObject, SampleAsked
from service.schemas.problem import Fault
from service.schemas.shown import GeneCounts

Thing = TypeVar("Thing")
Read = TypeVar("Read")

# What placing one costs, counted in pairs that are answered as objects: a sample of the model's genes takes as long as
# 180 of them, one of a whole transcriptome 1,200, a compound 800 (python -m benchmarks.placing).
PAIRS_OF_A_SAMPLE = PAIRS_OF_A_COMPOUND = 1_000
PAIRS_OF_AN_OCCLUSION = 5_000  # of one sample, whatever the number of its pairs (python -m benchmarks.explain)
SAMPLE, COMPOUND = "sample", "compound"  # the names of those that a ranking is of


def cost(samples: int, compounds: int) -> int:
    """What placing so many takes of the budget, in pairs."""
    return samples * PAIRS_OF_A_SAMPLE + compounds * PAIRS_OF_A_COMPOUND


def newcomers(
    predictor: Predictor,
    model: str,
    samples: Mapping[str, SampleAsked],
    compounds: Mapping[str, CompoundObject],
    *,
    alone: bool = False,
) -> Newcomers:
    """Place what a request brings; `alone` where it is one thing, in the field `sample` or `compound`.

    A problem with the first 20 that cannot be read, or where the model cannot place any.
    """
    if not samples and not compounds:
        return NOBODY
    encoders = predictor.models[model].encoders
    if encoders is None:
        why = predictor.bundle.models[model].card.get("inductive", {}).get("none", "its bundle has no encoder graphs")
        field = ("sample" if samples else "compound") + "s" * (not alone)
        detail = f"{model} knows the lines and drugs of its bundle alone: {why}"
        raise ProblemError(Code.CANNOT_PLACE, detail, [Fault(pointer=f"/{field}", detail=detail)])

    lines = _read(samples, "sample", alone, lambda one: encoders.read_sample(_sample(one)), Code.INVALID_SAMPLE)
    drugs = _read(
        compounds, "compound", alone, lambda one: encoders.read_compound(_compound(one)), Code.INVALID_COMPOUND
    )
    return Newcomers(encoders.lines(lines) if lines else None, encoders.drugs(drugs) if drugs else None)


def gene_counts(new: Newcomers) -> dict[str, dict[str, GeneCounts]]:
    """Of every sample, which genes of its tables were read, as it is answered."""
    if new.lines is None:
        return {}
    return {
        name: {table: GeneCounts(**vars(counted)) for table, counted in tables.items()}
        for name, tables in zip(new.lines.names, new.lines.counts, strict=True)
    }


def _read(
    things: Mapping[str, Thing], field: str, alone: bool, read: Callable[[Thing], Read], code: Code
) -> dict[str, Read]:
    """Read each; a problem with the first 20 that cannot be."""
    out, faults = {}, []
    for name, thing in things.items():
        place = (field,) if alone else (f"{field}s", name)
        try:
            out[name] = read(thing)
        except SampleError as fault:
            faults.append(Fault(pointer=pointer((*place, *fault.place)), detail=fault.reason))
        except MoleculeError as fault:
            faults.append(Fault(pointer=pointer(place), detail=str(fault)))
        if len(faults) == MAX_FAULTS:
            break
    if faults:
        raise ProblemError(code, faults[0].detail, faults)
    return out


def _sample(asked: SampleAsked) -> Sample:
    return Sample(**{name: getattr(asked, name) for name in SampleAsked.model_fields})


def _compound(asked: CompoundObject) -> Compound:
    return Compound(asked.smiles, asked.targets, asked.pathway)
