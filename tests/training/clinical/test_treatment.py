from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.clinical.cohort import CohortFolder
from training.clinical.tables import ClinicalError
from training.clinical.treatment import read_responses, response_table, stratified_auroc, treated


def folder(predicted: pd.DataFrame) -> CohortFolder:
    clinical = pd.DataFrame({"cohort": [name[0] for name in predicted.index]}, predicted.index)
    nothing = pd.DataFrame()
    return CohortFolder(clinical, nothing, nothing, nothing, predicted, None, {}, Path())


def test_pairs_of_one_stratum_are_counted() -> None:
    one = np.array([3.0, 2, 1]), np.array([True, False, False])
    two = np.array([100.0, 100.0]), np.array([False, True])
    assert stratified_auroc([one, two]) == (pytest.approx(2.5 / 3), 3)
    assert np.isnan(stratified_auroc([(np.array([1.0]), np.array([True]))])[0])


def test_each_patient_counts_once() -> None:
    predicted = pd.DataFrame({"d1": [1.0, 2, 3, 4], "d2": [4.0, 3, 2, 1]}, ["A1", "A2", "A3", "B1"])
    rows = [("A1", "d1", 1), ("A1", "d1", 1), ("A2", "d1", 1), ("A2", "d1", 0), ("A3", "d2", 0)]
    rows += [("Z9", "d1", 1), ("A1", "d9", 1)]
    responses = pd.DataFrame(rows, columns=["patient", "drug", "responder"])
    found = treated(folder(predicted), responses)
    assert found.rows[["patient", "drug", "responder"]].to_numpy().tolist() == [["A1", "d1", 1], ["A3", "d2", 0]]
    assert found.rows["rank"].tolist() == [1.0, 1.0]  # the lowest ln IC50 of the cohort each
    assert list(found.left_out.values()) == [1, 1, 2, 1]


def test_predictions_that_tell_who_responds() -> None:
    rng = np.random.default_rng(0)
    names = [f"{cohort}{i}" for cohort in "AB" for i in range(40)]
    ln_ic50 = rng.normal(size=80)
    predicted = pd.DataFrame({"d1": ln_ic50, "d2": rng.normal(size=80)}, names)
    responder = (ln_ic50 + 0.5 * rng.normal(size=80) < 0).astype(int)
    responses = pd.DataFrame({"patient": names * 2, "drug": ["d1"] * 80 + ["d2"] * 80, "responder": [*responder] * 2})
    table = response_table(treated(folder(predicted), responses), {"d1": "One"}, 0).set_index("drug")
    assert table.loc["One", "auroc"] > 0.85
    assert table.loc["One", "p"] < 0.001
    assert table.loc["d2", "p"] > 0.05
    assert table.loc["all, one row a patient", "patients"] == 80


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("patient,drug\na,b\n", "no column 'responder'"),
        ("patient,drug,responder\na,b,yes\n", "responder of a is 'yes'; give 1 or 0"),
    ],
)
def test_bad_responses_are_refused(tmp_path, content, message) -> None:
    path = tmp_path / "responses.csv"
    path.write_text(content)
    with pytest.raises(ClinicalError, match=message):
        read_responses(path)
