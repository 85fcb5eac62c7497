"""What the clinical commands predict is what the service answers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.sample import Sample
from service.prediction.new_entities import NewEntities
from service.prediction.predictor import Predictor
from service.settings import Settings
from training.clinical.predictions import LineModel
from training.clinical.tables import ClinicalError

BUNDLE = Path(__file__).parents[3] / "bundles" / "gdsc"


@pytest.fixture(scope="module")
def model() -> LineModel:
    return LineModel.open(BUNDLE)


def test_tumours_are_answered_as_the_service_answers_samples(model) -> None:
    rng = np.random.default_rng(0)
    values = (model.mean + model.sd * rng.normal(size=(3, len(model.genes)))).clip(0.01, 15).astype(np.float32)
    tissues = ["skin", "", "breast"]
    ours, closeness = model.predict(values, tissues)
    predictor = Predictor.load(Settings(bundle=BUNDLE, keys_file=None))
    encoders = predictor.models[model.name].encoders
    samples = {
        str(row): Sample(dict(zip(model.genes, map(float, values[row]), strict=True)), tissue=tissue or None)
        for row, tissue in enumerate(tissues)
    }
    lines = encoders.encode_samples({name: encoders.read_sample(sample) for name, sample in samples.items()})
    pairs = np.indices((3, len(predictor.drugs))).reshape(2, -1)
    theirs = predictor.predict(model.name, pairs[0] + len(predictor.lines), pairs[1], NewEntities(lines))
    np.testing.assert_allclose(ours.ravel(), theirs.ln_ic50, atol=1e-3)
    np.testing.assert_allclose(closeness, lines.neighbours.similarity.max(1), atol=1e-5)
    assert model.least_similarity == pytest.approx(float(lines.neighbours.limit[0]), rel=1e-6)


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
    with pytest.raises(ClinicalError, match=r"--model nothing: .* has hgacl, dim2"):
        LineModel.open(BUNDLE, "nothing")
