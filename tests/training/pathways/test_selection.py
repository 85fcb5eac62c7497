"""Pathways: by hand on small networks, found where they are planted, and chosen without a look at a test line."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from training.pathways.activity import scorable_sets, ssgsea
from training.pathways.gene_sets import GeneFileError, read_edges, read_gmt
from training.pathways.propagation import (
    enrichment,
    membership,
    moderated_t,
    permuted_rank_sums,
    propagate,
    propagate_signs,
    walk_matrix,
)
from training.pathways.selection import median_response, select_pathways

GENES = [f"G{i:03d}" for i in range(300)]
SETS = {f"set {i}": frozenset(GENES[15 * i : 15 * i + 15]) for i in range(20)}
LINES = [f"L{i}" for i in range(120)]
TRAIN = LINES[:80]


def planted(signal_in, strength=1.5, seed=0):
    """Expression in which the genes of sets 3 (up) and 7 (down) follow the response in the lines `signal_in`."""
    rng = np.random.default_rng(seed)
    response = pd.Series(rng.normal(size=len(LINES)), LINES)
    expression = pd.DataFrame(6 + rng.normal(size=(len(LINES), len(GENES))), LINES, GENES)
    for name, sign in (("set 3", -1), ("set 7", 1)):
        shift = np.outer(response.loc[signal_in], np.full(15, sign * strength))
        expression.loc[signal_in, sorted(SETS[name])] += shift
    return expression, response


@pytest.fixture(scope="module")
def edges():
    """Neighbours inside a set interact, and some pairs at random."""
    rng = np.random.default_rng(1)
    inside = [(a, b) for genes in SETS.values() for a, b in zip(sorted(genes), sorted(genes)[1:], strict=False)]
    across = [tuple(GENES[i] for i in rng.choice(300, 2, replace=False)) for _ in range(100)]
    return pd.DataFrame(inside + across, columns=["a", "b"])


def test_planted_pathways_are_found(edges):
    expression, response = planted(LINES)
    selection = select_pathways(expression, response, TRAIN, SETS, edges)
    assert {"set 3", "set 7"} <= set(selection.chosen)
    assert len(selection.chosen) <= 6
    table = selection.table
    assert (table.loc[["set 3", "set 7"], "stability"] > 0.9).all()
    assert (table.loc[["set 3", "set 7"], "spearman"].abs() > 0.5).all()
    assert np.sign(table.loc["set 3", "spearman"]) == -np.sign(table.loc["set 7", "spearman"])
    pd.testing.assert_frame_equal(selection.activity, ssgsea(expression, SETS)[selection.chosen])
    assert selection.activity.abs().max().max() <= 1
    value = table["stability"] * table["variance"] * table["spearman"].abs()
    np.testing.assert_allclose(table["value"], value)


def test_a_signal_in_test_lines_does_not_move_the_selection(edges):
    expression, response = planted(TRAIN)
    changed, _ = planted(TRAIN)
    test = LINES[80:]
    changed.loc[test, sorted(SETS["set 11"])] += np.outer(response.loc[test], np.full(15, 9.0))
    other_response = response.copy()
    other_response.loc[test] *= -50
    one = select_pathways(expression, response, TRAIN, SETS, edges)
    two = select_pathways(changed, other_response, TRAIN, SETS, edges)
    assert one.chosen == two.chosen
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_frame_equal(one.activity.loc[TRAIN], two.activity.loc[TRAIN])
    everything = select_pathways(changed, response, LINES, SETS, edges)
    assert "set 11" in everything.chosen  # it would have been chosen, had selection looked


def test_without_a_signal_nothing_is_chosen(edges):
    expression, response = planted(LINES, strength=0.0, seed=3)
    with pytest.raises(ValueError, match="none of 20 gene sets is enriched"):
        select_pathways(expression, response, TRAIN, SETS, edges)


def test_overlapping_sets_are_represented_by_the_best_one(edges):
    expression, response = planted(LINES)
    sets = {**SETS, "set 3 once more": frozenset([*sorted(SETS["set 3"])[:14], *GENES[290:292]])}
    selection = select_pathways(expression, response, TRAIN, sets, edges, wanted=2)
    assert sorted(selection.chosen) == ["set 3", "set 7"]
    assert selection.table.loc["set 3", "cluster"] == selection.table.loc["set 3 once more", "cluster"]


def test_moderated_t_with_equal_variances_is_a_pooled_t_with_their_mean():
    """Shrinkage is complete where the variances differ by no more than chance, and none where there is one gene."""
    rng = np.random.default_rng(0)
    values, group = rng.normal(size=(40, 2000)), np.arange(40) < 20
    t = moderated_t(values, group)
    plain = ttest_ind(values[group], values[~group]).statistic
    assert np.corrcoef(t, plain)[0, 1] > 0.98
    assert t.std() == pytest.approx(1, abs=0.05)  # a plain t with 38 degrees of freedom is wider
    np.testing.assert_allclose(moderated_t(values[:, :1], group), plain[:1])
    quiet = values.copy()
    quiet[:, 0] = 1e-4 * values[:, 0] + 0.001 * group
    assert abs(moderated_t(quiet, group)[0]) < abs(ttest_ind(quiet[group], quiet[~group]).statistic[0]) / 10


def test_a_walk_on_two_genes_by_hand():
    """One edge, W = [[0, 1], [1, 0]]: F = .25 (I − .75 W)⁻¹ (1, 0) = (4, 3) / 7."""
    walk = walk_matrix(pd.DataFrame({"a": ["A"], "b": ["B"]}), ["A", "B", "alone"])
    assert walk.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    spread = propagate(np.array([[1.0], [0.0], [1.0]]), walk)
    np.testing.assert_allclose(spread.ravel(), [4 / 7, 3 / 7, 0.25], atol=1e-6)
    both = propagate_signs(np.array([2.0, -1.0, 0.0]), walk)
    np.testing.assert_allclose(both[:2].ravel(), [8 / 7, 3 / 7, 6 / 7, 4 / 7], atol=1e-6)


def test_enrichment_of_the_top_genes_and_of_none():
    scores = np.stack([np.arange(300.0)[::-1], np.zeros(300)], 1)
    members, nobody = membership(SETS, GENES), walk_matrix(pd.DataFrame({"a": [], "b": []}), GENES)
    p = enrichment(scores, members, permuted_rank_sums(np.arange(-150.0, 150.0), nobody, members, 0))
    assert p[0] < 0.05
    assert p[10] > 0.5


def test_genes_that_interact_are_not_enriched_by_that_alone(edges):
    """Random t-statistics, spread: chance must be spread as well, or sets of neighbours pass again and again."""
    walk, members = walk_matrix(edges, GENES), membership(SETS, GENES)
    rng = np.random.default_rng(0)
    ours = published = 0
    for seed in range(20):
        t = rng.normal(size=300)
        scores = propagate_signs(t, walk)
        ours += (enrichment(scores, members, permuted_rank_sums(t, walk, members, seed)) <= 0.1).any()
        ranks = scores.argsort(0).argsort(0) / 300
        dealt = np.stack([rng.permutation(300) for _ in range(600)], 1)
        late = np.stack([members @ ranks[:, side][dealt] for side in range(2)])
        published += (enrichment(scores, members, late) <= 0.1).any()
    assert ours <= 5
    assert published >= 10


def test_ssgsea_scores_a_line_by_itself_and_by_the_order_of_its_genes():
    expression, _ = planted(LINES)
    scores = ssgsea(expression, SETS)
    assert scores.shape == (120, 20)
    assert list(scores.index) == LINES
    pd.testing.assert_frame_equal(ssgsea(expression.iloc[:7], SETS), scores.iloc[:7])
    pd.testing.assert_frame_equal(ssgsea(np.exp(expression), SETS), scores)
    shifted = expression.copy()
    shifted.loc["L5", sorted(SETS["set 9"])] += 10
    assert ssgsea(shifted, SETS).loc["L5", "set 9"] == pytest.approx(ssgsea(shifted, SETS).loc["L5"].max())


def test_only_sets_of_10_to_500_genes_with_half_of_them_measured_are_scored():
    sets = {"small": frozenset(GENES[:9]), "large": frozenset([*GENES, *map(str, range(201))])}
    sets |= {"unknown": frozenset([*GENES[:11], *map(str, range(12))]), "good": frozenset(GENES[:10])}
    assert list(scorable_sets(sets, GENES)) == ["good"]
    with pytest.raises(ValueError, match="none of 1 gene sets"):
        ssgsea(planted(LINES)[0], {"small": sets["small"]})


def test_missing_expression_is_named():
    expression, _ = planted(LINES)
    expression.loc["L9", "G004"] = np.nan
    with pytest.raises(ValueError, match="expression of line 'L9' has missing values"):
        ssgsea(expression, SETS)


def test_the_median_response_is_over_training_pairs_and_drug_means_are_taken_off():
    ln_ic50 = np.array([[1, 10], [3, 12], [5, 99]], np.float32)
    train = np.array([[True, True], [True, True], [False, False]])
    assert median_response(ln_ic50, train, ["a", "b", "c"]).to_dict() == {"a": -1.0, "b": 1.0}


def test_gmt_and_edges_are_read(tmp_path):
    (tmp_path / "s.gmt").write_text("one\tdesc\tA\tB\n\ntwo\t\tC\t\n")
    assert read_gmt(tmp_path / "s.gmt") == {"one": {"A", "B"}, "two": {"C"}}
    (tmp_path / "e.tsv").write_text("a\tb\tscore\nA\tB\t9\nB\tA\t9\nC\tC\t1\nC\tA\t2\n")
    assert read_edges(tmp_path / "e.tsv").to_numpy().tolist() == [["A", "B"], ["A", "C"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\tdesc\n", "line 1: no name or no gene"),
        ("one\td\tA\none\td\tB\n", "line 2: 'one' stands twice"),
        ("", "no gene set"),
    ],
)
def test_a_bad_gmt_is_refused(tmp_path, text, message):
    (tmp_path / "s.gmt").write_text(text)
    with pytest.raises(GeneFileError, match=message):
        read_gmt(tmp_path / "s.gmt")


def test_the_real_files_are_read(data_root):
    networks = data_root / "networks"
    if not networks.is_dir():
        pytest.skip(f"no networks/ in {data_root}")
    kegg, reactome = (read_gmt(networks / f"{name}_symbols.gmt") for name in ("kegg_hsa", "reactome"))
    assert (len(kegg), len(reactome)) == (358, 2681)
    assert len(read_edges(networks / "ppi_string.parquet")) > 150_000
