"""The commands as a person types them: from two tables of tumours to a page, and what is refused on the way."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.helpers.cohorts import made_clinical, made_tumours, write_gmt
from tests.helpers.linear_model import LinearModel
from training.cli.main import app

RUN = CliRunner()
PAGE_SECTIONS = (
    "chance",
    "maps",
    "pooled",
    "curves",
    "leading",
    "drugs",
    "signals",
    "agreement",
    "coverage",
    "treated",
)


def run(*words):
    return RUN.invoke(app, ["clinical", *map(str, words)])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    tumours = made_tumours()
    clinical = made_clinical(tumours)
    tumours.reset_index().to_csv(folder / "tumours.csv", index=False)
    clinical.to_csv(folder / "clinical.csv", index=False)
    write_gmt(folder / "sets.gmt")
    responses = pd.DataFrame({"patient": tumours.index, "drug": "d0", "responder": np.arange(len(tumours)) % 2})
    responses.to_csv(folder / "responses.csv", index=False)
    return folder


@pytest.fixture
def linear(monkeypatch):
    """The bundle's model is linear in the genes that the test names."""

    def give(genes, drugs=3, tissues=("skin", "lung")):
        weights = np.random.default_rng(0).normal(size=(len(genes), drugs))
        model = LinearModel(list(genes), weights, tissues)
        for name in ("cohort", "signals"):
            monkeypatch.setattr(f"training.cli.clinical.{name}.open_model", lambda *_: model)
        return model

    return give


def test_from_tables_to_the_page(inputs, tmp_path, linear) -> None:
    linear(made_tumours().columns)
    tables = inputs / "tumours.csv", inputs / "clinical.csv"
    made = run(
        "cohort", *tables, tmp_path / "c", "--gene-sets", inputs / "sets.gmt", "--time-unit", "days", "--bundle", "any"
    )
    assert made.exit_code == 0, made.output
    assert "unknown" in made.output
    assert "0 of 2" in made.output  # its coverage is too low
    assert "240 patients of 2 cohorts\nKnown of them: age of 240, sex of 240, stage of 240\n" in made.stderr
    done = run("survival", tmp_path / "c", tmp_path / "s", "--draws", 20, "--responses", inputs / "responses.csv")
    assert done.exit_code == 0, done.output
    assert "AAA, PFI: 12 patients with 12 events; a Cox model takes 30 and 10" in done.stderr
    page = (tmp_path / "s" / "clinical.html").read_text(encoding="utf-8")
    assert all(f'<section id="{anchor}">' in page for anchor in PAGE_SECTIONS)
    assert "Nothing here is advice" in page
    assert "drp clinical survival --signals FOLDER" in page  # how to add what is not there
    assert "http" not in page.replace("http://www.w3.org", "")
    names = {path.name for path in (tmp_path / "s" / "figures").iterdir()}
    assert {
        "heat_map-OS.png",
        "heat_map-OS.svg",
        "forest-OS.svg",
        "curves-OS.png",
        "chance.png",
        "treated.svg",
    } <= names
    cox = pd.read_csv(tmp_path / "s" / "cox.csv")
    deadly = cox[(cox["variable"] == "deadly") & (cox["endpoint"] == "OS")]
    assert (deadly["hr"] > 1.5).all()
    assert json.loads((tmp_path / "s" / "survival.json").read_text())["beyond_random"]["OS"] >= 2


def test_signals_of_a_dataset(planted, planted_folder, tmp_path, linear) -> None:
    tissues = tuple(sorted(set(planted.cell_lines["tissue"])))
    linear(planted.expression.columns, len(planted.drugs), tissues).drugs["id"] = sorted(planted.drugs["id"])
    genes = list(planted.expression.columns)
    sets = tmp_path / "s.gmt"
    sets.write_text("".join(f"set {i}\tmade\t" + "\t".join(genes[i : i + 12]) + "\n" for i in (0, 4, 8)))
    done = run("signals", planted_folder, "any", tmp_path / "out", "--gene-sets", sets)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "out" / "signals.csv")
    assert len(table) == 3 * len(planted.drugs)
    assert {"r", "low", "high", "q", "stability", "slope", "predicted_r", "same_sign", "stable"} <= set(table)
    summary = json.loads((tmp_path / "out" / "signals.json").read_text())
    assert set(summary["null"]) == {"pathways", "random sets", "permuted lines"}
    none = run("signals", planted_folder, "any", tmp_path / "none")
    assert none.exit_code == 2
    assert "has no pathway_activity; give --gene-sets" in none.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--time-unit", "days"], "--gene-sets: none given"),
        (["--gene-sets", "SETS"], "the unit of the times is not known"),
        (["--gene-sets", "SETS", "--time-unit", "years"], "is the unit a shorter one"),
        (["--gene-sets", "SETS", "--gene-sets", "OTHERS"], "'deadly' stands in another file too; keep one"),
        (["--gene-sets", "SETS", "--time-unit", "days", "--column", "age"], "--column age: give NAME=COLUMN"),
        (["--gene-sets", "SETS", "--time-unit", "days", "--dataset", "DATA"], "give --bundle too"),
    ],
)
def test_what_the_cohort_command_refuses(inputs, planted_folder, tmp_path, options, message) -> None:
    others = tmp_path / "others.gmt"
    others.write_text("deadly\tother\tG000\tG001\n")
    given = {"SETS": inputs / "sets.gmt", "OTHERS": others, "DATA": planted_folder}
    words = [given.get(word, word) for word in options]
    refused = run("cohort", inputs / "tumours.csv", inputs / "clinical.csv", tmp_path / "out", *words)
    assert refused.exit_code == 2
    assert message in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_cohort(tmp_path) -> None:
    refused = run("survival", tmp_path, tmp_path / "out")
    assert refused.exit_code == 2
    assert "is no folder of `drp clinical cohort`" in refused.stderr
