"""A process that holds a loaded bundle and forks workers, which share its memory instead of loading their own.

It is forked from the service before that has a thread or an event loop, and has neither itself: a fork takes no
threads along. What it and its workers do not write to, they and the service hold once: code, tables, codes, graphs.
Linux only. A bundle on CUDA, or ONNX Runtime with threads of its own, would not outlive a fork.
"""

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable

from service.prediction.onnx_session import CPU
from service.prediction.predictor import Predictor
from service.settings import Settings

Work = Callable[[socket.socket], None]  # serve the service at the other end until it is gone
Prepare = Callable[[Predictor], Work]  # what all workers can share is made here

CAN_FORK = sys.platform == "linux"
MESSAGE_BYTES = 64 * 1024
NICE = 5  # below the event loop that has callers waiting


class NurseryError(Exception):
    """Workers cannot be forked with these settings; the message says why and what to change."""


def workers_wanted(settings: Settings, predictor: Predictor) -> int:
    """How many workers the settings mean. Raises NurseryError where they ask for some that cannot be."""
    providers = {served.decoder.provider for served in predictor.models.values()}
    why = ""
    if not CAN_FORK:
        why = "this system cannot fork them"
    elif providers != {CPU}:
        why = "models on CUDA do not outlive a fork"
    elif settings.intra_op_threads > 1:
        why = "DRP_INTRA_OP_THREADS is over 1, and threads do not outlive a fork"
    if why and settings.batch_workers:
        raise NurseryError(f"DRP_BATCH_WORKERS={settings.batch_workers}, but {why}; set it to 0")
    return 0 if why else 1 if settings.batch_workers is None else settings.batch_workers


def open_nursery(settings: Settings, predictor: Predictor, prepare: Prepare) -> socket.socket:
    """Fork the process; the socket to order by. It ends when that is closed, as do its workers with theirs.

    An order is one message of JSON: {"worker": true} with the file descriptor of the socket that a new worker is to
    serve; {"load": version} has it read the bundle anew, answered by {} or {"refused": reason}.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sys.stdout.flush()
    if os.fork():
        theirs.close()
        return ours
    ours.close()
    _run_and_leave(lambda: _serve(theirs, settings, prepare, prepare(predictor)))
    raise AssertionError  # never reached


def order_worker(nursery: socket.socket) -> socket.socket:
    """Order a worker; our end of its socket. Raises OSError where the nursery is gone."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            socket.send_fds(nursery, [json.dumps({"worker": True}).encode()], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
    return ours


def _serve(orders: socket.socket, settings: Settings, prepare: Prepare, work: Work) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are the service's, whose end ends us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker
    os.nice(NICE)
    while True:
        text, files, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, 1)
        if not text:
            return
        order = json.loads(text)
        if "worker" in order:
            with socket.socket(fileno=files[0]) as front:
                if _forked():
                    orders.close()
                    work(front)
                    return
        else:
            loaded = _loaded(settings, order["load"])
            if isinstance(loaded, Predictor):
                work = prepare(loaded)
            orders.send(json.dumps({} if isinstance(loaded, Predictor) else {"refused": loaded}).encode())
            del loaded
            keep_from_collection()


def _forked() -> bool:
    """Fork; whether this is the new process. Where the system allows no more of them, the service orders again."""
    try:
        return not os.fork()
    except OSError as fault:
        sys.stderr.write(f"a worker cannot be forked: {fault}\n")
        sys.stderr.flush()
        return False


def keep_from_collection() -> None:
    """Take what is loaded now out of garbage collection, and collect what was taken out earlier and is left behind.

    A look through it would hold up every request for 50 ms, and write to every object, so that a forked process would
    share no more of them.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _loaded(settings: Settings, version: str) -> Predictor | str:
    """The bundle of the settings, or why it is refused."""
    try:
        predictor = Predictor.load(settings)
    except Exception as fault:  # noqa: BLE001 -- whatever is wrong with the new bundle, the old one goes on
        return str(fault)
    found = predictor.bundle.version
    return predictor if found == version else f"it was {version} and then {found}: replaced while it was being read"


def _run_and_leave(body: Callable[[], None]) -> None:
    """Run to the end of this process, past everything that the process it was forked from means to do at its end."""
    code = 1
    try:
        body()
        code = 0
    except BaseException:  # noqa: BLE001 -- nothing of it may reach the code that forked us
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
