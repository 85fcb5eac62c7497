"""A dataset folder gets pathway scores: chosen on its training pairs alone, written as a table that training reads."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.helpers.planted_pathways import BARE, LINES, SETS, made_dataset, write_gene_files
from training.data.arrays import align
from training.data.folder import read_dataset, write_dataset
from training.data.schema import DatasetError
from training.data.validation import validate
from training.pathways.activity import ssgsea
from training.pathways.activity_table import SELECTION, write_pathway_activity
from training.pathways.gene_sets import GeneFileError

TEST = LINES[70:]


@pytest.fixture
def dataset(tmp_path):
    write_dataset(made_dataset(), tmp_path / "dataset")
    return tmp_path / "dataset"


@pytest.fixture
def gene_files(tmp_path):
    return write_gene_files(tmp_path)


def test_the_dataset_gets_the_scores_of_the_sets_that_follow_the_response(dataset, gene_files, tmp_path):
    before, out, told = read_dataset(dataset), tmp_path / "out", []
    selection = write_pathway_activity(
        dataset, *gene_files, out, progress=lambda done, count: told.append((done, count))
    )
    after = read_dataset(out)  # its content hash fits
    assert validate(after) == validate(before)
    assert {"set 3", "set 7"} <= set(after.pathway_activity.columns)
    assert list(after.pathway_activity.columns) == selection.chosen
    assert list(after.pathway_activity.index) == [line for line in LINES if line != BARE]
    scores = ssgsea(before.expression, {name: frozenset(genes) for name, genes in SETS.items()})
    np.testing.assert_allclose(after.pathway_activity, scores[selection.chosen], rtol=1e-6)
    assert after.info["content_hash"] != before.info["content_hash"]
    assert after.info["units"]["pathway_activity"]
    assert after.info["counts"]["pathway_activity_rows"] == 99
    pd.testing.assert_frame_equal(after.expression, before.expression)
    assert told[-1] == (40, 40)
    arrays = align(after)
    assert arrays.present["pathway_activity"].sum() == 99
    enriched = pd.read_csv(out / SELECTION, index_col="gene_set")
    assert list(enriched.index[enriched["chosen"]]) == selection.chosen
    assert enriched.loc[["set 3", "set 7"], "stability"].min() > 0.9
    note = f"{len(selection.chosen)} of {len(enriched)} enriched gene sets of 20, chosen on 99 lines, seed 0"
    assert after.info["notes"] == ["a note", f"pathway_activity: {note}"]


def test_lines_and_responses_outside_the_training_pairs_do_not_move_the_selection(dataset, gene_files, tmp_path):
    def of_training_lines(arrays):
        return np.repeat(~np.isin(arrays.cell_line_ids, TEST)[:, None], len(arrays.drug_ids), 1)

    given = read_dataset(dataset)
    held_out = given.response["cell_line_id"].isin(TEST)
    ln_ic50 = given.response["ln_ic50"].where(~held_out, -given.response["ln_ic50"])
    response = given.response.assign(ln_ic50=ln_ic50, sensitive=(ln_ic50 < 1).astype(np.uint8))
    expression = given.expression.copy()
    expression.loc[TEST, SETS["set 11"]] = 20 * (expression.loc[TEST, SETS["set 11"]] > 6)
    write_dataset(replace(given, response=response, expression=expression), tmp_path / "changed")
    one = write_pathway_activity(dataset, *gene_files, tmp_path / "a", training_pairs=of_training_lines)
    two = write_pathway_activity(tmp_path / "changed", *gene_files, tmp_path / "b", training_pairs=of_training_lines)
    pd.testing.assert_frame_equal(one.table, two.table)
    assert (tmp_path / "a" / SELECTION).read_bytes() == (tmp_path / "b" / SELECTION).read_bytes()
    everything = write_pathway_activity(tmp_path / "changed", *gene_files, tmp_path / "c")
    assert not everything.table.equals(two.table)


def test_scores_in_place_replace_the_earlier_ones_and_their_note(dataset, gene_files):
    write_pathway_activity(dataset, *gene_files, dataset)
    first = read_dataset(dataset)
    write_pathway_activity(dataset, *gene_files, dataset, wanted=1)
    again = read_dataset(dataset)
    assert again.pathway_activity.shape[1] == 1 < first.pathway_activity.shape[1]
    assert len(again.info["notes"]) == len(first.info["notes"]) == 2
    write_pathway_activity(dataset, *gene_files, dataset)
    assert read_dataset(dataset).info == first.info  # the same seed, the same table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expression": None}, "expression.parquet: is missing"),
        ({"info": {"name": "made", "expression_platform": "array_z"}}, "'array_z'; pathways need log2"),
    ],
)
def test_a_dataset_that_cannot_be_scored_is_refused(dataset, gene_files, tmp_path, change, message):
    write_dataset(replace(made_dataset(), **change), dataset)
    with pytest.raises(DatasetError, match=message):
        write_pathway_activity(dataset, *gene_files, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_gene_files_that_do_not_fit_are_refused(dataset, gene_files, tmp_path):
    (one, two), network = gene_files
    other = tmp_path / "entrez.csv"
    other.write_text("a,b\n1,2\nG001,G002\n")
    with pytest.raises(GeneFileError, match=r"entrez.csv: knows 2 of 300 genes"):
        write_pathway_activity(dataset, [one], other, tmp_path / "out")
    with pytest.raises(GeneFileError, match=r"one.gmt: 'set 0' stands in another file too"):
        write_pathway_activity(dataset, [one, two, one], network, tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(DatasetError, match="is there and is no dataset"):
        write_pathway_activity(dataset, [one], network, tmp_path / "full")


def test_too_few_training_lines_are_refused_and_nothing_is_written(dataset, gene_files, tmp_path):
    def of_few(arrays):
        return arrays.measured & (np.arange(len(arrays.cell_line_ids)) < 5)[:, None]

    with pytest.raises(ValueError, match="5 training lines have expression and responses; give 8 at least"):
        write_pathway_activity(dataset, *gene_files, tmp_path / "out", training_pairs=of_few)
    assert not (tmp_path / "out").exists()
