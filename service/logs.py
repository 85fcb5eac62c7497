"""Log lines as JSON on stdout, one an event, written by a thread of their own."""

import json
import logging
import logging.config
import os
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime
from functools import lru_cache

CAPACITY = 10_000  # lines
GATHER_S = 0.1  # lines of so long a time are written at once: to wake a thread costs more than a line
FLUSH_S = 1.0
to_json = json.JSONEncoder(default=str).encode


def timestamp(seconds: float) -> str:
    """A time as log lines have it."""
    return f"{_second(int(seconds))}.{int(1000 * (seconds % 1)):03}+00:00"


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:-6]


class JsonLines(logging.Formatter):
    """Time, level, logger and message, then the fields that the caller gave as `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; control characters are escaped, so no caller can start a line of their own."""
        line = {
            "time": timestamp(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return to_json(line)


class ThreadedHandler(logging.Handler):
    """Hands lines to a thread that writes them: a reader who stops reading stops the log and nothing else.

    Lines that find the queue full, or nobody at the other end, are dropped; `dropped` counts those of this process.
    """

    dropped = 0

    def __init__(self, descriptor: int, capacity: int = CAPACITY) -> None:
        super().__init__()
        self._descriptor, self._capacity = descriptor, capacity
        self._lines: deque[str] = deque()
        self._waiting, self._written = threading.Event(), threading.Event()
        self._written.set()
        threading.Thread(target=self._write_all, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line of a record."""
        self.write(self.format(record))

    def write(self, line: str) -> None:
        """Queue one line."""
        if len(self._lines) >= self._capacity:
            ThreadedHandler.dropped += 1
            return
        self._lines.append(line)
        if not self._waiting.is_set():
            self._written.clear()
            self._waiting.set()

    def flush(self) -> None:
        """Wait for the thread, not for ever."""
        self._written.wait(FLUSH_S)

    def _write_all(self) -> None:
        while self._waiting.wait():
            time.sleep(GATHER_S)
            self._waiting.clear()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            try:
                rest = "".join(f"{line}\n" for line in lines).encode()
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                ThreadedHandler.dropped += len(lines)
            if not self._waiting.is_set():
                self._written.set()


def log_to_stdout(level: str) -> None:
    """Send every logger of the process, uvicorn's included, to stdout."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # what no line says
    handler = {"()": ThreadedHandler, "descriptor": sys.stdout.fileno(), "formatter": "json"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JsonLines}},
            "handlers": {"out": handler},
            "root": {"handlers": ["out"], "level": level},
        }
    )


def stdout_log() -> ThreadedHandler | None:
    """What `log_to_stdout` sends lines to, for lines that are too many to go through loggers; None without it."""
    return next((one for one in logging.getLogger().handlers if isinstance(one, ThreadedHandler)), None)
