"""`drp data pathways` on planted data: two gene sets follow the response, eighteen do not."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.helpers.commands import drp, refusal
from tests.helpers.planted_pathways import made_dataset, write_gene_files
from training.data.folder import read_dataset, write_dataset


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Dataset, GMT files and network. Do not change it."""
    folder = tmp_path_factory.mktemp("pathways")
    write_dataset(made_dataset(), folder / "dataset")
    write_gene_files(folder)
    return folder


def arguments(folder, out, *more, gmt=("one.gmt", "two.gmt"), network="network.csv"):
    sets = [word for name in gmt for word in ("--gene-sets", folder / name)]
    return "data", "pathways", folder / "dataset", out, *sets, "--network", folder / network, *more


def test_the_sets_that_follow_the_response_are_written_and_listed(folder, tmp_path):
    done = drp(*arguments(folder, tmp_path / "out", "--seed", 3))
    assert done.exit_code == 0, done.output
    written = read_dataset(tmp_path / "out")
    chosen = list(written.pathway_activity.columns)
    assert {"set 3", "set 7"} <= set(chosen)
    assert "seed 3" in written.info["notes"][-1]
    listed = [line.split("│")[1].strip() for line in done.stdout.splitlines() if line.startswith("│")]
    assert sorted(listed) == sorted(chosen)
    assert set(listed[:2]) == {"set 3", "set 7"}  # the most valuable first
    assert f"{len(chosen)} pathways of 99 lines" in done.stdout
    assert "40/40" in done.stderr  # the bar


def test_the_choice_on_a_fold_never_reads_its_test_lines(folder, tmp_path):
    done = drp(*arguments(folder, tmp_path / "out", "--split", "LCO", "--fold", 1, "--wanted", 1))
    assert done.exit_code == 0, done.output
    written = read_dataset(tmp_path / "out")
    assert written.pathway_activity.shape == (99, 1)  # all lines have scores all the same
    every = pd.read_csv(tmp_path / "out" / "pathway_selection.csv")
    assert every["chosen"].sum() == 1
    (lines,) = (int(word) for word in written.info["notes"][-1].split() if word.isdecimal() and 50 < int(word) < 90)
    assert lines < 80  # a fifth is test, a tenth of the rest validation


REFUSED = [
    ({"network": "none.csv"}, "none.csv: No such file or directory"),
    ({"gmt": ["none.gmt"]}, "none.gmt: No such file or directory"),
    ({"gmt": ["network.csv"]}, "network.csv, line 1: no name or no gene; give name, description, genes by tabs"),
    ({"network": "one.gmt"}, "one.gmt: knows 0 of 300 genes of the expression table"),
    ({"gmt": ["one.gmt", "one.gmt"]}, "'set 0' stands in another file too; keep one"),
]


@pytest.mark.parametrize(("files", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_a_file_that_does_not_fit_is_named_in_one_line(folder, tmp_path, files, says):
    assert says in refusal(*arguments(folder, tmp_path / "out", **files)).replace("\n", " ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--split", "XYZ"], "--split: 'XYZ' is not one of LPO, LCO, LDO, LTO, LCDO"),
        (["--split", "LCO", "--fold", "5"], "--fold 5: give a number from 0 to 4"),
        (["--split", "LTO"], "--split LTO: 1 groups () cannot fill 5 folds"),
    ],
)
def test_an_option_that_does_not_fit_is_named(folder, tmp_path, options, says):
    assert says in refusal(*arguments(folder, tmp_path / "out", *options))


def test_a_dataset_without_expression_says_what_is_missing(folder, tmp_path):
    write_dataset(replace(made_dataset(), expression=None), tmp_path / "dataset")
    for name in ("one.gmt", "two.gmt", "network.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    done = drp(*arguments(tmp_path, tmp_path / "out"))
    assert done.exit_code == 2
    errors = done.stderr.splitlines()
    assert errors[-2:] == [
        "error: expression.parquet: is missing; pathways are scored from it, import it",
        "1 problem. Nothing was written.",
    ]
