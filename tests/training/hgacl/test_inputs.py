"""What the network reads: from training pairs and training lines alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

import training.hgacl.inputs
from model.estimators.kernels import jaccard
from model.hgacl.assembly import build_network
from model.hgacl.config import HgaclConfig
from tests.helpers.perturbed_arrays import with_other_features, with_other_values
from training.data.arrays import align
from training.features.responses import drug_scale, responses_of
from training.hgacl.inputs import prepare
from training.hgacl.trainer import Trainer
from training.splits.splits import SplitName, make_split


def tensors(part):
    """Every tensor of a prepared part."""
    for value in vars(part).values():
        yield from value if isinstance(value, tuple) else (value,)


def parts_of(prepared):
    """Population, responses and each target."""
    return [prepared.population, prepared.responses, *prepared.targets]


def same_parts(a, b):
    return all(
        torch.equal(x, y) for parts in zip(a, b, strict=True) for x, y in zip(*map(tensors, parts), strict=True)
    )


def same(a, b):
    return same_parts(parts_of(a), parts_of(b))


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
    one, two = (prepare(a, split.train, config, 0) for a in (arrays, changed))
    p, q = one.population, two.population
    assert torch.equal(p.line_sources, seen.nonzero().squeeze(1))
    assert p.line_kernels.shape == (3, 100, int(seen.sum()))
    for before, after in zip(p.features, q.features, strict=True):
        assert torch.equal(before[seen], after[seen])
    assert torch.equal(p.line_kernels[:, seen], q.line_kernels[:, seen])
    assert not torch.equal(p.line_kernels[:, ~seen], q.line_kernels[:, ~seen])
    assert same_parts([one.responses], [two.responses])
    for f, g in zip(one.targets, two.targets, strict=True):
        assert_close(f.line_prior[seen], g.line_prior[seen], atol=1e-5, rtol=1e-5)
        assert not torch.allclose(f.line_prior[~seen], g.line_prior[~seen])
        rest = {name: getattr(f, name) for name in vars(f) if name != "line_prior"}
        assert [name for name, value in rest.items() if not torch.allclose(value, getattr(g, name), atol=1e-4)] == []


def test_every_kernel_has_norm_one_over_the_training_lines_that_have_the_table(arrays, small):
    split = make_split(arrays, SplitName.LCO, 0)
    population = prepare(arrays, split.train, small, 0).population
    rows = population.line_sources
    for kernel, has in zip(population.line_kernels, population.has.T, strict=True):
        assert kernel[rows][has[rows]][:, has[rows]].norm().item() == pytest.approx(1, abs=1e-5)
    assert population.drug_kernel[population.drug_sources].norm().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("missing", ["expression", "copy_number"])
def test_a_dataset_without_one_of_the_tables_gives_finite_numbers(arrays, small, missing):
    less = {name: {k: v for k, v in getattr(arrays, name).items() if k != missing} for name in ("features", "present")}
    prepared = prepare(replace(arrays, **less), arrays.measured, small, 0)
    assert all(x.isfinite().all() for part in parts_of(prepared) for x in tensors(part))
    assert prepared.population.has.sum(0).tolist().count(0) == 1


def targets_of(arrays, small, **changes):
    return prepare(arrays, arrays.measured, replace(small, **changes), 0).targets


def test_the_targets_are_the_margin_and_the_soft_label_in_units_of_their_drug(arrays, small):
    known, margin, soft = arrays.measured, *targets_of(arrays, small, soft_slope=2.0)
    responses, offset = responses_of(arrays, known)
    assert torch.equal(margin.value, responses.value)
    assert torch.equal(margin.scale, torch.ones(12))
    assert torch.equal(margin.offset, offset)
    label = torch.sigmoid(2 * responses.margin)
    again = soft.value * soft.scale + soft.offset
    assert_close(again[known], label[known])
    assert not soft.value[~known].any()
    for values, here in zip(soft.value.T, torch.from_numpy(known).T, strict=True):
        assert values[here].mean().item() == pytest.approx(0, abs=1e-5)
        assert values[here].std(correction=0).item() == pytest.approx(1, abs=1e-4)


def test_factors_say_more_of_the_planted_responses_than_drug_means_alone(arrays, small):
    split = make_split(arrays, SplitName.LPO, 0)
    prepared = prepare(arrays, split.train, small, 0)
    network = build_network(prepared.population, small)
    margin = responses_of(arrays, arrays.measured)[0].margin
    for target, truth in zip(prepared.targets, (margin, torch.sigmoid(margin)), strict=True):
        codes = network.factor_codes(target, prepared.responses.known)
        estimate, test = codes.lines @ codes.drugs.T + codes.offset, torch.from_numpy(split.test)
        error = (estimate - truth)[test].square().mean() / (codes.offset - truth)[test].square().mean()
        assert error < 0.5


@pytest.mark.parametrize("side", ["line", "drug"])
def test_a_training_nodes_own_responses_reach_its_prior_by_no_factor_of_its_own(arrays, small, side, monkeypatch):
    """Its factors replaced once the analysis has run: its own prior stays, those of the others move."""
    node, other = 4, 7
    honest = training.hgacl.inputs.factor_analysis

    def replaced(*args):
        fitted = honest(*args)
        rows = (fitted.lines if side == "line" else fitted.loadings).clone()
        rows[node] += 50
        return replace(fitted, **{"lines" if side == "line" else "loadings": rows})

    before = targets_of(arrays, small)
    monkeypatch.setattr(training.hgacl.inputs, "factor_analysis", replaced)
    after = targets_of(arrays, small)
    for one, two in zip(before, after, strict=True):
        one, two = (getattr(t, f"{side}_prior") for t in (one, two))
        assert_close(one[node], two[node], atol=1e-3, rtol=1e-3)
        assert (one[other] - two[other]).abs().max() > 0.01


def test_a_drug_outside_training_takes_offset_and_scale_from_its_like(arrays, small):
    split = make_split(arrays, SplitName.LDO, 0, 4)
    seen = torch.from_numpy(split.train.any(0))
    for target in prepare(arrays, split.train, small, 0).targets:
        assert torch.equal(target.offset[~seen], target.offset_prior[~seen])
        assert not torch.isclose(target.offset[seen], target.offset_prior[seen]).any()
        assert (target.scale > 0).all()


def test_drugs_are_compared_by_what_both_have(arrays, small):
    """Views: structure always, targets and pathway where both drugs have them."""
    bits = np.zeros((12, 881), np.float32)
    bits[:, 5] = bits[0, 6] = 1  # Jaccard of drug 0 with another: 1/2; of two others: 1
    targets = [["EGFR", "KIT"], ["EGFR"], []] + [["TP53"]] * 9
    pathway = ["RTK", "RTK", "RTK"] + [""] * 9
    drugs = replace(arrays, fingerprints=bits, targets=targets, drug_pathway=pathway)

    def kernel(**changes):
        found = prepare(drugs, arrays.measured, replace(small, factor_rank=0, **changes), 0).population.drug_kernel
        return found / found[0, 0]

    full, structure = kernel(), kernel(drug_annotations=False)
    assert full[0, 1].item() == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert full[0, 2].item() == pytest.approx((1 / 2 + 1) / 2)  # drug 2 has no known target
    assert full[0, 3].item() == pytest.approx((1 / 2 + 0) / 2)  # drug 3 has no pathway
    assert full[2, 3].item() == pytest.approx(1)  # nothing but structure
    assert structure[0, 1].item() == pytest.approx(1 / 2)


@pytest.mark.parametrize("changes", [{"reduced_kernels": False}, {"feature_components": 0}])
def test_without_reduction_mutations_are_compared_by_jaccard(arrays, small, changes):
    population = prepare(arrays, arrays.measured, replace(small, factor_rank=0, **changes), 0).population
    table = torch.from_numpy(arrays.features["mutation"])
    expected = jaccard(table, table)
    assert_close(population.line_kernels[2], expected / expected.norm())


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


def test_the_margin_to_a_threshold_far_from_all_responses_is_not_cut(arrays):
    small = three_drugs(arrays)
    small.threshold[0] = -25
    responses, offset = responses_of(small, small.measured)
    sd = np.sqrt(8 / 3)
    np.testing.assert_allclose(responses.margin[:, 0], np.array([-26, -28, -30]) / sd, rtol=1e-6)
    known = responses.known
    np.testing.assert_allclose((responses.margin - offset)[known], responses.value[known], atol=1e-5)


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
    assert trainer.population.has.sum(0).tolist() == [654, 957, 962]
    trainer.advance()
    trainer.advance()
    assert trainer.validate(arrays.sensitive, split.validation)["auroc"] > 0.8


def test_many_lines_are_compared_with_landmarks(arrays, lco, small, monkeypatch):
    exact = prepare(arrays, lco.train, small, 0)
    monkeypatch.setattr(training.hgacl.inputs, "MOST_LINES", 20)
    monkeypatch.setattr(training.hgacl.inputs, "LANDMARKS", 20)
    some = prepare(arrays, lco.train, small, 0)
    sources = some.population.line_sources
    assert len(sources) == 20
    assert lco.train.any(1)[sources].all()
    assert some.population.line_kernels.shape == (3, len(lco.train), 20)
    assert torch.equal(sources, prepare(arrays, lco.train, small, 0).population.line_sources)
    for a, b in zip(exact.targets, some.targets, strict=True):
        assert_close(a.loadings, b.loadings)
        assert np.corrcoef(a.line_prior.flatten(), b.line_prior.flatten())[0, 1] > 0.5
    trainer = Trainer(arrays, lco.train, small, 0)
    assert np.isfinite(trainer.advance())
    assert len(trainer.nodes) == lco.train.any(1).sum() + lco.train.any(0).sum()
