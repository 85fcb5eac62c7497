"""The installed package has one name; the checkout's folders are in it, and know one another by it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel():
    spec = importlib.util.spec_from_file_location("wheel", ROOT / "scripts" / "wheel.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_imports_and_commands_get_the_prefix_and_nothing_else(wheel):
    source = (
        "from model.units import x\n    import service.app\nmodel = 1\nfrom modelling import y\n"
        '# python -m service\nPackageLoader("training.report", ".")\ngetLogger("service.access")\n'
    )
    assert wheel.prefixed(source, ROOT) == (
        "from drug_response.model.units import x\n    import drug_response.service.app\nmodel = 1\n"
        "from modelling import y\n# python -m drug_response.service\n"
        'PackageLoader("drug_response.training.report", ".")\ngetLogger("service.access")\n'
    )


def test_the_package_answers_from_its_own_bundle_and_imports_no_other_name(wheel, tmp_path):
    wheel.write_package(ROOT, tmp_path / "drug_response")
    code = (
        "import sys\n"
        "from drug_response.client.bundle import open_bundle\n"
        "import drug_response.training.cli.main, drug_response.service.__main__, drug_response.screening.run\n"
        "print(open_bundle().rank('A549', k=1).drugs[0].case, drug_response.__path__)\n"
        f"print(sorted(set(sys.modules) & {set(wheel.FOLDERS)}), 'torch' in sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-2:] == [f"known ['{tmp_path / 'drug_response'}']", "[] False"], done.stderr
