"""Compounds that hang, crash or swell chemistry: each gets an answer or a reason, and nobody else notices."""

import json
import time

from tests.helpers.probe import Probe, asked
from tests.helpers.service_process import workers_of
from tests.helpers.ugly_molecules import UGLY


def read(port, smiles):
    """Status, answer and seconds of a request that brings this compound."""
    body = {"pairs": [{"cell_line": "A549", "drug": "x"}], "compounds": {"x": smiles}}
    began = time.monotonic()
    return *asked(port, json.dumps(body).encode()), time.monotonic() - began


def rungs(count):
    """Two chains of nitrogens, every two opposite ones joined: a number opens the bond above, the next N closes it."""
    closures = [str(number) if number < 10 else f"%{number}" for number in range(2, count + 2)]
    first = ["N1" + closures[0], *(f"N{closure}" for closure in closures[1:])]
    return "".join([*first, *(f"N{closure}" for closure in closures[:-1]), f"N1{closures[-1]}"])


def test_the_ladder_that_holds_a_parser_for_minutes_is_refused_at_once(attacked):
    ladder = rungs(60)
    assert ladder.count("N") == 120
    workers = workers_of(attacked.process.pid)
    read(attacked.port, "CCO")
    answers = [read(attacked.port, ladder) for _ in range(5)]
    assert {status for status, _, _ in answers} == {422}
    assert all("independent rings" in json.dumps(problem) for _, problem, _ in answers)
    assert min(seconds for _, _, seconds in answers) < 0.1
    assert workers_of(attacked.process.pid) == workers


def test_ugly_molecules_cost_a_probe_nothing_and_the_service_no_worker(attacked):
    workers = workers_of(attacked.process.pid)
    with Probe(attacked.port) as probe:
        answers = {name: read(attacked.port, smiles) for name, smiles, _ in UGLY}
    probe.assert_right()
    assert {status for status, _, _ in answers.values()} <= {200, 422}
    due = {name for name, _, words in UGLY if not words}
    assert {name for name, (status, _, _) in answers.items() if status == 200} >= due
    assert max(seconds for _, _, seconds in answers.values()) < 3
    assert workers_of(attacked.process.pid) == workers
