"""`python -m client`: `drp predict` and `drp rank` alone."""

import typer

from client.cli.predict import predict
from client.cli.rank import rank

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Ask a drug-response service.")
app.command()(predict)
app.command()(rank)

if __name__ == "__main__":
    app(prog_name="python -m client")
