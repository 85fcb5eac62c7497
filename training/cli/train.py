"""The command `drp train`."""

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import TaskID

from model.dim2.config import Dim2Config
from model.hgacl.config import HgaclConfig
from training.cli.terminal import console, progress_bar, stop
from training.data.folder import read_dataset
from training.data.schema import DatasetError
from training.runs.dim2 import MODEL as DIM2
from training.runs.dim2 import train_dim2_run
from training.runs.folder import MODEL as HGACL
from training.runs.folder import RunError
from training.runs.hgacl import train_run

MODELS: dict[str, type[HgaclConfig] | type[Dim2Config]] = {HGACL: HgaclConfig, DIM2: Dim2Config}
YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def train(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder, as `drp data import` wrote it.")],
    run: Annotated[Path, typer.Argument(help="Folder of the run; a run that was stopped there goes on.")],
    preset: Annotated[str, typer.Option(help="'default', or 'paper' for the published text.")] = "default",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change one setting: --set epochs=100; repeat for more.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights, dropped edges and noise.")] = 0,
    device: Annotated[str, typer.Option(help="'cpu' or 'cuda'.")] = "cpu",
    model: Annotated[str, typer.Option(help="'hgacl' or 'dim2'.")] = HGACL,
) -> None:
    """Train HGACL-DRP or DiM2-DRP: choose the epoch on a validation tenth of the pairs, then use all of them."""
    try:
        if model not in MODELS:
            stop(f"--model {model}: choose {' or '.join(MODELS)}")
        config = _config(MODELS[model], preset, settings or [])
        if device not in ("cpu", "cuda"):
            stop(f"--device {device}: choose cpu or cuda")
        if device == "cuda" and not torch.cuda.is_available():
            stop("--device cuda: torch sees no GPU here; use --device cpu or install a CUDA build of torch")
        data = read_dataset(dataset)
        with progress_bar() as bar:
            tasks: dict[str, TaskID] = {}

            def show(stage: str, epoch: int, epochs: int, numbers: dict[str, float]) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(stage)
                looked = ("auprc", "rmse")
                seen = [f"  validation {key.upper()} {numbers[key]:.3f}" for key in looked if key in numbers]
                text = f"{stage}: loss {numbers['loss']:.3f}{''.join(seen)}"
                bar.update(tasks[stage], completed=epoch, total=epochs, description=text)

            if isinstance(config, Dim2Config):
                card = train_dim2_run(data, run, config, seed, device, show)
            else:
                card = train_run(data, run, config, seed, device, show)
    except (DatasetError, RunError, ValueError) as fault:
        stop(str(fault))
    done = card["training"]
    then = "trained on" if done["pairs"] == done["pairs_when_chosen"] else "then fitted on all"
    chosen = f"epoch {done['epoch']} of {done['epochs_run']}, {then} {done['pairs']:,} pairs"
    console.print(f"Best {chosen}, {done['seconds']} s; the run is in {run}")


def _config(kind: type[HgaclConfig] | type[Dim2Config], preset: str, settings: list[str]) -> HgaclConfig | Dim2Config:
    changes: dict[str, float | str] = {}
    defaults = {name: value for name, value in vars(kind()).items() if name != "preset"}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in defaults:
            raise ValueError(f"--set {setting}: unknown setting {name!r}; the known ones are {sorted(defaults)}")
        wanted = type(defaults[name])
        try:
            changes[name] = YES_OR_NO[text.lower()] if wanted is bool else wanted(text)
        except (KeyError, ValueError):
            said = "true or false" if wanted is bool else f"a value of type {wanted.__name__}"
            raise ValueError(f"--set {setting}: {text!r} is not {said}") from None
    return kind.named(preset, **changes)
