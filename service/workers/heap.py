"""What is kept of memory that was freed, by Python and by glibc; another C library goes its own ways."""

import ctypes
import gc
from contextlib import suppress

MMAP_THRESHOLD, ARENA_MAX = -3, -8  # of mallopt(3)
LARGE_BYTES = 2**20


def steady_heap() -> None:
    """Have large blocks go back to the system as soon as they are freed, and all threads share one heap.

    By itself the allocator makes a heap a thread, and keeps blocks the larger, the larger the ones that were freed.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(MMAP_THRESHOLD, LARGE_BYTES)
        libc.mallopt(ARENA_MAX, 1)


def trim_heap() -> None:
    """Give back to the system what was freed and lies between other things."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def settle_memory() -> None:
    """Free what is left behind, give it back to the system, and take the rest out of garbage collection.

    A look through all that is loaded would hold up every request for 50 ms.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    trim_heap()
