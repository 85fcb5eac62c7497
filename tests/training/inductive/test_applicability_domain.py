"""What a bundle says of its training population: nearest others, modality weights, the limits of the domain."""

from dataclasses import replace

import numpy as np
import pytest

from model.bundle.reader import read_bundle
from training.export.bundle import export
from training.hgacl.trainer import Trainer
from training.inductive.applicability_domain import NEAREST, drug_inputs, fit_domain, line_inputs
from training.inductive.hgacl import DrugEncoder, LineEncoder, TrainedHgacl
from training.runs.folder import read_run
from training.splits.splits import SplitName, make_split


@pytest.fixture(scope="module")
def fitted(arrays, small):
    """Untrained, with lines and drugs left out of the training population and targets of some drugs."""
    m = len(arrays.drug_ids)
    known = replace(
        arrays,
        targets=[[] if j == 3 else [f"T{j % 4}"] for j in range(m)],
        drug_pathway=[f"P{j % 3}" for j in range(m)],
    )
    train = make_split(known, SplitName.LCDO, 0, 4).train
    trainer = Trainer(known, train, small, 0)
    trainer.network.eval()
    return TrainedHgacl(trainer.network, small, trainer.training_data(), known, train)


@pytest.fixture(scope="module")
def encoders(fitted):
    return LineEncoder(fitted).eval(), DrugEncoder(fitted).eval()


def test_nearest_are_training_nodes_without_the_node_itself_nearest_first(fitted, encoders):
    tables, _ = fit_domain(fitted.arrays, fitted.train, *encoders)
    for side, name, train in (
        ("line", "closeness", fitted.train.any(1)),
        ("drug", "similarity", fitted.train.any(0)),
    ):
        nearest, similarity = tables[f"{side}_nearest"], tables[f"{side}_{name}"]
        assert nearest.shape == similarity.shape == (len(train), NEAREST)
        assert train[nearest].all()
        assert not (nearest == np.arange(len(train))[:, None]).any()
        assert (np.diff(similarity, axis=1) <= 0).all()
        assert ((similarity >= 0) & (similarity <= 1 + 1e-6)).all()


def test_similarities_are_what_the_graphs_say(fitted, encoders):
    tables, _ = fit_domain(fitted.arrays, fitted.train, *encoders)
    line, drug = encoders
    closeness, weights = (x.detach().numpy() for x in line(*line_inputs(fitted.arrays, line))[2:])
    similarity = drug(*drug_inputs(fitted.arrays, drug))[-1].detach().numpy()
    place = {row: i for i, row in enumerate(np.flatnonzero(fitted.train.any(1)))}
    of_drug = {row: i for i, row in enumerate(np.flatnonzero(fitted.train.any(0)))}
    assert tables["line_closeness"][7, 0] == closeness[7, place[tables["line_nearest"][7, 0]]]
    assert tables["drug_similarity"][2, 1] == similarity[2, of_drug[tables["drug_nearest"][2, 1]]]
    np.testing.assert_array_equal(tables["line_weights"], weights)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)


def test_a_limit_leaves_a_twentieth_of_the_training_nodes_outside(fitted, encoders):
    tables, limits = fit_domain(fitted.arrays, fitted.train, *encoders)
    nearest = tables["line_closeness"][fitted.train.any(1), 0]
    assert (nearest < limits["cell_line"]).mean() == pytest.approx(0.05, abs=1 / len(nearest))
    nearest = tables["drug_similarity"][fitted.train.any(0), 0]
    assert limits["drug"] == pytest.approx(np.quantile(nearest, 0.05))
    assert limits["drug_structure"] != limits["drug"]


def test_run_and_bundle_carry_them(run_folder, tmp_path):
    run = read_run(run_folder)
    assert run.card["inductive"]["domain"].keys() == {"cell_line", "drug", "drug_structure"}
    export(run, tmp_path / "bundle", "planted", {}, "drp train DATASET RUN")
    part = read_bundle(tmp_path / "bundle").models["hgacl"]
    assert part.card["inductive"]["domain"] == run.card["inductive"]["domain"]
    assert part.population.keys() == run.population.keys() != set()
    for key, table in run.population.items():
        np.testing.assert_array_equal(part.population[key], table)
