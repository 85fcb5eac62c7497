"""Each unit that people send instead of the model's, made from cell lines as they are."""

import numpy as np
import pytest

from model.units import (
    COPY_NUMBER_UNITS,
    UnitError,
    array_scale,
    copy_number_fault,
    to_log2_ratio,
    tpm_fault,
    unit_doubts,
)

GENES = 400
_random = np.random.default_rng(3)
MEAN = np.abs(_random.normal(4, 2.2, GENES)).astype(np.float32)
EXPRESSION = np.maximum(
    MEAN + _random.normal(0, 1.2, GENES), 0
)  # correlated with the mean line by .9, as real lines are
TPM = np.exp2(EXPRESSION) - 1
SEGMENTS = np.repeat(_random.choice([0, 0, 0, 0, 0.585, 0.415, 1, -1, -0.585, -4.32], 80), 5)
GAINS = (0.4 * SEGMENTS + _random.normal(0, 0.1, GENES)).astype(np.float32)
MUTATED = (np.arange(GENES) % 25 == 0).astype(np.float32)


def doubts(table: str, values: np.ndarray, mean: np.ndarray | None) -> str:
    return "; ".join(doubt.text for doubt in unit_doubts(table, values.astype(np.float32), mean))


@pytest.mark.parametrize(
    ("table", "values", "mean"),
    [
        ("expression", EXPRESSION, MEAN),
        ("expression", np.where(np.arange(GENES) % 2, EXPRESSION, np.nan), MEAN),
        ("expression", np.log2(TPM * 1.7 + 1), MEAN),
        ("expression", EXPRESSION[:5], None),
        ("copy_number", SEGMENTS, GAINS),
        ("copy_number", np.zeros(GENES), GAINS),
        ("mutation", MUTATED, MUTATED),
        ("mutation", np.zeros(GENES), MUTATED),
    ],
)
def test_a_table_in_the_models_unit_raises_no_doubt(table, values, mean):
    assert doubts(table, values, mean) == ""


@pytest.mark.parametrize(
    ("table", "values", "looks"),
    [
        ("expression", np.full(GENES, 3.0), "the same value"),
        ("expression", np.log2(TPM * 200 + 1), "looks like counts"),
        ("expression", np.log2(np.round(TPM * 200) + 1), "looks like counts"),
        ("expression", EXPRESSION * np.log10(2), "looks like log10"),
        ("expression", np.log2(EXPRESSION + 1), "like log2 values called TPM"),
        ("copy_number", np.exp2(SEGMENTS), "looks like ratios"),
        ("copy_number", np.log2(np.exp2(SEGMENTS) + 1), r"or log2\(ratio \+ 1\)"),
        ("copy_number", np.round(2 * np.exp2(SEGMENTS)), "looks like absolute copies"),
        ("copy_number", SEGMENTS + 2, "median is 2 where diploid is 0"),
        ("copy_number", np.ones(GENES), "looks like ratios"),
    ],
)
def test_what_cannot_be_in_its_unit_is_refused_with_what_it_looks_like(table, values, looks):
    with pytest.raises(UnitError, match=looks):
        doubts(table, values, MEAN if table == "expression" else GAINS)


@pytest.mark.parametrize(
    ("table", "values", "looks"),
    [
        ("expression", EXPRESSION * np.log(2), "is this ln(TPM+1)?"),
        ("expression", np.log2(np.round(TPM) + 1), "are these counts?"),
        ("expression", np.log2(TPM * 6 + 1), "FPKM, CPM or counts?"),
        ("expression", _random.permutation(EXPRESSION), "genes and unit right?"),
        ("expression", 8 - 0.5 * EXPRESSION, "genes and unit right?"),
        ("copy_number", -SEGMENTS, "is the sign turned?"),
        ("copy_number", np.clip(np.round(SEGMENTS * 2), -2, 2), "GISTIC"),
        ("mutation", 1 - MUTATED, "is 1 what was not mutated?"),
    ],
)
def test_what_is_doubtful_is_named(table, values, looks):
    assert looks in doubts(table, values, {"expression": MEAN, "copy_number": GAINS, "mutation": MUTATED}[table])


@pytest.mark.parametrize("genes", [10, 60, GENES])
def test_whether_one_is_what_was_not_mutated_is_asked_of_the_fewest_genes_and_without_means(genes):
    assert "is 1 what was not mutated?" in doubts("mutation", 1 - MUTATED[:genes], None)


@pytest.mark.parametrize("table", ["expression", "copy_number", "mutation"])
def test_a_few_genes_say_nothing_of_the_unit(table):
    assert unit_doubts(table, np.full(5, 1, np.float32), None) == []


def test_values_around_diploid_are_log2_ratios():
    assert copy_number_fault(np.array([-1.0, 0, 0, 0.2, 1.5])) == ""
    assert "median is 1" in copy_number_fault(np.array([0.5, 1, 1, 1, 2.2]))


