"""Compounds that stand in several chunks, found by their keys a share at a time, and in what their rows differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.folder import Folder
from screening.job import INPUTS
from screening.tables import read_arrays, read_table

KEYS_AT_ONCE = 4_000_000
ROWS = 1 << 32  # a compound's place is chunk × ROWS + its row there
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # with which keys begin, about as often with each
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Repeats:
    """Places of compounds that stand earlier in the library already, ascending, and where. Shapes: (n,), (n,)."""

    place: Places
    first: Places

    def of(self, chunk: int) -> "Repeats":
        """Those of one chunk."""
        part = slice(*np.searchsorted(self.place, [chunk * ROWS, (chunk + 1) * ROWS]))
        return Repeats(self.place[part], self.first[part])


def find_repeats(folder: Folder, chunks: list[int]) -> Repeats:
    """Compare the keys of all chunks."""
    total = sum(len(read_arrays(folder.get(chunk, "keys.npz"))["row"]) for chunk in chunks)
    shares = min(len(LETTERS), 1 + total // KEYS_AT_ONCE)
    edges = ["", *(LETTERS[len(LETTERS) * share // shares] for share in range(1, shares)), "~"]
    found = [_repeats(*_share(folder, chunks, *ends)) for ends in pairwise(edges)]
    place, first = np.concatenate([one.place for one in found]), np.concatenate([one.first for one in found])
    order = np.argsort(place)
    return Repeats(place[order], first[order])


def _share(folder: Folder, chunks: list[int], begin: str, end: str) -> tuple[NDArray[Any], Places]:
    """Keys of all chunks from `begin` to before `end`, and their compounds' places, in the order of the library."""
    keys: list[NDArray[Any]] = [np.empty(0, "S27")]
    places: list[Places] = [np.empty(0, np.int64)]
    for chunk in chunks:
        arrays = read_arrays(folder.get(chunk, "keys.npz"))
        part = slice(*np.searchsorted(arrays["key"], np.array([begin, end], "S27")))
        order = np.argsort(arrays["row"][part])
        keys.append(arrays["key"][part][order])
        places.append(arrays["row"][part][order].astype(np.int64) + chunk * ROWS)
    return np.concatenate(keys), np.concatenate(places)


def _repeats(keys: NDArray[Any], places: Places) -> Repeats:
    order = np.argsort(keys, kind="stable")  # equal keys stay in the order of the library
    keys, places = keys[order], places[order]
    is_first = np.concatenate([np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1]])
    return Repeats(places[~is_first], places[is_first][np.cumsum(is_first)[~is_first] - 1])


class _Compounds:
    """Compounds of all chunks by their places."""

    def __init__(self, folder: Folder) -> None:
        self.table = lru_cache(8)(lambda chunk: read_table(folder.get(chunk, "compounds.parquet")))

    def at(self, place: int) -> dict[str, Any]:
        return _row(self.table(place // ROWS), place % ROWS)


def repeat_rows(folder: Folder, chunk: int, own: Repeats) -> list[tuple[int, str, int, str]]:
    """Each repeat of a chunk: its number and name, the number of the row that is screened, and the inputs that differ.

    `own` are those of earlier chunks; a row of this chunk that repeats one of them repeats the earlier chunk's.
    """
    compounds, inside = _Compounds(folder), read_table(folder.get(chunk, "repeats.parquet"))
    if not len(own.place) and not len(inside["number"]):
        return []
    firsts = dict(zip(own.place.tolist(), own.first.tolist(), strict=True))
    pairs = [(compounds.at(place), first) for place, first in firsts.items()]
    before = np.searchsorted(compounds.table(chunk)["number"], inside["first_number"]) + chunk * ROWS
    pairs += [(_row(inside, row), firsts.get(place, place)) for row, place in enumerate(before.tolist())]
    both = [(repeat, compounds.at(first)) for repeat, first in pairs]
    return sorted(
        (int(repeat["number"]), repeat["compound"], int(first["number"]), _differences(repeat, first))
        for repeat, first in both
    )


def lacking_chunks(folder: Folder, chunks: Sequence[int], repeats: Repeats) -> dict[int, tuple[int, ...]]:
    """Chunks whose best lack compounds, with the numbers of all their repeats of earlier chunks.

    There a repeat took a place among the best. It does no harm where its inputs are those of the row that it repeats:
    that row has the same score, and takes the place in the end.
    """
    compounds, lacking = _Compounds(folder), dict[int, tuple[int, ...]]()
    for chunk in chunks:
        own, best = repeats.of(chunk), read_arrays(folder.get(chunk, "best.npz"))
        is_best = np.isin(own.place % ROWS, best["row"][np.isfinite(best["score"])])
        pairs = zip(own.place[is_best].tolist(), own.first[is_best].tolist(), strict=True)
        if any(_differences(compounds.at(place), compounds.at(first)) for place, first in pairs):
            lacking[chunk] = tuple(int(compounds.at(place)["number"]) for place in own.place.tolist())
    return lacking


def _row(table: Mapping[str, Any], row: int) -> dict[str, Any]:
    return {name: table[name][row] for name in ("number", "compound", *INPUTS)}


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    return ", ".join(name for name in INPUTS if one[name] != other[name])
