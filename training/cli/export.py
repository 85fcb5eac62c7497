"""The command `drp export`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.cli.annotate import GeneNames, KnownNames
from training.cli.settings import HGACL, MODELS
from training.cli.terminal import console, stop

if TYPE_CHECKING:
    from training.runs.folder import FinishedRun

ON_THE_CARD = (
    *("auroc", "auprc", "per_drug_auroc", "mcc", "f1", "brier", "calibration_error"),
    *("rmse", "per_drug_pearson", "pearson_beyond_means", "interval_coverage"),
)


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    bundle: Annotated[Path, typer.Argument(help="Bundle folder to write; an older bundle there is replaced.")],
    results: Annotated[
        Path | None, typer.Option(help="Folder of `drp evaluate`; its numbers go into the bundle's card.")
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option(help="Run of another model on the same dataset, for the same bundle.")
    ] = None,
    known_names: KnownNames = None,
    genes: GeneNames = None,
) -> None:
    """Write a verified bundle that the service can load."""
    from model.bundle.manifest import BundleError
    from training.export.annotate import annotate_from, read_lists
    from training.export.bundle import export as export_bundle
    from training.export.bundle import stand_ins
    from training.inductive.onnx_graph import ParityError
    from training.runs.folder import RunError, read_run
    from training.sources.gene_names import GeneNamesError
    from training.sources.known_names import KnownNamesError

    try:
        lists = read_lists(known_names or [], genes)
        finished, *others = (read_run(folder) for folder in (run, *(also or [])))
        methods = [method for one in (finished, *others) for method in stand_ins(one.name)]
        metrics, *curves_and_tissues = _measured(results, [finished, *others], methods) if results else ({},)
        further = [(other, _command(other)) for other in others]
        command = _command(finished)
        manifest = export_bundle(finished, bundle, bundle.name, metrics, command, further, *curves_and_tissues)
        if known_names or genes:
            manifest, _ = annotate_from(bundle, bundle, lists)
    except (RunError, BundleError, ParityError, KnownNamesError, GeneNamesError) as fault:
        stop(str(fault))
    size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    console.print(f"Wrote {bundle}: {size / 2**20:.1f} MiB, content hash {manifest['content_hash'][:12]}")
    for name, card in manifest["models"].items():
        if why := card["inductive"].get("none"):
            console.print(f"{name}: no new samples or compounds: {why}", markup=False)


def _command(run: "FinishedRun") -> str:
    """The command that gives the same run: model, preset, changed settings and seed."""
    preset = run.card["config"]["preset"]
    usual = vars(MODELS[run.model].named(preset))
    changed = [f" --set {name}={value}" for name, value in run.card["config"].items() if value != usual.get(name)]
    named = "" if run.model == HGACL else f" --model {run.model}"
    return f"drp train DATASET RUN{named} --preset {preset}{''.join(changed)} --seed {run.card['training']['seed']}"


def _measured(results: Path, runs: "list[FinishedRun]", methods: list[str]) -> tuple[dict[str, Any], ...]:
    """Means over folds of every method; of `methods` the reliability of the probabilities, and figures by tissue."""
    import pandas as pd

    from training.evaluation.cell_files import RESULTS
    from training.evaluation.summary import reliability_by_method, summarise, tissues_by_method
    from training.export.bundle import OF_THE_OFFSET, STANDS_FOR, own_methods
    from training.runs.folder import RunError

    path = results / RESULTS
    if not path.exists():
        raise RunError(f"{path}: not found; run `drp evaluate DATASET {results}` first")
    table = pd.read_parquet(path)
    if other := set(table["dataset_hash"]) - {runs[0].dataset["content_hash"]}:
        raise RunError(f"{path}: measured on another dataset ({min(other)[:12]}); evaluate on the run's dataset")
    for run in runs:
        own = table[table["method"].isin(own_methods(run.name)) & (table["config"] != "")]  # the kernel stack's is ""
        unlike = own[[json.loads(text) != run.card["config"] for text in own["config"]]]
        if len(unlike) == len(own) > 0:
            raise RunError(
                f"{path}: {run.name} was measured with other settings than this run's; its numbers are not the run's"
            )
        table = table.drop(index=unlike.index)
        standing = table[table["method"].isin(STANDS_FOR.get(run.name, ()))]
        configs = [json.loads(text) for text in standing["config"]]
        unlike = standing[[any(one[name] != run.card["config"][name] for name in OF_THE_OFFSET) for one in configs]]
        if len(unlike):
            console.print(f"{path}: {unlike['method'].iloc[0]} has other settings than {run.name}: left off its card")
        table = table.drop(index=unlike.index)
    table = table[table["metric"].isin(ON_THE_CARD)]
    return summarise(table), reliability_by_method(results, table, methods), tissues_by_method(table, methods)
