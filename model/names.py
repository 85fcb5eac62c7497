"""From what people call a cell line or a drug to its row in an id table: one set of rules for every room.

The service finds names in the bundle's tables with it, training in a dataset's. Pure Python, no framework; `plain`
is also how two names are compared elsewhere.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from model.name_spellings import drug_spellings, line_spellings

NEAREST = 3
# difflib is quadratic in the length of a name, and no name of a bundle is as long as this.
LONGEST_COMPARED = 48
SHORTEST_PART = 3  # letters and digits of which a longer name is offered
SPELLING = "spelling"


class NamingError(LookupError):
    """A name that stands for no row or for several; `rows` are the nearest or the matching ones, best first.

    `outside` says which registered line or drug outside the table the name is, or may be; "" where none is known.
    Where `targets` are given the rows are nearest by these, which they share with it, else by their names.
    """

    def __init__(self, rows: Sequence[int], outside: str = "", targets: Sequence[str] = ()) -> None:
        super().__init__(type(self).__name__)
        self.rows = tuple(rows)
        self.outside = outside
        self.targets = tuple(targets)


class UnknownNameError(NamingError):
    """No row answers to the name."""


class AmbiguousNameError(NamingError):
    """Several rows answer to the name equally well."""


@dataclass(frozen=True)
class Fields:
    """Which columns of an id table name a row. An `exact` one is compared as written, never in its plain form."""

    others: tuple[str, ...]
    exact: tuple[str, ...] = ()


CELL_LINE_FIELDS = Fields(
    ("synonyms", "cosmic_id", "sanger_model_id", "depmap_id", "cellosaurus_id", "ccle_name"),
)
# Case and punctuation carry meaning in SMILES: c1ccccc1 and C1CCCCC1 are two compounds.
DRUG_FIELDS = Fields(("synonyms", "pubchem_cid", "inchikey", "chembl_id", "gdsc_drug_ids"), exact=("smiles",))


def plain(name: str) -> str:
    """Letters and digits of a name, in one case and one Unicode form: "NCI/ADR-RES" -> "nciadrres"."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in folded if letter.isalnum())


DASH = "[-‐‒–—−]"
SIGNS = (
    (re.compile(rf"[(\[]\s*(?:\+/?{DASH}|±)\s*[)\]]|^\s*±"), "±"),
    (re.compile(rf"[(\[]\s*{DASH}\s*[)\]]|^\s*−"), "-"),
    (re.compile(r"[(\[]\s*\+\s*[)\]]"), "+"),
)


def signed(name: str) -> str:
    """`plain` with the sign that tells two enantiomers apart before it: "(-)-JQ1" -> "-jq1"."""
    name = unicodedata.normalize("NFKC", name)
    for pattern, sign in SIGNS:
        if pattern.search(name):
            return sign + plain(pattern.sub("", name))
    return plain(name)


