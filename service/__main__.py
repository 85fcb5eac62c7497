"""`python -m service`: load the bundle, then serve it."""

import signal
import sys
from types import FrameType

import uvicorn
from pydantic import ValidationError

from model.bundle import BundleError
from service.app import App, create_app
from service.decoder import DeviceError
from service.keys import KeyFileError
from service.logs import log_to_stdout
from service.predictor import Predictor
from service.settings import Settings

REFUSED, MISCONFIGURED = 1, 2


class Server(uvicorn.Server):
    """uvicorn, except that a signal to stop makes the app refuse new requests while it finishes the others."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop admitting, then stop."""
        self._app.state.service.draining = True
        super().handle_exit(sig, frame)


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
        app = create_app(settings, Predictor.load(settings))
    except (BundleError, DeviceError, KeyFileError) as fault:
        sys.stderr.write(f"not started: {fault}\n")
        return REFUSED
    return serve(settings, app)


def serve(settings: Settings, app: App) -> int:
    """Run uvicorn; the exit code."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    try:
        Server(config, app).run()  # leaves with an exit code of its own where it cannot listen
    except KeyboardInterrupt:  # uvicorn raises the signal again once it has stopped
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
