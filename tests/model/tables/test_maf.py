"""Mutations in long form."""

import pytest

from model.genes.panel import Panel
from model.tables.faults import TableError, TooManySamplesError
from model.tables.maf import is_maf, is_silent, read_maf
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


@pytest.mark.parametrize(
    "consequences",
    [
        *("Silent", "3'UTR", "5'Flank", "IGR", "RNA", "lincRNA", "intron_variant", "3_prime_UTR_variant"),
        *("upstream_gene_variant", "intergenic_region", "stop_retained_variant", "nc_variant", "FIVE_PRIME_FLANK"),
        *("intron_variant&non_coding_transcript_variant", "synonymous_variant, NMD_transcript_variant"),
        *("splice_polypyrimidine_tract_variant&intron_variant", "2KB_upstream_variant", "500B_downstream_variant"),
        *("synonymous_variant,", "ncRNA_exonic"),
    ],
)
def test_what_leaves_the_protein_as_it_is_is_silent_by_whatever_name(consequences: str) -> None:
    assert is_silent(consequences)


@pytest.mark.parametrize(
    "consequences",
    [
        *(
            "Missense_Mutation",
            "Splice_Site",
            "Nonstop_Mutation",
            "start_lost",
            "inframe_deletion",
            "In_Frame_Ins",
            "",
            ",",
            "splice_donor_5th_base_variant&intron_variant",
        ),
        *("missense_variant&NMD_transcript_variant", "start_lost&5_prime_UTR_variant", "3'UTR;frameshift_variant"),
    ],
)
def test_what_changes_the_protein_beside_something_else_is_not_silent(consequences: str) -> None:
    assert not is_silent(consequences)


def with_rows(*rows: str) -> str:
    return CONTENT + "".join(f"{row}\tTCGA-1\tp.A1V\n" for row in rows)


def test_a_gene_that_became_a_date_is_refused_unless_its_entrez_id_names_it() -> None:
    with pytest.raises(TableError, match=r"1 genes \(row 9\): each is a gene that a spreadsheet turned into a date"):
        read(with_rows("1-Mar\t0\tMissense_Mutation"))
    found = read(with_rows("9-Sep\t10801\tMissense_Mutation", "1-Mar\t0\tIntron"))
    assert found.values["TCGA-1"]["SEPT9"] == 1


def test_an_ambiguous_name_is_left_out_and_its_meanings_are_listed() -> None:
    found = read(with_rows("MLL2\t0\tMissense_Mutation", "MLL2\t8085\tMissense_Mutation", "mll2\t\tNonsense_Mutation"))
    assert found.values["TCGA-1"]["KMT2D"] == 1
    assert found.notes[-1] == "not read: row 9, row 11 may mean KMT2D or KMT2B"


@pytest.mark.parametrize("row", ["1-Mar\t55016", "9-Sep\t10801.0", "MLL2\t9757", "MLL2\t7273"])
def test_what_its_entrez_id_names_is_not_unclear(row: str) -> None:
    with_it, without = (read(content).notes for content in (with_rows(f"{row}\tMissense_Mutation"), CONTENT))
    assert with_it == without


@pytest.mark.parametrize("gene", ["TTN", "", "MLL2"])
def test_a_file_of_which_nothing_is_read_is_refused(gene: str) -> None:
    with pytest.raises(TableError, match="no mutation of a gene"):
        read(f"Hugo_Symbol\tTumor_Sample_Barcode\n{gene}\ta\n")


def test_more_samples_than_a_request_may_have_are_refused() -> None:
    with pytest.raises(TooManySamplesError):
        read(CONTENT, most=2)
