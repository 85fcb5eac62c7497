"""DiM2-DRP and its offset as methods: what they may read, what they say, and intervals that cover."""

import json
from dataclasses import replace

import numpy as np
import pytest

from model.dim2.config import Dim2Config
from tests.helpers.dim2_arrays import small_dim2, with_structures
from tests.helpers.leaks import leaks
from training.dim2 import kernels as dim2_kernels
from training.dim2.predict import predict_dim2, predict_offset, with_unseen_shares
from training.evaluation.methods import find_method
from training.metrics.metrics import per_drug_pearson
from training.splits.splits import SplitName, make_split


@pytest.fixture(scope="module")
def data(arrays, tmp_path_factory):
    return replace(with_structures(arrays), structures=tmp_path_factory.mktemp("structures"))


def of_offset(arrays, split, seed):
    return predict_offset(arrays, split, small_dim2(), seed)


def of_network(arrays, split, seed):
    return predict_dim2(arrays, split, small_dim2(epochs=1), seed)


@pytest.mark.parametrize("predict", [of_offset, of_network])
@pytest.mark.parametrize("name", ["LPO", "LCDO"])
def test_nothing_of_what_the_test_leaves_out_is_read(data, predict, name):
    assert leaks(predict, data, make_split(data, SplitName(name), 0, 4)) == []


def test_the_structure_of_an_unseen_drug_reaches_no_other(data):
    split = make_split(data, SplitName.LDO, 0, 4)
    new = ~split.development.any(0)
    other = replace(data, smiles=["CCCCCCN" if out else text for text, out in zip(data.smiles, new, strict=True)])
    one, two = (of_offset(a, split, 0).ln_ic50 for a in (data, other))
    np.testing.assert_allclose(one[:, ~new], two[:, ~new], rtol=1e-5, atol=1e-5)
    assert not np.allclose(one[:, new], two[:, new], atol=1e-3)


def test_the_score_orders_lines_within_a_drug_as_ln_ic50_does(data):
    for name in ("LPO", "LDO"):
        split = make_split(data, SplitName(name), 1, 4)
        said = of_offset(data, split, 0)
        for drug in range(len(data.drug_ids)):
            assert np.corrcoef(said.score[:, drug], -said.ln_ic50[:, drug])[0, 1] == pytest.approx(1, abs=1e-4)


def test_a_known_drugs_score_is_its_threshold_less_what_is_predicted(data):
    split = make_split(data, SplitName.LPO, 0, 4)
    said = of_offset(data, split, 0)
    sd = np.nanstd(np.where(split.development, data.ln_ic50, np.nan), 0)
    np.testing.assert_allclose(said.score, (data.threshold - said.ln_ic50) / sd, rtol=1e-3, atol=1e-3)


def test_the_network_is_shown_the_kind_of_pair_that_it_is_asked_about(data):
    config = Dim2Config()
    shown = {
        name: with_unseen_shares(make_split(data, SplitName(name), 0, 4), config)
        for name in ("LPO", "LCO", "LDO", "LCDO")
    }
    shares = {name: (c.unseen_lines, c.unseen_drugs) for name, c in shown.items()}
    assert shares == {"LPO": (0.3, 0.05), "LCO": (0.95, 0.05), "LDO": (0.3, 0.95), "LCDO": (0.95, 0.95)}


def test_without_an_offset_it_still_says_something_of_every_pair(data):
    split = make_split(data, SplitName.LCDO, 0, 4)
    said = predict_dim2(data, split, small_dim2("paper", epochs=1), 0)
    assert np.isfinite(said.score).all()
    assert said.half_width is None
    assert said.notes["network_share"] == 1


def test_a_left_out_table_is_not_read_by_the_line_kernel(data):
    fit = np.ones(100, bool)
    blocks = dim2_kernels.line_features(data, fit, Dim2Config())
    assert set(blocks) == {"expression", "copy_number", "mutation", "tissue", "cancer_type", "medium", "pathways"}
    without = dim2_kernels.line_features(data, fit, Dim2Config(pathways=False, mutations=False, tissue=False))
    assert set(without) == {"expression", "copy_number"}
    bare = replace(data, features={"mutation": data.features["mutation"]})
    with pytest.raises(ValueError, match="no table that the offset could read"):
        dim2_kernels.line_features(bare, fit, Dim2Config(mutations=False, tissue=False))


def test_a_shuffled_line_kernel_loses_what_it_knows_of_unseen_lines(data):
    split = make_split(data, SplitName.LCO, 0, 4)
    order = np.random.default_rng(0).permutation(100)
    dealt = replace(
        data,
        features={name: table[order] for name, table in data.features.items()},
        present={name: has[order] for name, has in data.present.items()},
        tissue=[data.tissue[i] for i in order],
        cancer_type=[data.cancer_type[i] for i in order],
        medium=[data.medium[i] for i in order],
    )
    honest, none = (
        np.nanmean(per_drug_pearson(of_offset(a, split, 0).ln_ic50, data.ln_ic50, split.test)) for a in (data, dealt)
    )
    assert honest > 0.6
    assert none < 0.35


def test_names_change_exactly_the_setting_they_say():
    def config(name):
        return Dim2Config(**json.loads(find_method(name).config))

    assert config("dim2") == config("dim2_offset") == Dim2Config()
    assert config("dim2_paper") == Dim2Config.paper()
    assert config("dim2_no_3d") == replace(Dim2Config(), drug_3d=False)
    assert config("dim2_no_mutation") == replace(Dim2Config(), mutations=False)
    assert config("dim2_dropout_0.4") == replace(Dim2Config(), dropout=0.4)
    assert config("dim2_no_auxiliary").target_weight == 0
    with pytest.raises(ValueError, match="dropout cannot be 'much'"):
        find_method("dim2_dropout_much")
