"""Formats of one sample, columns that are no samples, and names that are missing."""

import pytest

from model.tables.faults import TableError
from tests.helpers.published_layouts import IDS, READ, TWO, text
from tests.model.tables.test_matrix import read

QUANT = "Name\tLength\tEffectiveLength\tTPM\tNumReads\n" + "".join(
    f"{ensembl}.3\t1500\t1300.2\t{i + 0.5}\t{i * 900}\n" for i, (ensembl, _) in enumerate(IDS.values())
)
RSEM = "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\n" + "".join(
    f"{ensembl}_{gene}\tENST1\t1500\t1300.2\t{i * 900}\t{i + 0.5}\t{i * 2}\n".replace(f"_{gene}", "")
    for i, (gene, (ensembl, _)) in enumerate(IDS.items())
)


STRINGTIE = "Gene ID\tGene Name\tReference\tStrand\tStart\tEnd\tCoverage\tFPKM\tTPM\n" + "".join(
    f"{ensembl}\t{gene}\tchr1\t+\t100\t2000\t{i * 9}\t{i * 2}\t{i + 0.5}\n"
    for i, (gene, (ensembl, _)) in enumerate(IDS.items())
)
GDC = (
    "# gene-model: GENCODE v36\ngene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second"
    "\ttpm_unstranded\tfpkm_unstranded\tfpkm_uq_unstranded\nN_unmapped\t\t\t50\t60\t70\t\t\t\n"
) + "".join(
    f"{ensembl}.12\t{gene}\tprotein_coding\t{i * 90}\t{i * 45}\t{i * 45}\t{i + 0.5}\t{i * 2}\t{i * 3}\n"
    for i, (gene, (ensembl, _)) in enumerate(IDS.items())
)
SINGLE = {"Salmon": QUANT, "RSEM": RSEM, "StringTie": STRINGTIE, "GDC": GDC}


@pytest.mark.parametrize("content", SINGLE.values(), ids=SINGLE)
def test_a_format_of_one_sample_gives_its_tpm_and_nothing_else(content: str) -> None:
    matrix = read(content)
    assert matrix.unit == "TPM"
    assert list(matrix.values) == ["sample"]
    assert matrix.values["sample"]["KRAS"] == 1.5


def test_counts_of_feature_counts_become_tpm_with_the_lengths_beside_them() -> None:
    rows = "".join(f"{g}\tchr1\t1\t2\t+\t{1000 * (i + 1)}\t{100 * (i + 1)}\n" for i, g in enumerate(IDS))
    matrix = read("# Program:featureCounts v2.0.1; Command:x\nGeneid\tChr\tStart\tEnd\tStrand\tLength\ta.bam\n" + rows)
    assert matrix.unit == "TPM"
    assert list(matrix.values["a.bam"].values()) == pytest.approx([1e6 / len(IDS)] * 9)  # each: 100 a kilobase


@pytest.mark.parametrize(
    "head",
    [
        *("Length", "NumReads", "Entrez_Gene_Id", "chr", "Start", "End", "Strand", "gene_biotype", "transcript_id(s)"),
        *("EffectiveLength", "HGNC ID", "Cytoband", "baseMean", "padj", "FPKM", "Coverage", "FPKM_conf_lo"),
        *("unstranded", "stranded_first", "fpkm_uq_unstranded"),
    ],
)
def test_an_annotation_of_genes_is_never_a_sample(head: str) -> None:
    table = TWO.down(gene="{gene}")
    beside = [[*row, value] for row, value in zip(table, [head, *range(1, len(table))], strict=True)]
    assert list(read(text(beside, "\t")).values) == ["tumour 1", "tumour 2"]


def test_reference_is_a_sample_but_beside_the_coverage_of_stringtie() -> None:
    assert list(read("gene\tReference\ttreated\nBRAF\t1\t2\nKRAS\t3\t4\n").values) == ["Reference", "treated"]
    with pytest.raises(TableError, match="no column of a sample"):
        read("Gene ID\tReference\tStart\tCoverage\tFPKM\n673\t7\t1\t2\t3\n3845\t12\t3\t4\t5\n")


def test_a_column_of_texts_at_the_left_is_annotation_whatever_its_name() -> None:
    table = [[row[0], "note" if i == 0 else "some words", *row[1:]] for i, row in enumerate(TWO.down(g="{gene}"))]
    assert read(text(table)).values == READ


@pytest.mark.parametrize(
    "content",
    [
        "BRAF\t26.85\nKRAS\t1.5\n",
        "ENSG00000000003.15\t1523\nBRAF\t1\n",
        "TSPAN6\t26.85\nKRAS\t1.5\n",
        "BRAF,KRAS\n26.85,1\n1.5,2\n",
        "TSPAN6,KRAS\n26.85,1\n1.5,2\n",
        "TSPAN6\t1523\nKRAS\t12\n",
        "7105\t1523\n3845\t12\n",
        "BRAF\tKRAS\tTP53\na\t1\t2\t\nb\t2\t3\t\n",  # names of R before a gene that no sample has
    ],
)
def test_a_table_without_names_of_its_samples_is_refused(content: str) -> None:
    with pytest.raises(TableError, match="the row or the column of the samples' names missing"):
        read(content)


