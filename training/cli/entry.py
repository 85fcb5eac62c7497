"""What `drp` starts: asking a service or a bundle needs no torch, so training is imported only where it is meant."""

import sys

from client.__main__ import app as asking


def main() -> None:
    """Run the command that the arguments name."""
    if set(sys.argv[1:2]) & {command.name for command in asking.registered_commands}:
        asking()
    else:
        from training.cli.main import app

        app()
