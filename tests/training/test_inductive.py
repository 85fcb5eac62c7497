"""A new sample and a new compound get from ONNX what the network says of nodes outside the training population."""

from dataclasses import replace
from itertools import product

import numpy as np
import onnxruntime as ort
import pytest

from training.export_inductive import DRUG_GRAPH, DRUG_INPUTS, LINE_GRAPH, LINE_INPUTS, inductive_graphs
from training.features import MODALITIES, panel_table
from training.fit_hgacl import Trainer
from training.inductive import Fitted, indicators
from training.prepare import Prepared
from training.splits import SplitName, make_split

TOLERANCE = 1e-4
SUBSETS = [s for s in product([True, False], repeat=3) if any(s)]


def annotated(arrays):
    """The planted drugs with targets and pathways, some unknown, and cancer types."""
    m, n = len(arrays.drug_ids), len(arrays.cell_line_ids)
    targets = [[] if j == 3 else [f"T{j % 4}", f"S{j}"] for j in range(m)]
    pathway = ["" if j == 5 else f"pathway {j % 3}" for j in range(m)]
    return replace(arrays, targets=targets, drug_pathway=pathway, cancer_type=[f"type {i % 7}" for i in range(n)])


def trained(arrays, train, config, steps):
    trainer = Trainer(arrays, train, config, 0)
    for _ in range(steps):
        trainer.step()
    trainer.network.eval()
    return trainer


def fitted_of(trainer, arrays, train):
    return Fitted(trainer.network, Prepared(trainer.population, trainer.responses, trainer.targets), arrays, train)


def line_feed(arrays, card, rows, has):
    feed = {"has": np.repeat([has], len(rows), 0) & np.stack([arrays.present[m][rows] for m in MODALITIES], 1)}
    for m in MODALITIES:
        kept = [i for i, g in enumerate(genes_of(arrays, m)) if g in set(card["genes"][m])]
        feed[m] = panel_table(arrays, m)[rows][:, kept]
    for key, names, said in (
        ("tissue", card["tissues"], arrays.tissue),
        ("cancer_type", card["cancer_types"], arrays.cancer_type),
    ):
        feed[key] = np.array([[float(said[r] == name) for name in names] for r in rows], np.float32)
    return {key: feed[key] for key in LINE_INPUTS}


def genes_of(arrays, modality):
    names, expressed = arrays.feature_names[modality], set(arrays.feature_names["expression"])
    return [g for g in names if g in expressed] if modality != "expression" and expressed & set(names) else names


def session(graph):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def arrays_(arrays):
    return annotated(arrays)


@pytest.fixture(scope="module")
def lco(arrays_, small):
    train = make_split(arrays_, SplitName.LCO, 0, 4).train
    trainer = trained(arrays_, train, small, 10)
    return trainer, train, *inductive_graphs(fitted_of(trainer, arrays_, train))


@pytest.mark.parametrize("has", SUBSETS)
def test_a_new_sample_gets_the_networks_own_code_with_any_subset_of_tables(arrays_, lco, small, has):
    trainer, train, graphs, card = lco
    new = np.flatnonzero(~train.any(1))
    present = {
        m: np.where(train.any(1), arrays_.present[m], arrays_.present[m] & h)
        for m, h in zip(MODALITIES, has, strict=True)
    }
    bare = ~np.any([present[m] for m in MODALITIES], axis=0)
    present["mutation"] = present["mutation"] | bare  # training refuses a line without any table
    less = replace(arrays_, present=present)
    own = Trainer(less, train, small, 0)
    own.network.load_state_dict(trainer.network.state_dict())
    expected = own.codes().lines[new]
    feed = line_feed(less, card, new, (True, True, True))
    one = session(graphs[LINE_GRAPH])
    for n in (1, 7, 500):
        take = np.arange(n) % len(new)
        code, similarity, closeness, weights = one.run(None, {k: v[take] for k, v in feed.items()})
        np.testing.assert_allclose(code, expected[take], atol=TOLERANCE)
        np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)
        assert similarity.shape == closeness.shape == (n, train.any(1).sum())


def test_a_new_compound_gets_the_networks_own_codes(arrays_, small):
    train = make_split(arrays_, SplitName.LDO, 0, 4).train
    trainer = trained(arrays_, train, small, 10)
    graphs, card = inductive_graphs(fitted_of(trainer, arrays_, train))
    new = np.flatnonzero(~train.any(0))
    codes = trainer.codes()
    feed = {
        "fingerprint": arrays_.fingerprints[new],
        "targets": indicators([arrays_.targets[j] for j in new], card["targets"]).numpy(),
        "pathway": indicators(
            [[arrays_.drug_pathway[j]] if arrays_.drug_pathway[j] else [] for j in new], card["pathways"]
        ).numpy(),
    }
    assert tuple(feed) == DRUG_INPUTS
    for n in (1, 7, 500):
        take = np.arange(n) % len(new)
        said = session(graphs[DRUG_GRAPH]).run(None, {k: v[take] for k, v in feed.items()})
        np.testing.assert_allclose(said[0], codes.drugs[new][take], atol=TOLERANCE)
        np.testing.assert_allclose(said[1], codes.margin_drugs[new][take], atol=TOLERANCE)
        for t, target in enumerate(trainer.targets):
            np.testing.assert_allclose(said[2][:, t], target.offset_prior[new][take], atol=TOLERANCE)
            np.testing.assert_allclose(said[3][:, t], target.scale[new][take], atol=TOLERANCE)
        assert (said[6] <= 1).all()
