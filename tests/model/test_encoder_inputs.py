"""Values of a new sample and a new compound become arrays in the panel's order, or an error that says what to do."""

from dataclasses import replace

import numpy as np
import pytest

from model.encoder_inputs import compound_arrays, sample_arrays
from model.genes.panel import Panel
from model.genes.table import GeneTable
from model.molecules.faults import UnparsableSmilesError
from model.sample import Counts, Sample, SampleError, array_row

ENTRY = {
    "genes": {"expression": ["TP53", "KRAS", "EGFR"], "copy_number": ["MYC", "TP53"], "mutation": ["KRAS", "TP53"]},
    "tissues": ["lung", "skin"],
    "cancer_types": ["LUAD"],
    "media": ["D/F12", "R"],
    "targets": ["BRAF", "EGFR"],
    "pathways": ["ERK MAPK signaling"],
}


def test_genes_come_in_the_panels_order_and_are_counted():
    sample = Sample({"kras": 2.0, "TP53": 1.0, "FOO": 3.0}, mutation=["TP53", "BAR"], tissue="skin", medium="R")
    feed, counts = sample_arrays(ENTRY, [sample])
    unknown, _ = sample_arrays(ENTRY, [replace(sample, tissue="NA", medium="none")])
    assert (unknown["tissue"].any(), unknown["medium"].any()) == (False, False)
    np.testing.assert_array_equal(feed["expression"], np.float32([[1, 2, np.nan]]))
    np.testing.assert_array_equal(feed["mutation"], [[0, 1]])
    np.testing.assert_array_equal(feed["has"], [[True, False, True]])
    assert np.isnan(feed["copy_number"]).all()
    assert feed["tissue"].tolist() == [[0, 1]]
    assert feed["cancer_type"].tolist() == [[0]]
    assert feed["medium"].tolist() == [[0, 1]]
    assert counts == [{"expression": Counts(2, 1, 1), "mutation": Counts(1, 1, 0, ("BAR",))}]


def test_expression_of_an_array_with_too_few_genes_is_refused_by_what_it_looks_like():
    panel = Panel(["TP53", "KRAS", "EGFR"], GeneTable())
    with pytest.raises(
        SampleError, match="expression: looks like z-scores within the sample: 1 of the model's 3 genes"
    ):
        array_row(panel, Sample({"TP53": -1.0}), "z-scores within the sample")


def test_tpm_becomes_log2_of_one_more():
    sample = Sample({"TP53": 0, "KRAS": 3, "EGFR": 1023}, expression_unit="TPM")
    assert sample_arrays(ENTRY, [sample])[0]["expression"].tolist() == [[0, 2, 10]]


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (Sample(), "sample 0: no table; give expression, copy_number or mutation"),
        (Sample({"TP53": 1.0}), "expression: 1 of the model's 3 genes; give 2 at least"),
        (Sample({"TP53": 500.0}), r"TP53 = 500.0, outside 0 to 20; give log2\(TPM\+1\), or TPM with"),
        (Sample({"TP53": float("nan")}), "TP53 = nan, outside"),
        (Sample({"TP53": -1.0}, expression_unit="TPM"), "TP53 = -1.0, outside"),
        (Sample({"TP53": 1.0}, expression_unit="FPKM"), "expression_unit: 'FPKM'; give one of 'TPM', "),
        (Sample({"TP53": 1.0, "tp53": 2.0}), "tp53 stands twice"),
        (
            Sample(mutation={"KRAS": 0.5, "TP53": 0}),
            "KRAS = 0.5, no whole number from 0 to 1; give 1 for a mutated gene",
        ),
        (Sample(copy_number={"MYC": 40}), "copy_number: MYC = 40, outside -10 to 10; give log2 ratios"),
        (Sample(copy_number=["MYC"]), "copy_number: genes without values"),
        (Sample(mutation="KRAS"), "mutation: 'KRAS' is one text"),
        (
            Sample(mutation=["KRAS"], tissue="lungs"),
            r"tissue: 'lungs' is not one of the model's; give one of \['lung'",
        ),
    ],
)
def test_a_bad_value_is_refused_with_field_value_and_remedy(sample, message):
    with pytest.raises(SampleError, match=message):
        sample_arrays(ENTRY, [sample])


def test_a_compound_is_its_bits_and_indicators_with_a_last_column_for_other_names():
    feed = compound_arrays(ENTRY, ["CCO", "c1ccccc1"], [["BRAF", "XYZ", "BRAF"], []], [None, "elsewhere"])
    assert feed["fingerprint"].shape == (2, 881)
    assert feed["targets"].tolist() == [[1, 0, 1], [0, 0, 0]]
    assert feed["pathway"].tolist() == [[0, 0], [0, 1]]
    assert compound_arrays(ENTRY, ["CCO"])["targets"].tolist() == [[0, 0, 0]]


def test_bad_compounds_are_refused():
    with pytest.raises(UnparsableSmilesError):
        compound_arrays(ENTRY, ["C1CC"])
    with pytest.raises(SampleError, match="targets: 1 for 2 compounds"):
        compound_arrays(ENTRY, ["C", "CC"], [[]])


def test_a_table_that_the_model_does_not_read_stays_unknown_and_is_counted():
    less = {**ENTRY, "genes": {**ENTRY["genes"], "copy_number": [], "mutation": []}}
    genes = dict.fromkeys(ENTRY["genes"]["expression"], 1.0)
    feed, (counts,) = sample_arrays(less, [Sample(genes, {"A": 0.1, "B": 0.2}, dropped={"copy_number": 3})])
    assert feed["has"].tolist() == [[True, False, False]]
    assert feed["copy_number"].shape == feed["mutation"].shape == (1, 1)
    assert np.isnan(feed["copy_number"]).all()
    assert counts == {"expression": Counts(len(genes), 0, 0), "copy_number": Counts(0, 5, 0)}
    why = "copy_number is not read: the model was trained on lines without copy_number; give expression"
    with pytest.raises(SampleError, match=f"^sample 0: {why}$"):
        sample_arrays(less, [Sample(copy_number={"A": 0.1})])
