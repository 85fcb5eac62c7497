"""Targets and pathways as people write them."""

import pytest

from service.answers.catalogue.drug_filters import match_pathways, match_targets

TARGETS = [
    "AKT1",
    "AKT2",
    "BCR-ABL",
    "EGFR",
    "ERBB2",
    "MEK1",
    "MEK2",
    "MEK5",
    "PDGFR",
    "PDGFRA",
    "VEGFR1",
    "VEGFR3/FLT4",
]
PATHWAYS = ["Chromatin other", "EGFR signaling", "ERK MAPK signaling", "Other", "Other, kinases"]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("EGFR", ["EGFR"]),
        ("egfr", ["EGFR"]),
        ("bcr abl", ["BCR-ABL"]),
        ("MEK", ["MEK1", "MEK2"]),  # the family, by its genes: MEK5 is another
        ("mek", ["MEK1", "MEK2"]),
        ("MAP2K1", ["MEK1"]),
        ("map2k5", ["MEK5"]),
        ("AKT", ["AKT1", "AKT2"]),
        ("ABL1", ["BCR-ABL"]),
        ("PDGFR", ["PDGFR"]),  # as the bundle writes it
        ("PDGFRB", ["PDGFR"]),
        ("FLT4", ["VEGFR3/FLT4"]),
        ("VEGFR", ["VEGFR1", "VEGFR3/FLT4"]),
        ("erb", ["ERBB2"]),
        ("E", []),  # one letter is no name
        ("HER9", []),
        ("-", []),
    ],
)
def test_a_target_is_found_by_its_letters_its_genes_or_its_beginning(text, targets):
    assert match_targets(TARGETS, text) == targets


@pytest.mark.parametrize(
    ("text", "pathways"),
    [
        ("EGFR signaling", ["EGFR signaling"]),
        ("egfr-signaling", ["EGFR signaling"]),
        ("egfr", ["EGFR signaling"]),
        ("MAPK", ["ERK MAPK signaling"]),
        ("signaling", ["EGFR signaling", "ERK MAPK signaling"]),
        ("other", ["Other"]),
        ("kinases", ["Other, kinases"]),
        ("Wnt", []),
        ("", []),
    ],
)
def test_a_pathway_is_found_by_its_letters_or_a_part_of_it(text, pathways):
    assert match_pathways(PATHWAYS, text) == pathways


@pytest.mark.parametrize("text", ["erlotinib", "EGF", "kras"])
def test_a_filter_that_is_not_read_as_written_is_said_or_refused(client, text):
    answer = client.get("/rank/A549", params={"target": text})
    if answer.status_code == 200:
        assert answer.json()["warnings"][0].startswith("/query/target: read as ")
    else:
        assert answer.json()["code"] == "unknown_filter"
        assert "GET /facets lists all" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("KDR", ["KDR", "VEGFR2"]),
        ("vegfr-2", ["VEGFR2", "KDR"]),
        ("VEGFR", ["VEGFR"]),  # a family is no name of one of its genes
        ("MTOR", ["MTOR", "MTORC1", "MTORC2"]),
        ("MTORC1", ["MTORC1", "MTOR"]),  # and not the other complex
        ("DNA crosslinker", ["DNA crosslinker"]),
        ("KSP", ["KSP", "KIF11"]),
    ],
)
def test_a_gene_and_its_protein_mean_each_other_where_both_are_written(text, targets):
    known = ["DNA crosslinker", "KDR", "KIF11", "KSP", "MTOR", "MTORC1", "MTORC2", "VEGFR", "VEGFR2"]
    assert match_targets([*known, "dsDNA break induction"], text) == targets


def test_the_warning_names_the_field_of_a_body(client):
    answer = client.post("/rank", json={"cell_line": "A549", "target": "EGF"}).json()
    assert answer["warnings"] == ["/target: read as EGFR"]
    assert client.post("/rank", json={"cell_line": "A549", "target": "egfr"}).json()["warnings"] == []
