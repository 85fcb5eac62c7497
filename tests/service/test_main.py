"""Starting, refusing to start, being asked for health, stopping: the real process."""

import shutil
import signal
import socket

import pytest

from service.__main__ import main
from tests.helpers.service_process import environment, free_port, run, serving


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
    ],
)
def test_wrong_settings_refuse_to_start_in_words(monkeypatch, capsys, settings, words):
    for name, value in environment(**settings).items():
        monkeypatch.setenv(name, value)
    assert main() == 2
    assert words in capsys.readouterr().err


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
        assert [line["key"] for line in served.log() if line.get("path") == "/rank/A549"] == ["clinic"]
