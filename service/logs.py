"""Log lines as JSON on stdout, one an event, written by a thread of their own."""

import json
import logging
import logging.config
import os
import queue
import sys
import threading
import time
from datetime import UTC, datetime

CAPACITY = 10_000  # lines
GATHER_S = 0.02  # lines of so long a time are written at once
FLUSH_S = 1.0


class JsonLines(logging.Formatter):
    """Time, level, logger and message, then the fields that the caller gave as `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; control characters are escaped, so no caller can start a line of their own."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class ThreadedHandler(logging.Handler):
    """Hands lines to a thread that writes them: a reader who stops reading stops the log and nothing else.

    Lines that find the queue full, or nobody at the other end, are dropped; `dropped` counts those of this process.
    """

    dropped = 0

    def __init__(self, descriptor: int, capacity: int = CAPACITY) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes] = queue.Queue(capacity)
        threading.Thread(target=self._write_all, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one line."""
        try:
            self._lines.put_nowait(f"{self.format(record)}\n".encode())
        except queue.Full:
            ThreadedHandler.dropped += 1

    def flush(self) -> None:
        """Wait for the thread, not for ever."""
        end = time.monotonic() + FLUSH_S
        while self._lines.unfinished_tasks and time.monotonic() < end:
            time.sleep(GATHER_S / 4)

    def _write_all(self) -> None:
        while True:
            lines = [self._lines.get()]
            time.sleep(GATHER_S)
            lines += [self._lines.get_nowait() for _ in range(self._lines.qsize())]
            try:
                rest = b"".join(lines)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                ThreadedHandler.dropped += len(lines)
            for _ in lines:
                self._lines.task_done()


def log_to_stdout(level: str) -> None:
    """Send every logger of the process, uvicorn's included, to stdout."""
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
