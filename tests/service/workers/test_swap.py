"""What is loaded stays out of garbage collection."""

import gc

from service.workers.swap import settle_memory


def test_what_is_loaded_is_left_out_of_garbage_collection():
    try:
        settle_memory()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
