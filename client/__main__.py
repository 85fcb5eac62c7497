"""`python -m client`: `drp predict` and `drp rank` where training is not installed."""

import typer

from client.commands import predict_command, rank_command

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Ask a drug-response service.")
app.command("predict")(predict_command)
app.command("rank")(rank_command)

if __name__ == "__main__":
    app()
