"""The `drp` command: data in, training, evaluation, bundle out."""

import json
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from client.commands import predict_command, rank_command
from model.bundle import BundleError
from model.config import HgaclConfig
from training.data_commands import data_app
from training.dataset import DatasetError, read_dataset
from training.evaluate import RESULTS, summarise
from training.evaluate_command import evaluate, stop
from training.export import METHOD, ParityError
from training.export import export as export_bundle
from training.report_command import report_command
from training.run import RunError, read_run, train_run

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Cancer drug-response models.")
app.add_typer(data_app, name="data")
app.command()(evaluate)
app.command("report")(report_command)
app.command("predict")(predict_command)
app.command("rank")(rank_command)
# Bars and tables that people watch go to the terminal; what a script reads is in the files.
console = Console(stderr=True)

DatasetFolder = Annotated[Path, typer.Argument(help="Dataset folder, as `drp data import` wrote it.")]
ON_THE_CARD = (
    *("auroc", "auprc", "per_drug_auroc", "mcc", "f1", "brier", "calibration_error"),
    *("rmse", "per_drug_pearson", "pearson_beyond_means", "interval_coverage"),
)
YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@app.command()
def train(
    dataset: DatasetFolder,
    run: Annotated[Path, typer.Argument(help="Folder of the run; a run that was stopped there goes on.")],
    preset: Annotated[str, typer.Option(help="'default', or 'paper' for the published text.")] = "default",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change one setting: --set epochs=100; repeat for more.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights, dropped edges and noise.")] = 0,
    device: Annotated[str, typer.Option(help="'cpu' or 'cuda'.")] = "cpu",
) -> None:
    """Train HGACL-DRP: choose the epoch on a validation tenth of the pairs, then train on all of them."""
    try:
        config = _config(preset, settings or [])
        if device not in ("cpu", "cuda"):
            stop(f"--device {device}: choose cpu or cuda")
        if device == "cuda" and not torch.cuda.is_available():
            stop("--device cuda: torch sees no GPU here; use --device cpu or install a CUDA build of torch")
        data = read_dataset(dataset)
        with _bar() as bar:
            tasks: dict[str, TaskID] = {}

            def show(stage: str, epoch: int, epochs: int, numbers: dict[str, float]) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(stage)
                seen = f"  validation AUPRC {numbers['auprc']:.3f}" if "auprc" in numbers else ""
                text = f"{stage}: loss {numbers['loss']:.3f}{seen}"
                bar.update(tasks[stage], completed=epoch, total=epochs, description=text)

            card = train_run(data, run, config, seed, device, show)
    except (DatasetError, RunError, ValueError) as fault:
        stop(str(fault))
    done = card["training"]
    chosen = f"epoch {done['epoch']} of {done['epochs_run']}, then trained on all {done['pairs']:,} pairs"
    console.print(f"Best {chosen}, {done['seconds']} s; the run is in {run}")


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    bundle: Annotated[Path, typer.Argument(help="Bundle folder to write; an older bundle there is replaced.")],
    results: Annotated[
        Path | None, typer.Option(help="Folder of `drp evaluate`; its numbers go into the bundle's card.")
    ] = None,
) -> None:
    """Write a verified bundle that the service can load."""
    try:
        finished = read_run(run)
        command = _command(finished.card)
        metrics = _measured(results, finished.dataset["content_hash"], finished.card["config"]) if results else {}
        manifest = export_bundle(finished, bundle, bundle.name, metrics, command)
    except (RunError, BundleError, ParityError) as fault:
        stop(str(fault))
    size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    console.print(f"Wrote {bundle}: {size / 2**20:.1f} MiB, content hash {manifest['content_hash'][:12]}")


def _command(card: dict[str, Any]) -> str:
    """The command that gives the same run: preset, changed settings and seed."""
    preset = card["config"]["preset"]
    usual = vars(HgaclConfig.named(preset))
    changed = [f" --set {name}={value}" for name, value in card["config"].items() if value != usual.get(name)]
    return f"drp train DATASET RUN --preset {preset}{''.join(changed)} --seed {card['training']['seed']}"


def _measured(results: Path, dataset_hash: str, config: dict[str, Any]) -> dict[str, Any]:
    path = results / RESULTS
    if not path.exists():
        raise RunError(f"{path}: not found; run `drp evaluate DATASET {results}` first")
    table = pd.read_parquet(path)
    if other := set(table["dataset_hash"]) - {dataset_hash}:
        raise RunError(f"{path}: measured on another dataset ({min(other)[:12]}); evaluate on the run's dataset")
    settings = [json.loads(text) for text in table.loc[table["method"] == METHOD, "config"].unique()]
    if any(setting != config for setting in settings):
        raise RunError(
            f"{path}: {METHOD} was measured with other settings than this run's; its numbers are not the run's"
        )
    return summarise(table[table["metric"].isin(ON_THE_CARD)])


def _config(preset: str, settings: list[str]) -> HgaclConfig:
    changes: dict[str, float | str] = {}
    defaults = {name: value for name, value in vars(HgaclConfig()).items() if name != "preset"}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in defaults:
            raise ValueError(f"--set {setting}: unknown setting {name!r}; the known ones are {sorted(defaults)}")
        kind = type(defaults[name])
        try:
            changes[name] = YES_OR_NO[text.lower()] if kind is bool else kind(text)
        except (KeyError, ValueError):
            wanted = "true or false" if kind is bool else f"a value of type {kind.__name__}"
            raise ValueError(f"--set {setting}: {text!r} is not {wanted}") from None
    return HgaclConfig.named(preset, **changes)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


if __name__ == "__main__":
    app()
