"""DiM2-DRP's codes and graphs give what the offset says of known pairs, new samples and new compounds."""

from dataclasses import replace

import numpy as np
import pytest

from model.encoder_inputs import (
    DRUG_GRAPH,
    DRUG_INPUTS,
    DRUG_OUTPUTS,
    LINE_GRAPH,
    LINE_OUTPUTS,
    compound_arrays,
)
from tests.helpers.dim2_arrays import with_structures
from tests.helpers.offset_graphs import TOLERANCE, fit_of, line_feed, ran, said
from training.dim2.kernels import line_similarity
from training.features.drug_views import ecfp_bits, pathways_of, targets_of
from training.inductive.dim2 import ADDED, known_codes
from training.inductive.drug_kernel import indicators
from training.inductive.graphs import offset_graphs
from training.inductive.requirements import NotPlaceableError
from training.splits.splits import SplitName, make_split


def data_of(arrays):
    data = with_structures(arrays)
    return replace(data, features={k: v for k, v in data.features.items() if k != "pathway_activity"})


@pytest.fixture(scope="module")
def data(arrays):
    return data_of(arrays)


@pytest.fixture(scope="module")
def both(data):
    fit = fit_of(data, make_split(data, SplitName.LCDO, 0, 4).train)
    return fit, *offset_graphs(fit)[:2]


def test_a_known_pairs_inner_product_is_its_margin(data):
    train = make_split(data, SplitName.LPO, 0, 4).train
    fit = fit_of(data, train)
    x, y, kept = known_codes(fit)
    margin = (data.threshold - said(fit)) / fit.offset.scale[0].numpy()
    np.testing.assert_allclose(x @ y.T, margin, atol=1e-4)
    assert kept == 1
    added = np.random.default_rng(0).normal(size=train.shape).astype(np.float32)  # 12 drugs: all is kept
    x, y, kept = known_codes(replace(fit, added=added))
    np.testing.assert_allclose(x @ y.T, margin - added / fit.offset.scale[0].numpy(), atol=1e-4)
    assert x.shape[1] == y.shape[1] == 5 + 1 + ADDED
    assert kept == pytest.approx(1)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_new_sample_gets_what_the_offset_says_of_an_unseen_line(data, both, count):
    fit, graphs, card = both
    new, own = np.flatnonzero(~fit.train.any(1)), fit.train.any(0)
    rows = new[np.arange(count) % len(new)]
    answer = ran(graphs[LINE_GRAPH], LINE_OUTPUTS, line_feed(data, card, rows))
    margin = (data.threshold - said(fit)) / fit.offset.scale[0].numpy()
    _, y, _ = known_codes(fit)
    np.testing.assert_allclose((answer["code"] @ y.T)[:, own], margin[rows][:, own], atol=TOLERANCE)
    kernel = line_similarity(data, fit.train.any(1), fit.config)[rows]
    np.testing.assert_allclose(answer["closeness"], kernel, atol=1e-3)
    np.testing.assert_allclose(answer["weights"].sum(1), 1, atol=1e-5)


@pytest.mark.usefixtures("line_graph_alone")
@pytest.mark.parametrize("tables", [("expression",), ("mutation",), ("copy_number",), ("expression", "mutation")])
def test_data_with_some_of_the_tables_place_samples_as_unseen_lines_by_these(data, tables):
    kept = {key: {m: getattr(data, key)[m] for m in tables} for key in ("features", "feature_names", "present")}
    less = replace(data, **kept)
    fit = fit_of(less, make_split(less, SplitName.LCO, 0, 4).train, mutations="mutation" in tables)
    graphs, card, population = offset_graphs(fit)
    assert {m for m in card["genes"] if card["genes"][m]} == set(tables)
    assert {name.partition("_mean")[0] for name in population if name.endswith("_mean")} == set(tables)
    new = np.flatnonzero(~fit.train.any(1))
    answer = ran(graphs[LINE_GRAPH], LINE_OUTPUTS, line_feed(less, card, new))
    margin = (less.threshold - said(fit)) / fit.offset.scale[0].numpy()
    np.testing.assert_allclose(answer["code"] @ known_codes(fit)[1].T, margin[new], atol=TOLERANCE)
    brought = np.stack(
        [
            less.present.get(m, np.zeros(len(less.tissue), bool))[new]
            for m in ("expression", "copy_number", "mutation")
        ],
        1,
    )
    np.testing.assert_array_equal(answer["weights"] > 0, brought)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_new_compound_gets_what_the_offset_says_of_an_unseen_drug(data, both, count):
    fit, graphs, card = both
    new = np.flatnonzero(~fit.train.any(0))
    columns = new[np.arange(count) % len(new)]
    targets, pathways = targets_of(data), pathways_of(data)
    feed = {
        "fingerprint": data.fingerprints[columns],
        "ecfp": ecfp_bits(data)[columns].numpy(),
        "targets": indicators([targets[j] for j in columns], card["targets"]).numpy(),
        "pathway": indicators([[pathways[j]] for j in columns], card["pathways"]).numpy(),
    }
    answer = ran(graphs[DRUG_GRAPH], DRUG_OUTPUTS, feed)
    x, _, _ = known_codes(fit)
    margin = x @ answer["margin_code"].T
    ln_ic50 = answer["threshold"] - answer["ln_ic50_sd"] * margin
    np.testing.assert_allclose(ln_ic50, said(fit)[:, columns], atol=5e-3)
    shift = (x @ answer["code"].T) - margin  # the score orders lines as ln IC50 does
    np.testing.assert_allclose(shift, np.broadcast_to(shift[0], shift.shape), atol=1e-4)


def test_compounds_are_read_as_the_graph_wants_them(data, both):
    entry = both[2]
    feed = compound_arrays(entry, ["CCO", "CC(=O)OC1=CC=CC=C1C(=O)O"], [["EGFR"], []], [None, "RTK"])
    assert tuple(feed) == DRUG_INPUTS
    answer = ran(both[1][DRUG_GRAPH], DRUG_OUTPUTS, feed)
    assert all(np.isfinite(values).all() for values in answer.values())
    nearest = np.flatnonzero(both[0].train.any(0))[answer["similarity"][0].argmax()]
    assert data.targets[nearest] == ["EGFR"]


def test_what_cannot_be_placed_is_named(data, arrays, monkeypatch):
    monkeypatch.setattr("training.inductive.graphs.to_onnx", lambda *given: b"no graph")  # it takes ten seconds
    train = make_split(data, SplitName.LPO, 0, 4).train
    with pytest.raises(NotPlaceableError, match=r"\['mutations'\] are off"):
        offset_graphs(fit_of(data, train, mutations=False))
    scores = with_structures(arrays)
    few = {**scores.present, "pathway_activity": np.cumsum(scores.present["expression"]) < 20}
    with pytest.raises(NotPlaceableError, match="pathway_activity: 19 training lines have scores and expression"):
        offset_graphs(fit_of(replace(scores, present=few), train))
    _, entry, _ = offset_graphs(fit_of(replace(scores, present=few), train, pathways=False))
    assert "projected" not in entry
    nobody = {**scores.present, "pathway_activity": np.zeros(len(train), bool)}
    _, entry, _ = offset_graphs(fit_of(replace(scores, present=nobody), train))
    assert "projected" not in entry
