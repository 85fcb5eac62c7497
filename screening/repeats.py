"""Compounds that stand in several chunks, found by their keys a share at a time."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.folder import Folder
from screening.tables import read_arrays

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
