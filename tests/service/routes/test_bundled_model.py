"""What people ask of the bundled model: general tissues, families of targets, rankings of selective drugs."""

from pathlib import Path

import pytest

from model.molecules.known import KnownStructures

BUNDLE = Path(__file__).parents[3] / "bundles" / "gdsc"
MUTATIONS = {"mutation": ["KRAS", "STK11", "TP53"]}


def rank_sample(client, **sample):
    return client.post("/rank", json={"sample": MUTATIONS | sample, "k": 3})


@pytest.mark.parametrize("text", ["lung", "Lung", "LUNG", "lung "])
def test_a_general_tissue_is_refused_with_the_exact_ones(bundled, text):
    answer = rank_sample(bundled, tissue=text)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_sample")
    assert answer.json()["errors"][0]["pointer"] == "/sample/tissue"
    assert "['lung_NSCLC', 'lung_SCLC']" in answer.json()["detail"]


@pytest.mark.parametrize("text", ["lungs", "blood", "NSCLC", "brain"])
def test_an_unknown_tissue_is_refused_with_all_that_there_are(bundled, text):
    detail = rank_sample(bundled, tissue=text).json()["detail"]
    assert all(one["name"] in detail for one in bundled.get("/facets").json()["tissues"])


@pytest.mark.parametrize("text", ["lung_NSCLC", "lung NSCLC", "Lung-NSCLC", "LUNG_NSCLC"])
def test_a_tissue_is_read_case_and_punctuation_aside(bundled, text):
    assert rank_sample(bundled, tissue=text).json() == rank_sample(bundled, tissue="lung_NSCLC").json()


def test_the_group_itself_may_be_meant_with_a_cancer_type(bundled):
    assert rank_sample(bundled, tissue="lung", cancer_type="MESO").status_code == 200


@pytest.mark.parametrize(
    ("text", "common"),
    [("breast", "BRCA"), ("kidney", "KIRC"), ("pancreas", "PAAD"), ("stomach", "STAD"), ("LUAD", None)],
)
def test_a_cancer_type_of_few_lines_is_said_with_the_common_ones(bundled, text, common):
    warnings = rank_sample(bundled, cancer_type=text).json()["warnings"]
    said = [one for one in warnings if one.startswith("/sample/cancer_type: ")]
    assert (common is None and not said) or (common in said[0] and "this cancer type" in said[0])


@pytest.mark.parametrize(
    ("text", "warning"),
    [("MEK", "/query/target: read as MEK1, MEK2"), ("egfr", None), ("MAP2K1", "/query/target: read as MEK1"),
     ("HER2", "/query/target: read as ERBB2"), ("KDR", "/query/target: read as KDR, VEGFR2"),
     ("VEGFR2", "/query/target: read as VEGFR2, KDR"), ("BRCA9", None)],
)  # fmt: skip
def test_a_target_is_found_as_people_write_it_or_refused_with_candidates(bundled, text, warning):
    answer = bundled.get("/rank/A549", params={"target": text})
    if answer.status_code == 422:
        assert text == "BRCA9"
        assert "GET /facets lists all" in answer.json()["detail"]
    else:
        assert answer.json()["warnings"] == ([] if warning is None else [warning])


@pytest.mark.parametrize(("text", "name"), [("MEK1", "Trametinib"), ("mek", "Selumetinib"), ("MAP2K2", "Refametinib"),
                                            ("egfr", "Erlotinib"), ("EGFR signaling", "Gefitinib"),
                                            ("ERBB1", "Afatinib"), ("HER2", "Lapatinib"), ("c-Kit", "Imatinib"),
                                            ("VEGFR2", "Tivozanib"), ("kdr", "Tivozanib")])  # fmt: skip
def test_a_search_of_drugs_finds_their_targets_and_pathways(bundled, text, name):
    found = [drug["name"] for drug in bundled.get("/drugs", params={"q": text}).json()["drugs"]]
    assert name in found


