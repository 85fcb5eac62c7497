"""Own tables whose genes are named otherwise than by approved symbols."""

import shutil

import pytest

from tests.helpers.genes import complete_set, gene_table
from training.data.schema import DatasetError
from training.sources.gene_names import to_approved
from training.sources.layouts.own import read_own_tables
from training.sources.layouts.own_template import write_template
from training.sources.options import Options


@pytest.fixture
def folder(tmp_path):
    write_template(tmp_path / "own")
    (tmp_path / "hgnc_complete_set.txt").write_text(complete_set())
    return tmp_path / "own"


def test_columns_that_name_one_gene_become_its_approved_symbol():
    columns = ["p53", "ENSG00000157764.14", "H3F3A", "BRAF (673)", "MLL2", "TTN", "PTEN"]
    assert to_approved(columns, gene_table()) == ["TP53", "BRAF", "H3-3A", "BRAF", "MLL2", "TTN", "PTEN"]


def rename(folder, old, new):
    path = folder / "expression.csv"
    path.write_text(path.read_text().replace(old, new, 1))


def test_ensembl_ids_and_aliases_are_read_with_hgncs_list_and_refused_without(folder):
    plain = read_own_tables(folder, Options()).dataset.expression
    rename(folder, "TP53", "ENSG00000141510.18")
    with pytest.raises(DatasetError, match="--genes"):
        read_own_tables(folder, Options())
    found = read_own_tables(folder, Options(genes=folder.parent / "hgnc_complete_set.txt")).dataset
    assert list(found.expression.columns) == list(plain.columns)
    assert any("1 of" in note and "approved symbols" in note for note in found.info["notes"])


def test_a_gene_under_two_names_stands_twice(folder):
    rename(folder, "KRAS", "p53")
    with pytest.raises(DatasetError, match=r"TP53.*stands twice"):
        read_own_tables(folder, Options(genes=folder.parent / "hgnc_complete_set.txt"))


def test_a_list_that_cannot_be_read_is_named(folder):
    shutil.copy(folder / "expression.csv", folder.parent / "list.txt")
    with pytest.raises(DatasetError, match=r"list\.txt"):
        read_own_tables(folder, Options(genes=folder.parent / "list.txt"))
