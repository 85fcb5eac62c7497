"""Compounds of a request: which are drugs of the bundle, and how their targets and pathways were read."""

from collections.abc import Mapping
from dataclasses import replace

from model.molecules.known import Recognition
from service.errors import pointer
from service.prediction.new_entities import Compound, NewDrugs, NewEntities
from service.prediction.predictor import Predictor
from service.schemas.new_entities import CompoundInput, KnownStructures
from service.schemas.responses import CompoundReading

AS_NEW = "as_new"


def to_compounds(inputs: Mapping[str, CompoundInput], known_structures: KnownStructures) -> dict[str, Compound]:
    """Compounds of a JSON body, by name."""
    as_new = known_structures == AS_NEW
    return {
        name: Compound(one.smiles, one.targets, one.pathway, one.max_concentration_um, as_new)
        for name, one in inputs.items()
    }


def recognised(predictor: Predictor, drugs: NewDrugs, compounds: Mapping[str, Compound]) -> NewDrugs:
    """The compounds with the drugs of the bundle that they are, unless the request asks for new ones."""
    found = [
        Recognition(None) if one.as_new else predictor.structures.recognise(one.smiles) for one in compounds.values()
    ]
    return replace(drugs, recognitions=found)


def compound_readings(predictor: Predictor, new: NewEntities) -> dict[str, CompoundReading]:
    """How each compound of the request was read."""
    if new.drugs is None:
        return {}
    return {
        name: CompoundReading(
            drug=None if found.row is None else predictor.drugs.refs[found.row],
            matched_by=None if found.row is None else "structure",
            targets=list(feed.targets.genes),
            other_targets=list(feed.targets.others),
            pathway=feed.pathway,
        )
        for name, feed, found in zip(new.drugs.names, new.drugs.feeds, new.drugs.recognitions, strict=True)
    }


def compound_warnings(new: NewEntities) -> list[str]:
    """What a reader should know of the compounds' structures and targets."""
    if new.drugs is None:
        return []
    warnings = []
    for name, feed, found in zip(new.drugs.names, new.drugs.feeds, new.drugs.recognitions, strict=True):
        place = pointer(("compounds", name))
        if found.note:
            warnings.append(f"{place}: {found.note}")
        if feed.targets.others:
            others = ", ".join(feed.targets.others)
            warnings.append(f"{place}: no training drug has the targets {others}")
        if feed.unread:
            warnings.append(f"{place}: {feed.unread} is not read by this model")
    return warnings
