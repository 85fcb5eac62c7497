"""A screen from beginning to end: chunks that are not done go to an engine, and are merged when all are."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from screening.engines import Submit, was_lost
from screening.folder import Folder
from screening.job import Chunk, Job, ScreenError
from screening.library import Library, open_library
from screening.merge import doubts, merge
from screening.repeats import find_repeats, lacking_chunks
from screening.tables import Files, read_table

AHEAD = 2  # chunks that wait for each process, so that none is idle and none piles up
TRIES = 3  # of a chunk whose process ends
STARTS = 20  # of a chunk that waits for processes which end before they take it


class Given(NamedTuple):
    """A chunk with the processes that ended with it, its own among them, and those that ended before they took it."""

    chunk: Chunk
    tries: int = 1
    starts: int = 0


@dataclass
class Progress:
    """How far a screen is: rows of the library, of them done by this run, and rejects of this run."""

    rows: int = 0
    fresh: int = 0
    rejects: int = 0
    share: float | None = None


def run_screen(
    folder: Folder,
    library: Library,
    job: Job,
    lines: list[tuple[str, str]],
    chunk_rows: int,
    engine: AbstractContextManager[tuple[Submit, int]],
    show: Callable[[Progress], None],
) -> dict[str, Any]:
    """Screen what is left of a library and merge all; counts of the answer.

    Raises ScreenError where the library cannot be read on, or a chunk's process ends again and again.
    """
    done, progress = set(folder.done()), Progress()
    with engine as (submit, width):
        for chunk, files in _screened(_left(library.chunks(chunk_rows), done, progress), submit, width * AHEAD):
            folder.put(chunk.number, files)
            progress.rows += len(chunk.rows)
            progress.fresh += len(chunk.rows)
            progress.rejects += len(read_table(files["rejects.parquet"])["number"])
            progress.share = library.share_read()
            show(progress)
        if not progress.rows:
            raise ScreenError("no compound stands in the library; give one a row")
        repeats = find_repeats(folder, folder.done())
        lacking = lacking_chunks(folder, folder.done(), repeats)
        again = _screened(_again(library, chunk_rows, lacking), submit, width * AHEAD)
        for count, (chunk, files) in enumerate(again, 1):
            folder.replace(chunk.number, "best.npz", files["best.npz"])
            progress.share = count / len(lacking)
            show(progress)
    counts = merge(folder, job, lines, repeats)
    warnings = [*_differing(counts["differing_repeats"]), *doubts(folder)]
    return {"rows": progress.rows, **counts, "notes": library.read.notes, "warnings": warnings}


def _left(chunks: Iterator[Chunk], done: set[int], progress: Progress) -> Iterator[Chunk]:
    for chunk in chunks:
        if chunk.number in done:
            progress.rows += len(chunk.rows)
        else:
            yield chunk


def _again(library: Library, chunk_rows: int, lacking: dict[int, tuple[int, ...]]) -> Iterator[Chunk]:
    """Chunks whose repeats of earlier chunks are known by now, and took the places of some of their best."""
    if not lacking:
        return
    with open_library(library.path, library.smiles_column) as opened:
        if opened.fingerprint != library.fingerprint:
            raise ScreenError(f"{library.path}: changed while it was screened; screen it into another folder")
        for chunk in opened.chunks(chunk_rows):
            if chunk.number in lacking:
                yield chunk._replace(repeats=lacking[chunk.number])


def _differing(count: int) -> list[str]:
    told = "repeats have other targets, pathway or max_concentration_um than the row that came first, and these do not"
    return [f"{told} count; see differs_in in repeats.csv (rows: {count:,})"] if count else []


def _screened(chunks: Iterator[Chunk], submit: Submit, most: int) -> Iterator[tuple[Chunk, Files]]:
    """Screen chunks, at most so many at a time; they come as they end."""
    running: dict[Future[Files], Given] = {}
    for chunk in chunks:
        running[submit(chunk)] = Given(chunk)
        while len(running) >= most:
            yield from _ended(running, submit)
    while running:
        yield from _ended(running, submit)


def _ended(running: dict[Future[Files], Given], submit: Submit) -> Iterator[tuple[Chunk, Files]]:
    """Chunks that have ended, at least one; those whose process was lost are given again."""
    ended, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in ended:
        chunk, tries, starts = given = running.pop(future)
        fault = future.exception()
        if fault is None:
            yield chunk, future.result()
        elif not was_lost(fault):
            raise fault
        elif isinstance(fault, BrokenProcessPool) and starts < STARTS:  # it ended with another chunk, or with none
            running[submit(chunk)] = given._replace(starts=starts + 1)
        elif tries < TRIES:
            running[submit(chunk)] = given._replace(tries=tries + 1)
        else:
            found = chunk._replace(lost=tuple(_deadly(chunk, submit)))
            yield chunk, _taken(found, submit).result()


def _taken(chunk: Chunk, submit: Submit) -> "Future[Files]":
    """The chunk's future once a process took it and ended with it. Raises ScreenError where none ever does."""
    for _ in range(STARTS):
        future = submit(chunk)
        if not isinstance(future.exception(), BrokenProcessPool):
            return future
    raise ScreenError(
        f"{STARTS} processes ended before they took {chunk.rows[0].place}; they may have had too little memory: start "
        "fewer (--jobs), and the screen goes on where it was"
    )


def _deadly(chunk: Chunk, submit: Submit) -> list[int]:
    """Numbers of the rows at which a process ends, found by halves. Raises ScreenError where it is none of them."""
    deadly: list[int] = []
    waiting = [chunk.rows]
    while waiting:
        rows = waiting.pop()
        fault = _taken(Chunk(chunk.number, rows), submit).exception()
        if fault is None:
            continue
        if len(rows) == 1:
            deadly.append(rows[0].number)
        else:
            waiting += [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    if not deadly:
        first, last = chunk.rows[0], chunk.rows[-1]
        raise ScreenError(
            f"the process of {first.place} to {last.place} ended {TRIES} times, at none of them alone; "
            "it may have had too little memory: start fewer (--jobs), and the screen goes on where it was"
        )
    return deadly