def test_rounded_tpm_of_all_genes_may_sum_to_a_little_over_a_million():
    assert tpm_fault(np.full(20_000, 50.2)) == ""
    assert "20000 genes that are read sum to 1,020,000 TPM" in tpm_fault(np.full(20_000, 51.0))


COPIES = np.round(2 * np.exp2(SEGMENTS))
WRITTEN = {
    "log2 ratio": SEGMENTS,
    "ratio": np.exp2(SEGMENTS),
    "log2(ratio+1)": np.log2(np.exp2(SEGMENTS) + 1),
    "absolute": COPIES,
    "GISTIC": np.clip(COPIES - 2, -2, 2),
}


def as_log2_ratio(values: np.ndarray, unit: str) -> np.ndarray:
    return np.array([to_log2_ratio(float(value), unit) for value in values], np.float32)


@pytest.mark.parametrize("unit", COPY_NUMBER_UNITS)
def test_copy_number_in_the_unit_that_is_stated_is_read_as_log2_ratios(unit):
    read = as_log2_ratio(WRITTEN[unit], unit)
    expected = SEGMENTS if unit not in ("absolute", "GISTIC") else np.log2(np.maximum(COPIES / 2, 0.05))
    expected = np.minimum(expected, 1) if unit == "GISTIC" else expected
    np.testing.assert_allclose(read, np.maximum(expected, np.log2(0.05)), atol=1e-5)
    found = "; ".join(doubt.looks for doubt in unit_doubts("copy_number", read, GAINS, unit))
    assert found == ("GISTIC" if unit == "GISTIC" else "")


@pytest.mark.parametrize(
    ("given", "stated", "looks"),
    [
        ("log2 ratio", "absolute", r"where diploid is 2: looks like .*log2 ratios|a shifted scale"),
        ("absolute", "ratio", r"median is 2 where diploid is 1: looks like absolute copies \(2 = diploid\)"),
        ("absolute", "log2(ratio+1)", "median is 2 where diploid is 1: looks like absolute copies"),
        ("ratio", "absolute", r"median is 1 where diploid is 2: looks like ratios \(1 = diploid\) or log2"),
        ("log2(ratio+1)", "absolute", r"looks like ratios \(1 = diploid\) or log2\(ratio \+ 1\)"),
        ("absolute", "log2 ratio", "median is 2 where diploid is 0: looks like absolute copies"),
        ("ratio", "log2 ratio", r"median is 1 where diploid is 0: looks like ratios \(1 = diploid\) or log2"),
    ],
)
def test_copy_number_that_cannot_be_in_the_unit_that_is_stated_is_refused(given, stated, looks):
    values = np.maximum(WRITTEN[given], 0) if given == "log2 ratio" else WRITTEN[given]
    with pytest.raises(UnitError, match=f"({looks}).*; give log2 ratios to diploid, or say copy_number_unit"):
        unit_doubts("copy_number", as_log2_ratio(values, stated), GAINS, stated)


def test_ratios_called_log2_of_ratio_and_one_are_asked_about():
    ratios = np.where(np.arange(GENES) < 5, 6.0, np.exp2(SEGMENTS))
    found = unit_doubts("copy_number", as_log2_ratio(ratios, "log2(ratio+1)"), GAINS, "log2(ratio+1)")
    assert [doubt.looks for doubt in found] == ["ratio"]


STANDARD = (EXPRESSION - EXPRESSION.mean()) / EXPRESSION.std()
COHORT = _random.normal(0, 1, (4, GENES))
RMA = np.maximum(0.45 * MEAN + _random.normal(3.8, 1.5, (4, GENES)), 2)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (STANDARD, "z-scores within the sample"),
        (1.15 * STANDARD + 0.3, "z-scores within the sample"),
        (0.7 * STANDARD + 0.7 * COHORT[0], "z-scores within the sample"),
        (np.where(np.arange(GENES) % 2, STANDARD, np.nan), "z-scores within the sample"),
        *((one, "z-scores of each gene within a cohort") for one in COHORT),
        *((one, "log2 intensities of an array") for one in RMA),
        (EXPRESSION, None),
        (TPM, None),
        (np.log2(TPM + 1) * np.log(2), None),
        (np.where(EXPRESSION > 1, EXPRESSION, np.nan), None),  # expressed genes alone
        (np.where(np.arange(GENES) == 7, -1, EXPRESSION), None),  # a slip, which is named by its gene
        (STANDARD[:50], None),
    ],
)
def test_what_an_array_measured_is_told_from_rna_seq(values, scale):
    assert array_scale(values.astype(np.float32), MEAN[: len(values)]) == scale


@pytest.mark.parametrize("values", [STANDARD, *COHORT])
def test_z_scores_are_known_without_the_mean_of_the_training_lines(values):
    assert "z-scores" in str(array_scale(values.astype(np.float32), None))
