"""`python -m service`: load the bundle, then serve it."""

import signal
import sys

from pydantic import ValidationError

from service.logs import log_to_stdout
from service.server import STARTUP_FAILURE, run
from service.settings import Settings

REFUSED, MISCONFIGURED = 1, 2


def main() -> int:
    """Serve until told to stop; the exit code."""
    try:
        settings = Settings()
    except ValidationError as fault:
        for error in fault.errors():
            name = "".join(f"DRP_{str(step).upper()}: " for step in error["loc"])
            sys.stderr.write(f"{name}{error['msg']}\n")
        return MISCONFIGURED
    log_to_stdout(settings.log_level)
    try:
        run(settings)
    except KeyboardInterrupt:  # uvicorn raises the signal again once it has stopped
        return 128 + signal.SIGINT
    except SystemExit as end:
        return REFUSED if end.code == STARTUP_FAILURE else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
