"""What people write for a gene, and which of a model's genes it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.genes.panel import Outcome, Panel
from model.genes.table import Gene, GeneTable, relevant
from tests.helpers.genes import PANEL, gene_table

PANEL_OF_ALL = Panel(PANEL, gene_table())
BARE = Panel(PANEL, GeneTable())


@pytest.mark.parametrize(
    ("text", "gene"),
    [
        *(("BRAF", "BRAF"), ("braf", "BRAF"), (" BRAF\u00a0", "BRAF"), ("Kras", "KRAS")),
        *(("HER2", "ERBB2"), ("her-2", "ERBB2"), ("NEU", "ERBB2"), ("NGL", "ERBB2"), ("CD340", "ERBB2")),
        *(("p53", "TP53"), ("P53", "TP53"), ("LFS1", "TP53")),
        *(("B-RAF", "BRAF"), ("b-raf", "BRAF"), ("B\u2011Raf", "BRAF"), ("c-Kras", "KRAS"), ("TP-53", "TP53")),
        *(("H3-3A", "H3F3A"), ("H3F3A", "H3F3A"), ("h3f3", "H3F3A"), ("3020", "H3F3A")),
        *(("SEPTIN9", "SEPT9"), ("SEPT9", "SEPT9"), ("MSF", "SEPT9"), ("ENSG00000184640.16", "SEPT9")),
        *(("ENSG00000157764.14", "BRAF"), ("ensg00000157764", "BRAF"), ("ENSG00000157764.14_5", "BRAF")),
        *(("673", "BRAF"), ("673.0", "BRAF"), ("0673", "BRAF")),
        *(
            ("BRAF (673)", "BRAF"),
            ("BRAF|673", "BRAF"),
            ("HER2 (2064)", "ERBB2"),
            ("BRAF (ENSG00000157764.14)", "BRAF"),
        ),
        *(("ENSG00000157764.14|BRAF", "BRAF"), ("ENSG00000157764.14_BRAF", "BRAF"), ("ENSG00000157764_BRAF1", "BRAF")),
    ],
)
def test_a_gene_is_read_by_any_of_its_identifiers(text: str, gene: str) -> None:
    reading = PANEL_OF_ALL.find(text)
    assert (reading.outcome, reading.gene) == (Outcome.READ, gene)


@pytest.mark.parametrize(
    "text",
    [
        *("None", "none", " ", "", "NA", "n/a", "WT", "not", "-"),
        *("TTN", "A1BG", "A1BG|1", "99999999", "ENSG00000000003", "ENST00000288602", "ENSG00000157764.14_PAR_Y"),
        *("ENSG00000000003.15_TSPAN6", "ENSG00000000003_BRAF", "ENSG00000157764.14_PAR_Y_BRAF"),
        *("TEP1", "RBM15B", "KRASS", "ALK fusion", "BRAF wt", "BRAF amplification", "p.G12D", "V600E"),
        *("HER2 (9999)", "GONE", "ERB"),
    ],
)
def test_what_names_no_gene_of_the_model_is_never_taken_for_one(text: str) -> None:
    assert PANEL_OF_ALL.find(text, changes=True).outcome is Outcome.OUTSIDE


def test_an_approved_symbol_is_never_another_genes_alias() -> None:
    assert PANEL_OF_ALL.find("TEP1").gene is None  # an alias of PTEN, and a gene of its own
    assert PANEL_OF_ALL.find("PTEN").gene == "PTEN"


@pytest.mark.parametrize("text", ["MLL2", "mll4", "BRAF (3845)", "MLL2 V5423E"])
def test_what_may_mean_several_genes_lists_them(text: str) -> None:
    reading = PANEL_OF_ALL.find(text, changes=True)
    assert reading.outcome is Outcome.AMBIGUOUS
    assert len(reading.candidates) == 2
    assert all(candidate in reading.reason(text) for candidate in reading.candidates)


@pytest.mark.parametrize(
    "text",
    ["1-Mar", "Mar-01", "9-Sep", "Sep-09", "2023-09-01", "2023-03-01 00:00:00", "01/03/2023", "MAR-1", "9-SEPT"],
)
def test_a_date_of_a_spreadsheet_is_named_as_one(text: str) -> None:
    reading = PANEL_OF_ALL.find(text)
    assert reading.outcome is Outcome.DATE
    assert "spreadsheet" in reading.reason(text)


@pytest.mark.parametrize(
    ("text", "gene"),
    [
        *(("BRAF V600E", "BRAF"), ("BRAF p.V600E", "BRAF"), ("BRAF:p.V600E", "BRAF"), ("BRAF_V600E", "BRAF")),
        *(("BRAF-V600E", "BRAF"), ("BRAFV600E", "BRAF"), ("BRAF p.Val600Glu", "BRAF"), ("braf V600E/K", "BRAF")),
        ("B-RAF V600E", "BRAF"),
        *(("KRAS p.G12D", "KRAS"), ("KRAS c.35G>A", "KRAS"), ("KRAS p.(Gly12Asp)", "KRAS"), ("KRAS2 G12D", "KRAS")),
        *(("HER2 exon 20 insertion", "ERBB2"), ("HER2 A775_G776insYVMA", "ERBB2"), ("673 V600E", "BRAF")),
        *(("PTEN p.R130*", "PTEN"), ("PTEN R130fs", "PTEN"), ("PTEN p.T319Nfs*6", "PTEN"), ("H3-3A K27M", "H3F3A")),
    ],
)
def test_a_protein_change_is_read_as_its_gene_where_changes_are_allowed(text: str, gene: str) -> None:
    reading = PANEL_OF_ALL.find(text, changes=True)
    assert (reading.outcome, reading.gene) == (Outcome.CHANGE, gene)
    assert PANEL_OF_ALL.find(text).gene is None


@pytest.mark.parametrize("text", ["BRAF p.V600=", "BRAF V600V", "TP53 p.Arg175Arg"])
def test_a_silent_change_is_no_mutation(text: str) -> None:
    assert PANEL_OF_ALL.find(text, changes=True).outcome is Outcome.OUTSIDE


@pytest.mark.parametrize("text", ["braf", "BRAF (673)", "SEPT9"])
def test_without_a_table_of_names_the_models_own_symbols_are_read(text: str) -> None:
    assert BARE.find(text).outcome is Outcome.READ


def test_a_hyphen_too_many_never_reaches_another_gene() -> None:
    genes = [Gene("CBFB"), Gene("NFYA", alias=("CBF-B",)), Gene("TTN")]
    panel = Panel(["CBFB"], GeneTable(relevant(genes, ["CBFB"])))
    assert panel.find("CBF-B").outcome is Outcome.OUTSIDE
    assert panel.find("C-BFB").gene == "CBFB"
    assert not panel.find("C-BFB").direct


def test_symbols_and_ids_are_direct_and_older_names_give_way() -> None:
    direct = {text: PANEL_OF_ALL.find(text).direct for text in ("ERBB2", "2064", "SEPTIN9", "SEPT9", "HER2", "NGL")}
    assert direct == {"ERBB2": True, "2064": True, "SEPTIN9": True, "SEPT9": True, "HER2": False, "NGL": False}


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_as_a_gene_of_the_panel_or_not_at_all(text: str) -> None:
    reading = PANEL_OF_ALL.find(text, changes=True)
    assert (reading.gene in PANEL) == (reading.outcome in (Outcome.READ, Outcome.CHANGE))
    assert bool(reading.reason(text)) == (reading.gene is None)


WRITTEN = st.text("BRAFHEKTP53-.|()_ 1069ENSGmarSepé²ß", max_size=12)


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(st.text(max_size=20), WRITTEN, st.sampled_from(["1-Mar", "673.0", "0673", " braf ", "BRAF|673", "²"]))
)
def test_what_is_left_out_at_once_would_not_have_been_read(text: str) -> None:
    assert PANEL_OF_ALL.may_name([text]) == [text] or PANEL_OF_ALL.find(text).outcome is Outcome.OUTSIDE


def test_most_of_a_transcriptome_is_left_out_at_once() -> None:
    texts = ["TTN", "RP11-34P13.7", "AC004556.1", "BRAF", "HER2", "2-Mar"]
    assert PANEL_OF_ALL.may_name(texts) == ["BRAF", "HER2", "2-Mar"]
