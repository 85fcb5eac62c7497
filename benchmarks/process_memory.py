"""Memory of a process and of all that come of it (Linux), from the standard library alone.

    python3 -m benchmarks.process_memory PID STOP_FILE

Looks until STOP_FILE exists, then prints the memory now and the highest that it has seen, in MiB. Memory is
proportional (PSS, /proc/PID/smaps_rollup): a page that several processes have mapped counts once.
"""

import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

PAUSE_S = 0.02


def family(pid: int) -> list[int]:
    """A process and all that come of it."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for file in files for child in file.read_text().split()]
    return [pid, *(one for child in children for one in family(child))]


def proportional_mib(pid: int) -> float:
    """Proportional memory of a process; 0 where it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def total_mib(pid: int) -> float:
    """Proportional memory of a process and all that come of it; 0 where one ends meanwhile."""
    with suppress(OSError):
        return sum(map(proportional_mib, family(pid)))
    return 0.0


class Peak(threading.Thread):
    """Looks for the highest memory until it is told to end."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self.mib, self.ended = pid, 0.0, False

    def run(self) -> None:
        """Look, fifty times a second."""
        while not self.ended:
            self.mib = max(self.mib, total_mib(self._pid))
            time.sleep(PAUSE_S)


def main(pid: int, stop: Path) -> None:
    """Print the memory now and the highest."""
    peak = Peak(pid)
    peak.start()
    while not stop.exists():
        time.sleep(PAUSE_S)
    print(f"{total_mib(pid):.0f} {peak.mib:.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
