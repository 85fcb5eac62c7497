"""What takes long to make and no test changes is made by one of pytest's processes."""

import fcntl
import os


def made_once(tmp_path_factory, name, make):
    """A folder that `make(folder)` fills in one of pytest's processes, for all of them. Do not change it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"once_{name}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            make(folder.with_suffix(".making"))
            folder.with_suffix(".making").rename(folder)
    return folder
