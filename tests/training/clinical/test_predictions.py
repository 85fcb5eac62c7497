"""What the clinical commands predict is what the service answers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.kernel_stack.config import KernelStackConfig
from model.sample import Sample
from service.prediction.new_entities import NewEntities
from service.prediction.predictor import Predictor
from service.settings import Settings
from training.clinical.predictions import LineModel
from training.clinical.tables import ClinicalError
from training.data.folder import write_dataset
from training.export.bundle import export
from training.runs.folder import read_run
from training.runs.kernel_stack import train_kernel_stack_run
from training.sources.layouts.demo import demo_dataset

BUNDLE = Path(__file__).parents[3] / "bundles" / "gdsc"


@pytest.fixture(scope="module")
def model() -> LineModel:
    return LineModel.open(BUNDLE, "hgacl")


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Path:
    """A bundle of a kernel stack that was fitted on made data."""
    folder = tmp_path_factory.mktemp("stack")
    dataset = write_dataset(demo_dataset(60, 8, 0), folder / "data")
    train_kernel_stack_run(dataset, folder / "run", KernelStackConfig(precision="float32"), 0)
    export(read_run(folder / "run"), folder / "bundle", "stack", {}, "made")
    return folder / "bundle"


@pytest.mark.parametrize("name", ["hgacl", "dim2", "kernel_stack"])
def test_tumours_are_answered_as_the_service_answers_samples(name, stack) -> None:
    bundle = stack if name == "kernel_stack" else BUNDLE
    model = LineModel.open(bundle, name)
    rng = np.random.default_rng(0)
    values = (model.mean + 0.5 * model.sd * rng.normal(size=(3, len(model.genes)))).clip(0.01, 12).astype(np.float32)
    tissues = [model.tissues[0], "", model.tissues[1]]
    ours, closeness = model.predict(values, tissues)
    predictor = Predictor.load(Settings(bundle=bundle, keys_file=None))
    encoders = predictor.models[name].encoders
    samples = {
        str(row): Sample(dict(zip(model.genes, map(float, values[row]), strict=True)), tissue=tissue or None)
        for row, tissue in enumerate(tissues)
    }
    lines = encoders.encode_samples({name: encoders.read_sample(sample) for name, sample in samples.items()})
    pairs = np.indices((3, len(predictor.drugs))).reshape(2, -1)
    theirs = predictor.predict(name, pairs[0] + len(predictor.lines), pairs[1], NewEntities(lines))
    np.testing.assert_allclose(ours.ravel(), theirs.ln_ic50, atol=1e-3)
    np.testing.assert_allclose(closeness, lines.neighbours.similarity.max(1), atol=1e-5)
    limits = lines.neighbours.limit[lines.neighbours.limit < 1]  # of strange expression it is beyond reach
    assert limits == pytest.approx(model.least_similarity, rel=1e-6)


def test_z_scores_come_to_the_scale_of_the_lines(model) -> None:
    z = pd.DataFrame([[0.0, 2.0]], columns=[model.genes[0], model.genes[1]])
    values = model.on_lines_scale(z)[0]
    assert values[0] == pytest.approx(model.mean[0])
    assert values[1] == pytest.approx(model.mean[1] + 2 * model.sd[1])
    assert np.isnan(values[2:]).all()


def test_what_cannot_be_predicted(model) -> None:
    with pytest.raises(ClinicalError, match="1 of the 687 genes that hgacl reads are there, under 40%"):
        model.refuse_few_genes([model.genes[0], "NOTHING"])
    with pytest.raises(ClinicalError, match="tissue 'bladder' is not one of the model's; give one of aero_dig_tract"):
        model.predict(np.zeros((1, len(model.genes)), np.float32), ["bladder"])
    with pytest.raises(ClinicalError, match=r"--model nothing: .* has .*hgacl"):
        LineModel.open(BUNDLE, "nothing")
