"""What stops the start: encoder graphs that their card does not describe, cards that lack something."""

import subprocess
import sys

import pytest

from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from service.prediction.predictor import Predictor
from service.settings import Settings
from tests.helpers.demo_bundle import build_bundle
from tests.helpers.demo_encoders import GENES


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"genes": {**GENES, "expression": ["TP53"]}}, "line_encoder.onnx: does not take what the card says"),
        ({"targets": []}, "drug_encoder.onnx: does not take what the card says"),
        ({"cell_lines": ["SIDM00000"]}, "line_encoder.onnx: its embeddings or similarities are not as wide"),
        ({"drugs": ["none"]}, "names 'none', which drugs.json has not"),
    ],
)
def test_graphs_that_do_not_fit_the_card_stop_the_start(tmp_path, change, reason):
    folder = build_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    bundle.models["hgacl"].card["inductive"].update(change)
    write_bundle(folder, bundle)
    with pytest.raises(BundleError, match=reason):
        Predictor.load(Settings(bundle=folder))


def test_a_bundle_from_before_growth_medium_says_what_it_lacks_and_what_helps(tmp_path):
    folder = build_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    del bundle.models["hgacl"].card["inductive"]["media"]
    write_bundle(folder, bundle)
    with pytest.raises(BundleError, match="lacks media; it comes from another version, so export the bundle again"):
        Predictor.load(Settings(bundle=folder))


def test_a_projection_without_its_numbers_stops_the_start(tmp_path):
    folder = build_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    bundle.models["hgacl"].card["inductive"]["projected"] = {"pathway_activity": {"pathways": 38}}
    write_bundle(folder, bundle)
    with pytest.raises(BundleError, match="'inductive' of hgacl lacks numbers under 'projected'"):
        Predictor.load(Settings(bundle=folder))


def test_loading_a_bundle_imports_no_chemistry(bundle_folder):
    program = (
        "import sys; from service.prediction.predictor import Predictor; from service.settings import Settings; "
        f"Predictor.load(Settings(bundle={str(bundle_folder)!r})); "
        "print('rdkit' in sys.modules, 'skfp' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]
