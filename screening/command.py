"""The command `drp screen`."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

    from screening.job import Job
    from screening.run import Progress
    from service.prediction.predictor import Predictor

console = Console(stderr=True)
REFUSED = 2


def screen(
    bundle: Annotated[Path, typer.Argument(help="Bundle folder, as `drp export` wrote it.")],
    library: Annotated[Path, typer.Argument(help="Compounds: .smi, .csv, .tsv, .sdf (gzip too), .xlsx or Parquet.")],
    out: Annotated[Path, typer.Argument(help="Folder of the answer; a screen that was ended goes on there.")],
    model: Annotated[str, typer.Option(help="Model of the bundle [default: the bundle's].")] = "",
    top: Annotated[int, typer.Option(help="Best compounds to keep for each line; 0 for none.", min=0)] = 100,
    cell_lines: Annotated[str, typer.Option(help="Lines whose scores are all written, comma-separated.")] = "",
    tissue: Annotated[str, typer.Option(help="Tissues whose lines' scores are all written, comma-separated.")] = "",
    samples: Annotated[
        Path | None, typer.Option(help="Table of expression; its samples are lines too, and all their scores written.")
    ] = None,
    expression_unit: Annotated[str, typer.Option(help="Of the samples: 'log2(TPM+1)' or 'TPM'.")] = "log2(TPM+1)",
    smiles_column: Annotated[str | None, typer.Option(help="Column of the structures [default: by its name].")] = None,
    chunk: Annotated[int, typer.Option(help="Compounds of a chunk; one that is interrupted is lost.", min=1)] = 10_000,
    jobs: Annotated[int | None, typer.Option(help="Processes, one thread each [default: one a core].", min=1)] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="'local', or 'ray' for an existing Ray cluster.")
    ] = "local",
    address: Annotated[str | None, typer.Option(help="Of the Ray cluster [default: RAY_ADDRESS, else auto].")] = None,
) -> None:
    """Score a library of compounds for all cell lines: the best of each line, or all scores of chosen lines."""
    from model.bundle.manifest import BundleError
    from screening.engines import local_engine, ray_engine
    from screening.folder import Folder
    from screening.job import Job, ScreenError
    from screening.library import open_library
    from screening.lines import chosen_lines, read_samples
    from screening.run import run_screen
    from screening.worker import encoders_of
    from service.prediction.predictor import Predictor
    from service.settings import Settings

    try:
        predictor = Predictor.load(Settings(bundle=bundle, further_bundle=None, device="cpu"))
        name = _model(model, predictor)
        encoders_of(predictor, name)
        given, warnings = read_samples(samples, predictor, name, expression_unit) if samples else ({}, [])
        chosen, doubtful = chosen_lines(predictor, _words(cell_lines), _words(tissue))
        shown, warnings = [*chosen, *given], [*doubtful, *warnings]
        _refuse_nothing(top, shown)
        job = Job(str(bundle), name, top, shown, given)
        lines = [*((ref.id, ref.name) for ref in predictor.lines.refs), *((one, one) for one in given)]
        for warning in warnings:
            console.print(warning, markup=False)
        with open_library(library, smiles_column) as opened:
            settings = _settings(job, predictor.bundle.version, opened.fingerprint, smiles_column, chunk)
            folder = Folder(out, settings)
            if folder.finished:
                console.print(f"{out}: this screen is finished", markup=False)
                return
            begun = time.monotonic()
            with _bar(begun) as show:
                processes = jobs or len(os.sched_getaffinity(0))
                at = ray_engine(job, address) if engine == "ray" else local_engine(job, processes)
                counts = run_screen(folder, opened, job, lines, chunk, at, show)
        folder.finish({**settings, **counts, "warnings": [*warnings, *counts["warnings"]]})
    except (ScreenError, BundleError) as fault:
        console.print(str(fault), markup=False, highlight=False)
        raise SystemExit(REFUSED) from None
    for warning in counts["warnings"]:
        console.print(warning, markup=False)
    told = "{rows:,} rows, {compounds:,} compounds, {rejects:,} rejects, {repeats:,} repeats".format(**counts)
    console.print(f"Wrote {out}: {told}", markup=False)


def _model(wanted: str, predictor: "Predictor") -> str:
    """The model that is asked for, else the bundle's default."""
    from screening.job import ScreenError

    if wanted and wanted not in predictor.models:
        raise ScreenError(f"--model: {wanted!r} is not one of {', '.join(predictor.models)}")
    return wanted or predictor.bundle.default_model


def _refuse_nothing(top: int, shown: list[str]) -> None:
    from screening.job import ScreenError

    if not top and not shown:
        raise ScreenError("--top 0: nothing is left to write; choose lines by --cell-lines, --tissue or --samples")


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _settings(job: "Job", version: str, library: str, smiles_column: str | None, chunk: int) -> dict[str, Any]:
    """What two runs must share for one to go on with the other's chunks."""
    from hashlib import sha256

    from screening.job import LibraryRow

    samples = sha256(repr([asdict(sample) for sample in job.samples.values()]).encode()).hexdigest()
    return {
        "bundle": version,
        "model": job.model,
        "library": library,
        "smiles_column": smiles_column,
        "top": job.top,
        "all_scores": list(job.all_scores),
        "samples": samples if job.samples else None,
        "chunk": chunk,
        "columns": list(LibraryRow._fields),
    }


@contextmanager
def _bar(begun: float) -> "Iterator[Callable[[Progress], None]]":
    """A bar with the rate, the time left and the rejects."""
    from rich import progress

    shown = (progress.BarColumn(), progress.TaskProgressColumn(), progress.TimeRemainingColumn())
    with progress.Progress(*shown, progress.TextColumn("{task.description}"), console=console) as bar:
        task = bar.add_task("starting", total=None)

        def show(so_far: "Progress") -> None:
            rate = so_far.fresh / (time.monotonic() - begun)
            told = f"{so_far.rows:,} rows, {rate:,.0f} a second, {so_far.rejects:,} rejects"
            bar.update(task, total=so_far.share and 1.0, completed=so_far.share, description=told)

        yield show
