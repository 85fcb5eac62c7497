"""Names reach the row that they mean, and never another registered line or drug."""

import pytest

from model.names import CELL_LINE_FIELDS, DRUG_FIELDS, AmbiguousNameError, Names, UnknownNameError, signed

LINES = ["KM-H2", "NCI-H23", "NCI-H460", "NCI-H2803", "U-87-MG", "LNCaP-Clone-FGC", "A549", "HL-60", "H4", "TT", "T-T"]
DRUGS = ["JQ1", "Nutlin-3a (-)", "Imatinib", "Erlotinib", "Cisplatin", "5-Fluorouracil", "Lapatinib"]
KNOWN_LINES = [
    {"name": "KMH-2", "ids": ["ACH-002397"], "synonyms": [], "note": "Thyroid"},
    {"name": "LNCaP C4-2", "ids": [], "synonyms": []},
    {"id": "A549", "synonyms": ["A549 clone 9"]},
]


def rows(names):
    return [{"id": name, "name": name, "synonyms": ["(+)-JQ-1"] if name == "JQ1" else []} for name in names]


LINE_NAMES = Names(rows(LINES), CELL_LINE_FIELDS, KNOWN_LINES)
DRUG_NAMES = Names(rows(DRUGS), DRUG_FIELDS, [{"name": "Vandetanib", "ids": ["1"], "synonyms": ["Caprelsa"]}])


@pytest.mark.parametrize("name", ["KMH-2", "kmh-2", "ACH-002397"])
def test_a_line_outside_is_never_the_line_that_a_hyphen_tells_apart(name):
    with pytest.raises(UnknownNameError) as fault:
        LINE_NAMES.find(name)
    assert fault.value.outside == "KMH-2 (ACH-002397, Thyroid)"
    assert 0 in fault.value.rows or name.startswith("ACH")  # offered, not taken


@pytest.mark.parametrize(
    ("own", "other", "letters"),
    [("T-T", "TT", "t t"), ("HC-C1", "HCC-1", "hcc1"), ("MCI-XC", "MC-IXC", "mcixc"), ("SNU-1 6", "SNU-16", "snu16")],
)
def test_of_two_lines_that_a_hyphen_tells_apart_the_one_outside_is_never_the_other(own, other, letters):
    names = Names(rows([own]), CELL_LINE_FIELDS, [{"name": other, "ids": [], "synonyms": []}])
    assert names.find(own) == 0
    with pytest.raises(UnknownNameError) as fault:
        names.find(other)
    assert fault.value.outside == other
    with pytest.raises(AmbiguousNameError):
        names.find(letters)


def test_letters_that_both_have_are_ambiguous_and_both_are_named():
    with pytest.raises(AmbiguousNameError) as fault:
        LINE_NAMES.find("KMH2")
    assert (fault.value.rows, fault.value.outside) == ((0,), "KMH-2 (ACH-002397, Thyroid)")
    assert LINE_NAMES.find("KM-H2") == LINE_NAMES.find("km-h2") == 0


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("H23", "NCI-H23"), ("h460", "NCI-H460"), ("NCI H460", "NCI-H460"), ("U87", "U-87-MG"), ("U-87", "U-87-MG"),
        ("A549/ATCC", "A549"), ("A549 cells", "A549"), ("HL-60(TB)", "HL-60"), ("A549 clone 9", "A549"),
        ("NCI-A549", "A549"),
    ],
)  # fmt: skip
def test_lines_as_people_write_them(name, row):
    assert LINES[LINE_NAMES.find(name)] == row


@pytest.mark.parametrize("name", ["KMH-2 cells", "KMH-2/ATCC", "kmh2 (ATCC)", "KMH-2 cell line"])
def test_a_line_outside_is_named_in_other_spellings_too(name):
    with pytest.raises(UnknownNameError) as fault:
        LINE_NAMES.find(name)
    assert fault.value.outside == "KMH-2 (ACH-002397, Thyroid)"


