"""Pathway scores of new samples: projected in the line graph as numpy does it, and worth what the card says."""

from dataclasses import replace

import numpy as np
import pytest

from model.encoder_inputs import LINE_GRAPH, LINE_OUTPUTS, MODALITIES
from tests.helpers.dim2_arrays import small_dim2, with_structures
from tests.helpers.offset_graphs import TOLERANCE, fit_of, line_feed, ran, said
from training.dim2.inputs import fit_offset
from training.dim2.kernels import line_similarity
from training.dim2.pathway_projection import (
    TABLE,
    cross_validated_scores,
    pearson_and_r2,
    project_scores,
    projection_quality,
    with_projected_scores,
)
from training.dim2.predict import predict_offset
from training.evaluation.methods import find_method
from training.inductive.dim2 import known_codes
from training.inductive.graphs import offset_graphs
from training.splits.splits import SplitName, make_split

CONFIG = small_dim2()


@pytest.fixture(scope="module")
def data(arrays):
    """Scores of all lines but two, the first a combination of expression, the last of no gene at all."""
    scored = with_structures(arrays)
    scores = scored.features[TABLE].copy()
    scores[:, 7] = np.random.default_rng(0).normal(size=len(scores))
    present = {**scored.present, TABLE: np.arange(len(scores)) > 1}
    return replace(scored, features={**scored.features, TABLE: scores}, present=present)


@pytest.fixture(scope="module")
def split(data):
    return make_split(data, SplitName.LCO, 0, 4)


@pytest.fixture(scope="module")
def placed(data, split):
    fit = fit_of(data, split.development)
    return fit, *offset_graphs(fit)[:2]


def asked(placed, data, rows, without=()):
    _, graphs, card = placed
    feed = line_feed(data, card, rows)
    feed["has"] = feed["has"] & ~np.isin(MODALITIES, without)
    return ran(graphs[LINE_GRAPH], LINE_OUTPUTS, feed)


@pytest.mark.parametrize("without", [(), ("expression",), ("expression", "copy_number")])
def test_a_line_left_out_is_placed_with_projected_scores(data, split, placed, without):
    fit, _, _ = placed
    learned = split.development.any(1)
    has = np.stack([data.present[m] for m in MODALITIES if m not in without])
    rows = np.flatnonzero(~learned & has.any(0))
    bare = {m: data.present[m] & (learned if m in without else True) for m in MODALITIES}
    seen = with_projected_scores(replace(data, present={**data.present, **bare}), learned, fit.config)
    answer = asked(placed, data, rows, without)
    np.testing.assert_allclose(answer["closeness"], line_similarity(seen, learned, fit.config)[rows], atol=1e-3)
    offset = fit_offset(seen, split.development, fit.config, 0, cross_fitted=False)
    expected = said(replace(fit, arrays=seen, offset=offset))
    _, y, _ = known_codes(fit)
    scale = offset.scale[0].numpy()
    margin = (data.threshold - expected) / scale
    own = split.development.any(0)
    np.testing.assert_allclose((answer["code"] @ y.T)[:, own], margin[rows][:, own], atol=TOLERANCE)


def test_true_scores_would_place_it_elsewhere(data, split, placed):
    rows = np.flatnonzero(~split.development.any(1))
    true = line_similarity(data, split.development.any(1), placed[0].config)[rows]
    assert np.abs(asked(placed, data, rows)["closeness"] - true).max() > 0.02


def test_a_training_line_given_as_a_sample_is_nearest_to_itself(data, split, placed):
    rows = np.flatnonzero(split.development.any(1))
    complete = np.all([data.present[m][rows] for m in (*MODALITIES, TABLE)], axis=0)
    nearest = asked(placed, data, rows)["closeness"].argmax(1)
    assert (nearest == np.arange(len(rows)))[complete].mean() > 0.95


def test_the_card_says_what_the_projection_is_worth_on_lines_left_out(data, split, placed):
    fit, _, card = placed
    lines = split.development.any(1)
    entry = card["projected"][TABLE]
    known = lines & data.present[TABLE]
    assert entry["pathways"] == 8
    assert entry["lines"] == known.sum()
    assert entry["from"] == ["expression", "copy_number", "mutation", "tissue", "cancer_type", "medium"]
    seen = known & data.present["expression"]
    pearson, r2 = pearson_and_r2(cross_validated_scores(data, lines, fit.config)[seen], data.features[TABLE][seen])
    assert entry["pearson"] == pytest.approx(pearson.mean())
    assert entry["r2"] == pytest.approx(r2.mean())
    assert entry["least"] == {"name": "pathway 7", "pearson": pytest.approx(pearson[7])}
    assert pearson[0] > 0.9
    assert abs(pearson[7]) < 0.4
    fitted = project_scores(data, lines, fit.config)
    assert entry["pearson"] < pearson_and_r2(fitted[seen], data.features[TABLE][seen])[0].mean() - 0.1
    assert entry["without_expression"]["pearson"] < entry["pearson"] - 0.1


