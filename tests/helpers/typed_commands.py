"""Words of a command line as the commands of this project read them; an unknown command or option is an error."""

import re
from importlib.util import find_spec
from pathlib import Path

import typer.main

from client.__main__ import app as client_app
from training.cli.main import app

MAKEFILE = Path(__file__).parents[2] / "Makefile"
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE.read_text(encoding="utf-8"), re.MULTILINE))


def check(words):
    """Fail where a command of this project, or an option of it, does not exist."""
    name, *rest = words
    if name.rpartition("/")[2] == "drp":
        parse(typer.main.get_command(app), rest)
    elif name == "make":
        assert {word for word in rest if "=" not in word and not word.startswith(".")} <= TARGETS, words
    elif re.fullmatch(r"(.*/)?python3?", name) and rest[:1] == ["-m"]:
        assert find_spec(rest[1]), words
        if rest[1] == "client":
            parse(typer.main.get_command(client_app), rest[2:])


def parse(command, words):
    """Read words as the command line does, without looking at their values."""
    context = command.make_context(command.name, [], resilient_parsing=True)
    subcommands = getattr(command, "commands", None)
    if not subcommands:
        command.make_parser(context).parse_args(list(words))
    elif words and not words[0].startswith("-") and words[0].islower():
        for name in words[0].split("|"):  # pages name several at once
            assert name in subcommands, words
            parse(subcommands[name], words[1:])
