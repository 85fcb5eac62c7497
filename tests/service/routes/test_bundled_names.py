"""Names as people bring them to the bundled model: found and said how, or refused with what they are."""

from pathlib import Path

import pytest

BUNDLE = Path(__file__).parents[3] / "bundles" / "gdsc"


def refused(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    return problem["detail"], [one["name"] for one in problem["errors"][0]["candidates"]]


@pytest.mark.parametrize("name", ["KMH-2", "kmh-2", "Kmh-2", "KMH-2 cells", "KMH-2%2FATCC", "ACH-002397"])
def test_kmh_2_is_not_km_h2(bundled, name):
    detail, _ = refused(bundled, f"/cell-lines/{name}", 404)
    assert "it is KMH-2 (ACH-002397, Thyroid), which the bundle lacks" in detail


@pytest.mark.parametrize("name", ["KMH2", "kmh2", "KMH 2", "kmh_2"])
def test_letters_of_both_are_ambiguous_and_both_are_named(bundled, name):
    detail, candidates = refused(bundled, f"/cell-lines/{name}", 422)
    assert "KMH-2 (ACH-002397, Thyroid), which the bundle lacks" in detail
    assert candidates == ["KM-H2"]


@pytest.mark.parametrize("name", ["KM-H2", "km-h2", "Km-H2", "909976"])
def test_km_h2_is_found(bundled, name):
    assert bundled.get(f"/cell-lines/{name}").json()["name"] == "KM-H2"


@pytest.mark.parametrize("name", ["(-)-JQ1", "(−)-JQ1", "JQ1 (-)", "( - )-jq1", "(+/-)-JQ1", "[-]-JQ1", "−JQ1"])
def test_the_inactive_enantiomer_is_not_jq1(bundled, name):
    assert refused(bundled, f"/drugs/{name}", 404)[1][0] == "JQ1"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("(+)-Nutlin-3a", "Nutlin-3a (-)"),
        ("Nutlin-3a (+)", "Nutlin-3a (-)"),
        ("(-)-Camptothecin", "Camptothecin"),
        ("(R)-JQ1", "JQ1"),
        ("(5E)-7-Oxozeaenol", "(5Z)-7-Oxozeaenol"),
    ],
)
def test_another_stereoisomer_is_offered_the_bundles_and_not_taken_for_it(bundled, name, own):
    assert refused(bundled, f"/drugs/{name}", 404)[1][0] == own


LINES = {
    "NCI-H23": ["H23", "h23", "h-23", "NCI H23", "nci-h23 cells"],
    "U-87-MG": ["U87", "u87", "U-87", "U87 MG", "u87-mg"],
    "A549": ["A549/ATCC", "a549/atcc", "A-549/ATCC", "A549 (ATCC)", "905949.0", "905949.0 ", "a-549", "A549 cells"],
    "MCF7": ["MCF7/ATCC", "MCF-7 (ATCC)"],
    "COLO-205": ["COLO205(TB)"],
    "NCI-H1975": ["H1975"],
    "NCI-H1299": ["H-1299"],
    "U-118-MG": ["U118"],
    "SK-OV-3": ["SKOV3"],
    "HL-60": ["HL-60(TB)", "HL60(TB)", "hl-60 (tb)", "HL-60 (TB)", "905938.0"],
}
DRUGS = {
    "Erlotinib": [
        *("Tarceva", "TARCEVA", "tarceva", "OSI-774", "osi774"),
        *("erlotinib hydrochloride", "Erlotinib HCl", "ERLOTINIB HYDROCHLORIDE", "erlotinib-hydrochloride"),
        *("176870.0", "176870"),
    ],
    "Imatinib": ["Glivec", "GLIVEC", "glivec", "Gleevec", "imatinib mesylate"],
    "5-Fluorouracil": ["fluorouracil", "Fluorouracil", "FLUOROURACIL", "5-FU", "5 fluorouracil"],
    "Paclitaxel": ["Taxol", "Abraxane"],
    "Gefitinib": ["Iressa"],
    "Bortezomib": ["Velcade"],
    "Etoposide": ["VP-16", "etoposide phosphate"],
    "Rapamycin": ["sirolimus"],
    "Sunitinib": ["sunitinib malate"],
    "Docetaxel": ["docetaxel trihydrate"],
    "Vinorelbine": ["vinorelbine ditartrate"],
    "Cisplatin": ["CDDP", "cddp", "cis-DDP", "cis-ddp", "Platinol"],
}


