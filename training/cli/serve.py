"""`drp serve`: `python -m service` with the bundle and the place to listen as options."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def serve(
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of the bundle to serve [default: the one that comes along].")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on [default: this machine alone].")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port to listen on [default: 8000].")] = None,
) -> None:
    """Serve a bundle over HTTP until Ctrl-C; every other setting is a variable DRP_…, as of `python -m service`."""
    from service.__main__ import main

    given = {"DRP_BUNDLE": bundle, "DRP_HOST": host, "DRP_PORT": port}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    sys.exit(main([]))
