"""What is loaded stays out of garbage collection."""

import gc

from service.workers.swap import keep_from_collection


def test_what_is_loaded_is_left_out_of_garbage_collection():
    try:
        keep_from_collection()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
