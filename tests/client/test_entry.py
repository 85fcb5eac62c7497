"""`drp` itself, in a process of its own."""

import subprocess
import sys

import pytest

SAYS = """
import sys
sys.argv = ["drp", *{arguments!r}]
from training.cli.entry import main
try:
    main()
except SystemExit as stop:
    print(stop.code, "torch" in sys.modules)
"""


@pytest.mark.parametrize(
    ("arguments", "expected", "loaded"),
    [(["rank", "--help"], "Cell line whose drugs to rank", False), (["train", "--help"], "choose the epoch on", True)],
)
def test_torch_is_loaded_for_training_alone(arguments, expected, loaded):
    code = SAYS.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert expected in " ".join(done.stdout.split())
    assert done.stdout.splitlines()[-1] == f"0 {loaded}"
