"""Tables of genes and samples as programs and portals write them."""

import gzip

import pytest

from model.genes.panel import Panel
from model.genes.table import GeneTable
from model.tables.faults import TableError, TooManySamplesError
from model.tables.matrix import Matrix, read_matrix
from model.tables.rows import Rows
from tests.helpers.genes import PANEL, gene_table
from tests.helpers.published_layouts import IDS, READ, TWO, layouts, text

TABLES = layouts(TWO)
GENES = Panel(PANEL, gene_table())


def read(content: str | bytes, *, changes: bool = False, most: int = 10, panel: Panel = GENES) -> Matrix:
    raw = content if isinstance(content, bytes) else content.encode()
    return read_matrix(Rows(raw), panel, most, changes=changes)


@pytest.mark.parametrize("layout", TABLES)
def test_one_set_of_samples_is_the_same_to_the_last_digit_in_every_layout(layout: str) -> None:
    assert read(TABLES[layout]).values == READ


def test_symbols_of_old_are_read() -> None:
    older = text(TWO.across()).replace("H3-3A", "h3f3a").replace("SEPTIN9", "SEPT9")
    assert read(older).values == READ


@pytest.mark.parametrize("layout", ["symbols across, CSV", "nf-core merged gene_tpm", "DepMap, symbol and Entrez id"])
def test_without_a_table_of_names_the_models_own_symbols_are_read(layout: str) -> None:
    values = read(TABLES[layout], panel=Panel(PANEL, GeneTable())).values
    assert values["tumour 1"] == {gene: value for gene, value in READ["tumour 1"].items() if gene in IDS}


def test_genes_that_the_model_does_not_read_are_counted() -> None:
    assert read(TABLES["symbols across, CSV"]).unread == 1


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n", "\n\t\t\n"])
@pytest.mark.parametrize("gene", ["KRAS", "TTN"])
def test_the_last_empty_cells_of_a_table_are_kept(end: str, gene: str) -> None:
    for table in (f"gene\ts1\ts2\nBRAF\t1.0\t2.0\n{gene}\t\t{end}", f"\tBRAF\t{gene}\ns1\t1.0\t\ns2\t2.0\t{end}"):
        assert read(table).values == {"s1": {"BRAF": 1.0}, "s2": {"BRAF": 2.0}}


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "n/a", "null", "-"])
def test_a_cell_without_a_value_is_a_gene_that_is_not_given(missing: str) -> None:
    assert read(f"name,BRAF,KRAS\na,{missing},1.5\n").values == {"a": {"KRAS": 1.5}}


# Repeated genes.
@pytest.mark.parametrize(
    "extra",
    [
        *(["Y_RNA", 1.0, 2.0], ["5S_rRNA", 0.0, 9.0], ["Metazoa_SRP", 3.0, 3.0]),
        *(["snoU13", "", 1.0], ["ENSG00000000003.15", 2.0, 0.0], ["1", 4.0, 4.0]),
    ],
)
def test_a_repeated_gene_that_the_model_does_not_read_is_no_question(extra: list[object]) -> None:
    table = TWO.down(gene="{gene}")
    assert read(text([*table, extra, [extra[0], 7.0, 7.0]])).values == READ


def test_a_repeated_gene_with_the_same_values_is_read_once() -> None:
    table = TWO.down(gene="{gene}")
    assert read(text([*table, table[1]])).values == READ


@pytest.mark.parametrize("again", ["BRAF", "braf", "673", "ENSG00000157764.9", "BRAF (673)"])
def test_a_repeated_gene_that_is_read_and_differs_is_a_question(again: str) -> None:
    with pytest.raises(TableError, match=r"BRAF \(row 2, row 12\)"):
        read(text([*TWO.down(gene="{gene}"), [again, 1.0, 2.0]], "\t"))
    with pytest.raises(TableError, match=r"BRAF \(column 2, column 12\)"):
        read(text([[*row, extra] for row, extra in zip(TWO.across(), (again, 1.0, 2.0), strict=True)], "\t"))


