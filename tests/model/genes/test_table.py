import pytest

from model.genes.panel import Panel
from model.genes.table import Gene, GeneTable, genes_of, relevant
from tests.helpers.genes import PANEL, gene_table


def test_genes_survive_the_way_through_json() -> None:
    genes = list(gene_table().genes)
    assert genes_of(gene.row() for gene in genes) == genes


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([{"alias": ["HER2"]}], "gene 0"),
        ([{"symbol": "BRAF", "alias": "BRAF1"}], "BRAF.*alias"),
        ([{"symbol": "BRAF", "entrez": [673]}], "BRAF.*entrez"),
        ([{"symbol": "BRAF", "colour": []}], "gene 0"),
        ([{"symbol": "BRAF"}, {"symbol": "braf"}], "twice"),
    ],
)
def test_rows_that_are_no_genes_are_refused(rows: list[dict[str, object]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        genes_of(rows)


def test_what_a_bundle_needs_are_its_genes_and_those_that_could_be_mistaken_for_them() -> None:
    kept = {gene.symbol for gene in relevant(gene_table().genes, ("PTEN", "H3F3A", "KMT2D"))}
    assert kept == {"PTEN", "TEP1", "H3-3A", "KMT2D", "KMT2B"}


def test_a_panel_reads_the_same_from_the_relevant_genes_as_from_all() -> None:
    genes = gene_table().genes
    short, whole = Panel(PANEL, GeneTable(relevant(genes, PANEL))), Panel(PANEL, GeneTable(genes))
    for text in {name for gene in genes for name in gene.names}:
        assert short.find(text, changes=True) == whole.find(text, changes=True)


def test_a_previous_symbol_that_is_anothers_alias_is_ambiguous() -> None:
    table = GeneTable([Gene("A1", previous=("OLD",)), Gene("B1", alias=("OLD",))])
    assert table.find("old").symbols == ("A1", "B1")
