"""Imported last by the process that workers are forked from: what it has loaded is taken out of garbage collection.

A collection in a worker would write to every object, and what is written to is no longer shared.
"""

import gc

gc.collect()
gc.freeze()