def test_a_left_out_lines_own_scores_are_never_seen(data, split):
    lines = split.development.any(1)
    one = np.flatnonzero(lines & data.present[TABLE])[5]
    scores = data.features[TABLE].copy()
    scores[one] += 100
    changed = replace(data, features={**data.features, TABLE: scores})
    before, after = (cross_validated_scores(arrays, lines, CONFIG) for arrays in (data, changed))
    np.testing.assert_array_equal(before[one], after[one])
    assert np.isnan(before[~lines]).all()
    assert np.abs(before - after)[lines].max() > 1  # of lines of other folds
    assert (cross_validated_scores(data, lines, CONFIG, seed=1)[lines] != before[lines]).any()


def test_lines_of_one_group_are_left_out_together(data, split):
    lines = split.development.any(1)
    first, second = np.flatnonzero(lines & data.present[TABLE])[:2]
    groups = list(data.line_groups)
    groups[second] = groups[first]
    scores = data.features[TABLE].copy()
    scores[second] += 100
    alike, changed = (
        replace(data, line_groups=groups, features={**data.features, TABLE: table})
        for table in (data.features[TABLE], scores)
    )
    np.testing.assert_array_equal(
        cross_validated_scores(alike, lines, CONFIG)[first], cross_validated_scores(changed, lines, CONFIG)[first]
    )


def test_left_out_without_expression_reads_none_of_it(data, split):
    lines = split.development.any(1)
    said_without = cross_validated_scores(data, lines, CONFIG, without="expression")
    one = np.flatnonzero(lines & data.present["expression"])[3]
    values = data.features["expression"].copy()
    values[one] += 3
    changed = replace(data, features={**data.features, "expression": values})
    np.testing.assert_array_equal(
        said_without[one], cross_validated_scores(changed, lines, CONFIG, without="expression")[one]
    )
    assert (
        cross_validated_scores(data, lines, CONFIG)[one] != cross_validated_scores(changed, lines, CONFIG)[one]
    ).any()


def test_a_pathway_that_does_not_vary_has_no_worth(data, split):
    scores = data.features[TABLE].copy()
    scores[:, 3] = 1
    entry = projection_quality(
        replace(data, features={**data.features, TABLE: scores}), split.development.any(1), CONFIG
    )
    assert entry["pathways"] == 7
    assert np.isfinite([entry["pearson"], entry["r2"], *entry["without_expression"].values()]).all()


def test_lines_to_predict_get_projected_scores_and_those_learned_from_keep_theirs(data, split):
    learned = split.development.any(1)
    seen = with_projected_scores(data, learned, CONFIG)
    np.testing.assert_array_equal(seen.features[TABLE][learned], data.features[TABLE][learned])
    np.testing.assert_allclose(
        seen.features[TABLE][~learned], project_scores(data, learned, CONFIG)[~learned], rtol=1e-6
    )
    assert seen.present[TABLE][~learned].all()
    bare = replace(data, features={k: v for k, v in data.features.items() if k != TABLE})
    assert with_projected_scores(bare, learned, CONFIG) is bare


def test_the_offset_is_measured_with_projected_scores(data, split):
    true, new = (predict_offset(data, split, CONFIG, 0, projected=on).ln_ic50 for on in (False, True))
    learned = split.development.any(1)
    np.testing.assert_array_equal(true[learned], new[learned])
    assert np.abs(true - new)[~learned].max() > 0.01
    scores = data.features[TABLE].copy()
    scores[~learned] = 9.0
    blinded = replace(data, features={**data.features, TABLE: scores})
    np.testing.assert_array_equal(predict_offset(blinded, split, CONFIG, 0, projected=True).ln_ic50, new)
    assert find_method("dim2_offset_projected").config == find_method("dim2_offset").config
    assert '"pathways": false' in find_method("dim2_offset_no_pathways").config
