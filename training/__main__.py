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
from model.dim2.config import Dim2Config
from training.data_commands import data_app
from training.dataset_folder import read_dataset
from training.dim2_run import MODEL as DIM2
from training.dim2_run import train_dim2_run
from training.evaluate import RESULTS, summarise
from training.evaluate_command import evaluate, stop
from training.export import ParityError
from training.export import export as export_bundle
from training.network_command import export_network_command
from training.report_command import report_command
from training.run import MODEL as HGACL
from training.run import Finished, RunError, read_run, train_run
from training.tables import DatasetError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Cancer drug-response models.")
app.add_typer(data_app, name="data")
app.command()(evaluate)
app.command("report")(report_command)
app.command("export-network")(export_network_command)
app.command("predict")(predict_command)
app.command("rank")(rank_command)
# Bars and tables that people watch go to the terminal; what a script reads is in the files.
console = Console(stderr=True)

DatasetFolder = Annotated[Path, typer.Argument(help="Dataset folder, as `drp data import` wrote it.")]
ON_THE_CARD = (
    *("auroc", "auprc", "per_drug_auroc", "mcc", "f1", "brier", "calibration_error"),
    *("rmse", "per_drug_pearson", "pearson_beyond_means", "interval_coverage"),
)
MODELS: dict[str, type[HgaclConfig] | type[Dim2Config]] = {HGACL: HgaclConfig, DIM2: Dim2Config}
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
        with _bar() as bar:
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


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    bundle: Annotated[Path, typer.Argument(help="Bundle folder to write; an older bundle there is replaced.")],
    results: Annotated[
        Path | None, typer.Option(help="Folder of `drp evaluate`; its numbers go into the bundle's card.")
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option(help="Run of another model on the same dataset, for the same bundle.")
    ] = None,
) -> None:
    """Write a verified bundle that the service can load."""
    try:
        finished, *others = (read_run(folder) for folder in (run, *(also or [])))
        metrics = _measured(results, [finished, *others]) if results else {}
        further = [(other, _command(other)) for other in others]
        manifest = export_bundle(finished, bundle, bundle.name, metrics, _command(finished), further)
    except (RunError, BundleError, ParityError) as fault:
        stop(str(fault))
    size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    console.print(f"Wrote {bundle}: {size / 2**20:.1f} MiB, content hash {manifest['content_hash'][:12]}")
    for name, card in manifest["models"].items():
        if why := card["inductive"].get("none"):
            console.print(f"{name}: no new samples or compounds: {why}", markup=False)


def _command(run: Finished) -> str:
    """The command that gives the same run: model, preset, changed settings and seed."""
    preset = run.card["config"]["preset"]
    usual = vars(MODELS[run.model].named(preset))
    changed = [f" --set {name}={value}" for name, value in run.card["config"].items() if value != usual.get(name)]
    named = "" if run.model == HGACL else f" --model {run.model}"
    return f"drp train DATASET RUN{named} --preset {preset}{''.join(changed)} --seed {run.card['training']['seed']}"


def _measured(results: Path, runs: list[Finished]) -> dict[str, Any]:
    path = results / RESULTS
    if not path.exists():
        raise RunError(f"{path}: not found; run `drp evaluate DATASET {results}` first")
    table = pd.read_parquet(path)
    if other := set(table["dataset_hash"]) - {runs[0].dataset["content_hash"]}:
        raise RunError(f"{path}: measured on another dataset ({min(other)[:12]}); evaluate on the run's dataset")
    for run in runs:
        settings = [json.loads(text) for text in table.loc[table["method"] == run.model, "config"].unique()]
        if any(setting != run.card["config"] for setting in settings):
            raise RunError(
                f"{path}: {run.model} was measured with other settings than this run's; its numbers are not the run's"
            )
    return summarise(table[table["metric"].isin(ON_THE_CARD)])


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


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


if __name__ == "__main__":
    app()
