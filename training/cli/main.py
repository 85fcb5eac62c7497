"""The `drp` command: data in, training, evaluation, bundle out, and questions to a service.

The commands import numpy, torch and their like in their bodies: help takes a blink, and a command whose packages are
not installed says which extra has them.
"""

from collections.abc import Callable
from typing import Annotated

import typer
from typer.core import TyperGroup

from client.cli.predict import predict
from client.cli.rank import rank
from model.version import VERSION
from screening.command import screen
from training.cli.annotate import annotate
from training.cli.clinical.claim import claim
from training.cli.clinical.cohort import cohort
from training.cli.clinical.signals import signals
from training.cli.clinical.survival import survival
from training.cli.data.check import check
from training.cli.data.demo import demo
from training.cli.data.describe import describe
from training.cli.data.import_tables import import_tables
from training.cli.data.pathways import pathways
from training.cli.data.resolve import resolve
from training.cli.data.template import template
from training.cli.evaluate import evaluate
from training.cli.export import export
from training.cli.export_network import export_network
from training.cli.report import report
from training.cli.serve import serve
from training.cli.terminal import requiring
from training.cli.train import train

Commands = dict[str, Callable[..., None]]
TRAINING: Commands = {
    "train": train,
    "evaluate": evaluate,
    "report": report,
    "export": export,
    "annotate": annotate,
    "export-network": export_network,
}
SERVING: Commands = {"serve": serve}
ASKING: Commands = {"predict": predict, "rank": rank}
SCREENING: Commands = {"screen": screen}
DATA: Commands = {
    "import": import_tables,
    "template": template,
    "check": check,
    "pathways": pathways,
    "describe": describe,
    "resolve": resolve,
    "demo": demo,
}


CLINICAL: Commands = {"signals": signals, "cohort": cohort, "survival": survival, "claim": claim}


class OrderOfWork(TyperGroup):
    """Lists the commands in the order in which they are used; typer puts groups last."""

    def list_commands(self, _: object) -> list[str]:
        """Names of the commands, data first."""
        return ["data", *TRAINING, "clinical", *SERVING, *SCREENING, *ASKING]


data_app = typer.Typer(no_args_is_help=True, help="Bring public data into the dataset folder that training reads.")
clinical_app = typer.Typer(
    no_args_is_help=True, help="From lines to patients: pathway signals, scores of tumours, survival."
)
app = typer.Typer(
    cls=OrderOfWork, no_args_is_help=True, pretty_exceptions_enable=False, help="Cancer drug-response models."
)
app.add_typer(data_app, name="data")
app.add_typer(clinical_app, name="clinical")
for group, commands, extra in (
    (data_app, DATA, "train"),
    (clinical_app, CLINICAL, "train"),
    (app, TRAINING, "train"),
    (app, SERVING, "service"),
    (app, SCREENING, "screen"),
    (app, ASKING, "client"),
):
    for name, command in commands.items():
        group.command(name)(requiring(extra, command))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"drp {VERSION}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Cancer drug-response models: from public tables to a served bundle."""


if __name__ == "__main__":
    app()
