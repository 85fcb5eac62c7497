"""Starting, refusing to start, being asked for health, stopping: the real process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from service.__main__ import main


def environment(**settings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DRP_")}
    return clean | {f"DRP_{name.upper()}": str(value) for name, value in settings.items()}


def run(module, timeout_s=30, **settings):
    return subprocess.run(
        [sys.executable, "-m", module], env=environment(**settings), capture_output=True, text=True, timeout=timeout_s
    )


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


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


def test_it_starts_answers_and_stops(bundle_folder):
    port = free_port()
    assert run("service.healthcheck", port=port).returncode == 1
    serving = subprocess.Popen(
        [sys.executable, "-m", "service"],
        env=environment(bundle=bundle_folder, port=port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until_ready(port)
        assert run("service.healthcheck", port=port, host="0.0.0.0").returncode == 0  # noqa: S104 -- as in a container
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/rank/A549?k=1", timeout=5) as answer:
            assert answer.status == 200
    finally:
        serving.send_signal(signal.SIGTERM)
        out, err = serving.communicate(timeout=20)
    assert serving.returncode in {0, -signal.SIGTERM}
    assert err == ""
    assert all(line.startswith("{") for line in out.splitlines())
    assert '"path": "/rank/A549"' in out


def wait_until_ready(port, patience_s=20):
    for _ in range(int(patience_s / 0.1)):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the service does not listen")
