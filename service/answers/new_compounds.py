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
ALIKE = 0.7  # from here on a compound may well have the targets of its nearest drug
TARGETS_ASKED = "give them, for the order of lines depends on them"


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
        Recognition(None)
        if one.as_new
        else _with_targets_asked(predictor, drugs, place, one, predictor.structures.recognise(one.smiles))
        for place, one in enumerate(compounds.values())
    ]
    return replace(drugs, recognitions=found)


def _with_targets_asked(
    predictor: Predictor, drugs: NewDrugs, place: int, compound: Compound, found: Recognition
) -> Recognition:
    """The recognition of a new compound without targets, with a note where it is like a drug that has some."""
    row, similarity = drugs.neighbours.nearest(place, 1)[0]
    drug = predictor.drugs.rows[row]
    if found.row is not None or compound.targets or similarity < ALIKE or not drug.targets:
        return found
    asked = (
        f"its structure is like that of {drug.name} ({drug.id}), similarity {similarity:.2f}: if it has its targets, "
        f"{', '.join(drug.targets)}, {TARGETS_ASKED}"
    )
    return replace(found, note="; ".join(filter(None, (found.note, asked))))


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
        warnings += [f"{place}: {doubt}" for doubt in feed.doubts]
    return warnings
