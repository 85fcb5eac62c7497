"""A Ray cluster of two workers on this machine."""

import os
from contextlib import contextmanager

TRIES = 4
OBJECT_BYTES = 100 << 20


@contextmanager
def ray_cluster():
    """Its address. Ray gives a start up after 30 s, which a busy machine may take, so it is tried again.

    Its workers would wait for every other process of a busy machine, for minutes: here they are like others.
    """
    import ray

    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 -- Ray's own name
    for left in reversed(range(TRIES)):
        try:
            context = ray.init(
                num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=OBJECT_BYTES
            )
            break
        except Exception as fault:
            ray.shutdown()
            if not left or "timed out during startup" not in str(fault):
                raise
    try:
        yield context.address_info["address"]
    finally:
        ray.shutdown()
