"""The `drp` command: data in, training, evaluation, bundle out."""

import typer

from client.commands import predict_command, rank_command
from training.cli.data import data_app
from training.cli.evaluate import evaluate
from training.cli.export import export
from training.cli.export_network import export_network_command
from training.cli.report import report_command
from training.cli.train import train

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Cancer drug-response models.")
app.add_typer(data_app, name="data")
app.command()(evaluate)
app.command("report")(report_command)
app.command("export-network")(export_network_command)
app.command("predict")(predict_command)
app.command("rank")(rank_command)
app.command()(train)
app.command()(export)

if __name__ == "__main__":
    app()
