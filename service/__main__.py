"""`python -m service`: load the bundle, then serve it."""

import argparse
import os
import signal
import sys

from pydantic import ValidationError

from service.server import STARTUP_FAILURE, run
from service.settings import Settings, settings_help, unknown_variables

REFUSED, MISCONFIGURED = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; the exit code."""
    parser = argparse.ArgumentParser(
        "python -m service",
        description="Serve a bundle over HTTP. Settings are environment variables:",
        epilog=settings_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    if faults := unknown_variables(os.environ):
        sys.stderr.write("".join(f"{fault}\n" for fault in faults))
        return MISCONFIGURED
    try:
        settings = Settings()
    except ValidationError as fault:
        for error in fault.errors():
            name = "".join(f"DRP_{str(step).upper()}: " for step in error["loc"])
            sys.stderr.write(f"{name}{error['msg']}\n")
        return MISCONFIGURED
    try:
        run(settings)
    except KeyboardInterrupt:  # uvicorn raises the signal again once it has stopped
        return 128 + signal.SIGINT
    except SystemExit as end:
        return REFUSED if end.code == STARTUP_FAILURE else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
