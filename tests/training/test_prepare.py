"""What the network reads: from training pairs and training lines alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from perturbed import with_other_features, with_other_values
from torch.testing import assert_close

from model.config import HgaclConfig
from training.dataset import align
from training.fit_hgacl import Trainer
from training.prepare import drug_scale, one_hot, prepare, principal_components, responses_of, standardised
from training.splits import SplitName, make_split


def tensors(part):
    """Every tensor of a prepared part."""
    for value in vars(part).values():
        yield from value if isinstance(value, tuple) else (value,)


def same(a, b):
    return all(
        torch.equal(x, y) for parts in zip(a, b, strict=True) for x, y in zip(*map(tensors, parts), strict=True)
    )


CONFIGS = pytest.mark.parametrize("preset", ["small", "small_paper"])


@CONFIGS
@pytest.mark.parametrize("name", list(SplitName))
def test_no_value_of_a_test_or_validation_pair_reaches_anything_prepared(arrays, name, preset, request):
    split, config = make_split(arrays, name, 0, 4), request.getfixturevalue(preset)
    before = prepare(arrays, split.train, config, 0)
    assert same(before, prepare(with_other_values(arrays, split.test | split.validation), split.train, config, 0))
    assert not same(before, prepare(with_other_values(arrays, split.train), split.train, config, 0))


@CONFIGS
def test_no_feature_of_an_unseen_line_reaches_a_training_line(arrays, preset, request):
    """Means, scales, components, σ, kernel columns and norms, block lengths, priors: training lines alone."""
    split, config = make_split(arrays, SplitName.LCO, 0), request.getfixturevalue(preset)
    seen = torch.from_numpy(split.train.any(1))
    changed = with_other_features(arrays, ~seen.numpy())
    (p, r, f), (q, s, g) = (prepare(a, split.train, config, 0) for a in (arrays, changed))
    assert torch.equal(p.line_sources, seen.nonzero().squeeze(1))
    assert p.line_kernels.shape == (3, 100, int(seen.sum()))
    for before, after in zip(p.features, q.features, strict=True):
        assert torch.equal(before[seen], after[seen])
    assert torch.equal(p.line_kernels[:, seen], q.line_kernels[:, seen])
    assert torch.equal(f.line_prior[seen], g.line_prior[seen])
    assert same([r], [s])
    assert torch.equal(f.lines, g.lines)
    assert not torch.equal(p.line_kernels[:, ~seen], q.line_kernels[:, ~seen])
    assert preset == "small_paper" or not torch.equal(f.line_prior[~seen], g.line_prior[~seen])


def test_every_kernel_has_norm_one_over_the_training_lines_that_have_the_table(arrays, small):
    split = make_split(arrays, SplitName.LCO, 0)
    population, _, _ = prepare(arrays, split.train, small, 0)
    rows = population.line_sources
    for kernel, has in zip(population.line_kernels, population.has.T, strict=True):
        assert kernel[rows][has[rows]][:, has[rows]].norm().item() == pytest.approx(1, abs=1e-5)
    assert population.drug_kernel[population.drug_sources].norm().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("missing", ["expression", "copy_number"])
def test_a_dataset_without_one_of_the_tables_gives_finite_numbers(arrays, small, missing):
    less = {name: {k: v for k, v in getattr(arrays, name).items() if k != missing} for name in ("features", "present")}
    parts = prepare(replace(arrays, **less), arrays.measured, small, 0)
    assert all(x.isfinite().all() for part in parts for x in tensors(part))
    assert parts[0].has.sum(0).tolist().count(0) == 1


def three_drugs(arrays):
    """ln IC50 1, 3, 5 of drug 0, one pair of drug 1, none of drug 2."""
    ln_ic50 = np.full((3, 3), np.nan, np.float32)
    ln_ic50[:, 0], ln_ic50[0, 1] = (1, 3, 5), 40
    return replace(
        arrays, ln_ic50=ln_ic50, sensitive=(ln_ic50 < 2).astype(np.float32), threshold=np.float32([2, 0, 0])
    )


def test_a_drugs_mean_and_deviation_by_hand_and_a_rare_drug_takes_those_of_the_others(arrays):
    small = three_drugs(arrays)
    mean, sd = drug_scale(small, small.measured)
    np.testing.assert_allclose(mean, [3, 3, 3])
    np.testing.assert_allclose(sd, np.sqrt([8 / 3] * 3), rtol=1e-6)


def test_values_and_margins_by_hand_are_larger_for_more_sensitive_and_clipped(arrays):
    small = three_drugs(arrays)
    responses, offset = responses_of(small, small.measured)
    sd = np.sqrt(8 / 3)
    np.testing.assert_allclose(responses.value[:, 0], np.array([2, 0, -2]) / sd, rtol=1e-6)
    np.testing.assert_allclose(responses.margin[:, 0], np.array([1, -1, -3]) / sd, rtol=1e-6)
    assert responses.sensitive.tolist() == [[True, False, False], [False] * 3, [False] * 3]
    assert responses.value[0, 1] == -5  # 40 lies 23 deviations above the mean
    assert not responses.value[~responses.known].any()
    np.testing.assert_allclose(offset[:2], np.array([-1, -3]) / sd, rtol=1e-6)
    assert offset[2] == pytest.approx(offset[:2].mean())


def test_columns_are_scored_on_the_chosen_rows_and_constant_ones_go():
    raw = torch.tensor([[1.0, 5, 0], [3, 5, 4], [100, 9, 9], [float("nan")] * 3])
    present, rows = torch.tensor([1, 1, 1, 0]).bool(), torch.tensor([1, 1, 0, 0]).bool()
    scaled = standardised(raw, present, rows, scale=True)
    assert_close(scaled, torch.tensor([[-1.0, -1], [1, 1], [98, 3.5], [0, 0]]))
    assert_close(standardised(raw, present, rows, scale=False)[2], torch.tensor([98.0, 7]))


def test_principal_components_keep_the_distances_up_to_one_scale():
    x = torch.randn(10, 6, generator=torch.Generator().manual_seed(0))
    rows = torch.arange(10) < 8
    x = x - x[rows].mean(0)
    full = principal_components(x, rows, 6)
    ratio = torch.pdist(full) / torch.pdist(x)
    assert_close(ratio, torch.full_like(ratio, ratio[0].item()), rtol=1e-4, atol=0)
    assert full[rows].std(0, correction=0).mean().item() == pytest.approx(1, abs=1e-4)
    first = principal_components(x, rows, 2)
    _, _, v = torch.linalg.svd(x[rows])
    cosine = torch.cosine_similarity(first[rows, 1], x[rows] @ v[0], dim=0)
    assert abs(cosine.item()) == pytest.approx(1, abs=1e-4)


def test_tissues_become_columns_and_an_unknown_one_zeros():
    assert one_hot(["skin", "", "lung", "skin"]).tolist() == [[0, 1], [0, 0], [1, 0], [0, 1]]


def test_a_line_without_any_table_and_a_drug_without_fingerprint_are_refused_by_id(arrays, small):
    present = {name: has & (np.arange(100) != 3) for name, has in arrays.present.items()}
    with pytest.raises(
        ValueError, match=rf"without expression, copy number and mutation: \['{arrays.cell_line_ids[3]}'\]"
    ):
        prepare(replace(arrays, present=present), arrays.measured, small, 0)
    bits = arrays.fingerprints.copy()
    bits[2] = np.nan
    with pytest.raises(ValueError, match=rf"without a fingerprint: \['{arrays.drug_ids[2]}'\]"):
        prepare(replace(arrays, fingerprints=bits), arrays.measured, small, 0)


def test_the_real_tables_prepare_and_two_epochs_rank_well(gdsc_dataset):
    arrays = align(gdsc_dataset)
    split = make_split(arrays, SplitName.LPO, 0)
    config = HgaclConfig.named("default", epochs=2, contrastive_weight=0.0, feature_components=64)
    trainer = Trainer(arrays, split.train, config, 0)
    assert trainer.population.has.sum(0).tolist() == [655, 957, 962]
    trainer.step()
    trainer.step()
    assert trainer.look(arrays.sensitive, split.validation)["auroc"] > 0.8
