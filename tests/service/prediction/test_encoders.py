"""The bundled model and the real data: a sample pasted from a training line comes out next to that line."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.bundled_hgacl import asking_hgacl

BUNDLE = Path(__file__).parents[3] / "bundles" / "gdsc"


@pytest.fixture(scope="module")
def bundled():
    with asking_hgacl(BUNDLE) as client:
        yield client


def pasted(dataset, line):
    """What a person would send of a line: every table that it has, whole."""
    mutation = dataset.mutation.loc[line]
    row = dataset.cell_lines.set_index("id").loc[line]
    return {
        "expression": dataset.expression.loc[line].astype(float).to_dict(),
        "copy_number": dataset.copy_number.loc[line].dropna().astype(float).to_dict(),
        "mutation": list(mutation.index[mutation == 1]),
        "tissue": row["tissue"],
        "cancer_type": row["cancer_type"],
        "medium": row["medium"],
    }


@pytest.fixture(scope="module")
def lines(gdsc_dataset):
    """Twelve lines that have all tables and names."""
    tables = (gdsc_dataset.expression, gdsc_dataset.copy_number, gdsc_dataset.mutation)
    named = gdsc_dataset.cell_lines.dropna(subset=["tissue", "cancer_type", "medium"])["id"]
    both = sorted(set.intersection(*(set(table.index) for table in tables), set(named)))
    return [both[i] for i in np.linspace(0, len(both) - 1, 12).astype(int)]


def nearest(client, samples):
    body = {"cell_lines": list(samples), "drugs": ["Erlotinib"] * len(samples), "samples": samples}
    answer = client.post("/predict", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_pasted_line_is_its_own_nearest(bundled, gdsc_dataset, lines):
    for line in lines:
        answer = nearest(bundled, {"pasted": pasted(gdsc_dataset, line)})
        (prediction,) = answer["predictions"]
        assert prediction["nearest"]["cell_line"]["id"] == line
        assert prediction["nearest"]["cell_line"]["similarity"] > 0.98
        assert prediction["in_domain"] is True
        counted = answer["samples"]["pasted"]
        assert {table["missing"] for table in counted.values()} <= {0}
        assert counted["expression"]["unknown"] == gdsc_dataset.expression.shape[1] - counted["expression"]["known"]


def test_it_is_so_in_tpm_and_without_its_tissue(bundled, gdsc_dataset, lines):
    samples = {}
    for line in lines[:4]:
        sample = pasted(gdsc_dataset, line)
        tpm = {gene: 2.0**value - 1 for gene, value in sample["expression"].items()}
        samples[line] = {**sample, "expression": tpm, "expression_unit": "TPM"}
        del samples[line]["tissue"], samples[line]["cancer_type"], samples[line]["medium"]
    for prediction in nearest(bundled, samples)["predictions"]:
        assert prediction["nearest"]["cell_line"]["id"] == prediction["cell_line"]["name"]


def test_it_ranks_drugs_as_the_line_that_the_model_knows(bundled, gdsc_dataset, lines):
    agreements = []
    for line in lines:
        drugs = [drug["id"] for drug in bundled.get("/drugs?limit=1000").json()["drugs"]]
        body = {"samples": {"me": pasted(gdsc_dataset, line)}, "drugs": drugs * 2, "detail": "scores"}
        body["cell_lines"] = [line] * len(drugs) + ["me"] * len(drugs)
        scores = np.array(bundled.post("/predict", json=body).json()["scores"]).reshape(2, -1)
        ranks = scores.argsort(1).argsort(1)
        agreements.append(np.corrcoef(ranks)[0, 1])
    assert np.mean(agreements) > 0.85


@pytest.mark.parametrize("smiles", ["C", "[Na+].[Cl-]", "[H][H]", "O", "[He]", "C" * 300])
def test_the_strangest_compounds_have_finite_answers(bundled, smiles):
    answer = bundled.post("/rank", json={"compound": smiles, "k": 1})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("value", [0.1, 10])
def test_the_strangest_sample_has_finite_answers(bundled, bundled_predictor, value):
    genes = bundled_predictor.bundle.models["hgacl"].card["inductive"]["genes"]["expression"]
    values = {gene: value * (place % 2) for place, gene in enumerate(genes)}
    answer = bundled.post("/rank", json={"sample": {"expression": values}, "k": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json()["drugs"][0]["in_domain"] is False


@pytest.mark.parametrize(("share", "outside"), [(0.6, True), (0.75, False)])
def test_expression_that_lacks_many_genes_lies_outside_the_domain(bundled, bundled_predictor, share, outside):
    encoders = bundled_predictor.models["hgacl"].encoders
    genes, mean = encoders.panels["expression"].symbols, encoders.means["expression"].astype(float)
    values = dict(zip(genes[: int(share * len(genes))], (mean + 0.1).round(3).tolist(), strict=False))
    answer = bundled.post("/rank", json={"sample": {"expression": values}, "k": 1}).json()
    said = [text for text in answer["warnings"] if "outside the domain below 70%" in text]
    assert bool(said) is outside
    if outside:
        assert answer["drugs"][0]["in_domain"] is False
        assert f"{len(values)} of the model's {len(genes)} genes" in said[0]
