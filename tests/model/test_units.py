"""Each unit that people send instead of the model's, made from cell lines as they are."""

import numpy as np
import pytest

from model.units import UnitError, log2_ratio_fault, unit_doubts

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


@pytest.mark.parametrize("table", ["expression", "copy_number", "mutation"])
def test_a_few_genes_say_nothing_of_the_unit(table):
    assert unit_doubts(table, np.full(5, 1, np.float32), None) == []


def test_values_around_diploid_are_log2_ratios():
    assert log2_ratio_fault(np.array([-1.0, 0, 0, 0.2, 1.5])) == ""
    assert "median is 1" in log2_ratio_fault(np.array([0.5, 1, 1, 1, 2.2]))