@pytest.mark.parametrize(
    ("line", "drug"),
    [("K-562", "Nilotinib"), ("EM-2", "Nilotinib"), ("KARPAS-299", "Crizotinib"), ("SK-MEL-28", "PLX-4720")],
)
def test_the_percentile_lists_the_drug_of_a_line_s_driver_among_the_first(bundled, line, drug):
    listed = bundled.get(f"/rank/{line}", params={"order": "percentile", "k": 5}).json()["drugs"]
    assert drug in [one["drug"]["name"] for one in listed]


@pytest.mark.parametrize(
    ("smiles", "drug"),
    [
        ("COCCOc1cc2ncnc(Nc3cccc(C#C)c3)c2cc1OCCOC.Cl", "Erlotinib"),
        ("CC(C)(C)c1nc(-c2cccc(NS(=O)(=O)c3c(F)cccc3F)c2F)c(-c2ccnc(N)n2)s1", "Dabrafenib"),
        ("Oc1ncc(F)c(O)n1", "5-Fluorouracil"),
        ("[NH3][Pt]([NH3])(Cl)Cl", "Cisplatin"),
        ("Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1.CS(=O)(=O)O", "Imatinib"),
        ("COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCC[NH+]1CCOCC1.[Cl-]", "Gefitinib"),
    ],
)
def test_the_structure_of_a_drug_is_answered_as_the_drug(bundled, smiles, drug):
    body = {"cell_lines": ["SK-MEL-28"] * 2, "drugs": ["mine", drug], "compounds": {"mine": smiles}}
    mine, own = bundled.post("/predict", json=body).json()["predictions"]
    assert mine | {"drug": own["drug"]} == own
    (new, _) = bundled.post("/predict", json=body | {"known_structures": "as_new"}).json()["predictions"]
    assert new["case"] == "unseen_drug"


@pytest.mark.parametrize("square", ["@SP1", "@SP2"])
def test_a_geometry_at_a_metal_that_the_drug_does_not_state_makes_a_new_compound(bundled, square):
    body = {"cell_lines": ["SK-MEL-28"], "drugs": ["mine"], "compounds": {"mine": f"N[Pt{square}](N)(Cl)Cl"}}
    answer = bundled.post("/predict", json=body).json()
    assert answer["predictions"][0]["case"] == "unseen_drug"
    told = "it states a geometry at its metal, not that of Cisplatin (5702198) (if that is meant, give its name)"
    assert answer["warnings"][0].startswith(f"/compounds/mine: {told}, so it is answered as a new compound")


def test_a_geometry_that_the_drug_states_too_is_the_drugs():
    drugs = KnownStructures([{"id": "1", "name": "cis", "smiles": "N[Pt@SP1](N)(Cl)Cl"}])
    texts = ("Cl[Pt@SP1](Cl)(N)N", "N[Pt@SP1](N)(Cl)Cl.O", "N[Pt@SP2](N)(Cl)Cl", "N[Pt](N)(Cl)Cl")
    assert [drugs.recognise(text).row for text in texts] == [0, 0, None, 0]


VEMURAFENIB = "CCCS(=O)(=O)NC1=C(C(=C(C=C1)F)C(=O)C2=CNC3=C2C=C(C=N3)C4=CC=C(C=C4)Cl)F"


@pytest.mark.parametrize(
    ("compound", "asked"),
    [
        ({"smiles": VEMURAFENIB}, True),
        ({"smiles": VEMURAFENIB, "pathway": "ERK MAPK signaling"}, True),
        ({"smiles": VEMURAFENIB, "targets": ["BRAF"]}, False),
        ({"smiles": "CC(=O)Oc1ccccc1C(=O)O"}, False),
    ],
)
def test_a_compound_like_a_drug_is_asked_for_the_targets_of_that_drug(bundled, compound, asked):
    answer = bundled.post("/rank", json={"compound": compound, "k": 1}).json()
    said = [one for one in answer["warnings"] if "if it has its targets, BRAF, give them" in one]
    assert bool(said) == asked
    assert not asked or said[0].startswith("/compounds/compound: its structure is like that of PLX-4720 (24180719)")
