"""The command `drp clinical claim`: the whole study on a data pack of TCGA cohorts and GDSC lines."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from training.cli.clinical.cohort import run_cohort
from training.cli.clinical.inputs import LEAST_COVERAGE, ModelName, Seed, open_model, refusals
from training.cli.clinical.signals import run_signals
from training.cli.clinical.survival import DRAWS, run_survival
from training.cli.terminal import console


def claim(
    datapack: Annotated[Path, typer.Argument(help="Data pack with tcga, external, dim2 and networks.")],
    dataset: Annotated[Path, typer.Argument(help="Dataset folder of its GDSC lines: drp data import --array.")],
    bundle: Annotated[Path, typer.Argument(help="Bundle whose signals are tested.")],
    out: Annotated[Path, typer.Argument(help="Folder of everything: inputs, signals, cohorts, survival, melanoma.")],
    model: ModelName = None,
    draws: Annotated[int, typer.Option(help="Draws of random gene sets and of permuted patients.", min=20)] = DRAWS,
    seed: Seed = 0,
) -> None:
    """Test the claim that pathway signals of lines hold in tumours and tell how long patients live.

    Runs signals, cohort and survival with the 38 pathways of DiM2-DRP and their published scores of lines.
    """
    from training.clinical import datapack as pack
    from training.clinical.clinical_table import read_clinical
    from training.clinical.tables import read_expression
    from training.data.folder import read_dataset

    with refusals():
        pack.write_inputs(datapack, out / "inputs")
        sets, lines, asked = pack.pathway_sets(datapack), read_dataset(dataset), open_model(bundle, model)
        activity = pack.published_activity(datapack)
        run_signals(lines, activity, sets, asked, out / "signals", LEAST_COVERAGE, seed)
        lines = replace(lines, pathway_activity=activity)
        patients = read_clinical(out / "inputs" / "clinical.parquet", {}, "days")
        tumours = read_expression(out / "inputs" / "expression.parquet")
        run_cohort(tumours, patients, sets, out / "cohorts", LEAST_COVERAGE, asked, lines, seed)
        responses = out / "inputs" / "responses.parquet"
        run_survival(out / "cohorts", out / "survival", out / "signals", responses, draws, seed)
        melanoma = read_expression(out / "inputs" / "melanoma.parquet")
        console.print("melanoma: under 40 % of the genes that the model reads; no responses are predicted")
        run_cohort(melanoma, patients, sets, out / "melanoma", LEAST_COVERAGE, None, None, seed)
        run_survival(out / "melanoma", out / "melanoma_survival", out / "signals", None, draws, seed)
