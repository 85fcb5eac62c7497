import numpy as np
import pandas as pd
import pytest

from tests.helpers.cohorts import made_survival
from training.clinical.associations import Design, cox_table, designs, meta_table
from training.clinical.statistics.cox import fit_cox


def clinical(patients=100, events=40, **columns):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "cohort": "AAA",
            "age": rng.uniform(40, 80, patients),
            "female": rng.integers(0, 2, patients).astype(float),
            "stage": np.nan,
            "subtype": "",
            "OS_years": rng.exponential(3, patients),
            "OS_event": (np.arange(patients) < events).astype(float),
        },
        index=[f"p{i}" for i in range(patients)],
    )
    return table.assign(**columns)


@pytest.mark.parametrize(("patients", "events"), [(29, 20), (60, 9)])
def test_small_cohorts_are_refused_with_the_reason(patients, events) -> None:
    plans, (refusal,) = designs(clinical(patients, events), ["OS"])
    assert not plans
    assert refusal.reason == f"{patients} patients with {events} events; a Cox model takes 30 and 10"


def test_covariates_that_most_patients_have_are_adjusted_for() -> None:
    (plan,), _ = designs(clinical(subtype=["x", "y"] * 45 + ["x"] * 5 + ["z"] * 5), ["OS"])
    assert plan.names == ["age", "female", "subtype y"]
    stage = np.where(np.arange(100) < 85, 1.0 + np.arange(100) % 4, np.nan)
    (plan,), _ = designs(clinical(stage=stage, female=1.0), ["OS"])
    assert plan.names == ["age", "stage"]
    assert len(plan.patients) == 85  # who lack the stage are left out


def test_a_covariate_that_few_patients_or_no_event_tells_apart_is_left_out() -> None:
    female = np.where(np.arange(100) < 91, 1.0, 0.0)  # nine men
    assert designs(clinical(female=female), ["OS"])[0][0].names == ["age"]
    without_event = np.where(np.arange(100) < 80, 1.0, 0.0)  # 20 men, all of them alive
    assert designs(clinical(female=without_event), ["OS"])[0][0].names == ["age"]


def test_each_row_is_the_models_of_its_cohort() -> None:
    plans, variables = [], []
    for seed, name in enumerate(("AAA", "BBB")):
        outcome, x, covariates = made_survival(seed)
        ids = pd.Index([f"{name}{i}" for i in range(len(x))])
        plans.append(Design(name, "OS", ids, outcome, covariates, ["one", "two"]))
        variables.append(pd.DataFrame(x, ids, list("abcde")))
    table = pd.concat(variables)
    table.loc[plans[1].patients, "e"] = np.nan  # not scored in the second cohort
    cox = cox_table(plans, {"pathway": table})
    assert len(cox) == 9
    x = variables[0].to_numpy()
    fits = fit_cox(plans[0].outcome, (x - x.mean(0)) / x.std(0), plans[0].covariates)
    own = cox[cox["cohort"] == "AAA"]
    assert own["hr"].to_numpy() == pytest.approx(np.exp(fits.log_hr))
    first = cox[cox["variable"] == "a"]
    assert (first["low"] > 1.3).all()
    assert (first["q_over"] < 1e-6).all()
    assert (first["concordance_gain"] > 0.05).all()
    assert (first["median_p"] < 0.01).all()
    assert (cox["q"] >= cox["p"]).all()
    pooled = meta_table(cox).set_index("variable")
    assert pooled["cohorts"].to_dict() == {"a": 2, "b": 2, "c": 2, "d": 2, "e": 1}
    assert pooled.loc["a", "q"] < 1e-6 < pooled.loc[["b", "c", "d"], "q"].min()
    assert np.isnan(pooled.loc["e", "hr"])
