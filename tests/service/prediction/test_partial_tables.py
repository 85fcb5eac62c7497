"""The bundled kernel stack and real lines of which only some genes were measured: answers stay those by all genes."""

import numpy as np
import pytest
from scipy.stats import spearmanr

GENES = "expression"


@pytest.fixture(scope="module")
def profiles(gdsc_dataset, bundled_predictor):
    """RNA-seq of ten lines over the model's genes."""
    panel = bundled_predictor.bundle.models["kernel_stack"].card["inductive"]["genes"][GENES]
    table = gdsc_dataset.expression[panel]
    return table.iloc[np.linspace(0, len(table) - 1, 10).astype(int)]


def some_of(profile, share):
    kept = np.random.default_rng(0).choice(len(profile), round(share * len(profile)), replace=False)
    return {GENES: profile.iloc[kept].astype(float).to_dict()}


def ranked(client, samples):
    drugs = [row["id"] for row in client.get("/drugs?limit=1000").json()["drugs"]]
    pairs = [{"cell_line": name, "drug": drug} for name in samples for drug in drugs]
    body = {"samples": samples, "pairs": pairs}
    answer = client.post("/predict", json=body)
    assert answer.status_code == 200, answer.text
    out = {}
    for one in answer.json()["predictions"]:
        out.setdefault(one["cell_line"]["name"], []).append(one)
    return out


@pytest.mark.parametrize(
    ("share", "least", "inside"), [(0.75, 0.98, True), (0.5, 0.97, False), (0.25, 0.95, False), (0.13, 0.88, False)]
)
def test_an_eighth_of_the_genes_ranks_drugs_nearly_as_all_do(bundled, profiles, share, least, inside):
    alike, domain = [], set()
    for _, profile in profiles.iterrows():
        answers = ranked(bundled, {"whole": some_of(profile, 1), "part": some_of(profile, share)})
        whole, part = ([one["probability"] for one in answers[key]] for key in ("whole", "part"))
        alike.append(spearmanr(whole, part)[0])
        domain |= {one["in_domain"] for one in answers["part"]}
    assert np.mean(alike) > least
    assert (True in domain) == inside


def test_fewer_than_a_twentieth_are_refused_with_the_number_that_is_needed(bundled, profiles):
    body = {"samples": {"s": some_of(profiles.iloc[0], 0.04)}, "cell_lines": ["s"], "drugs": ["Erlotinib"]}
    answer = bundled.post("/predict", json=body)
    assert answer.status_code == 422
    assert "give 35 at least" in answer.text
