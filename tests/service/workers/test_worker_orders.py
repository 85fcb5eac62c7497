"""How many workers are ordered, and what becomes of an order that comes to nothing."""

import asyncio
import contextlib
import errno
import functools
import socket
import threading

import pytest

from service.settings import Settings
from service.workers.fork_server import _serve, order_worker
from service.workers.messages import receive, send
from service.workers.pool import AGAIN_S, Workers


class Forks:
    """A process that forks workers, or what stands for it: it keeps their sockets, and tells none that it is ready."""

    def __init__(self):
        self.ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._theirs.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._theirs.close()

    def ordered(self):
        """Sockets of the workers ordered since it was asked last."""
        fronts = []
        with contextlib.suppress(BlockingIOError):
            while True:
                _, (file,), _, _ = socket.recv_fds(self._theirs, 1024, 1)
                fronts.append(socket.socket(fileno=file))
        return fronts


@pytest.fixture
def forks():
    with Forks() as process:
        yield process


def on_a_loop(test):
    @functools.wraps(test)
    def run_it(*args, **kwargs):
        asyncio.run(test(*args, **kwargs))

    return run_it


async def until(true):
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


@on_a_loop
async def test_a_worker_lost_just_before_a_swap_is_replaced_once(forks):
    async with Workers(forks.ours, 1) as workers:
        (first,) = forks.ordered()
        with first:
            send(first, {"ready": "demo", "pid": 0})
            await until(lambda: len(workers) == 1)
        await until(lambda: len(workers) == 0)
        workers.renew()
        await asyncio.sleep(2 * AGAIN_S)
        fronts = forks.ordered()
        assert len(fronts) == 1
        fronts[0].close()


@on_a_loop
async def test_a_worker_lost_before_it_was_ready_is_ordered_again(forks, monkeypatch):
    monkeypatch.setattr("service.workers.pool.LATER_S", 0.05)
    async with Workers(forks.ours, 1) as workers:
        forks.ordered()[0].close()
        fronts = []
        await until(lambda: fronts.extend(forks.ordered()) or fronts)
        send(fronts[0], {"ready": "demo", "pid": 0})
        await until(lambda: len(workers) == 1)
        fronts[0].close()


@on_a_loop
async def test_a_worker_that_cannot_be_ordered_for_want_of_file_descriptors_is_ordered_again(forks, monkeypatch):
    monkeypatch.setattr("service.workers.pool.LATER_S", 0.05)
    pair, failures = socket.socketpair, [OSError(errno.EMFILE, "Too many open files")]

    def scarce(*kind):
        if failures:
            raise failures.pop()
        return pair(*kind)

    monkeypatch.setattr("service.workers.fork_server.socket.socketpair", scarce)
    async with Workers(forks.ours, 1):
        assert (forks.ordered(), failures) == ([], [])
        fronts = []
        await until(lambda: fronts.extend(forks.ordered()) or fronts)
        fronts[0].close()


def test_the_process_that_forks_outlives_a_fork_that_the_system_refuses(monkeypatch, capfd):
    orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def refused():
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("service.workers.fork_server.os.fork", refused)
    monkeypatch.setattr("service.workers.fork_server.os.nice", lambda _: 0)
    monkeypatch.setattr("service.workers.fork_server.signal.signal", lambda *_: None)
    monkeypatch.setattr("service.workers.fork_server.gc.freeze", lambda: None)
    process = threading.Thread(target=_serve, args=(theirs, Settings(preload_chemistry="first"), None, None))
    process.start()
    with theirs:
        for _ in range(2):
            with order_worker(orders) as front, pytest.raises(EOFError):
                receive(front)
        orders.close()
        process.join()
    assert capfd.readouterr().err.count("a worker cannot be forked: [Errno 11]") == 2


@on_a_loop
async def test_a_silent_process_that_forks_does_not_hold_up_a_swap(forks, monkeypatch):
    monkeypatch.setattr("service.workers.pool.LOAD_S", 0.05)
    async with Workers(forks.ours, 0) as workers:
        assert await workers.load("demo") == ""  # without it the service answers all
        with pytest.raises(OSError, match="Bad file descriptor"):
            forks.ours.getpeername()
