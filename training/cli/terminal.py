"""What every command does on the terminal: bars, checked lists of names, an end with a message."""

import sys
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

console = Console(stderr=True)


def listed_names(option: str, text: str) -> list[str]:
    """Names of a comma-separated option, each once; ValueError where there is none."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ValueError(f"--{option}: empty; give at least one")
    return names


def names_among(option: str, text: str, choices: list[str]) -> list[str]:
    """Names of a comma-separated option; ValueError where one is not among the choices."""
    names = listed_names(option, text)
    if unknown := [name for name in names if name not in choices]:
        raise ValueError(f"--{option}: {unknown[0]!r} is not one of {', '.join(choices)}")
    return names


def whole_number(option: str, text: str) -> int:
    """Whole number of at least 0 that an option holds; ValueError otherwise."""
    if not text.isdecimal():
        raise ValueError(f"--{option}: {text!r} is no whole number of at least 0")
    return int(text)


def progress_bar() -> Progress:
    """Progress bar on standard error, to be used as a context."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def stop(message: str) -> NoReturn:
    """Print the message and end with status 2."""
    for line in message.splitlines():
        typer.echo(line, err=True)
    sys.exit(2)
