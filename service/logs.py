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

CAPACITY = 10_000  # lines
GATHER_S = 0.1  # lines of so long a time are written at once: to wake a thread costs more than a line
FLUSH_S = 1.0
_to_json = json.JSONEncoder(default=str).encode


class JsonLines(logging.Formatter):
    """Time, level, logger and message, then the fields that the caller gave as `extra={"fields": …}`."""

    _second, _prefix = 0, ""  # times of one second begin alike

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; control characters are escaped, so no caller can start a line of their own."""
        second, rest = divmod(record.created, 1)
        if second != self._second:
            self._second, self._prefix = int(second), datetime.fromtimestamp(second, UTC).isoformat()[:-6]
        line = {
            "time": f"{self._prefix}.{int(1000 * rest):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _to_json(line)


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
        """Queue one line."""
        if len(self._lines) >= self._capacity:
            ThreadedHandler.dropped += 1
            return
        self._lines.append(self.format(record))
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


def log_event(logger: logging.Logger, level: int, message: str, fields: dict[str, object]) -> None:
    """Log what happens at every request: as `logger.log`, without looking for the line of code that says so."""
    if logger.isEnabledFor(level):
        record = logging.LogRecord(logger.name, level, "", 0, message, (), None)
        record.fields = fields
        logger.handle(record)


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
