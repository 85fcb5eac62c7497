"""The genes that a model reads of one table, found by whatever identifier a person uses."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from model.genes.spelling import DATE_REMEDY, NO_GENE, gene_of_glued_change, genes_of_change, is_change, is_date, tidy
from model.genes.table import Gene, GeneTable

MOST_CANDIDATES = 5


class Outcome(Enum):
    """What became of a text that should name a gene."""

    READ = "read"
    CHANGE = "protein change"  # read as its gene
    OUTSIDE = "outside"  # no gene that the model reads, or no gene at all
    AMBIGUOUS = "ambiguous"
    DATE = "date"


@dataclass(frozen=True)
class Reading:
    """How a text was read. `gene` is the panel's own symbol, None unless one is meant; `by` says by which name.

    `direct` readings are by the panel's or the approved symbol or by an id; an alias gives way to them.
    """

    outcome: Outcome
    gene: str | None = None
    by: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether the text names the gene by its symbol or an id."""
        return self.outcome is Outcome.READ and self.by not in ("previous symbol", "alias")

    def reason(self, text: str) -> str:
        """Why the text names no gene of the model, in one sentence; "" where it does."""
        if self.outcome is Outcome.DATE:
            return f"{text!r} {DATE_REMEDY}"
        if self.outcome is Outcome.AMBIGUOUS:
            listed = ", ".join(self.candidates[:MOST_CANDIDATES])
            return f"{text!r} may mean {listed}; write the symbol of the one that is meant"
        if self.outcome is Outcome.OUTSIDE:
            what = "is a change without its gene" if is_change(text) else "is no gene that the model reads"
            return f"{text!r} {what}"
        return ""


OUTSIDE = Reading(Outcome.OUTSIDE)


class Panel:
    """Panel genes of one table. Its own symbols are found as they are, old ones too, then all that the table knows."""

    def __init__(self, symbols: Sequence[str], table: GeneTable) -> None:
        self.symbols = tuple(symbols)
        strangers = [Gene(symbol) for symbol in symbols if not table.find(symbol).symbols]
        self._table = table = GeneTable((*table.genes, *strangers)) if strangers else table
        self._own = {symbol.upper(): Reading(Outcome.READ, symbol, "symbol") for symbol in symbols}
        today: dict[str, list[str]] = defaultdict(list)
        for symbol in symbols:
            match = table.find(symbol)
            if len(match.symbols) == 1:
                today[match.symbols[0]].append(symbol)
        self._today = dict(today)
        self._found: dict[str, Reading] = {}  # of texts that are names in the table, as most of a sample's are

    def may_name(self, texts: Iterable[str]) -> list[str]:
        """The texts that `find`, without changes, may read; of all others its outcome is OUTSIDE."""
        return self._table.may_name(texts)

    def with_symbols(self, symbols: Sequence[str]) -> "Panel":
        """A panel of other genes that goes by the same names."""
        return Panel(symbols, self._table)

    def find(self, text: str, *, changes: bool = False) -> Reading:
        """Read the text as a gene; with `changes` a protein change after it is allowed (`BRAF V600E`)."""
        if found := self._found.get(text):
            return found
        reading = self._read(text, changes=changes)
        if reading.gene and text in self._table:
            self._found[text] = reading
        return reading

    def _read(self, text: str, *, changes: bool) -> Reading:
        text = tidy(text)
        if own := self._own.get(text.upper()):
            return own
        if text.lower() in NO_GENE:
            return OUTSIDE
        if is_date(text):
            return Reading(Outcome.DATE)
        reading = self._find(text)
        if reading is OUTSIDE and changes:
            for start in genes_of_change(text):
                found = self.find(start)
                if found.gene:
                    return Reading(Outcome.CHANGE, found.gene, found.by)
                if found.outcome is Outcome.AMBIGUOUS:
                    return found
            if own := self._own.get((gene_of_glued_change(text) or "").upper()):
                return Reading(Outcome.CHANGE, own.gene, own.by)
        return reading

    def _find(self, text: str) -> Reading:
        match = self._table.find(text)
        panel = [own for symbol in match.symbols for own in self._today.get(symbol, ())]
        if not panel:
            return OUTSIDE
        if len(match.symbols) > 1 or len(panel) > 1:
            return Reading(Outcome.AMBIGUOUS, candidates=tuple(dict.fromkeys((*match.symbols, *panel))))
        return Reading(Outcome.READ, panel[0], match.by)
