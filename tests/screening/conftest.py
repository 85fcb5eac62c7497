"""A small library with salts, repeats and rows that are no compounds, and ways to screen it."""

from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from screening.folder import Folder
from screening.job import Job
from screening.library import open_library
from screening.run import run_screen
from screening.worker import screen_chunk
from service.prediction.predictor import Predictor
from service.settings import Settings

ACIDS = [f"OC(=O){'C' * length}" for length in range(1, 12)]
AMINES = [f"{'C' * length}Nc1ccccc1" for length in range(1, 12)]
LIBRARY = [
    *ACIDS,
    "c1ccccc",  # a ring left open
    "OC(=O)C.[Na+]",  # no salt that is: charges do not add up, but its parent is the acid of above
    *AMINES,
    "CNc1ccccc1.Cl",  # a salt of a chunk before
    "CCO.CCCCCCCCCCCCc1ccccc1.CCCCCCCCCCCCc1ccncc1",  # a mixture
    "C#N",
]
CHUNK = 6


@contextmanager
def here(job, screen=screen_chunk):
    """An engine of this process: it answers at once."""

    def submit(chunk):
        future = Future()
        try:
            future.set_result(screen(job, chunk))
        except Exception as fault:  # noqa: BLE001 -- as a process pool does
            future.set_exception(fault)
        return future

    yield submit, 1


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("library") / "some.smi"
    path.write_text("".join(f"{smiles} compound{place}\n" for place, smiles in enumerate(LIBRARY)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def predictor(bundle_folder):
    return Predictor.load(Settings(bundle=bundle_folder))


@pytest.fixture(scope="session")
def job(bundle_folder, predictor):
    return Job(
        str(bundle_folder), predictor.bundle.default_model, 4, tuple(ref.id for ref in predictor.lines.refs[:3])
    )


@pytest.fixture(scope="session")
def screened(job, predictor):
    """A function that screens a library into a folder and returns counts."""

    def run(library, out, engine=None, job=job, chunk=CHUNK, show=lambda progress: None):
        lines = [(ref.id, ref.name) for ref in predictor.lines.refs] + [(name, name) for name in job.samples]
        with open_library(library) as opened:
            folder = Folder(out, {"library": opened.fingerprint, "chunk": chunk})
            counts = run_screen(folder, opened, job, lines, chunk, engine or here(job), show)
            folder.finish(counts)
        return counts

    return run


def content(out):
    """Bytes of an answer, but for what it cost."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "cost.csv"
    }


@pytest.fixture(scope="session")
def answer(library, screened, tmp_path_factory):
    """The library screened in one go."""
    out = tmp_path_factory.mktemp("screens") / "whole"
    screened(library, out)
    return out
