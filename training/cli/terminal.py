"""What the commands share on the terminal: consoles, bars, checks of options, the end of a command with a message."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, ParamSpec

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

console = Console(stderr=True)  # messages
output = Console()  # results
PACKAGES = {"model", "training", "screening", "service", "client"}
REFUSED = 2
Arguments = ParamSpec("Arguments")


def requiring(extra: str, command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """The command, which names `extra` where a package of it is not installed instead of ending in a traceback."""

    @functools.wraps(command)
    def run(*args: Arguments.args, **options: Arguments.kwargs) -> None:
        try:
            command(*args, **options)
        except ModuleNotFoundError as fault:
            package = (fault.name or "").removeprefix("drug_response.").partition(".")[0]
            if package in PACKAGES:
                raise
            stop(f"this command needs {package}, which is not installed: pip install 'drug-response[{extra}]'")

    return run


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


def name_among(option: str, text: str, choices: list[str]) -> str:
    """Name that an option holds; ValueError where it is not one of the choices."""
    if text not in choices:
        raise ValueError(f"--{option}: {text!r} is not one of {', '.join(choices)}")
    return text


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


@contextmanager
def counting_bar(description: str) -> Iterator[Callable[[int, int], None]]:
    """A function (done, total) that shows a progress bar from its first call on."""
    bar = progress_bar()
    task = bar.add_task(description, total=None)

    def show(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


def numeric(*names: str) -> list[Column]:
    """Columns of a table that hold numbers."""
    return [Column(name, justify="right") for name in names]


def stop(message: str) -> NoReturn:
    """Print the message on standard error and end with status 2."""
    typer.echo(message, err=True)
    raise SystemExit(REFUSED)
