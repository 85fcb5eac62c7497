"""Names of genes from the files that people have."""

import gzip

import pandas as pd
import pytest

from model.genes.table import GeneTable
from tests.helpers.genes import complete_set
from training.sources.gene_names import GeneNamesError, read_genes


def test_the_published_file_is_read_packed_or_not(tmp_path):
    plain, packed = tmp_path / "hgnc_complete_set.txt", tmp_path / "hgnc_complete_set.txt.gz"
    plain.write_text(complete_set())
    packed.write_bytes(gzip.compress(complete_set().encode()))
    assert read_genes(plain) == read_genes(packed)
    assert GeneTable(read_genes(plain)).find("HER2").symbols == ("ERBB2",)


def test_a_table_of_identifiers_gives_the_same_answers(tmp_path):
    rows = [
        *(("ERBB2", "ERBB2", "approved"), ("HER2", "ERBB2", "alias_or_previous"), ("2064", "ERBB2", "entrez")),
        *(("ENSG00000141736", "ERBB2", "ensembl"), ("9-SEP", "SEPTIN9", "alias_or_previous_or_excel")),
        *(("MLL2", "KMT2D", "alias_or_previous_or_excel"), ("MLL2", "KMT2B", "alias_or_previous_or_excel")),
    ]
    pd.DataFrame(rows, columns=["identifier", "symbol", "kind"]).to_parquet(tmp_path / "genes.parquet")
    table = GeneTable(read_genes(tmp_path / "genes.parquet"))
    assert {table.find(text).symbols for text in ("her2", "2064", "ENSG00000141736.3", "ERBB2")} == {("ERBB2",)}
    assert table.find("MLL2").symbols == ("KMT2D", "KMT2B")
    assert table.find("9-SEP").symbols == ()


@pytest.mark.parametrize(
    ("name", "write", "fault"),
    [
        ("a.txt", lambda path: None, "No such file"),
        ("a.txt", lambda path: path.write_text("symbol\nBRAF\n"), "no column prev_symbol"),
        ("a.txt", lambda path: path.write_bytes(b"\xff\xfe"), "a.txt"),
        ("a.txt.gz", lambda path: path.write_text("symbol"), "a.txt.gz"),
        ("a.parquet", lambda path: path.write_text("symbol"), "a.parquet"),
        ("a.parquet", lambda path: pd.DataFrame({"symbol": ["A"]}).to_parquet(path), "no column identifier, kind"),
        (
            "a.parquet",
            lambda path: pd.DataFrame([["A", "A", "x"]], columns=["identifier", "symbol", "kind"]).to_parquet(path),
            "a kind is 'x', none of",
        ),
    ],
)
def test_another_file_is_refused_by_name(tmp_path, name, write, fault):
    write(tmp_path / name)
    with pytest.raises(GeneNamesError, match=fault):
        read_genes(tmp_path / name)