def named(table):
    return [(name, row) for row, names in table.items() for name in names]


@pytest.mark.parametrize(("name", "row"), named(LINES))
def test_lines_as_people_write_them(bundled, name, row):
    answer = bundled.post("/predict", json={"cell_lines": [name], "drugs": ["Erlotinib"]}).json()
    assert answer["predictions"][0]["cell_line"]["name"] == row
    reading = answer["names"]["cell_lines"][name]
    assert reading["id"] == answer["predictions"][0]["cell_line"]["id"]
    assert reading["matched_by"] == "spelling"


@pytest.mark.parametrize(("name", "row"), named(DRUGS))
def test_drugs_as_people_write_them(bundled, name, row):
    found = bundled.get(f"/drugs/{name}").json()
    assert found["name"] == row
    assert found["matched_by"] in ("synonym", "spelling") or name == found["id"]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        *((name, "LNCaP-Clone-FGC") for name in ("LNCaP", "lncap", "LN-CaP", "LNCaP FGC", "LNCAP cells")),
        ("T98", "T98G"),
    ],
)
def test_a_clone_is_the_first_candidate(bundled, name, row):
    assert refused(bundled, f"/cell-lines/{name}", 404)[1][0] == row


@pytest.mark.parametrize("name", ["H460", "h460", "NCI H460", "NCI-H460", "H460 cells"])
def test_h460_is_named_as_a_line_that_the_bundle_lacks(bundled, name):
    assert "it is NCI-H460 (ACH-000463, Lung), which the bundle lacks" in refused(bundled, f"/rank/{name}", 404)[0]


@pytest.mark.parametrize(
    ("name", "outside"),
    [("H1437", "NCI-H1437"), ("HepG2", "Hep G2"), ("PC9", "PC-9"), ("Caco-2", "CACO2"), ("PANC1/ATCC", "PANC-1")],
)
def test_a_registered_line_that_the_bundle_lacks_is_named(bundled, name, outside):
    detail, _ = refused(bundled, f"/cell-lines/{name.replace('/', '%2F')}", 404)
    assert f"it is {outside} (ACH-" in detail


@pytest.mark.parametrize(
    ("path", "place", "ref"),
    [
        ("/rank/H23?k=1", "/path/cell_line", "NCI-H23 (905942)"),
        ("/cell-lines/H23", "/path/cell_line", "NCI-H23 (905942)"),
        ("/drugs/Glivec/cell-lines?k=1", "/path/drug", "Imatinib (5291)"),
        ("/drugs/Glivec", "/path/drug", "Imatinib (5291)"),
    ],
)
def test_rankings_and_look_ups_warn_of_other_spellings(bundled, path, place, ref):
    warning = f"{place}: read as {ref}, which is another spelling of this name"
    assert bundled.get(path).json()["warnings"] == [warning]


@pytest.mark.parametrize(("side", "name"), [("cell_line", "H23"), ("drug", "Glivec")])
def test_a_body_that_ranks_says_how_its_name_matched(bundled, side, name):
    answer = bundled.post("/rank", json={side: name, "k": 1}).json()
    assert answer["names"][f"{side}s"][name]["matched_by"] == "spelling"
    assert answer["warnings"][0].startswith(f"/{side}: read as ")


def test_lists_beside_a_table_are_read_the_same_way(bundled):
    form = {"cell_lines": ["H23"], "drugs": ["Glivec"]}
    answer = bundled.post("/predict/table", data=form, files={"compounds": b"name,smiles\nit,CCO\n"}).json()
    assert answer["names"] == {
        "cell_lines": {"H23": {"id": "905942", "matched_by": "spelling"}},
        "drugs": {"Glivec": {"id": "5291", "matched_by": "spelling"}},
    }
    assert [one.split(":")[0] for one in answer["warnings"]] == ["/cell_lines/0", "/drugs/0"]


