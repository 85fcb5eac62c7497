"""The service's side of its workers: ordered from the nursery, lent to one request at a time, replaced when lost."""

import asyncio
import errno
import json
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

from service.prediction.predictor import Predictor
from service.settings import Settings
from service.workers.fork_server import MESSAGE_BYTES, Prepare, open_nursery, order_worker, workers_wanted
from service.workers.messages import receive_soon

_log = logging.getLogger("service.workers.pool")
AGAIN_S, LATER_S = 0.2, 5.0
LOAD_S = 120.0
SHORT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN}  # of what there may be enough later


@dataclass(eq=False)
class Worker:
    """A process that answers one request at a time; `free` says whoever was lent it once it has answered."""

    socket: socket.socket
    generation: int
    free: bool = False
    pid: int = 0

    def kill(self) -> None:
        """End one that keeps silent. Its socket has not told its end, so the process is still there."""
        _log.error("a worker has not answered in time and is killed")
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Workers:
    """`count` workers; as a context, from the first order to the end of all. Used from the event loop alone."""

    def __init__(self, nursery: socket.socket, count: int) -> None:
        self._nursery, self._count = nursery, count
        self._generation = 0
        self._all: set[Worker] = set()  # that are ready, lent ones as well
        self._idle: list[Worker] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    def hired(cls, settings: Settings, predictor: Predictor, prepare: Prepare) -> Self | None:
        """As many as the settings mean, None where that is none; before there is a thread or an event loop.

        Raises NurseryError where the settings ask for some that cannot be.
        """
        count = workers_wanted(settings, predictor)
        return cls(open_nursery(settings, predictor, prepare), count) if count else None

    def __len__(self) -> int:
        """How many are ready."""
        return len(self._all)

    async def __aenter__(self) -> Self:
        """Order all; requests do not wait for them."""
        self._nursery.setblocking(False)
        for _ in range(self._count):
            self._order(self._generation)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let all go; they end by themselves."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        for worker in tuple(self._all):
            self._drop(worker)
        self._nursery.close()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Worker | None]:
        """Lend one as soon as one is idle; None where none is ready.

        One that is not given back free is dropped and another ordered: nobody knows what it would answer next.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._idle or not self._all)
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            yield None
            return
        asyncio.get_running_loop().remove_reader(worker.socket)
        worker.free = False
        try:
            yield worker
        finally:
            await self._back(worker)

    async def load(self, version: str) -> str:
        """Have the nursery read the bundle anew, which must be of this version; why it is refused, else nothing."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOAD_S):
                await loop.sock_sendall(self._nursery, json.dumps({"load": version}).encode())
                answer = await loop.sock_recv(self._nursery, MESSAGE_BYTES)
        except OSError:
            answer = b""
            self._nursery.close()  # what it may say later is no answer to what it is asked then
        return json.loads(answer).get("refused", "") if answer else ""  # without a nursery we answer all

    def renew(self) -> None:
        """Put workers with the nursery's bundle in the place of all; requests under way end with the old ones."""
        self._generation += 1
        idle, self._idle = self._idle, []
        for worker in idle:
            self._drop(worker)
        for _ in range(self._count):
            self._order(self._generation)

    def _order(self, generation: int) -> None:
        """Order one for the place of one of this generation."""
        if self._closed or generation != self._generation:
            return
        try:
            ours = order_worker(self._nursery)
        except OSError as fault:
            if fault.errno in SHORT:
                _log.error(f"a worker cannot be ordered now: {fault}")
                self._order_later(generation, LATER_S)
            else:
                _log.error("no more workers: the process that forks them is gone; batches are answered by this one")
            return
        ours.setblocking(False)
        task = asyncio.get_running_loop().create_task(self._welcome(Worker(ours, self._generation)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _welcome(self, worker: Worker) -> None:
        try:
            head, _ = await receive_soon(worker.socket)
        except (EOFError, OSError):
            _log.error("a worker was lost before it was ready")
            self._replace(worker, LATER_S)
            return
        except asyncio.CancelledError:
            worker.socket.close()
            raise
        self._all.add(worker)
        worker.free, worker.pid = True, head["pid"]
        _log.info("worker ready", extra={"fields": {"bundle": head["ready"]}})
        await self._back(worker)

    async def _back(self, worker: Worker) -> None:
        """Let it rest, or be replaced where it cannot be lent again."""
        if worker.free and worker.generation == self._generation and not self._closed:
            asyncio.get_running_loop().add_reader(worker.socket, self._gone, worker)
            self._idle.append(worker)
        else:
            self._replace(worker)
        async with self._changed:
            self._changed.notify_all()

    def _gone(self, worker: Worker) -> None:
        """An idle one says something: it can only be its end."""
        _log.warning("a worker was lost, another takes its place")
        self._idle.remove(worker)
        self._replace(worker)

    def _replace(self, worker: Worker, wait_s: float = AGAIN_S) -> None:
        self._drop(worker)
        self._order_later(worker.generation, wait_s)

    def _order_later(self, generation: int, wait_s: float) -> None:
        """Order another, not at once: what kills one worker may kill the next."""
        asyncio.get_running_loop().call_later(wait_s, self._order, generation)

    def _drop(self, worker: Worker) -> None:
        with suppress(ValueError, OSError):
            asyncio.get_running_loop().remove_reader(worker.socket)
        self._all.discard(worker)
        worker.socket.close()
