"""Stopping and swapping bundles while callers hammer: no request is lost, no answer mixes two bundles."""

import json
import shutil
import signal
import time

from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from tests.helpers.demo_bundle import build_bundle
from tests.helpers.service_process import Callers, serving

ONE = json.dumps({"pairs": [{"cell_line": "A549", "drug": "JQ1"}]}).encode()
MANY = json.dumps({"cell_lines": ["A549"] * 40_000, "drugs": ["JQ1"] * 40_000, "detail": "scores"}).encode()
UNLIMITED = {"max_pairs_in_flight": 10**9, "max_requests_in_flight": 1000}


def wait_for(condition, patience_s=60):
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def write_other(folder):
    """Replace the bundle by one with other codes."""
    bundle = read_bundle(folder)
    parts = dict(zip(bundle.models, reversed(bundle.models.values()), strict=True))
    for name, part in parts.items():
        object.__setattr__(part, "name", name)
    write_bundle(folder, type(bundle)(bundle.manifest, bundle.cell_lines, bundle.drugs, parts))


def test_a_stop_under_load_drops_no_request(bundle_folder):
    with (
        serving(bundle=bundle_folder, **UNLIMITED) as served,
        Callers(served.port, ONE) as small,
        Callers(served.port, MANY, count=2) as large,
    ):
        wait_for(lambda: len(small.answers) > 200 and large.answers)
        served.stop()
        small.join()
        large.join()
        assert served.process.returncode in {0, -signal.SIGTERM}
        assert served.errors() == ""
    assert small.dropped == large.dropped == []
    statuses = {status for status, _ in small.answers + large.answers}
    assert statuses <= {200, 503}
    refused = [answer for status, answer in small.answers if status == 503]
    assert {answer["code"] for answer in refused} <= {"not_ready"}


def test_a_stop_without_callers_takes_no_time(bundle_folder):
    with serving(bundle=bundle_folder, drain_s=30) as served:
        started = time.monotonic()
        served.stop()
    assert time.monotonic() - started < 5


def test_a_kept_connection_is_told_to_close_while_the_port_is_still_open(bundle_folder):
    with serving(bundle=bundle_folder, drain_s=30) as served:
        with Callers(served.port, ONE, count=1) as caller:
            wait_for(lambda: caller.answers)
            served.process.send_signal(signal.SIGTERM)
            wait_for(lambda: caller.answers[-1][0] == 503)
        served.process.wait(20)  # its connections are gone, so it does not wait for drain_s
    assert caller.dropped == []


def test_sighup_swaps_the_bundle_under_load_and_keeps_it_where_the_new_one_is_broken(tmp_path, bundle_folder):
    folder = shutil.copytree(bundle_folder, tmp_path / "bundle")
    with serving(bundle=folder, **UNLIMITED) as served:
        first = served.bundle()
        with Callers(served.port, ONE) as callers, Callers(served.port, MANY, count=1) as large:
            wait_for(lambda: len(callers.answers) > 100)
            write_other(folder)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: served.bundle() != first)
            second = served.bundle()
            seen = len(callers.answers)
            wait_for(lambda: len(callers.answers) > seen + 100)
            content = bytearray((folder / "drugs.json").read_bytes())
            content[len(content) // 2] ^= 1
            (folder / "drugs.json").write_bytes(content)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: 'drp_bundle_swaps_total{outcome="refused"} 1.0' in served.get("/metrics")[1])
            assert served.bundle() == second
            shutil.rmtree(folder)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: 'drp_bundle_swaps_total{outcome="refused"} 2.0' in served.get("/metrics")[1])
            build_bundle(folder)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: served.bundle() == first)
            metrics = served.get("/metrics")[1]
        refusals = served.logged(lambda line: line["message"].startswith("bundle refused"), 2)
    assert callers.dropped == large.dropped == []
    assert {status for status, _ in callers.answers + large.answers} == {200}
    scores = {(answer["bundle"], answer["predictions"][0]["score"]) for _, answer in callers.answers}
    assert {bundle for bundle, _ in scores} == {first, second}
    assert len(scores) == len({score for _, score in scores}) == 2  # each bundle has its own score, and only that
    # No answer begins with one bundle and ends with the other.
    assert all(len(set(answer["scores"])) == 1 for _, answer in large.answers)
    assert metrics.count("drp_bundle_info{") == 1
    assert 'drp_model_info{model="hgacl",provider="CPUExecutionProvider"} 1.0' in metrics
    assert "drugs.json: sha256 differs" in refusals[0]["reason"]
    assert refusals[0]["bundle"] == second
    assert "manifest.json" in refusals[1]["reason"]
