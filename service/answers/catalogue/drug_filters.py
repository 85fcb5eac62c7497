"""Targets and pathways as people write them -> the bundle's own, and the drugs that have them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from model.names import plain
from model.targets import target_genes
from service.errors import ProblemError
from service.prediction.predictor import Predictor, Rows
from service.schemas.catalogue import Drug
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code

MIN_PREFIX_CHARS = 2
NEAREST = 5


@dataclass(frozen=True)
class DrugChoice:
    """Rows of the drugs that a filter keeps, and how its texts were read where that is not as written."""

    rows: Rows
    warnings: list[str] = field(default_factory=list)


def choose_drugs(predictor: Predictor, target: str | None, pathway: str | None, place: str = "/query") -> DrugChoice:
    """Drugs with the target and on the pathway. Raises ProblemError where no drug at all has one of them."""
    drugs = predictor.drugs.rows
    choice = DrugChoice(predictor.drugs.every)
    for name, text, names_of, match in (
        ("target", target, _targets, match_targets),
        ("pathway", pathway, _pathways, match_pathways),
    ):
        if text is None:
            continue
        known = sorted({label for drug in drugs for label in names_of(drug)})
        matching = match(known, text)
        if not matching:
            raise _unknown(name, text, known, f"{place}/{name}")
        if any(plain(one) != plain(text) for one in matching):
            choice.warnings.append(f"{place}/{name}: read as {', '.join(matching)}")
        choice = DrugChoice(
            [row for row in choice.rows if not set(matching).isdisjoint(names_of(drugs[row]))], choice.warnings
        )
    return choice


def match_targets(known: Sequence[str], text: str) -> list[str]:
    """Targets that a text means: the same letters; else those of the same genes; else those that begin with it.

    A gene's symbol and its protein's name (KDR, VEGFR2) mean each other also where the bundle writes both.
    """
    if same := _same(known, text):
        genes = set(_upper(target_genes(same)))
        others = [target for target in known if target not in same and set(_upper(target_genes([target]))) == genes]
        return [*same, *(target for target in others if genes & {plain(target).upper(), plain(text).upper()})]
    genes = set(_upper(target_genes([text])))
    by_gene = [target for target in known if not genes.isdisjoint(_upper(target_genes([target])))]
    return by_gene or _where(known, text, str.startswith)


def match_pathways(known: Sequence[str], text: str) -> list[str]:
    """Pathways that a text means: the same letters; else those that hold it."""
    return _same(known, text) or _where(known, text, str.__contains__)


def _same(known: Sequence[str], text: str) -> list[str]:
    return [label for label in known if plain(label) == plain(text)]


def _where(known: Sequence[str], text: str, holds: Callable[[str, str], bool]) -> list[str]:
    key = plain(text)
    return [label for label in known if holds(plain(label), key)] if len(key) >= MIN_PREFIX_CHARS else []


def _upper(genes: Iterable[str]) -> list[str]:
    return [gene.upper() for gene in genes]


def _targets(drug: Drug) -> list[str]:
    return drug.targets


def _pathways(drug: Drug) -> list[str]:
    return [] if drug.pathway is None else [drug.pathway]


def _unknown(name: str, text: str, known: Sequence[str], pointer: str) -> ProblemError:
    labels = {plain(label): label for label in known}
    near = [labels[key] for key in get_close_matches(plain(text), labels, NEAREST, 0.5)]
    nearest = f"; nearest: {', '.join(near)}" if near else ""
    detail = f"no drug of the bundle has this {name}{nearest}; GET /facets lists all"
    return ProblemError(Code.UNKNOWN_FILTER, detail, [Fault(pointer=pointer, detail=detail)])