@pytest.mark.parametrize("name", ["MS-1", "ms-1"])
def test_a_name_that_two_registered_lines_have_is_answered_with_a_warning(bundled, name):
    (warning,) = bundled.get(f"/cell-lines/{name}").json()["warnings"]
    other = "MS-1 (ACH-001131, Skin)"
    assert warning == f"/path/cell_line: read as MS-1 (753594), but {other} outside the bundle has this name too"
    body = {"cell_lines": ["A549", name], "drugs": ["Erlotinib"] * 2}
    assert bundled.post("/predict", json=body).json()["warnings"] == [
        warning.replace("/path/cell_line", "/cell_lines/1")
    ]


@pytest.mark.parametrize(
    ("name", "read", "other"),
    [("1018", "Picolinici-acid (1018)", "Veliparib (45480520)"), ("1401", "PD173074 (1401)", "AZD5438 (GDSC-1401)")],
)
def test_the_id_of_one_drug_that_gdsc_gives_another_is_answered_with_a_warning(bundled, name, read, other):
    warning = f"/drugs/1: read as {read}, but {other} has this name too"
    body = {"cell_lines": ["A549"] * 2, "drugs": ["Erlotinib", name]}
    assert bundled.post("/predict", json=body).json()["warnings"] == [warning]


@pytest.mark.parametrize("name", ["Capivasertib", "AZ5363", "capivasertib mesylate", "CAPIVASERTIB"])
def test_a_drug_outside_is_named_with_the_bundles_drugs_of_its_target(bundled, name):
    detail, candidates = refused(bundled, f"/drugs/{name}", 404)
    assert "it is Capivasertib (1136), which the bundle lacks; send its SMILES as a compound" in detail
    assert "nearest by its target AKT: Ipatasertib" in detail
    assert candidates == ["Ipatasertib", "AT7867"]


@pytest.mark.parametrize("salt", ["sulfate", "Sulphate", "hydrochloride", "sulfate hydrate"])
def test_the_salt_of_a_drug_outside_has_the_candidates_of_its_parent(bundled, salt):
    detail, candidates = refused(bundled, f"/drugs/Vincristine {salt}", 404)
    assert "it is Vincristine (1818), which the bundle lacks" in detail
    assert candidates[:2] == ["Vinblastine", "Vinorelbine"]


@pytest.mark.parametrize("name", ["PLX4032", "PLX-4032", "plx4032", "PLX 4032"])
def test_a_drug_of_no_list_has_candidates_by_its_letters(bundled, name):
    detail, candidates = refused(bundled, f"/drugs/{name}", 404)
    assert candidates == ["PLX-4720"]
    assert "it is" not in detail


@pytest.mark.parametrize("name", ["vemurafenib", "Vemurafenib", "vemurafenib mesylate", "Vemurafenib HCl"])
def test_a_drug_of_no_list_is_never_taken_for_another(bundled, name):
    detail = refused(bundled, f"/drugs/{name}", 404)[0]
    assert detail.startswith("no drug of the bundle answers to this name; nearest by name: ")


@pytest.mark.parametrize(
    "name", ["vinblastine sulfate", "Vinblastine sulphate", "dabrafenib mesylate", "Erlotinib HBr"]
)
def test_the_salt_of_a_drug_is_the_drug_and_said_to_be(bundled, name):
    found = bundled.get(f"/drugs/{name}").json()
    assert found["name"].casefold() == name.split()[0].casefold()
    assert found["matched_by"] == "spelling"
    (warning,) = found["warnings"]
    assert warning.endswith("which is another spelling of this name")


@pytest.mark.parametrize("line", ["A375", "SK-MEL-28", "A549", "a-375"])
def test_a_drug_of_no_list_is_answered_by_its_structure_beside_the_nearest(bundled, line):
    smiles = "CCCS(=O)(=O)NC1=C(C(=C(C=C1)F)C(=O)C2=CNC3=C2C=C(C=N3)C4=CC=C(C=C4)Cl)F"
    body = {"cell_lines": [line], "drugs": ["vemurafenib"], "compounds": {"vemurafenib": smiles}}
    (one,) = bundled.post("/predict", json=body).json()["predictions"]
    assert (one["case"], one["nearest"]["drug"]["name"]) == ("unseen_drug", "PLX-4720")
    assert one["nearest"]["drug"]["similarity"] > 0.85
    assert one["in_domain"]
