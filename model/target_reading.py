"""Targets and the pathway of a new compound, as people write them, read for a model and counted."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from model.names import plain
from model.tables.numbers import is_missing
from model.targets import target_genes

BETWEEN = re.compile(r"\s*(?:[,;/|+&]|\band\b)\s*")
NUMBERED = re.compile(r"(?<!\w)(\w*[A-Za-z])[- ]?(\d\d?(?:/\d\d?)+)(?!\w)")  # members of a family: CDK4/6
RANGE = re.compile(r"(?<!\w)(\w*[A-Za-z])[- ]?(\d\d?)[-–](\d\d?)(?![\w–-])")  # FGFR1-3
SYMBOL = re.compile(r"[A-Z][A-Z0-9]{1,9}(?:-[A-Z0-9]{1,4})?")  # how HGNC's symbols look
GREEK = "αβγδεζηθκ"
IN_LATIN = str.maketrans(GREEK, "ABGDEZHQK")  # as HGNC writes them
WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa"]
IN_WORDS = str.maketrans(dict(zip(GREEK, WORDS, strict=True)))
NO_PATHWAY = {"other", "unclassified"}
NEAREST = 3


class TargetError(ValueError):
    """A target or pathway that is none; `place` is the field and, for targets, the position in the list."""

    def __init__(self, place: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.place = tuple(place)


@dataclass(frozen=True)
class TargetReading:
    """What a model reads of a compound's targets: `genes` that training drugs have, `others` that none has."""

    genes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """Genes and mechanisms for the model's input, each once."""
        return [*self.genes, *self.others]


def read_targets(
    texts: Sequence[str], known: Collection[str], gene_of: Callable[[str], Sequence[str]]
) -> TargetReading:
    """Read targets by the table of aliases, by the model's own names and by `gene_of`, HGNC's names of a text.

    Case, hyphens, blanks do not matter; one text may hold several, or say that none is known. Raises TargetError
    naming the first that is neither known nor written like a gene's symbol.
    """
    if not texts:
        return TargetReading()
    names = _by_plain_name(tuple(known))
    found: dict[str, None] = {}
    for place, text in enumerate(texts):
        if _says_none(text):
            continue
        whole, several = _known_genes(text, names, gene_of), BETWEEN.split(_members(text))
        parts = [whole] if whole else [_genes(part, names, gene_of) for part in several if not _says_none(part)]
        if not parts or not all(parts):
            raise TargetError(["targets", str(place)], _unknown("target", text, list(known)))
        found |= dict.fromkeys(gene for genes in parts for gene in genes)
    return TargetReading(tuple(g for g in found if g in known), tuple(g for g in found if g not in known))


def _members(text: str) -> str:
    """Each member of a family by its own name: "CDK4/6" -> "CDK4/CDK6", "AKT1-3" -> "AKT1/AKT2/AKT3"."""
    text = NUMBERED.sub(lambda found: "/".join(f"{found[1]}{number}" for number in found[2].split("/")), text)
    return RANGE.sub(_of_range, text)


def _of_range(found: re.Match[str]) -> str:
    numbers = range(int(found[2]), int(found[3]) + 1)
    return "/".join(f"{found[1]}{number}" for number in numbers) or found[0]  # a symbol such as NKX3-1 is no range


def read_pathway(text: str | None, known: Collection[str]) -> str | None:
    """The model's own name of a pathway; None for a compound that belongs to none. Raises TargetError."""
    if text is None or _says_none(text) or plain(text) in NO_PATHWAY:
        return None
    names = {plain(name): name for name in known}
    if (name := names.get(plain(text))) is None:
        raise TargetError(["pathway"], _unknown("pathway", text, list(known)))
    return name


@lru_cache(maxsize=8)
def _by_plain_name(known: tuple[str, ...]) -> dict[str, str]:
    return {plain(name): name for name in known}


def _says_none(text: str) -> bool:
    """Whether a text says that no target, or no pathway, is known."""
    return is_missing(text) or not target_genes([text])


def _genes(text: str, names: dict[str, str], gene_of: Callable[[str], Sequence[str]]) -> list[str]:
    """Genes or mechanism that a text means, itself where it looks like a symbol, none where it is not known."""
    symbol = text.strip().translate(IN_LATIN)
    return _known_genes(text, names, gene_of) or ([symbol] if SYMBOL.fullmatch(symbol) else [])


def _known_genes(text: str, names: dict[str, str], gene_of: Callable[[str], Sequence[str]]) -> list[str]:
    """Genes or mechanism by the table, the model's own names or `gene_of`; none of a Greek letter alone."""
    if text.strip() in GREEK:
        return []
    forms = dict.fromkeys(text.strip().translate(letters) for letters in (IN_WORDS, IN_LATIN))
    spellings = [one for form in forms for one in (form, form.replace("-", ""), form.replace(" ", ""))]
    for spelling in spellings:
        if (genes := target_genes([spelling])) != [spelling]:
            return genes
    for form in forms:
        if plain(form) in names:
            return [names[plain(form)]]
    for spelling in spellings:
        if len(genes := list(gene_of(spelling))) == 1:
            return genes
    return []


def _unknown(what: str, text: str, known: Sequence[str]) -> str:
    names = {plain(name): name for name in known}
    near = [names[key] for key in get_close_matches(plain(text)[:50], names, NEAREST, 0.5)]
    nearest = f"; nearest: {', '.join(near)}" if near else ""
    give = "a gene symbol" if what == "target" else "one of the model's"
    return f"no {what} that is known{nearest}; give {give}, or leave it out"
