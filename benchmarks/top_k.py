"""CPU time of the best k of a million rows by inner product: the scores, and the search among them."""

import time

import numpy as np

from benchmarks.row import Row
from model.scoring import top_k

ROWS, WIDTH, K, GOAL_MS = 1_000_000, 64, 100, 110


def measure(rounds: int) -> list[Row]:
    """One row for all of it, one for the search alone, one for a sort in its place."""
    rng = np.random.default_rng(0)
    codes, query = rng.random((ROWS, WIDTH), np.float32), rng.random(WIDTH, np.float32)
    scores = codes @ query
    spent: dict[str, list[float]] = {"scores and top 100": [], "top 100": [], "the same by a sort": []}
    for _ in range(rounds):
        began = time.process_time()
        top_k(codes @ query, K)
        whole = time.process_time()
        best = top_k(scores, K)
        found = time.process_time()
        by_sort = np.argsort(-scores, kind="stable")[:K]
        for what, seconds in zip(spent, (whole - began, found - whole, time.process_time() - found), strict=True):
            spent[what].append(1000 * seconds)
        np.testing.assert_array_equal(best, by_sort)
    goals = dict.fromkeys(spent) | {"scores and top 100": GOAL_MS}
    return [Row(f"10⁶ rows × {WIDTH}: {what}", "ms", goals[what], times) for what, times in spent.items()]
