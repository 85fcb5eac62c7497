"""A service with 64 descriptors and a log on a full disk, whose file of keys is edited badly."""

import http.client
import json
import sys

import pytest

from service.keys import add_key
from tests.helpers.probe import Probe, connections, resources_come_back, wait_for
from tests.helpers.service_process import serving

POOR = ("sh", "-c", 'ulimit -n 64 && exec "$0" -m service >/dev/full', sys.executable)


class Poor:
    """A running service, its file of keys, and the key of the probe."""

    def __init__(self, served, keys, key):
        self.served, self.keys, self.key = served, keys, {"x-api-key": key}

    def status(self, key):
        return self.served.get("/rank/A549?k=3", headers=key)[0]


@pytest.fixture(scope="module")
def poor(bundle_folder, tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys"
    key = add_key(keys, "probe")
    with serving(POOR, bundle=bundle_folder, keys_file=keys, metrics="open") as served:
        yield Poor(served, keys, key)


def test_a_full_disk_costs_log_lines_and_no_answer(poor):
    with Probe(poor.served.port, headers=poor.key) as probe:
        wait_for(lambda: len(probe.answers) >= 10)
        wait_for(lambda: dropped(poor.served) >= 10)
    probe.assert_right()


def dropped(served):
    (line,) = [line for line in served.get("/metrics")[1].splitlines() if line.startswith("drp_log_lines_dropped ")]
    return float(line.split()[1])


def test_when_descriptors_run_out_kept_connections_and_keys_go_on(poor):
    with resources_come_back(poor.served), Probe(poor.served.port, headers=poor.key) as probe:
        with connections(poor.served.port, 100):
            wait_for(lambda: not connects(poor.served))
            later = {"x-api-key": add_key(poor.keys, "later")}  # the file changes while nothing can be opened
            seen = len(probe.answers)
            wait_for(lambda: len(probe.answers) > seen + 10)
        wait_for(lambda: connects(poor.served))
        wait_for(lambda: poor.status(later) == 200)
    probe.assert_right(least=10)


def connects(served):
    """Whether somebody new is answered."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=0.5)
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def test_a_file_of_keys_edited_badly_never_opens_a_door_and_mends(poor):
    other = {"x-api-key": add_key(poor.keys, "other")}
    whole = poor.keys.read_bytes()
    assert poor.status(poor.key) == poor.status(other) == 200
    with Probe(poor.served.port, path="/health/ready") as probe:
        poor.keys.write_bytes(whole[:-40])  # the last line is half-written
        assert (poor.status(poor.key), poor.status(other), poor.status({})) == (200, 401, 401)
        for content in (b"", b"\xff\xfe\x00", whole.replace(b"sha256:", b"sha256"), b"probe sha256:\n"):
            poor.keys.write_bytes(content)
            assert (poor.status(poor.key), poor.status(other), poor.status({})) == (401, 401, 401)
        poor.keys.unlink()
        poor.keys.mkdir()  # unreadable, even to root
        status, body = poor.served.get("/rank/A549?k=3", headers=poor.key)
        assert (status, json.loads(body)["code"]) == (401, "unauthorized")
        poor.keys.rmdir()
        poor.keys.write_bytes(whole)
        assert (poor.status(poor.key), poor.status(other), poor.status({})) == (200, 200, 401)
    probe.assert_right(least=1)
