"""The running process: uvicorn, with a stop that drops no request and a bundle that can be swapped."""

import asyncio
import gc
import logging
import signal
import socket
import threading
from types import FrameType

import uvicorn
from starlette.concurrency import run_in_threadpool

from model.bundle.manifest import BundleError
from model.molecules.fingerprints import fingerprints
from service.app import App
from service.early_refusal import protocol_of
from service.prediction.onnx_session import DeviceError
from service.prediction.predictor import Predictor
from service.settings import Settings
from service.state import State
from service.workers.fork_server import keep_from_collection

_log = logging.getLogger("service.server")
_TICK_S = 0.05


class Server(uvicorn.Server):
    """Serves one app until SIGTERM or SIGINT, and loads its bundle anew at SIGHUP."""

    def __init__(self, settings: Settings, app: App) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                http=protocol_of(app.state.service),
                log_config=None,
                # Not uvloop: it takes one new connection a turn of the loop, so that under load new callers wait for
                # seconds unseen, where nothing can refuse them.
                loop="asyncio",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=settings.shutdown_timeout_s,
            )
        )
        self._settings = settings
        self._state: State = app.state.service
        self._swapping: asyncio.Task[None] | None = None
        self._swap_again = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and listen for SIGHUP where the system has it."""
        await super().startup(sockets)
        # No collection here: it would write to every object that was loaded, and workers would share none of them.
        gc.freeze()
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.swap_bundle)
        if self._settings.preload_chemistry == "after":
            # A daemon, for a stop must not wait for it.
            threading.Thread(target=fingerprints, args=(["C"],), name="chemistry", daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop admitting, then stop."""
        self._state.draining = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer 503 with `connection: close` for a while, close the port, do so for a while longer, then stop.

        A client that keeps its connection would otherwise send into one that is just being closed, and get a reset
        instead of an answer. Where there is no connection there is nobody to wait for.
        """
        await self._drain()
        for server in self.servers:
            server.close()
        await self._drain()
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._settings.drain_s
        while self.server_state.connections and not self.force_exit and loop.time() < end:
            await asyncio.sleep(_TICK_S)

    def swap_bundle(self) -> None:
        """Load the bundle of the settings anew; a signal that comes meanwhile has it loaded once more."""
        if self._swapping is not None and not self._swapping.done():
            self._swap_again = True
        elif not self._state.draining:
            self._swapping = asyncio.get_running_loop().create_task(self._swap())

    async def _swap(self) -> None:
        self._swap_again = True
        while self._swap_again:
            self._swap_again = False
            await self._load()

    async def _load(self) -> None:
        """Put a new predictor in the place of the old one, which requests in flight keep until they are answered."""
        try:
            predictor = await run_in_threadpool(Predictor.load, self._settings)
        except (BundleError, DeviceError) as fault:
            self._refused(str(fault))
        except Exception:  # noqa: BLE001 -- whatever is wrong with the new bundle, the old one goes on
            _log.exception("the new bundle cannot be loaded")
            self._refused("see the exception above")
        else:
            workers, version = self._state.workers, predictor.bundle.version
            if workers is not None and (reason := await workers.load(version)):
                self._refused(reason)
            elif not self._state.draining:
                self._state.open(predictor)
                if workers is not None:
                    workers.renew()
                keep_from_collection()
                self._state.metrics.swaps.labels("done").inc()
                _log.info("bundle swapped", extra={"fields": {"bundle": version}})

    def _refused(self, reason: str) -> None:
        self._state.metrics.swaps.labels("refused").inc()
        serving = self._state.predictor.bundle.version if self._state.predictor else None
        _log.error("bundle refused, the old one goes on", extra={"fields": {"reason": reason, "bundle": serving}})
