"""Starting, refusing to start, being asked for health, stopping: the real process."""

import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from service.__main__ import main
from service.settings import Settings, unknown_variables
from tests.helpers.service_process import children_of, descendants_of, environment, free_port, run, serving, workers_of


@pytest.mark.parametrize(
    "file", ["manifest.json", "cell_lines.json", "drugs.json", "hgacl/embeddings.safetensors", "other/decoder.onnx"]
)
def test_one_flipped_byte_refuses_to_start_and_names_the_file(tmp_path, bundle_folder, file):
    folder = shutil.copytree(bundle_folder, tmp_path / "bundle")
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    refused = run("service", bundle=folder)
    assert refused.returncode == 1
    assert file in refused.stderr
    assert "Traceback" not in refused.stderr + refused.stdout


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": "many"}, "DRP_PORT: "),
        ({"device": "tpu"}, "DRP_DEVICE: "),
        ({"max_pairs_in_flight": 10}, "max_pairs_per_request must not exceed max_pairs_in_flight"),
        ({"max_bytes_in_flight": 10}, "max_body_bytes must not exceed max_bytes_in_flight"),
        ({"batch_workers": 0}, "DRP_BATCH_WORKERS: "),
        ({"batch_worker": 2}, "DRP_BATCH_WORKER: there is no such setting; the nearest is DRP_BATCH_WORKERS"),
        ({"prot": 8109}, "DRP_PROT: there is no such setting; the nearest is DRP_PORT"),
        ({"bundles": "x"}, "DRP_BUNDLES: there is no such setting; the nearest is DRP_BUNDLE"),
        ({"keyfile": "x"}, "DRP_KEYFILE: there is no such setting; the nearest is DRP_KEYS_FILE"),
        ({"max_wait_ms": 3}, "DRP_MAX_WAIT_MS: there is no such setting; the nearest is DRP_MAX_WAIT_S"),
    ],
)
def test_wrong_settings_refuse_to_start_in_words(monkeypatch, capsys, settings, words):
    for name, value in environment(**settings).items():
        monkeypatch.setenv(name, value)
    assert main([]) == 2
    assert words in capsys.readouterr().err


def test_help_lists_every_setting_with_its_default_and_starts_nothing():
    shown = run("service", "--help")
    assert shown.returncode == 0
    for name, field in Settings.model_fields.items():
        assert f"DRP_{name.upper()} [{field.default}]" in shown.stdout
        assert field.description in shown.stdout


@pytest.mark.parametrize(
    ("argument", "code"), [("-h", 0), ("--hel", 0), ("help", 2), ("--port", 2), ("--bundle=x", 2), ("8109", 2)]
)
def test_an_argument_shows_help_or_is_refused_and_starts_nothing(monkeypatch, capsys, argument, code):
    monkeypatch.setattr("service.__main__.run", lambda settings: pytest.fail("started"))
    with pytest.raises(SystemExit) as end:
        main([argument])
    shown = capsys.readouterr()
    assert end.value.code == code
    assert "usage: python -m service" in (shown.err if code else shown.out)


def test_variables_of_the_client_and_the_tests_are_no_wrong_settings():
    assert unknown_variables({"DRP_URL", "DRP_API_KEY", "DRP_PUBLISH", "DRP_DATA", "DRP_REQUIRE_DATA", "PATH"}) == []
    assert unknown_variables({"drp_port", "DRP_PORT"}) == []


def test_a_bundle_that_is_not_there_refuses_to_start():
    refused = run("service", bundle="/no/such/folder")
    assert refused.returncode == 1
    assert refused.stderr.startswith("not started: /no/such/folder/manifest.json: ")
    assert "Traceback" not in refused.stderr


def test_cuda_that_is_not_there_refuses_to_start(bundle_folder):
    refused = run("service", bundle=bundle_folder, device="cuda")
    assert refused.returncode == 1
    assert "DRP_ALLOW_CPU_FALLBACK" in refused.stderr


def test_a_taken_port_refuses_to_start(bundle_folder):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        refused = run("service", bundle=bundle_folder, port=listening.getsockname()[1])
    assert refused.returncode != 0
    assert "address already in use" in refused.stdout
    assert "Traceback" not in refused.stderr + refused.stdout


def test_a_file_of_keys_that_is_not_there_refuses_to_start(bundle_folder):
    refused = run("service", bundle=bundle_folder, keys_file="/no/such/file")
    assert refused.returncode == 1
    assert refused.stderr.startswith("not started: /no/such/file: cannot be read")


def test_it_starts_answers_and_stops(bundle_folder, tmp_path):
    keys = tmp_path / "keys"
    made = run("service.keys", "new", "clinic", str(keys))
    assert made.stdout.startswith("drp_")
    assert run("service.healthcheck", port=free_port()).returncode == 1
    with serving(bundle=bundle_folder, keys_file=keys) as served:
        ready = run("service.healthcheck", port=served.port, host="0.0.0.0")  # noqa: S104 -- as in a container
        assert ready.returncode == 0
        status, _ = served.get("/rank/A549?k=1", headers={"X-API-Key": made.stdout.strip()})
        assert status == 200
        served.stop()
        assert served.process.returncode in {0, -signal.SIGTERM}
        assert served.errors() == ""
        assert [line["key"] for line in served.logged(lambda line: line.get("path") == "/rank/A549")] == ["clinic"]


def test_several_processes_share_a_port_and_a_stop(bundle_folder):
    with serving(bundle=bundle_folder, workers=2) as served:
        end = time.monotonic() + 60
        while len(servers := servers_of(served.process.pid)) < 2:
            assert time.monotonic() < end
            time.sleep(0.1)
        for _ in range(20):
            assert served.get("/rank/A549?k=1")[0] == 200
        first, resets = served.bundle(), 0
        served.process.send_signal(signal.SIGHUP)  # the processes are replaced one after the other
        while set(servers) & set(now := servers_of(served.process.pid)) or len(now) < 2:
            assert time.monotonic() < end
            try:
                assert served.bundle() == first
            except ConnectionResetError:  # what one of them had just accepted
                resets += 1
        assert resets <= len(servers)
        family = descendants_of(served.process.pid)
        served.stop()
        assert served.process.returncode in {0, -signal.SIGTERM}
        while any(Path(f"/proc/{process}").exists() for process in family):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_several_processes_end_with_a_supervisor_that_is_killed(bundle_folder):
    with serving(bundle=bundle_folder, workers=2) as served:
        end = time.monotonic() + 60
        while len(servers_of(served.process.pid)) < 2:
            assert time.monotonic() < end
            time.sleep(0.1)
        family = descendants_of(served.process.pid)
        served.stop(signal.SIGKILL)
        while any(Path(f"/proc/{process}").exists() for process in family):
            assert time.monotonic() < end
            time.sleep(0.05)


def servers_of(pid):
    """Processes of uvicorn's supervisor that have workers of their own, and so listen."""
    return [child for child in children_of(pid) if workers_of(child)]


def test_several_processes_refuse_a_damaged_bundle(tmp_path, bundle_folder):
    folder = shutil.copytree(bundle_folder, tmp_path / "bundle")
    (folder / "drugs.json").unlink()
    refused = run("service", bundle=folder, workers=2)
    assert refused.returncode == 1
    assert "not started: " in refused.stderr
    assert "Traceback" not in refused.stderr + refused.stdout
