"""The synthetic dataset: valid, the same for the same seed, and solved by its mechanism alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model.hgacl.config import HgaclConfig
from training.baselines.registry import BASELINES
from training.data.arrays import align
from training.data.content_hash import content_hash
from training.data.folder import read_dataset, write_dataset
from training.data.validation import validate
from training.hgacl.fit import fit
from training.metrics.metrics import per_drug_auroc
from training.sources.layouts.demo import MOST_DRUGS, PATHWAYS, demo_dataset, planted
from training.splits.splits import SplitName, make_split

FEW_EPOCHS = HgaclConfig.named("default", epochs=20)


@pytest.fixture
def one_thread():
    """Matrices this small go ten times slower over threads that wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def demo():
    return demo_dataset()


@pytest.fixture(scope="module")
def shuffled(demo):
    """The same, with each expression profile given to another line."""
    mixed = np.random.default_rng(1).permutation(len(demo.expression))
    return replace(demo, expression=demo.expression.iloc[mixed].set_axis(demo.expression.index))


@pytest.mark.parametrize(("lines", "drugs", "seed"), [(200, 24, 0), (40, 6, 1), (60, MOST_DRUGS, 2)])
def test_it_passes_every_check_and_survives_the_disk(tmp_path, lines, drugs, seed):
    dataset = demo_dataset(lines, drugs, seed)
    assert [p for p in validate(dataset) if p.severity == "error"] == []
    written = write_dataset(dataset, tmp_path / "demo")
    assert content_hash(read_dataset(tmp_path / "demo")) == written.info["content_hash"]


def test_it_says_that_it_is_synthetic(demo):
    assert demo.info["source"].startswith("SYNTHETIC")
    assert set(demo.response["source"]) == {"synthetic"}
    assert demo.cell_lines["id"].str.startswith("DEMO-").all()
    assert demo.expression.columns.str.startswith("DEMO-").all()


def test_a_seed_gives_one_dataset(demo):
    assert content_hash(demo_dataset()) == content_hash(demo)
    assert content_hash(demo_dataset(seed=1)) != content_hash(demo)


@pytest.mark.parametrize(("lines", "drugs"), [(39, 24), (5001, 24), (200, 5), (200, MOST_DRUGS + 1)])
def test_impossible_sizes_are_refused(lines, drugs):
    with pytest.raises(ValueError, match="give"):
        demo_dataset(lines, drugs)


def test_some_lines_lack_a_table_and_some_pairs_a_response(demo):
    assert 0.7 < len(demo.expression) / 200 < 0.95
    assert len(demo.copy_number) < 200
    assert len(demo.mutation) == 200
    assert 0.8 < len(demo.response) / (200 * 24) < 0.9
    assert 0.2 < demo.response["sensitive"].mean() < 0.4


def test_drugs_of_one_pathway_share_target_and_scaffold(demo):
    assert demo.drugs["targets"].str[0].nunique() == PATHWAYS
    bits = demo.drug_fingerprints.to_numpy(bool)
    shared = (bits[:, None] & bits).sum(2) / (bits[:, None] | bits).sum(2)
    same = (demo.drugs["pathway"].to_numpy()[:, None] == demo.drugs["pathway"].to_numpy()) & ~np.eye(24, dtype=bool)
    assert shared[same].mean() > shared[~same & ~np.eye(24, dtype=bool)].mean() + 0.2


def test_the_planted_activity_shows_in_its_genes_and_in_its_drugs(demo):
    truth = planted(200, 24, np.random.default_rng(0))
    arrays = align(demo)
    has = arrays.present["expression"]
    genes = [name.startswith("DEMO-P1-") for name in arrays.feature_names["expression"]]
    shown = arrays.features["expression"][has][:, genes].mean(1)
    assert np.corrcoef(shown, truth.activity[has, 0])[0, 1] > 0.9
    for drug in range(24):
        rows = arrays.measured[:, drug]
        assert np.corrcoef(arrays.ln_ic50[rows, drug], truth.activity[rows, drug % PATHWAYS])[0, 1] < -0.8


def auroc(dataset, method):
    """Mean per-drug AUROC over lines that training never saw."""
    arrays = align(dataset)
    split = make_split(arrays, SplitName.LCO, 0, 3)
    if method == "hgacl":
        scores = fit(arrays, split.train, split.validation, FEW_EPOCHS).codes.scores()
    else:
        scores = BASELINES[method](arrays, split, 0).score
    return np.nanmean(per_drug_auroc(scores, arrays.sensitive, split.test))


@pytest.mark.parametrize("method", ["kernel_ridge_ln_ic50", "hgacl"])
@pytest.mark.usefixtures("one_thread")
def test_a_good_model_finds_the_mechanism_and_loses_it_with_the_expression(demo, shuffled, method):
    assert auroc(demo, method) > 0.82
    assert auroc(shuffled, method) < 0.65  # what tissue, mutation and copy number still tell


@pytest.mark.parametrize("method", ["drug_mean", "mean_effects"])
def test_means_alone_find_nothing(demo, method):
    assert auroc(demo, method) == pytest.approx(0.5, abs=0.02)
