"""From the chunks of a library to the answer: repeats across chunks are dropped, and the best of all kept.

One chunk after the other is read, so memory does not grow with the library, but for 16 bytes a repeat.
"""

import csv
import json
from collections import Counter
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.folder import Folder
from screening.job import Job
from screening.repeats import ROWS, Repeats, repeat_rows
from screening.scores.best import NUMBERS, Best
from screening.tables import read_arrays, read_table, table_bytes

TEXTS = ("place", "compound", "smiles", "inchikey", "drug")
HEADERS = {
    "rejects": ("number", "place", "compound", "structure", "reason"),
    "repeats": ("number", "compound", "first_number", "differs_in"),
    "cost": ("chunk", "rows", "cpu_s", "peak_mib"),
}
MOST_DOUBTS = 20  # that are listed, those of most rows first


def merge(folder: Folder, job: Job, lines: list[tuple[str, str]], repeats: Repeats) -> dict[str, int]:
    """Write best.parquet, scores/, rejects.csv, repeats.csv and cost.csv; what was counted.

    `lines` are id and name of each line, in the order of the scores; `repeats` are those across chunks.
    """
    chunks = folder.done()
    counts = {"compounds": 0, "rejects": 0, "repeats": 0, "differing_repeats": 0}
    best = Best.none(len(lines))
    with ExitStack() as files:
        writers = {
            name: csv.writer(files.enter_context(folder.text(f"{name}.csv")), lineterminator="\n") for name in HEADERS
        }
        for name, header in HEADERS.items():
            writers[name].writerow(header)
        for chunk in chunks:
            own = repeats.of(chunk)
            rows = {
                "rejects": _rows(folder.get(chunk, "rejects.parquet")),
                "repeats": repeat_rows(folder, chunk, own),
                "cost": [(chunk, *json.loads(folder.get(chunk, "cost.json")).values())],
            }
            for name, some in rows.items():
                writers[name].writerows(some)
            for name in ("rejects", "repeats"):
                counts[name] += len(rows[name])
            counts["differing_repeats"] += sum(bool(differs_in) for *_, differs_in in rows["repeats"])
            counts["compounds"] += len(read_arrays(folder.get(chunk, "keys.npz"))["row"]) - len(own.place)
            if job.all_scores:
                kept = _without(folder.get(chunk, "scores.parquet"), own.place % ROWS)
                folder.write(f"scores/{chunk:09}.parquet", kept)
            if job.top:
                best = best.with_later(_best_of(folder, chunk).without(own.place), job.top)
    if job.top:
        folder.write("best.parquet", _best_table(folder, best, lines))
    return counts


def doubts(folder: Folder) -> list[str]:
    """What was given of compounds and does not count in their scores, each with the number of its rows."""
    found = Counter[str]()
    for chunk in folder.done():
        found.update(json.loads(folder.get(chunk, "doubts.json")))
    more = [f"{len(found) - MOST_DOUBTS:,} more such warnings"] if len(found) > MOST_DOUBTS else []
    return [f"{text} (rows: {count:,})" for text, count in found.most_common(MOST_DOUBTS)] + more


def _best_of(folder: Folder, chunk: int) -> Best:
    arrays = read_arrays(folder.get(chunk, "best.npz"))
    return Best(arrays["score"], arrays["row"].astype(np.int64) + chunk * ROWS, arrays["numbers"])


def _best_table(folder: Folder, best: Best, lines: list[tuple[str, str]]) -> bytes:
    """A row for each line and rank, with what is known of the compound."""
    line, rank = np.nonzero(np.isfinite(best.score))
    places, back = np.unique(best.row[line, rank], return_inverse=True)
    known: dict[str, list[Any]] = {name: [] for name in ("number", *TEXTS, "similarity", "in_domain")}
    for chunk in np.unique(places // ROWS).tolist():
        table = read_table(folder.get(chunk, "compounds.parquet"))
        rows = (places[places // ROWS == chunk] % ROWS).tolist()
        for name, column in known.items():
            column.extend(table[name][row] for row in rows)
    columns = {name: [column[place] for place in back.tolist()] for name, column in known.items()}
    return table_bytes(
        cell_line=[lines[place][0] for place in line.tolist()],
        cell_line_name=[lines[place][1] for place in line.tolist()],
        rank=rank.astype(np.int64) + 1,
        number=np.array(columns["number"], np.int64),
        **{name: columns[name] for name in TEXTS},
        score=best.score[line, rank],
        **dict(zip(NUMBERS, best.numbers[:, line, rank], strict=True)),
        similarity=np.array(columns["similarity"], np.float32),
        in_domain=[bool(is_so) for is_so in columns["in_domain"]],
    )


def _without(content: bytes, rows: NDArray[np.int64]) -> bytes:
    """A table without these rows."""
    if not len(rows):
        return content
    table = read_table(content)
    left = np.setdiff1d(np.arange(len(table["number"])), rows)
    return table_bytes(
        **{
            name: column[left] if isinstance(column, np.ndarray) else [column[row] for row in left.tolist()]
            for name, column in table.items()
        }
    )


def _rows(content: bytes) -> list[tuple[Any, ...]]:
    return list(zip(*(list(column) for column in read_table(content).values()), strict=True))
