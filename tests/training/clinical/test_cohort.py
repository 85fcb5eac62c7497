"""The folder of a cohort: what is scored, predicted, compared, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers.cohorts import GENES, SETS, made_clinical, made_tumours
from tests.helpers.linear_model import LinearModel
from training.clinical.clinical_table import read_clinical
from training.clinical.cohort import SHUFFLES, CohortSettings, Reference, read_cohort, write_cohort
from training.clinical.consistency import ComparedLines, hidden_genes
from training.clinical.scores import gene_table
from training.clinical.tables import ClinicalError


@pytest.fixture(scope="module")
def tumours() -> pd.DataFrame:
    return made_tumours()


@pytest.fixture(scope="module")
def clinical(tumours, tmp_path_factory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("clinical") / "c.csv"
    made_clinical(tumours).to_csv(path, index=False)
    return read_clinical(path, {}, "days")


def model() -> LinearModel:
    weights = np.zeros((len(GENES), 4))
    weights[:15, 0], weights[40:55, 1:] = 1.0, -0.5
    return LinearModel(GENES, weights)


def test_each_cohort_is_scored_by_itself(tumours, clinical, tmp_path) -> None:
    moved = tumours.copy()
    moved.loc[moved.index.str.startswith("BBB")] += 3
    for name, table in (("one", tumours), ("two", moved)):
        write_cohort(table, clinical, SETS, tmp_path / name, CohortSettings())
    one, two = read_cohort(tmp_path / "one"), read_cohort(tmp_path / "two")
    pd.testing.assert_frame_equal(one.scores, two.scores)
    assert list(one.scores.columns) == ["deadly", "neutral", "third", "fourth"]
    assert one.scores.groupby(one.clinical["cohort"]).std(ddof=0).to_numpy() == pytest.approx(1)
    assert one.predicted is None
    assert one.coverage.query("pathway == 'unknown'")["scored"].tolist() == [False, False]


def test_responses_are_predicted_as_they_are_and_with_shuffled_genes(tumours, clinical, tmp_path) -> None:
    write_cohort(tumours, clinical, SETS, tmp_path, CohortSettings(model=model()))
    folder = read_cohort(tmp_path)
    assert folder.predicted is not None
    assert list(folder.predicted.columns) == ["d0", "d1", "d2", "d3"]
    sensitive = -folder.predicted["d0"]
    assert np.corrcoef(sensitive, folder.scores["deadly"])[0, 1] > 0.9
    assert folder.shuffled.shape == (SHUFFLES, 240, 4)
    drawn = [np.corrcoef(-table[:, 0], folder.scores["deadly"])[0, 1] for table in folder.shuffled]
    assert max(map(abs, drawn)) < 0.8
    assert folder.info["in_domain"] == pytest.approx(0.5, abs=0.1)


def test_patients_of_one_table_alone_are_left_out_and_counted(tumours, clinical, tmp_path) -> None:
    write_cohort(tumours, clinical.iloc[5:], SETS, tmp_path, CohortSettings())
    folder = read_cohort(tmp_path)
    assert len(folder.scores) == 235
    assert folder.info["without_clinical"] == 5


def test_a_folder_is_the_old_cohort_or_the_new_one(tumours, clinical, tmp_path) -> None:
    write_cohort(tumours, clinical, SETS, tmp_path, CohortSettings(model=model()))
    (tmp_path / "agreement.csv").write_text("cohort\nAAA\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    unread = LinearModel(["other"], np.zeros((1, 4)))
    with pytest.raises(ClinicalError, match="none of the genes is there"):
        write_cohort(tumours.iloc[5:], clinical, SETS, tmp_path, CohortSettings(model=unread))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    write_cohort(tumours, clinical, SETS, tmp_path, CohortSettings())
    assert read_cohort(tmp_path).table("agreement.csv").empty
    assert read_cohort(tmp_path).predicted is None
    (tmp_path / "survival").mkdir()
    with pytest.raises(ClinicalError, match="holds survival, which is of no cohort; name another folder or move it"):
        write_cohort(tumours, clinical, SETS, tmp_path, CohortSettings())


@pytest.mark.parametrize("name", ["link", "."])
def test_a_link_or_the_folder_one_stands_in_gets_the_cohort(tumours, clinical, tmp_path, monkeypatch, name) -> None:
    folder = tmp_path / "folder"
    (folder / ".ipynb_checkpoints").mkdir(parents=True)
    (folder / ".DS_Store").touch()
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(tmp_path if name == "link" else folder)
    write_cohort(tumours, clinical, SETS, Path(name), CohortSettings())
    assert len(read_cohort(folder).clinical) == 240
    assert (tmp_path / "link").is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "link"}


def test_a_file_and_hidden_work_are_not_replaced(tumours, clinical, tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ClinicalError, match="file: is a file; name a folder"):
        write_cohort(tumours, clinical, SETS, tmp_path / "file", CohortSettings())
    (tmp_path / "work" / ".git").mkdir(parents=True)
    with pytest.raises(ClinicalError, match=r"holds \.git, which is of no cohort"):
        write_cohort(tumours, clinical, SETS, tmp_path / "work", CohortSettings())


def test_lines_that_are_like_the_tumours_agree_more_than_random_sets(tumours, clinical, tmp_path) -> None:
    lines = made_tumours(seed=9, cohorts=("AAA",), patients=150)
    genes, tissues = gene_table(lines), np.arange(150) % 3
    own, _ = model().predict(model().on_lines_scale(genes.z), [""] * 150)
    compared = ComparedLines(genes, tissues, -own.astype(float), -own.astype(float))
    reference = Reference(compared, genes, pd.DataFrame(genes.scores(genes.members(SETS)), genes.z.index, list(SETS)))
    write_cohort(tumours, clinical, SETS, tmp_path, CohortSettings(model=model(), reference=reference))
    table = read_cohort(tmp_path).table("agreement.csv")
    pathways = table[table["sets"] == "pathways"]
    assert pathways["cohort"].tolist() == ["AAA", "BBB"]
    assert (pathways["signals"] > 0.9).all()
    assert (
        pathways["signals"].to_numpy() > table[table["sets"] != "pathways"].groupby("cohort")["signals"].mean()
    ).all()
    hidden = read_cohort(tmp_path).table("hidden_genes.csv").set_index("pathway")
    assert hidden["own"].to_numpy() == pytest.approx(1)  # nothing is hidden from these lines
    assert hidden.loc["unknown", "in_cohort"] == 10


def test_fewer_genes_tell_less_of_a_pathway() -> None:
    lines = made_tumours(cohorts=("AAA",))
    genes = gene_table(lines)
    truth = pd.DataFrame(genes.scores(genes.members(SETS)), genes.z.index, list(SETS))
    few, most = (hidden_genes(genes, truth, SETS, GENES[::step], 0).set_index("pathway") for step in (5, 2))
    assert (few.loc[["deadly", "third"], "as_many"] < most.loc[["deadly", "third"], "as_many"]).all()
    assert most["as_many"].max() < 1


def test_what_is_refused(tumours, clinical, tmp_path) -> None:
    with pytest.raises(ClinicalError, match="no patient is in both tables: expression has 'x-0'"):
        write_cohort(tumours.set_axis([f"x-{i}" for i in range(240)]), clinical, SETS, tmp_path, CohortSettings())
    with pytest.raises(ClinicalError, match="no pathway has 10 genes and 25% measured"):
        write_cohort(tumours, clinical, {"unknown": SETS["unknown"]}, tmp_path, CohortSettings())
    with pytest.raises(ClinicalError, match="is no folder of `drp clinical cohort`"):
        read_cohort(tmp_path / "nothing")