@pytest.mark.parametrize("names", [("1", "2"), ("12.1", "12.2")])
@pytest.mark.parametrize("corner", ["", "sample", "gene"])
def test_samples_may_be_called_by_numbers(names: tuple[str, str], corner: str) -> None:
    one, other = names
    expected = {one: {"BRAF": 1.5, "KRAS": 3.0}, other: {"BRAF": 2.5, "KRAS": 4.0}}
    assert read(f"{corner},{one},{other}\nBRAF,1.5,2.5\nKRAS,3,4\n").values == expected
    assert read(f"{corner},BRAF,KRAS\n{one},1.5,3\n{other},2.5,4\n").values == expected


@pytest.mark.parametrize(
    ("corner", "names", "doubtful"),
    [
        ("cosmic_id", ("905949.0", "905950.0"), False),
        ("cell_line", ("12.1", "12.2"), False),
        ("patient", ("101.1", "101.2"), False),
        ("gene_symbols", ("905949.0", "905950.0"), False),
        ("row.names", ("12.1", "12.2"), False),
        ("Hugo", ("1E5", "1E6"), True),
        ("time", ("-1", "-2"), True),
        ("TNMD", ("0", "12"), True),
    ],
)
def test_numbers_below_or_beside_another_head_are_names_of_samples(
    corner: str, names: tuple[str, str], doubtful: bool
) -> None:
    one, other = names
    for table in (f"{corner},BRAF,KRAS\n{one},1,2\n{other},3,4\n", f"{corner},{one},{other}\nBRAF,1,3\nKRAS,2,4\n"):
        found = read(table)
        assert found.values == {one: {"BRAF": 1, "KRAS": 2}, other: {"BRAF": 3, "KRAS": 4}}
        assert any("all samples are called by numbers" in note for note in found.notes) is doubtful


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_last_cell_is_a_delimiter_where_the_first_column_is_named_and_else_a_question(empty: str) -> None:
    ended = f"BRAF\t1\t2\t{empty}\nKRAS\t2\t3\t{empty}\n"
    for table in (f"gene\ta\tb\n{ended}", f"\ta\tb\n{ended}", f"Probe ID\ta\tb\n{ended}"):
        assert read(table).values == {"a": {"BRAF": 1, "KRAS": 2}, "b": {"BRAF": 2, "KRAS": 3}}
    across = f"patient\tBRAF\tKRAS\np1\t1\t2\t{empty}\n"
    assert read(across).values == {"p1": {"BRAF": 1, "KRAS": 2}}
    with pytest.raises(TableError, match=r"row 1, column 1 may be a sample: .* call the first column gene"):
        read(f"a\tb\tc\n{ended}")


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("head", ["", "Unnamed: 0", "index", "X"])
def test_a_column_that_counts_the_rows_names_neither_samples_nor_genes(start: int, head: str) -> None:
    across, down = TWO.across(), TWO.down(gene="{gene}")
    down += [[f"LOC{i}", i, i] for i in range(700)]  # so that the counts are Entrez ids of genes that are read
    for table in (across, down):
        counted = [
            [head, table[0][0] or "name", *table[0][1:]],
            *([i, *row] for i, row in enumerate(table[1:], start)),
        ]
        found = read(text(counted))
        assert found.values == READ
        assert "column 1 counts the rows and is not read" in found.notes


S1 = {"s1": {"TP53": 4, "BRAF": 2}}
NUMBERED = {"101": {"BRAF": 1, "KRAS": 2}, "102": {"BRAF": 3, "KRAS": 4}}


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (",gene,s1\n673,ZZZ3,5\n0,TP53,4\n1,BRAF,2\n", S1),
        (",name,s1\n673,ZZZ3,5\n0,TP53,4\n1,BRAF,2\n", S1),
        (",Unnamed: 0,gene,s1\n0,3845,ZZZ3,5\n1,0,TP53,4\n2,1,BRAF,2\n", S1),
        (",Hugo,s1\n0,ZZZ3,5\n673,ZZZ3,6\n5,TP53,4\n9,BRAF,2\n", S1),
        (",Unnamed: 0,s1\n0,TP53,4\n1,BRAF,2\n", S1),
        (",Unnamed: 0,s1\n0,7157,4\n1,673,2\n", S1),
        (",description,s1\n7157,tumour protein,4\n673,kinase,2\n", S1),
        (",gene_id,s1\n3845,7157,4\n9,673,2\n", S1),
        (",X,Y\n7157,4,5\n673,2,6\n", {"X": S1["s1"], "Y": {"TP53": 5, "BRAF": 6}}),
        (",sample,BRAF,KRAS\n3,101,1,2\n9,102,3,4\n", NUMBERED),
        (",cell_line,BRAF,KRAS\n0,101,1,2\n1,102,3,4\n", NUMBERED),
        (",Unnamed: 0,sample,BRAF,KRAS\n0,3,101,1,2\n1,9,102,3,4\n", NUMBERED),
        (",tissue,BRAF,KRAS\n101,lung,1,2\n102,skin,3,4\n", NUMBERED),
        (",name,BRAF,KRAS\n101,lung,1,2\n102,lung,3,4\n", NUMBERED),
    ],
)
def test_a_column_counts_the_rows_where_the_next_names_them(content: str, values: dict[str, dict[str, float]]) -> None:
    assert read(content).values == values


def test_a_text_beside_numbered_samples_is_not_their_name() -> None:
    found = read(",tissue,BRAF,KRAS\n1,lung,1,2\n2,skin,3,4\n")
    assert list(found.values) == ["1", "2"]
    assert found.notes == ["columns that are no genes and are not read: tissue"]
