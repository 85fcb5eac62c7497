"""`python -m service`: load the bundle, then serve it."""

import signal
import sys
from functools import partial

from pydantic import ValidationError

from model.bundle.manifest import BundleError
from service.app import App, create_app
from service.keys import KeyFileError
from service.logs import log_to_stdout
from service.prediction.onnx_session import DeviceError
from service.prediction.predictor import Predictor
from service.server import Server
from service.settings import Settings
from service.worker_process import prepared
from service.workers.fork_server import NurseryError, keep_from_collection
from service.workers.pool import Workers

REFUSED, MISCONFIGURED = 1, 2
SWITCH_S = 0.001


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
        predictor = Predictor.load(settings)
        keep_from_collection()
        workers = Workers.hired(settings, predictor, partial(prepared, settings))
        app = create_app(settings, predictor, workers)
    except (BundleError, DeviceError, KeyFileError, NurseryError) as fault:
        sys.stderr.write(f"not started: {fault}\n")
        return REFUSED
    return serve(settings, app)


def serve(settings: Settings, app: App) -> int:
    """Run the server; the exit code."""
    # A batch works in a thread. Python lets such a thread go on for 5 ms before another gets a turn, and the event
    # loop, which asks for many turns, would answer small requests that much later each time.
    sys.setswitchinterval(SWITCH_S)
    try:
        Server(settings, app).run()  # leaves with an exit code of its own where it cannot listen
    except KeyboardInterrupt:  # uvicorn raises the signal again once it has stopped
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