def test_a_clone_is_offered_first_and_not_taken():
    with pytest.raises(UnknownNameError) as fault:
        LINE_NAMES.find("LNCaP")
    assert LINES[fault.value.rows[0]] == "LNCaP-Clone-FGC"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("Glivec", "Imatinib"), ("GLIVEC", "Imatinib"), ("fluorouracil", "5-Fluorouracil"), ("CDDP", "Cisplatin"),
        ("erlotinib hydrochloride", "Erlotinib"), ("Erlotinib HCl", "Erlotinib"), ("imatinib mesylate", "Imatinib"),
        ("lapatinib ditosylate monohydrate", "Lapatinib"), ("(+)-JQ1", "JQ1"), ("jq-1", "JQ1"),
        ("nutlin 3a", "Nutlin-3a (-)"), ("(-)-Nutlin-3a", "Nutlin-3a (-)"), ("[−]-nutlin 3a", "Nutlin-3a (-)"),
        ("cisplatin trihydrate", "Cisplatin"), ("erlotinib ditartrate", "Erlotinib"),
        ("imatinib methanesulfonate", "Imatinib"), ("lapatinib anhydrous", "Lapatinib"),
    ],
)  # fmt: skip
def test_drugs_as_people_write_them(name, row):
    assert DRUGS[DRUG_NAMES.find(name)] == row


@pytest.mark.parametrize(
    "name",
    [
        *("(-)-JQ1", "(−)-JQ1", "( - )-JQ1", "JQ1 (-)", "(+/-)-JQ1", "(+)-Nutlin-3a"),
        *("(—)-JQ1", "（-）-JQ1", "[-]-JQ1", "−JQ1", "(+-)-JQ1", "±JQ1", "Nutlin-3a [+]"),
    ],
)
def test_the_other_enantiomer_is_not_the_drug(name):
    with pytest.raises(UnknownNameError):
        DRUG_NAMES.find(name)


def test_a_drug_outside_is_named():
    with pytest.raises(UnknownNameError) as fault:
        DRUG_NAMES.find("caprelsa")
    assert fault.value.outside == "Vandetanib (1)"


def test_ids_of_authorities_and_structures_are_told_from_synonyms():
    row = {"id": "5291", "name": "Imatinib", "synonyms": ["STI-571"], "inchikey": "KTUFNOKKBVMGRW", "smiles": "CC"}
    names = Names([row], DRUG_FIELDS)
    found = [names.match(name)[1] for name in ("5291", "Imatinib", "STI-571", "KTUFNOKKBVMGRW", "CC", "sti571")]
    assert found == ["id", "name", "synonym", "id", "structure", "spelling"]


def test_an_id_that_is_another_row_s_identifier_is_the_id_and_the_other_a_namesake():
    table = [
        {"id": "1018", "name": "Picolinic acid"},
        {"id": "45480520", "name": "Veliparib", "gdsc_drug_ids": ["1018"]},
    ]
    names = Names(table, DRUG_FIELDS)
    assert [names.match(name) for name in ("1018", "1018 ")] == [(0, "id"), (0, "spelling")]
    assert [names.namesakes(name) for name in ("1018", "1018 ", "45480520", "veliparib")] == [[1], [1], [], []]
    assert "1018" not in names.undoubted()


def test_how_a_name_matched():
    assert LINE_NAMES.match("A549") == (6, "id")
    assert LINE_NAMES.match("A549 clone 9") == (6, "synonym")
    assert LINE_NAMES.match("a-549") == (6, "spelling")
    assert [LINE_NAMES.is_respelled(name) for name in ("A549", "a-549", "A549/ATCC")] == [False, False, True]
    assert signed("(-)-JQ1") == signed("JQ1 (-)") == "-jq1"


@pytest.mark.parametrize("name", ["Osimertinib", "osimertinib mesylate", "AZD9291", "azd-9291"])
def test_nearest_to_a_drug_outside_are_those_that_share_most_of_its_targets(name):
    targets = ([], ["egfr"], ["KIT"], ["EGFR", "T790M"])
    own = [{**row, "targets": some} for row, some in zip(rows(DRUGS[:4]), targets, strict=True)]
    known = [{"name": "Osimertinib", "ids": [], "synonyms": ["AZD9291"], "targets": ["EGFR", "T790M", "HER9"]}]
    with pytest.raises(UnknownNameError) as fault:
        Names(own, DRUG_FIELDS, known).find(name)
    assert (fault.value.outside, fault.value.rows) == ("Osimertinib", (3, 1))
    assert fault.value.targets == ("EGFR", "T790M")


def test_a_name_that_a_registered_line_outside_has_too():
    names = Names(rows(["MS-1"]), CELL_LINE_FIELDS, [{"name": "MS-1", "ids": ["ACH-001131"], "synonyms": []}])
    assert names.match("MS-1") == (0, "id")
    assert (names.homonym("ms-1"), names.homonym("A549")) == ("MS-1 (ACH-001131)", "")
