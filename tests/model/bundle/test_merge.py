"""Two bundles of the same lines and drugs are served as one; others are refused, with the first that differs."""

from dataclasses import replace

import pytest

from model.bundle.manifest import BundleError
from model.bundle.merge import merged, read_bundles
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from tests.helpers.tiny_bundle import write


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return read_bundle(write(tmp_path_factory.mktemp("first") / "bundle"))


@pytest.fixture(scope="module")
def further(first):
    """A bundle of the same rows with the model n."""
    models = {"n": replace(first.models["m"], name="n")}
    metrics = {"n": {}, "baselines": {"drug_mean": {}}}
    manifest = {**first.manifest, "name": "second", "default_model": "n", "metrics": metrics}
    cards = {"n": first.models["m"].card}
    return replace(first, manifest={**manifest, "models": cards, "content_hash": "f" * 64}, models=models)


def test_the_models_of_both_stand_in_one_whose_version_names_both(first, further, tmp_path):
    both = merged(first, further, tmp_path)
    assert list(both.models) == list(both.manifest["models"]) == ["m", "n"]
    assert both.default_model == "m"
    assert both.version == f"{first.version}+second@ffffffffffff"
    assert both.manifest["metrics"] == {**first.manifest["metrics"], "n": {}, "baselines": {"drug_mean": {}}}
    assert both.manifest["files"]["second/drugs.json"] == both.manifest["files"]["drugs.json"]
    assert (both.cell_lines, both.drugs) == (first.cell_lines, first.drugs)


def changed(rows, row, **values):
    return [{**one, **values} if i == row else one for i, one in enumerate(rows)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"drugs": lambda rows: rows[::-1]}, r"drugs\.json: row 0 has id 'd1', in the first bundle 'd0'"),
        ({"cell_lines": lambda rows: rows[:1]}, r"cell_lines\.json: row 1 has id None, in the first bundle 'c1'"),
        ({"cell_lines": lambda rows: [*rows, {"id": "c2"}]}, "row 2 has id 'c2', in the first bundle None"),
        ({"drugs": lambda rows: changed(rows, 1, ln_ic50_sd="wide")}, "'d1' has no number as ln_ic50_sd .*'wide'.*"),
        ({"drugs": lambda rows: changed(rows, 1, ln_ic50_sd=0.5)}, "'d1' has ln_ic50_sd 0.5, in the first bundle nan"),
    ],
)
def test_other_rows_are_refused_with_the_first_that_differs(first, further, tmp_path, change, says):
    other = replace(further, **{key: edit(getattr(further, key)) for key, edit in change.items()})
    with pytest.raises(BundleError, match=f"{tmp_path}/.*{says}; export both bundles from runs on one dataset"):
        merged(first, other, tmp_path)


def test_another_dataset_is_refused(first, further, tmp_path):
    other = {**further.manifest, "dataset": {**first.manifest["dataset"], "content_hash": "e" * 64}}
    with pytest.raises(
        BundleError, match=r"manifest\.json: of dataset eeeeeeeeeeee, the first bundle of .*; export both"
    ):
        merged(first, replace(further, manifest=other), tmp_path)


def test_names_are_those_of_both_and_of_one_name_the_firsts(first, further, tmp_path):
    a, b = ({"symbol": "A", "ensembl": ["ENSG1"]}, {"symbol": "B"})
    one = replace(first, identifiers={"genes": [a]})
    two = replace(further, identifiers={"genes": [{"symbol": "a"}, b], "drug_names": [{"id": "d0"}]})
    assert merged(one, two, tmp_path).identifiers == {"genes": [a, b], "drug_names": [{"id": "d0"}]}


def test_each_model_keeps_the_figures_of_its_own_bundle_and_what_another_assay_adds_must_agree(
    first, further, tmp_path
):
    foreign = {**first.manifest, "metrics": {**first.manifest["metrics"], "n": {"LPO": {}}}}
    stated = replace(further, manifest={**further.manifest, "other_assay_half_width_ln_um": 4.0})
    both = merged(replace(first, manifest=foreign), stated, tmp_path).manifest
    assert (both["metrics"]["n"], both["other_assay_half_width_ln_um"]) == ({}, 4.0)
    other = replace(first, manifest={**first.manifest, "other_assay_half_width_ln_um": 2.5})
    with pytest.raises(
        BundleError, match=r"other_assay_half_width_ln_um is 4\.0, in the first bundle 2\.5; export both"
    ):
        merged(other, stated, tmp_path)


def test_a_dataset_that_is_not_named_is_not_the_same(first, further, tmp_path):
    nameless = [replace(one, manifest={**one.manifest, "dataset": {}}) for one in (first, further)]
    with pytest.raises(BundleError, match="of dataset None, the first bundle of None"):
        merged(*nameless, tmp_path)


def test_a_model_that_both_have_is_refused(first, tmp_path):
    with pytest.raises(BundleError, match=r"manifest\.json: model 'm' is in both bundles; export one of them without"):
        merged(first, first, tmp_path)


def test_without_a_second_folder_the_first_is_read_alone_and_a_damaged_second_is_refused(first, further, tmp_path):
    one, two = write(tmp_path / "one"), tmp_path / "two"
    write_bundle(two, further)
    assert read_bundles(one, None).version == first.version
    assert list(read_bundles(one, two).models) == ["m", "n"]
    (two / "drugs.json").write_text("[]")
    with pytest.raises(BundleError, match=r"two/drugs\.json: sha256 differs"):
        read_bundles(one, two)