class Outside:
    """Names of registered lines or drugs outside a table: rows {"name", "ids", "synonyms", "note", "targets"}."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._written: dict[str, str] = {}
        self._plain: dict[str, str] = {}
        self._targets: dict[str, list[str]] = {}
        for row in rows:
            about = ", ".join(filter(None, (next(iter(row.get("ids", [])), ""), row.get("note", ""))))
            label = f"{row['name']} ({about})" if about else row["name"]
            self._targets.setdefault(label, row.get("targets", []))
            for text in _texts(row, ("name", "synonyms", "ids")):
                self._written.setdefault(text.casefold(), label)
                self._plain.setdefault(signed(text), label)

    def as_written(self, name: str) -> str:
        """What is written like this, case aside; "" where nothing is."""
        return self._written.get(name.casefold(), "")

    def by_letters(self, name: str) -> str:
        """What has these letters and digits; "" where nothing has."""
        return self._plain.get(signed(name), "")

    def targets(self, label: str) -> list[str]:
        """Targets of the drug that these methods name so."""
        return self._targets.get(label, [])


class Names:
    """The names of one id table, and those of registered lines or drugs outside it.

    What is written exactly like an id wins, then exactly like a name, then like any other identifier; only then
    are case and punctuation let go, ids and names before the others. So "T-T" and "TT", two cell lines of GDSC,
    are told apart, and "tt" is ambiguous. A name that two rows share at the same step is ambiguous there. What is
    written like something outside, and like no row, is never taken for a row that differs in punctuation; what has
    the letters of both is ambiguous. Last come spellings that people shorten or lengthen (model.name_spellings).
    """

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], fields: Fields, known: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        ids, names, others, exact = (
            [list(_texts(row, columns)) for row in rows]
            for columns in (("id",), ("name",), fields.others, fields.exact)
        )
        places = {str(row["id"]): place for place, row in enumerate(rows)}
        for row in known:
            if row.get("id") in places:
                others[places[row["id"]]] += row.get("synonyms", [])
        self._outside = Outside(row for row in known if "name" in row)
        folded = [[[plain(text) for text in texts] for texts in column] for column in (ids, names, others)]
        keys = [[[*map(signed, texts), *map(plain, texts)] for texts in column] for column in (ids, names, others)]
        synonyms = {text for row in (*rows, *known) for text in _texts(row, ("synonyms",))}
        structures = {text for texts in exact for text in texts}
        self._written: dict[str, tuple[tuple[int, ...], str]] = {}  # rows, and the step at which they have the name
        for text, found in (_index(others, exact)).items():
            way = "structure" if text in structures else "synonym" if text in synonyms else "id"
            self._written[text] = found, way
        for way, column in (("name", names), ("id", ids)):
            self._written |= {text: (found, way) for text, found in _index(column).items()}
        self._every = _index(ids, names, others, exact)
        self._plain = [_index(keys[0], keys[1]), _index(keys[2])]
        self._folded = {text.casefold() for text in self._written}
        self._haystacks = ["\n".join(a + b + c) for a, b, c in zip(*folded, strict=True)]
        spoken = [list(_texts(row, ("name", "synonyms"))) for row in rows]
        self._spoken = _index([[plain(text) for text in texts] for texts in spoken])
        self._targets = _index([[plain(text) for text in _texts(row, ("targets",))] for row in rows])
        self._spellings = drug_spellings if fields is DRUG_FIELDS else line_spellings

    def find(self, name: str) -> int:
        """Row of the name.

        Raises UnknownNameError with the nearest rows, AmbiguousNameError with the matching ones.
        """
        return self.match(name)[0]

    def match(self, name: str) -> tuple[int, str]:
        """Row of the name, and how it was found: id, name, synonym, structure or spelling. Raises as `find` does."""
        if name in self._written:
            written, way = self._written[name]
            return _only(written), way
        if (outside := self._outside.as_written(name)) and name.casefold() not in self._folded:
            raise self._unknown(name, outside)
        if (rows := self._by_letters(name)) is not None:
            if (outside := self._outside.by_letters(name)) and name.casefold() not in self._folded:
                raise AmbiguousNameError(rows, outside)
            return _only(rows), SPELLING
        if outside := self._outside.by_letters(name):
            raise self._unknown(name, outside)
        outside = ""
        for spelling in self._spellings(name):
            elsewhere = self._outside.by_letters(spelling)
            if (rows := self._by_letters(spelling)) is not None and not elsewhere:
                return _only(rows), SPELLING
            outside = outside or elsewhere
        raise self._unknown(name, outside)

    def undoubted(self) -> dict[str, tuple[int, str]]:
        """Row and kind, as `match` gives them, of all that is written like one row and like nothing outside."""
        return {
            text: (rows[0], way)
            for text, (rows, way) in self._written.items()
            if len(self._every[text]) == 1 and not self.homonym(text)
        }

    def homonym(self, name: str) -> str:
        """The registered line or drug outside that is written like a name of the table; "" where none is."""
        return self._outside.as_written(name)

    def namesakes(self, name: str) -> list[int]:
        """Rows that have a name at a later step than the row that `find` gives."""
        tiers = [self._every] if name in self._every else self._plain
        key = name if name in self._every else signed(name)
        every = dict.fromkeys(row for tier in tiers for row in tier.get(key, ()))
        return [row for row in every if row != self.find(name)]

    def _unknown(self, name: str, outside: str) -> UnknownNameError:
        """Nearest are the rows that share most targets with what the name is, else those of the nearest names."""
        targets = [text for text in self._outside.targets(outside) if plain(text) in self._targets]
        shared = Counter(row for text in targets for row in self._targets[plain(text)])
        rows = [row for row, _ in shared.most_common(NEAREST)]
        return UnknownNameError(rows or self._nearest(name), outside, targets)

    def is_respelled(self, name: str) -> bool:
        """Whether a name that is found has other letters than every name of its row."""
        return name not in self._written and self._by_letters(name) is None

    def _by_letters(self, name: str) -> tuple[int, ...] | None:
        key = signed(name)
        return next((tier[key] for tier in self._plain if key in tier), None)

    def search(self, query: str) -> list[int]:
        """Rows with an identifier that contains the query, in the table's order."""
        key = plain(query)
        return [i for i, haystack in enumerate(self._haystacks) if key and key in haystack]

    def _nearest(self, name: str) -> list[int]:
        key = min((plain(text) for text in (name, *self._spellings(name))), key=len)  # without salts and the like
        longer = [name for name in self._spoken if len(key) >= SHORTEST_PART and key in name]
        longer.sort(key=lambda name: (not name.startswith(key) and not name.endswith(key), len(name)))
        close = [*longer[:NEAREST], *get_close_matches(key[:LONGEST_COMPARED], self._spoken, n=NEAREST)]
        return list(dict.fromkeys(row for name in close for row in self._spoken[name]))[:NEAREST]


def _only(rows: tuple[int, ...]) -> int:
    if len(rows) > 1:
        raise AmbiguousNameError(rows)
    return rows[0]


def _index(*columns: Iterable[Iterable[str]]) -> dict[str, tuple[int, ...]]:
    """Rows by text; an empty text names nothing, and one row counts once."""
    rows: dict[str, dict[int, None]] = defaultdict(dict)
    for column in columns:
        for row, texts in enumerate(column):
            for text in filter(None, texts):
                rows[text][row] = None
    return {text: tuple(found) for text, found in rows.items()}


def _texts(row: Mapping[str, Any], columns: Iterable[str]) -> Iterable[str]:
    """List the identifiers in some columns of a row; a column may hold nothing, one value or a list of them."""
    for column in columns:
        value = row.get(column)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield str(one)
