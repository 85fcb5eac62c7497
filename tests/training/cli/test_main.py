"""`drp` itself: its order, its version, help in a blink, and the extra that a command lacks."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from model.version import VERSION
from service.app import create_app
from service.settings import Settings
from tests.helpers.commands import drp
from training.cli.main import ASKING, DATA, TRAINING

ROOT = Path(__file__).parents[3]
COMMANDS = [[], ["data"], *(["data", name] for name in DATA), *([name] for name in (*TRAINING, *ASKING))]
MOST_CPU_S = 1.0
# Runs `drp` with packages hidden, and says which heavy ones it imported and what CPU time it took.
PROBE = """
import resource, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
sys.argv = ["drp", *{arguments!r}]
from training.cli.main import app
try:
    app()
except SystemExit as stop:
    used = resource.getrusage(resource.RUSAGE_SELF)
    heavy = [name for name in {heavy!r} if name in sys.modules]
    print("\\n", stop.code, used.ru_utime + used.ru_stime, *heavy)
"""
TRAIN_ONLY = (
    "numpy",
    "pandas",
    "torch",
    "scipy",
    "sklearn",
    "pyarrow",
    "rdkit",
    "onnxruntime",
    "safetensors",
    "jinja2",
)
CLIENT_ONLY = ("httpx2", "pydantic")


def probed(*arguments, hidden=()):
    """Standard output, standard error, exit status, seconds of CPU and heavy imports of one `drp` of its own."""
    code = PROBE.format(arguments=list(arguments), hidden=set(hidden), heavy=(*TRAIN_ONLY, *CLIENT_ONLY))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=ROOT)
    printed, _, last = done.stdout.rstrip().rpartition("\n")
    assert last, done.stderr
    status, cpu_s, *heavy = last.split()
    return printed, done.stderr, int(status), float(cpu_s), heavy


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(["drp", *words]) for words in COMMANDS])
def test_help_takes_less_than_a_second_and_imports_nothing_heavy(command):
    printed, errors, status, cpu_s, heavy = probed(*command, "--help")
    assert (status, errors) == (0, "")
    assert "Usage: drp" in printed
    assert heavy == []
    assert cpu_s < MOST_CPU_S


def test_the_commands_stand_in_the_order_of_the_work():
    lines = drp("--help").output.splitlines()
    wanted = [
        "data",
        "train",
        "evaluate",
        "report",
        "export",
        "annotate",
        "export-network",
        "clinical",
        "serve",
        "screen",
        "predict",
        "rank",
    ]
    firsts = [line.strip("│ ").split(" ")[0] for line in lines if line.startswith("│ ") and line[2].isalpha()]
    assert firsts == wanted


@pytest.mark.parametrize("command", [["predict", "--help"], ["rank", "--help"], ["--help"], ["--version"]])
def test_a_client_without_the_packages_of_training_has_its_help(command):
    printed, errors, status, *_ = probed(*command, hidden=TRAIN_ONLY)
    assert (status, errors) == (0, "")
    assert printed


NEEDING = [
    (["train", "a", "b"], "train"),
    (["evaluate", "a", "b"], "train"),
    (["report", "a", "b"], "train"),
    (["export", "a", "b"], "train"),
    (["annotate", "a"], "train"),
    (["export-network", "a", "b", "c"], "train"),
    (["data", "import", "a", "b", "--source", "own"], "train"),
    (["data", "check", "a"], "train"),
    (["data", "describe", "a"], "train"),
    (["data", "demo", "a"], "train"),
    (["data", "pathways", "a", "b", "--gene-sets", "c", "--network", "d"], "train"),
    (["serve"], "service"),
    (["predict", "A549", "Erlotinib"], "client"),
    (["rank", "A549"], "client"),
]


@pytest.mark.parametrize(("command", "extra"), NEEDING, ids=[" ".join(words) for words, _ in NEEDING])
def test_a_command_whose_packages_are_missing_names_the_extra_that_has_them(command, extra):
    hidden = TRAIN_ONLY if extra == "train" else CLIENT_ONLY
    _, errors, status, _, _ = probed(*command, hidden=hidden)
    assert status == 2
    (line,) = errors.splitlines()
    package = line.removeprefix("this command needs ").partition(",")[0]
    assert package in hidden
    assert line.endswith(f"which is not installed: pip install 'drug-response[{extra}]'")


def test_a_fault_of_the_code_itself_is_no_missing_extra():
    with pytest.raises(ModuleNotFoundError, match="training"):
        requiring_a_room_that_is_not_there()


def requiring_a_room_that_is_not_there():
    from training.cli.terminal import requiring

    def command():
        import training.nowhere  # noqa: F401

    requiring("train", command)()


def test_the_version_is_one_in_the_command_the_service_and_the_distribution():
    assert drp("--version").output == f"drp {VERSION}\n"
    assert create_app(Settings(), None).version == VERSION
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "model/version.py"
    assert project["project"]["scripts"]["drp"] == "drug_response.training.cli.main:app"
