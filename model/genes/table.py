"""Names of genes: from what people write to the approved symbol, by HGNC's approved, previous and alias symbols.

Rows are JSON objects `{"symbol", "previous", "alias", "ensembl", "entrez"}`, of which all but the first may be absent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.genes.spelling import SYMBOL_OR_NOTHING, ensembl_id, entrez_id, two_identifiers, unhyphenated

LISTS = ("previous", "alias", "ensembl", "entrez")


@dataclass(frozen=True)
class Gene:
    """A gene by its approved symbol, with the other names that it has or had."""

    symbol: str
    previous: tuple[str, ...] = ()
    alias: tuple[str, ...] = ()
    ensembl: tuple[str, ...] = ()
    entrez: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """All symbols in capitals, and the ids."""
        return {text.upper() for text in (self.symbol, *self.previous, *self.alias, *self.ensembl, *self.entrez)}

    def row(self) -> dict[str, Any]:
        """The gene as a JSON object."""
        return {"symbol": self.symbol} | {key: list(texts) for key in LISTS if (texts := getattr(self, key))}


@dataclass(frozen=True)
class Match:
    """Approved symbols that a text may mean: one, several (ambiguous) or none. `by` says as what it was read."""

    symbols: tuple[str, ...]
    by: str = ""


NOBODY = Match(())


class GeneTable:
    """Finds approved symbols. Case does not matter; an approved symbol comes before another gene's alias.

    What no gene is or was called may be an approved symbol with a hyphen too many, `B-RAF` or `c-Met`.
    """

    def __init__(self, genes: Iterable[Gene] = ()) -> None:
        self.genes = tuple(genes)
        self._approved = {gene.symbol.upper(): gene.symbol for gene in self.genes}
        self._previous = _index((gene.symbol, gene.previous) for gene in self.genes)
        self._alias = _index((gene.symbol, gene.alias) for gene in self.genes)
        self._ids = _index((gene.symbol, (*gene.ensembl, *gene.entrez)) for gene in self.genes)
        self._names = {*self._approved, *self._previous, *self._alias, *self._ids}
        self._has_entrez = {gene.symbol for gene in self.genes if gene.entrez}
        self._has_ensembl = {gene.symbol for gene in self.genes if gene.ensembl}

    def __contains__(self, text: str) -> bool:
        """Whether the text is a symbol in capitals or an id."""
        return text in self._names

    def find(self, text: str) -> Match:
        """Genes that the text may mean, as a symbol, an id or both (`EXT1 (2131)`)."""
        if ids := ensembl_id(text):
            return _match(self._ids.get(ids), "Ensembl id")
        if (ids := entrez_id(text)) and ids in self._ids:
            return _match(self._ids[ids], "Entrez id")
        if both := two_identifiers(text):
            return self._find_both(*both)
        return self._find_symbol(text.upper())

    def may_name(self, texts: Iterable[str]) -> list[str]:
        """The texts without those that can only be symbols and are none here: most genes of a transcriptome.

        What is left need not name a gene either; `find` says.
        """
        names, approved, fullmatch = self._names, self._approved, SYMBOL_OR_NOTHING.fullmatch
        kept = []
        for text in texts:
            if text in names:
                kept.append(text)
            elif text.isalnum():
                if not text.isupper() and (text.isdigit() or text.upper() in names):
                    kept.append(text)
            elif text[:4] == "ENSG" and text[15:16] == "." and text[4:15].isdecimal() and text[16:].isdecimal():
                if text[:15] in names:
                    kept.append(text)
            elif fullmatch(text):
                key, bare = text.upper(), text.upper().replace("-", "")
                c_less = bare[1:] if text[1] == "-" and bare[0] == "C" else bare
                if key in names or ("-" in text and (bare in approved or c_less in approved)):
                    kept.append(text)
            else:
                kept.append(text)
        return kept

    def _find_symbol(self, key: str) -> Match:
        if approved := self._approved.get(key):
            return Match((approved,), "symbol")
        previous, alias = self._previous.get(key, ()), self._alias.get(key, ())
        if previous or alias:
            return _match(dict.fromkeys((*previous, *alias)), "previous symbol" if previous else "alias")
        return _match([self._approved[one] for one in unhyphenated(key) if one in self._approved], "alias")

    def _find_both(self, first: str, second: str) -> Match:
        """Two identifiers of one gene: an id decides; a symbol and an id of two genes are ambiguous."""
        one, other = (self.find(part) for part in (first, second))
        if not one.symbols or not other.symbols:
            found, other_text = (one, second) if one.symbols else (other, first)
            return NOBODY if any(self._belies(symbol, other_text) for symbol in found.symbols) else found
        shared = tuple(symbol for symbol in one.symbols if symbol in other.symbols)
        return Match(shared, "two identifiers") if shared else Match((*one.symbols, *other.symbols), "two identifiers")

    def _belies(self, symbol: str, text: str) -> bool:
        """Whether the id, which no gene here has, says that another gene than `symbol` is meant."""
        has = self._has_ensembl if ensembl_id(text) else self._has_entrez if entrez_id(text) else ()
        return symbol in has


def genes_of(rows: Iterable[Mapping[str, Any]]) -> list[Gene]:
    """Genes of JSON objects. Raises ValueError naming the row and what is wrong with it."""
    out = []
    for place, row in enumerate(rows):
        symbol = row.get("symbol")
        lists = {key: row.get(key, []) for key in LISTS}
        if not isinstance(symbol, str) or not symbol or set(row) - {"symbol", *LISTS}:
            raise ValueError(f"gene {place}: needs a symbol and may have {', '.join(LISTS)}, nothing else")
        for key, texts in lists.items():
            if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
                raise ValueError(f"gene {place} ({symbol}): {key} must be a list of texts")
        out.append(Gene(symbol, *(tuple(lists[key]) for key in LISTS)))
    if len({gene.symbol.upper() for gene in out}) < len(out):
        raise ValueError("a symbol stands twice, case aside; give each gene once")
    return out


def relevant(genes: Sequence[Gene], read: Collection[str]) -> list[Gene]:
    """Of all genes those that a model reads, by any of their names, and those that share a name with one of them.

    Hyphens aside: `CBF-B`, an alias of NFYA, is not CBFB.
    """
    table = GeneTable(genes)
    wanted = {symbol for text in read for symbol in table.find(text).symbols}
    names = {text.upper() for text in read}.union(*(gene.names for gene in genes if gene.symbol in wanted))
    spelled = _spellings(names)
    return [gene for gene in genes if gene.symbol in wanted or not spelled.isdisjoint(_spellings(gene.names))]


def _spellings(names: Iterable[str]) -> set[str]:
    return {spelling for name in names for spelling in (name, *unhyphenated(name))}


def _match(symbols: Iterable[str] | None, by: str) -> Match:
    return Match(tuple(symbols), by) if symbols else NOBODY


def _index(rows: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Symbols by each of their texts in capitals; one symbol counts once."""
    out: dict[str, dict[str, None]] = defaultdict(dict)
    for symbol, texts in rows:
        for text in texts:
            out[text.upper()][symbol] = None
    return {text: tuple(symbols) for text, symbols in out.items()}
