"""From what people call a cell line or a drug to its row in an id table: one set of rules for every room.

The service finds names in the bundle's tables with it, training in a dataset's. Pure Python, no framework; `plain`
is also how two names are compared elsewhere.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

NEAREST = 3
# difflib is quadratic in the length of a name, and no name of a bundle is as long as this.
LONGEST_COMPARED = 48


class NamingError(LookupError):
    """A name that stands for no row or for several; `rows` are the nearest or the matching ones, best first."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(type(self).__name__)
        self.rows = tuple(rows)


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


class Names:
    """The names of one id table.

    What is written exactly like an id wins, then exactly like a name, then like any other identifier; only then
    are case and punctuation let go, ids and names before the others. So "T-T" and "TT", two cell lines of GDSC,
    are told apart, and "tt" is ambiguous. A name that two rows share at the same step is ambiguous there.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], fields: Fields) -> None:
        ids, names, others, exact = (
            [list(_texts(row, columns)) for row in rows]
            for columns in (("id",), ("name",), fields.others, fields.exact)
        )
        folded = [[[plain(text) for text in texts] for texts in column] for column in (ids, names, others)]
        self._exact = [_index(ids), _index(names), _index(others, exact)]
        self._plain = [_index(folded[0], folded[1]), _index(folded[2])]
        self._haystacks = ["\n".join(a + b + c) for a, b, c in zip(*folded, strict=True)]
        spoken = [list(_texts(row, ("name", "synonyms"))) for row in rows]
        self._spoken = _index([[plain(text) for text in texts] for texts in spoken])

    def find(self, name: str) -> int:
        """Row of the name.

        Raises UnknownNameError with the nearest rows, AmbiguousNameError with the matching ones.
        """
        for tier in self._exact:
            if name in tier:
                return _only(tier[name])
        key = plain(name)
        for tier in self._plain:
            if key in tier:
                return _only(tier[key])
        raise UnknownNameError(self._nearest(key))

    def search(self, query: str) -> list[int]:
        """Rows with an identifier that contains the query, in the table's order."""
        key = plain(query)
        return [i for i, haystack in enumerate(self._haystacks) if key and key in haystack]

    def _nearest(self, key: str) -> list[int]:
        close = get_close_matches(key[:LONGEST_COMPARED], self._spoken, n=NEAREST)
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