@pytest.mark.parametrize("older", ["BRAF1", "BRAF-1", "p53", "HER2", "NGL"])
def test_a_row_by_an_older_name_gives_way_to_the_symbol_with_a_note(older: str) -> None:
    matrix = read(text([*TWO.down(gene="{gene}"), [older, 99.0, 99.0]]))
    assert matrix.values == READ
    assert any("older names" in note for note in matrix.notes)


def test_of_two_rows_with_one_symbol_the_one_with_the_genes_own_id_is_read() -> None:
    table = TWO.down(gene_id="{ensembl}", gene_name="{gene}")
    matrix = read(text([*table, ["ENSG00000280987", "BRAF", 99.0, 99.0]], "\t"))
    assert matrix.values == READ


# Dates, ambiguous names, other faults.
@pytest.mark.parametrize("date", ["1-Mar", "Sep-09", "2023-09-01", "9-Sep", "01/03/2023"])
def test_a_gene_that_became_a_date_is_refused_with_its_place(date: str) -> None:
    with pytest.raises(TableError, match=r"row 12.*spreadsheet"):
        read(text([*TWO.down(gene="{gene}"), [date, 1.0, 2.0]]))
    with pytest.raises(TableError, match=r"column 12.*spreadsheet"):
        read(text([[*row, extra] for row, extra in zip(TWO.across(), (date, 1.0, 2.0), strict=True)]))


def test_a_date_beside_an_ensembl_id_does_no_harm() -> None:
    table = text(TWO.down(gene_id="{ensembl}", gene_name="{gene}")).replace(",SEPTIN9,", ",9-Sep,")
    assert read(table).values == READ


