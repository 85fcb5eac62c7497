"""The response offset of DiM2-DRP: what each node's own responses, omics and structure may tell it."""

import numpy as np
import pytest
import torch

from tests.helpers.dim2_arrays import small_dim2, with_structures
from tests.helpers.perturbed_arrays import with_other_values
from training.dim2 import offset as offsets
from training.dim2.kernels import drug_similarity, line_similarity


@pytest.fixture(scope="module")
def data(arrays):
    return with_structures(arrays)


def kernels_of(data, train):
    lines = line_similarity(data, train.any(1), small_dim2())
    return torch.from_numpy(lines), torch.from_numpy(drug_similarity(data)[:, train.any(0)])


def every_pair(offset, line_variant, drug_variant=0):
    n, m = offset.line_codes.shape[1], offset.drug_codes.shape[1]
    return offset.matrix(torch.full((n,), line_variant), torch.full((m,), drug_variant))


def test_a_training_pairs_offset_does_not_know_its_response(data, lpo, monkeypatch):
    """With the drug's mean and scale held: a pair's own offset moves with the axes alone, `full` with its response."""
    scale = offsets.drug_scale(data, lpo.train)
    monkeypatch.setattr(offsets, "drug_scale", lambda *_: scale)
    config, kernels = small_dim2(offset_codes=12), kernels_of(data, lpo.train)  # 12 axes are all there are: no loss
    pair = np.zeros_like(lpo.train)
    pair[tuple(np.argwhere(lpo.train)[5])] = True
    one, two = (
        offsets.response_offset(a, lpo.train, *kernels, config, 0) for a in (data, with_other_values(data, pair))
    )
    line, drug = np.argwhere(pair)[0]
    fold = int(one.fold[line, drug])
    torch.testing.assert_close(every_pair(one, fold), every_pair(two, fold), rtol=1e-4, atol=1e-4)
    gap = (every_pair(one, one.full) - every_pair(two, two.full)).abs()
    assert gap[line, drug] > 1e-2


def test_an_unseen_lines_offset_is_that_of_its_omics_alone(data, lpo):
    train = lpo.train.copy()
    train[3] = False
    offset = offsets.response_offset(data, train, *kernels_of(data, train), small_dim2(), 0)
    torch.testing.assert_close(
        offset.line_codes[offset.full, 3], offset.line_codes[offset.unseen, 3], rtol=1e-4, atol=1e-4
    )
    assert not torch.allclose(
        offset.line_codes[offset.full, 4], offset.line_codes[offset.unseen, 4], rtol=1e-2, atol=1e-2
    )
    assert offset.line_factors[offset.unseen, :, -1].tolist() == [1.0] * 100
    assert offset.line_factors[offset.full, :, -1].tolist() == [0.0] * 100


def test_an_unseen_drug_gets_its_mean_from_drugs_like_it(data, lpo):
    train = lpo.train.copy()
    train[:, 5] = False  # propanol; ethanol, with the other target, is drug 4
    config = small_dim2(drug_ridge=0.01, mean_ridge=0.01)
    offset = offsets.response_offset(data, train, *kernels_of(data, train), config, 0)
    said = every_pair(offset, offset.full, 1)
    assert torch.isfinite(said).all()
    assert said[:, 5].std() > 0
    assert offset.mean[1, 5] != pytest.approx(float(offset.mean[0][train.any(0)].mean()), abs=1e-3)


def test_one_pair_and_the_whole_matrix_agree(data, lpo):
    offset = offsets.response_offset(data, lpo.train, *kernels_of(data, lpo.train), small_dim2(), 0)
    lines, drugs = torch.tensor([0, 7, 99]), torch.tensor([11, 0, 5])
    line_variant, drug_variant = torch.tensor([0, offset.full, offset.unseen]), torch.tensor([0, 1, 1])
    said = offset.pairs(line_variant, drug_variant, lines, drugs)
    for i in range(3):
        whole = every_pair(offset, int(line_variant[i]), int(drug_variant[i]))
        torch.testing.assert_close(said[i], whole[lines[i], drugs[i]])
