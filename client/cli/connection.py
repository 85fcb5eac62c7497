"""Whom a command asks: a service at a URL, or a bundle on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from client.api import Client

REFUSED, UNREACHABLE = 2, 1
LOCAL = "http://127.0.0.1:8000"

Url = Annotated[
    str | None, typer.Option(envvar="DRP_URL", help=f"Service to ask [default: {LOCAL}].", show_default=False)
]
BundleFolder = Annotated[Path | None, typer.Option(help="Ask the bundle in this folder instead of a service.")]
ApiKey = Annotated[str | None, typer.Option(envvar="DRP_API_KEY", help="API key, where the service asks for one.")]
Model = Annotated[str | None, typer.Option(help="Model to answer with [default: the bundle's].", show_default=False)]


@contextmanager
def connected(url: str | None, bundle: Path | None, key: str | None) -> "Iterator[Client]":
    """Client of the service or the bundle; a refusal, or a service that does not answer, ends the command."""
    from client.api import RefusedError, ServiceError

    try:
        with _open(url, bundle, key) as client:
            yield client
    except RefusedError as refused:
        stop("\n".join([str(refused), *(f"  {fault.pointer}: {fault.detail}" for fault in refused.errors)]))
    except ServiceError as fault:
        stop(str(fault), UNREACHABLE)


def _open(url: str | None, bundle: Path | None, key: str | None) -> "Client":
    from client.api import Client

    if bundle is None:
        return Client(url or LOCAL, key=key)
    try:
        from client.bundle import open_bundle
        from model.bundle.manifest import BundleError
    except ImportError as fault:
        stop(f"--bundle needs {fault.name}, which is not installed: pip install 'drug-response[client,service]'")
    try:
        return open_bundle(bundle)
    except BundleError as fault:
        stop(str(fault))


def stop(message: str, code: int = REFUSED) -> NoReturn:
    """Print the message on standard error and end the command."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
