import pytest

from model.genes.hgnc import read_hgnc
from tests.helpers.genes import HEADER, complete_set


def test_the_published_complete_set_becomes_genes_with_all_their_names() -> None:
    (gene,) = (gene for gene in read_hgnc(complete_set().splitlines()) if gene.symbol == "KMT2D")
    assert gene.previous == ("TNRC21", "MLL2")  # written in quotes there
    assert (gene.alias, gene.ensembl, gene.entrez) == (("ALR", "MLL4"), ("ENSG00000167548",), ("8085",))


def test_withdrawn_entries_name_nothing() -> None:
    assert "GONE" not in {gene.symbol for gene in read_hgnc(complete_set().splitlines())}


@pytest.mark.parametrize(
    "text", ["", "symbol,entrez_id\nBRAF,673\n", HEADER.replace("prev_symbol", "previous") + "\n"]
)
def test_another_file_is_refused_with_the_columns_that_are_missing(text: str) -> None:
    with pytest.raises(ValueError, match=r"no column .*hgnc_complete_set"):
        read_hgnc(text.splitlines())


def test_a_set_without_genes_is_refused() -> None:
    with pytest.raises(ValueError, match="no approved gene"):
        read_hgnc([HEADER])
