"""Units of samples as people send them to the bundled HGACL-DRP: read as stated, refused, or answered in doubt."""

import csv
import io

import numpy as np
import pytest

from tests.helpers.bundled_hgacl import asking_hgacl
from tests.service.routes.test_bundled_model import BUNDLE
from tests.service.routes.test_tables import post


@pytest.fixture(scope="module")
def bundled():
    with asking_hgacl(BUNDLE) as client:
        yield client


RATIOS = 2 ** np.repeat([0, 0, 0, 0.585, -1, 0, 1, 0, 0, -0.415], 3)


@pytest.fixture(scope="module")
def panels(bundled_predictor):
    """Genes of each table and their means over the training lines."""
    encoders = bundled_predictor.models["hgacl"].encoders
    return {table: (encoders.panels[table].symbols, mean.astype(float)) for table, mean in encoders.means.items()}


def copy_number(panels, of_ratio):
    genes, _ = panels["copy_number"]
    ratios = np.resize(RATIOS, len(genes))
    return dict(zip(genes, (round(float(of_ratio(ratio)), 6) for ratio in ratios), strict=True))


def expression(panels, change):
    genes, mean = panels["expression"]
    noise = np.random.default_rng(0).normal(0, 1, len(genes))
    return dict(zip(genes, change(np.maximum(mean + noise, 0)).round(4).tolist(), strict=True))


def ask(client, **sample):
    return client.post("/rank", json={"sample": sample, "k": 5})


def test_whether_1_is_what_was_not_mutated_is_asked_of_tables_and_not_of_lists(bundled, bundled_predictor):
    most = bundled_predictor.models["kernel_stack"].encoders.panels["mutation"].symbols[:50]
    body = {"k": 1, "model": "kernel_stack"}
    samples = ({"mutation": dict.fromkeys(most, 1.0)}, {"mutation": list(most)})
    asked = [bundled.post("/rank", json=body | {"sample": sample}).json()["warnings"] for sample in samples]
    assert ["is 1 what was not mutated?" in " ".join(warnings) for warnings in asked] == [True, False]


UNITS = {
    "ratio": lambda r: r,
    "log2(ratio+1)": lambda r: np.log2(r + 1),
    "absolute": lambda r: 2 * r,
}


@pytest.mark.parametrize("unit", UNITS)
def test_copy_number_in_any_unit_that_is_stated_gives_the_same_ranking(bundled, panels, unit):
    plain = ask(bundled, copy_number=copy_number(panels, np.log2)).json()
    stated = ask(bundled, copy_number=copy_number(panels, UNITS[unit]), copy_number_unit=unit).json()
    assert [one["drug"] for one in stated["drugs"]] == [one["drug"] for one in plain["drugs"]]
    for one, other in zip(stated["drugs"], plain["drugs"], strict=True):
        assert one["ln_ic50"] == pytest.approx(other["ln_ic50"], abs=1e-4)
    assert stated["warnings"] == plain["warnings"]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("wrong", ["log2 ratio", "absolute", "GISTIC"])
def test_copy_number_in_a_unit_that_it_cannot_have_is_refused(bundled, panels, unit, wrong):
    if unit == wrong:
        return
    answer = ask(bundled, copy_number=copy_number(panels, UNITS[unit]), copy_number_unit=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_sample")
    assert answer.json()["errors"][0]["pointer"].startswith("/sample/copy_number")
    assert "copy_number_unit" in answer.json()["detail"]


def test_gistic_calls_are_read_with_a_warning_and_a_table_states_its_unit(bundled, panels):
    calls = copy_number(panels, lambda r: np.clip(np.round(2 * r) - 2, -2, 2))
    assert any(
        "read as 0 to 4 copies" in one
        for one in ask(bundled, copy_number=calls, copy_number_unit="GISTIC").json()["warnings"]
    )
    table = "gene,tumour\n" + "".join(f"{gene},{value}\n" for gene, value in calls.items())
    text = post(bundled, {"copy_number": table}, accept="text/csv", copy_number_unit="GISTIC", top_k=1).text
    (row,) = csv.DictReader(io.StringIO(text))
    assert "read as 0 to 4 copies" in row["warnings"]


@pytest.mark.parametrize("unit", ["log2", "Ratio", "copies", ""])
def test_another_unit_is_refused_with_those_there_are(bundled, unit):
    answer = ask(bundled, copy_number={"MYC": 1}, copy_number_unit=unit)
    assert answer.status_code == 422
    assert "'log2(ratio+1)'" in answer.text


@pytest.mark.parametrize(
    ("change", "looks"),
    [
        (lambda x: (x - x.mean()) / x.std(), "looks like z-scores within the sample"),
        (lambda x: 1.1 * (x - x.mean()) / x.std() - 0.1, "looks like z-scores within the sample"),
        (lambda x: np.random.default_rng(1).normal(0, 1, len(x)), "looks like z-scores of each gene within a cohort"),
        (lambda x: np.random.default_rng(2).normal(0.3, 1.4, len(x)), "z-scores of each gene within a cohort"),
        (lambda x: 0.6 * x + 3.5, "looks like log2 intensities of an array"),
        (lambda x: 0.4 * x + np.random.default_rng(3).uniform(2, 6, len(x)), "log2 intensities of an array"),
    ],
)
def test_expression_of_arrays_is_refused_by_what_it_looks_like(bundled, panels, change, looks):
    answer = ask(bundled, expression=expression(panels, change))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/sample/expression")
    assert looks in answer.json()["detail"]
    assert "give log2(TPM+1), or TPM" in answer.json()["detail"]


@pytest.mark.parametrize("change", [lambda x: x, lambda x: np.maximum(x - 0.2, 0)])
def test_rna_seq_is_answered_without_a_doubt(bundled, panels, change):
    answer = ask(bundled, expression=expression(panels, change))
    assert answer.status_code == 200
    assert not [one for one in answer.json()["warnings"] if one.startswith("expression")]
