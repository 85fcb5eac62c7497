"""Responses in the unit that they state, and in one that they do not: what is believed, what is asked about."""

import re

import numpy as np
import pandas as pd
import pytest

from training.data.schema import DatasetError
from training.sources.parsing.response_units import COLUMNS, TO_LN_UM, require_plausible, to_ln_um

LN_10 = np.log(10)
WRITTEN = {  # how ln µM is written in each unit; the last four have no column of their own
    "ln_um": lambda ln: ln,
    "log10_um": lambda ln: ln / LN_10,
    "pic50": lambda ln: 6 - ln / LN_10,
    "um": np.exp,
    "nm": lambda ln: 1e3 * np.exp(ln),
    "m": lambda ln: 1e-6 * np.exp(ln),
    "log10_m": lambda ln: ln / LN_10 - 6,
    "log10_nm": lambda ln: ln / LN_10 + 3,
    "ln_m": lambda ln: ln - np.log(1e6),
    "ln_nm": lambda ln: ln + np.log(1e3),
}
LOOKS = {
    "ln_um": "ln µM: name the column ln_ic50_um",
    "log10_um": "log10 µM: name the column log10_ic50_um",
    "pic50": "pIC50, -log10 of M: name the column pic50",
    "um": "µM: name the column ic50_um",
    "nm": "nM: name the column ic50_nm",
    "m": "M: name the column ic50_m",
    "log10_m": "log10 of M: change the sign and name the column pic50",
    "log10_nm": "log10 of nM: take 3 off and name the column log10_ic50_um",
    "ln_m": "ln of M: add 13.8155 and name the column ln_ic50_um",
    "ln_nm": "ln of nM: take 6.9078 off and name the column ln_ic50_um",
}
CONCENTRATIONS = ("um", "nm", "m")


def screen(drugs=30, lines=40, seed=0):
    """ln µM and drug of each pair: drugs' means spread by 2.4 around 2.2, lines within a drug by 1.2."""
    rng = np.random.default_rng(seed)
    ln_um = rng.normal(2.2, 2.4, drugs)[:, None] + rng.normal(0, 1.2, (drugs, lines))
    return ln_um.ravel(), pd.Series(np.repeat([f"d{i}" for i in range(drugs)], lines))


def doubt(values, drugs, unit):
    """What `require_plausible` says, "" where it says nothing."""
    try:
        require_plausible(values, drugs, unit, "responses.csv", "column")
    except DatasetError as refused:
        (problem,) = refused.problems
        return problem.message
    return ""


@pytest.mark.parametrize(
    ("unit", "value", "ln_um"),
    [
        ("ln_um", 1.5, 1.5),
        ("log10_um", 1, LN_10),
        ("pic50", 6, 0),
        ("pic50", 5, LN_10),
        ("um", 1, 0),
        ("nm", 1000, 0),
        ("m", 1e-6, 0),
    ],
)
def test_every_unit_becomes_ln_um(unit, value, ln_um):
    found = to_ln_um(np.array([value, np.nan]), unit, "f", "c", pd.Index([2, 3]))
    assert found[0] == pytest.approx(ln_um, abs=1e-12)
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("unit", "drugs", "lines", "asked"),
    [
        ("ln_um", 3, 4, True),
        ("log10_um", 9, 20, True),
        ("ln_um", 1, 40, True),
        ("ln_um", 1, 1, True),
        ("um", 3, 4, False),
        ("pic50", 3, 4, False),
        ("ln_um", 30, 40, False),
        ("log10_um", 12, 5, False),
    ],
)
def test_where_drugs_are_too_few_to_tell_logarithms_apart_a_note_asks(unit, drugs, lines, asked):
    ln_um, names = screen(drugs, lines, seed=4)
    ln_um = ln_um - np.median(ln_um) + 1  # in the middle of what drugs reach
    notes = require_plausible(WRITTEN[unit](ln_um), names, unit, "responses.csv", "column")
    assert [f"--response-unit {unit} confirms it" in note for note in notes] == [True] * asked


@pytest.mark.parametrize("unit", COLUMNS.values())
@pytest.mark.parametrize("seed", range(5))
def test_a_screen_is_believed_in_its_own_unit(unit, seed):
    ln_um, drugs = screen(seed=seed)
    values = WRITTEN[unit](ln_um)
    np.testing.assert_allclose(TO_LN_UM[unit](values), ln_um, atol=1e-9)
    assert doubt(values, drugs, unit) == ""


WRONG = [
    (real, stated)
    for real in WRITTEN
    for stated in COLUMNS.values()
    if real != stated and (stated not in CONCENTRATIONS or real in (*CONCENTRATIONS, "pic50"))
]
WRONG.remove(("log10_nm", "pic50"))  # each mirrors the other at 32 µM, where screens have their middle


@pytest.mark.parametrize(("real", "stated"), WRONG, ids=[f"{real} called {stated}" for real, stated in WRONG])
def test_a_screen_in_another_unit_is_refused_and_recognised(real, stated):
    ln_um, drugs = screen()
    values = WRITTEN[real](ln_um)
    kept = values > 0 if stated in CONCENTRATIONS else np.isfinite(values)
    said = doubt(values[kept], drugs[kept].reset_index(drop=True), stated)
    assert f"they look like {LOOKS[real]}" in said, said
    assert said.endswith(f"name the column so and give --response-unit {stated}")


@pytest.mark.parametrize("stated", ["um", "nm", "m"])
def test_logarithms_called_concentrations_are_recognised_by_their_signs(stated):
    ln_um, _ = screen()
    with pytest.raises(DatasetError, match=r"values are negative: that is no concentration .* look like ln µM: name"):
        to_ln_um(ln_um, stated, "f", "c", pd.RangeIndex(len(ln_um)))


@pytest.mark.parametrize("unit", ["ln_um", "log10_um"])
@pytest.mark.parametrize("whole", [False, True])
def test_z_scores_are_recognised_of_each_drug_and_of_the_whole_table(unit, whole):
    ln_um, drugs = screen()
    values = pd.Series(ln_um)
    groups = np.zeros(len(values)) if whole else drugs
    scores = values.groupby(groups).transform(lambda x: (x - x.mean()) / x.std()).to_numpy()
    few = np.arange(len(scores)) < 200  # five drugs
    for kept in (few, np.ones(len(scores), bool)) if not whole else (np.ones(len(scores), bool),):
        said = doubt(scores[kept], drugs[kept].reset_index(drop=True), unit)
        assert "z-scores" in said or (unit == "ln_um" and "deviation of" in said)


def test_pic50_of_a_few_drugs_called_ln_um_is_recognised():
    ln_um, drugs = screen(drugs=4, lines=12)
    said = doubt(6 - ln_um / LN_10, drugs, "ln_um")
    assert re.match(r"19 of 20 values lie above \S+ µM; they look like pIC50", said)


def test_what_is_asked_about_may_be_true_and_a_short_table_is_asked_for_its_median_alone():
    weak = np.linspace(4.0, 7.0, 40)  # one drug that hardly works: 55 µM to 1.1 mM
    assert "they look like" in doubt(weak, pd.Series(["dacarbazine"] * 40), "ln_um")
    assert doubt(weak[:9], pd.Series(["dacarbazine"] * 9), "ln_um") == ""
    assert "the median is over 1e+12 µM" in doubt(np.full(3, 30.0), pd.Series(["a", "b", "c"]), "ln_um")
    assert doubt(np.array([np.nan]), pd.Series(["a"]), "ln_um") == ""
