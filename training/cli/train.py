"""The command `drp train`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from model.dim2.config import Dim2Config
from model.kernel_stack.config import KernelStackConfig
from training.cli.settings import TrainingRequest, listed_settings, training_request
from training.cli.terminal import console, output, progress_bar, stop

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from model.bundle.card import RunCard
    from training.runs.folder import StageProgress

SHOWN = ("auprc", "rmse")  # figures of the validation pairs that the bar shows
COLUMNS = ("model", "setting", "default", "paper", "what it sets")


def _print_settings(wanted: bool) -> None:
    """To a terminal a table, into a file or a pipe tab-separated text."""
    if not wanted:
        return
    if sys.stdout.isatty():
        table = Table(*COLUMNS)
        for row in listed_settings():
            table.add_row(*row)
        output.print(table)
    else:
        typer.echo("\n".join("\t".join(row) for row in (COLUMNS, *listed_settings())))
    raise typer.Exit


def train(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder, as `drp data import` wrote it.")],
    run: Annotated[Path, typer.Argument(help="Folder of the run; a run that was stopped there goes on.")],
    model: Annotated[str | None, typer.Option(help="'hgacl', 'dim2' or 'kernel_stack' [default: hgacl].")] = None,
    preset: Annotated[
        str | None, typer.Option(help="'default', or 'paper' for the published text [default: default].")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="JSON or TOML file of settings: a preset's fields, or run.json of an earlier run."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change one setting: --set epochs=100; repeat for more.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of weights, dropped edges and noise [default: 0].", min=0)
    ] = None,
    device: Annotated[str, typer.Option(help="'cpu' or 'cuda'.")] = "cpu",
    _list_settings: Annotated[
        bool,
        typer.Option(
            "--list-settings",
            callback=_print_settings,
            is_eager=True,
            help="List the settings of every model with their values in both presets, and exit.",
        ),
    ] = False,
) -> None:
    """Train a model: HGACL-DRP and DiM2-DRP choose the epoch on a validation tenth of the pairs.

    Then HGACL-DRP is trained, and DiM2-DRP's offset fitted, on all of them. The kernel stack has no epochs.
    """
    from training.data.schema import DatasetError
    from training.runs.folder import RunError

    try:
        request = training_request(model, preset, config, settings or [], seed)
        _require_device(device)
        card = _trained(dataset, run, request, device)
    except (DatasetError, RunError, ValueError) as fault:
        stop(str(fault))
    done = card["training"]
    then = "trained on" if done["pairs"] == done["pairs_when_chosen"] else "then fitted on all"
    chosen = f"Best epoch {done['epoch']} of {done['epochs_run']}, {then}" if done["epochs_run"] else "Fitted on"
    console.print(f"{chosen} {done['pairs']:,} pairs, {done['seconds']} s; the run is in {run}")


def _require_device(device: str) -> None:
    import torch

    if device not in ("cpu", "cuda"):
        raise ValueError(f"--device {device}: choose cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: torch sees no GPU here; use --device cpu or install a CUDA build of torch")


def _trained(dataset: Path, run: Path, request: TrainingRequest, device: str) -> "RunCard":
    from training.data.folder import read_dataset
    from training.runs.dim2 import train_dim2_run
    from training.runs.hgacl import train_run
    from training.runs.kernel_stack import train_kernel_stack_run

    data = read_dataset(dataset)
    with progress_bar() as bar:
        show = _stages(bar)
        if isinstance(request.config, Dim2Config):
            return train_dim2_run(data, run, request.config, request.seed, device, show)
        if isinstance(request.config, KernelStackConfig):
            return train_kernel_stack_run(data, run, request.config, request.seed, show)
        return train_run(data, run, request.config, request.seed, device, show)


def _stages(bar: "Progress") -> "StageProgress":
    """Progress of a run: one bar a stage, with the loss and the validation figures of the epoch."""
    tasks: dict[str, TaskID] = {}

    def show(stage: str, epoch: int, epochs: int, figures: dict[str, float]) -> None:
        if stage not in tasks:
            tasks[stage] = bar.add_task(stage)
        validation = [f"  validation {key.upper()} {figures[key]:.3f}" for key in SHOWN if key in figures]
        loss = f": loss {figures['loss']:.3f}" if "loss" in figures else ""
        text = f"{stage}{loss}{''.join(validation)}"
        bar.update(tasks[stage], completed=epoch, total=epochs, description=text)

    return show
