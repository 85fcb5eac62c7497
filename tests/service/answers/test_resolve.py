"""Names and ids find their rows, whatever the case and the punctuation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.names import CELL_LINE_FIELDS, DRUG_FIELDS, AmbiguousNameError, Names, NamingError, UnknownNameError, plain
from tests.helpers.demo_bundle import cell_row, drug_row

LINES = Names([cell_row(i) for i in range(30)], CELL_LINE_FIELDS)
DRUGS = Names([drug_row(j) for j in range(12)], DRUG_FIELDS)
ANY_TEXT = st.text(max_size=40) | st.text("/\\\0\n%.-_ ", max_size=10) | st.text(min_size=1000, max_size=3000)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("NCI/ADR-RES", "nciadrres"),
        ("  HT 29\t", "ht29"),
        ("β-TC6", "βtc6"),
        ("ＭＣＦ７", "mcf7"),  # full-width letters
        ("Straße", "strasse"),
        ("5-Fluorouracil", "5fluorouracil"),
        ("-/()", ""),
    ],
)
def test_plain_keeps_letters_and_digits_alone(name, folded):
    assert plain(name) == folded


@settings(deadline=None)  # a busy machine is no fault
@given(ANY_TEXT)
def test_plain_of_plain_changes_nothing(text):
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "name",
    [
        "SIDM00000", "sidm-00000", "A549", "a549", "A-549", " a 549 ", "A-549/ATCC", "a549 atcc", "905949",
        "ACH-000000", "ach000000", "CVCL_0000", "cvcl 0000",
    ],
)  # fmt: skip
def test_every_identifier_of_a_line_finds_it(name):
    assert LINES.find(name) == 0


@pytest.mark.parametrize(
    "name",
    [
        "drug-0",
        "DRUG 0",
        "Erlotinib",
        "ERLOTINIB",
        "tarceva",
        "176870",
        "AAGJUKVWKZGRTI-UHFFFAOYSA-A",
        "1",
        "1000",
        "CS",
    ],
)
def test_every_identifier_of_a_drug_finds_it(name):
    assert DRUGS.find(name) == 0


def test_smiles_are_compared_as_written():
    with pytest.raises(UnknownNameError):
        DRUGS.find("co")


def test_names_apart_by_punctuation_alone_are_told_apart_as_written():
    assert (LINES.find("TT"), LINES.find("T-T")) == (2, 3)


@pytest.mark.parametrize(("name", "rows"), [("tt", (2, 3)), ("t t", (2, 3)), ("shared alias", (8, 9))])
def test_an_ambiguous_name_lists_its_candidates(name, rows):
    with pytest.raises(AmbiguousNameError) as fault:
        LINES.find(name)
    assert fault.value.rows == rows


def test_an_id_wins_over_another_rows_name():
    rows = [{"id": "a", "name": "b"}, {"id": "b", "name": "c"}]
    assert Names(rows, CELL_LINE_FIELDS).find("b") == 1


@pytest.mark.parametrize(("name", "nearest"), [("A5499", 0), ("MFC7", 1), ("colo-206", 7)])
def test_an_unknown_name_comes_with_the_nearest(name, nearest):
    with pytest.raises(UnknownNameError) as fault:
        LINES.find(name)
    assert fault.value.rows[0] == nearest


def rows_of(names, text):
    """The row of a text, or those that are offered instead."""
    try:
        return (names.find(text),)
    except NamingError as fault:
        return fault.rows


@settings(deadline=None)  # a busy machine is no fault
@given(ANY_TEXT)
def test_any_text_finds_a_row_or_is_a_naming_error(text):
    assert set(rows_of(LINES, text)) <= set(range(30))


@settings(deadline=None)  # a busy machine is no fault
@given(st.sampled_from(range(30)), st.data())
def test_case_and_punctuation_never_lead_to_another_row(i, data):
    noise = st.text("-_/. ()", max_size=2)
    name = cell_row(i)["name"]
    disguised = "".join(data.draw(noise) + (c.upper() if data.draw(st.booleans()) else c.lower()) for c in name)
    assert i in rows_of(LINES, disguised)


@pytest.mark.parametrize(
    ("query", "rows"), [("COLO", [7]), ("tt", [2, 3]), ("ach-000007", [7]), ("", []), ("--", []), ("zzz", [])]
)
def test_search_finds_parts_of_identifiers(query, rows):
    assert LINES.search(query) == rows
