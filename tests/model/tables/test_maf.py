"""Mutations in long form."""

import pytest

from model.genes.panel import Panel
from model.tables.faults import TableError, TooManySamplesError
from model.tables.maf import is_maf, read_maf
from model.tables.matrix import Matrix
from model.tables.rows import Rows
from tests.helpers.genes import PANEL, gene_table

HEADER = "Hugo_Symbol\tEntrez_Gene_Id\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short"
ROWS = (
    "BRAF\t673\tMissense_Mutation\tTCGA-1\tp.V600E",
    "TTN\t7273\tMissense_Mutation\tTCGA-1\tp.A1V",
    "KRAS\t3845\tSilent\tTCGA-1\tp.G12=",
    "H3-3A\t3020\tMissense_Mutation\tTCGA-2\tp.K28M",
    "FAM999\t5728\tFrame_Shift_Del\tTCGA-2\tp.R130fs",
    "TP53\t7157\tIntron\tTCGA-3\t",
)
CONTENT = "\n".join(("#version 2.4", HEADER, *ROWS)) + "\n"


def read(content: str, most: int = 10) -> Matrix:
    rows = Rows(content.encode())
    assert is_maf(rows.header)
    return read_maf(rows, Panel(PANEL, gene_table()), most)


def test_a_sample_is_mutated_in_the_genes_whose_protein_changes() -> None:
    mutated = {name: {gene for gene, value in genes.items() if value} for name, genes in read(CONTENT).values.items()}
    assert mutated == {"TCGA-1": {"BRAF"}, "TCGA-2": {"H3F3A", "PTEN"}, "TCGA-3": set()}


def test_all_other_genes_of_the_model_count_as_not_mutated() -> None:
    assert all(set(genes) == set(PANEL) for genes in read(CONTENT).values.values())


def test_what_was_decided_is_said() -> None:
    matrix = read(CONTENT)
    assert matrix.unread == 1
    assert any("2 silent" in note for note in matrix.notes)


def test_without_a_classification_every_row_counts_and_that_is_said() -> None:
    matrix = read("Hugo_Symbol,Tumor_Sample_Barcode\nBRAF,a\n")
    assert matrix.values["a"]["BRAF"] == 1
    assert any("no column Variant_Classification" in note for note in matrix.notes)


@pytest.mark.parametrize("gene", ["TTN", "1-Mar", "", "MLL2"])
def test_a_file_of_which_nothing_is_read_is_refused(gene: str) -> None:
    with pytest.raises(TableError, match="no mutation of a gene"):
        read(f"Hugo_Symbol\tTumor_Sample_Barcode\n{gene}\ta\n")


def test_more_samples_than_a_request_may_have_are_refused() -> None:
    with pytest.raises(TooManySamplesError):
        read(CONTENT, most=2)