def test_an_ambiguous_name_is_left_out_and_its_meanings_are_listed() -> None:
    matrix = read(text([*TWO.down(gene="{gene}"), ["MLL4", 1.0, 2.0]]))
    assert matrix.values == READ
    assert any("row 12" in note and "KMT2D" in note and "KMT2B" in note for note in matrix.notes)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("name,BRAF\na,x\n", "row 2, column 2: not a number"),
        ("name,BRAF\na,inf\n", "row 2, column 2: not a number"),
        ("name,BRAF\na,1_0\n", "row 2, column 2: not a number"),
        ("name,BRAF,KRAS\na,1\n", "row 2 has 2 cells"),
        ("name,BRAF\na,1,5\n", "decimal commas"),
        ("name;BRAF;KRAS\na;1,234;2\n", "thousands"),
        ("name;BRAF;KRAS\na;1,23;2.5\n", "commas and numbers with points"),
        ("name,BRAF\na,1\na,2\n", "row 3, column 1"),
        ("name,BRAF\n,1\n", "row 2, column 1"),
        ("gene,a,a\nBRAF,1,2\nKRAS,2,3\n", "row 1, column 3"),
        ("name,FOO\na,1\n", "no gene of the model"),
        ("gene,Length,NumReads\nBRAF,1,2\n", "no column of a sample"),
        ("BRAF\n1\n", "one column only"),
        ("name,BRAF\n", "a header and one row"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(content: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read(content)


def test_more_samples_than_a_request_may_have_are_refused() -> None:
    with pytest.raises(TooManySamplesError, match="over 1 samples"):
        read(TABLES["symbols across, CSV"], most=1)


# Mutations.
def test_protein_changes_of_one_gene_make_it_mutated() -> None:
    matrix = read("name,KRAS_G12D,KRAS_G12V,BRAF V600E,TP53\na,0,1,0,1\nb,0,0,1,0\n", changes=True)
    assert matrix.values == {"a": {"KRAS": 1, "BRAF": 0, "TP53": 1}, "b": {"KRAS": 0, "BRAF": 1, "TP53": 0}}
    assert any("protein changes" in note for note in matrix.notes)


def test_a_gene_that_is_not_mutated_while_its_change_is_is_a_question() -> None:
    with pytest.raises(TableError, match="KRAS"):
        read("name,KRAS,KRAS G12D\na,0,1\n", changes=True)


def test_a_protein_change_has_no_expression() -> None:
    assert read("name,BRAF V600E,KRAS\na,1,2\n").values == {"a": {"KRAS": 2}}


def test_depmap_profiles_that_are_not_a_models_default_are_left_out() -> None:
    content = ",SequencingID,ModelID,IsDefaultEntryForModel,BRAF (673),KRAS (3845)\n"
    content += "0,CDS-1,ACH-000001,Yes,1.5,2.5\n1,CDS-2,ACH-000001,No,9,9\n2,CDS-3,ACH-000002,Yes,3,4\n"
    assert read(content).values == {"ACH-000001": {"BRAF": 1.5, "KRAS": 2.5}, "ACH-000002": {"BRAF": 3, "KRAS": 4}}


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    with pytest.raises(TableError, match="unpacks to more than 1000000 bytes"):
        Rows(gzip.compress(b"name,BRAF\n" + b"a,1\n" * 1_000_000), most=1_000_000).sampled.extend(
            row for _, row in Rows(gzip.compress(b"name,BRAF\n" + b"a,1\n" * 1_000_000), most=1_000_000)
        )


@pytest.mark.parametrize("column", ["tissue", "Cancer type", "batch", "site"])
def test_texts_beside_genes_across_are_not_read_and_that_is_said(column):
    found = read(f"sample,{column},BRAF,KRAS,TP53,A1BG\na,lung,1,2,3,4\nb,NA,1,2,3,NA\n")
    assert found.notes == [f"columns that are no genes and are not read: {column}"]


@pytest.mark.parametrize(
    ("yes", "no"), [("TRUE", "FALSE"), ("yes", "no"), ("MUT", "WT"), ("Mutated", "wild type"), ("True", "0")]
)
def test_mutation_may_stand_in_words(yes: str, no: str) -> None:
    numbers = read("gene,a,b\nBRAF,1,0\nKRAS,0,0\nTP53,,1\n", changes=True)
    down = read(f"gene,a,b\nBRAF,{yes},{no}\nKRAS,{no},{no}\nTP53,NA,{yes}\n", changes=True)
    across = read(f"sample,BRAF,KRAS,TP53\na,{yes},{no},\nb,{no},{no},{yes}\n", changes=True)
    assert down.values == across.values == numbers.values


@pytest.mark.parametrize(
    ("table", "changes", "says"),
    [
        ("gene,a\nBRAF,gain\nKRAS,loss\n", False, "column 2 holds texts and no numbers: copy number stands in words"),
        ("gene,a\nBRAF,0\nKRAS,Amplification\n", False, "row 3, column 2: not a number; copy number stands in words"),
        ("sample,BRAF,KRAS\na,neutral,deep deletion\n", False, "row 2, column 2: not a number; copy number stands in"),
        ("gene,a\nBRAF,high\nKRAS,low\n", False, "column 2 holds texts and no numbers: leave the cell empty"),
        ("gene,a\nBRAF,TRUE\nKRAS,FALSE\n", False, "column 2 holds texts and no numbers"),
        ("gene,a\nBRAF,V600E\nKRAS,WT\n", True, "column 2 holds texts and no numbers: give 1 for a mutated gene"),
        ("gene,a\nBRAF,1\nKRAS,G12D\n", True, "row 3, column 2: not a number; give 1 for a mutated gene"),
    ],
)
def test_other_words_are_refused_with_what_to_give(table: str, changes: bool, says: str) -> None:
    with pytest.raises(TableError, match=says):
        read(table, changes=changes)


@pytest.mark.parametrize("missing", ["NA", "NaN", "null", "-"])
def test_a_sample_whose_first_genes_are_missing_stays_a_sample(missing: str) -> None:
    genes = [f"LOC{i}" for i in range(30)]
    rows = "".join(f"{gene},{missing},1\n" for gene in genes)
    assert read(f"gene,a,b\n{rows}BRAF,2,3\n").values == {"a": {"BRAF": 2}, "b": {"BRAF": 3}}


def test_a_gene_that_is_called_like_a_word_is_no_value() -> None:
    found = read("gene,what,a\nMUT,enzyme,1\nBRAF,kinase,0\n", changes=True)
    assert found.values == {"a": {"BRAF": 0}}
