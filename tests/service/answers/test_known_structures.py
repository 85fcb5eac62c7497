"""A compound that is a drug of the bundle is answered as that drug; targets are read as people write them."""

import pytest

from tests.helpers.demo_bundle import DRUGS

# Drugs 1 and 2 of the demo bundle are ethanethiol and 1-propanethiol.
THIOL, NAPROXEN = "CCS", "COc1ccc2cc(ccc2c1)[C@H](C)C(=O)O"
NUMBERS = (
    "probability",
    "score",
    "ln_ic50",
    "ln_ic50_interval",
    "ic50_um",
    "percentile",
    "case",
    "in_domain",
    "nearest",
)


def post(client, path="/predict", status=200, **body):
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def predicted(client, drug, **body):
    answer = post(client, pairs=[{"cell_line": "A549", "drug": drug}], **body)
    return answer["predictions"][0], answer


@pytest.mark.parametrize(
    "spelling", ["CCS", "SCC", "C(C)S", "[CH3][CH2][SH]", "CCS |$_;;$|", "InChI=1S/C2H6S/c1-2-3/h3H,2H2,1H3"]
)
def test_a_structure_of_the_bundle_gives_the_drugs_own_numbers_to_the_last_bit(client, spelling):
    by_name, _ = predicted(client, "drug-1")
    mine, answer = predicted(client, "mine", compounds={"mine": spelling})
    assert {key: mine[key] for key in NUMBERS} == {key: by_name[key] for key in NUMBERS}
    assert mine["case"] == "known"
    assert mine["drug"] == {"id": "drug-1", "name": "mine"}
    reading = answer["compounds"]["mine"]
    assert reading["drug"] == {"id": "drug-1", "name": "Lapatinib"}
    assert reading["matched_by"] == "structure"
    assert answer["warnings"] == ["/compounds/mine: its structure is that of Lapatinib (drug-1)"]


def test_the_switch_answers_it_as_a_new_compound(client):
    mine, answer = predicted(client, "mine", compounds={"mine": THIOL}, known_structures="as_new")
    assert mine["case"] == "unseen_drug"
    assert mine["drug"] == {"id": None, "name": "mine"}
    assert mine["nearest"]["drug"] is not None
    assert answer["compounds"]["mine"]["drug"] is None
    assert answer["warnings"] == []


def test_a_new_sample_with_it_is_an_unseen_line(client):
    sample = {"mutation": ["KRAS"]}
    pair = [{"cell_line": "me", "drug": "mine"}]
    answer = post(client, pairs=pair, samples={"me": sample}, compounds={"mine": THIOL})
    by_name = post(client, pairs=[{"cell_line": "me", "drug": "drug-1"}], samples={"me": sample})
    assert answer["predictions"][0]["case"] == "unseen_line"
    for key in NUMBERS:
        assert answer["predictions"][0][key] == by_name["predictions"][0][key]


def test_a_new_compound_beside_it_stays_new_and_each_keeps_its_name(client):
    compounds = {"a": NAPROXEN, "b": THIOL, "c": "CCCS"}
    answer = post(client, cell_lines=["A549"] * 3, drugs=list(compounds), compounds=compounds)
    found = [(one["drug"]["name"], one["drug"]["id"], one["case"]) for one in answer["predictions"]]
    assert found == [("a", None, "unseen_drug"), ("b", "drug-1", "known"), ("c", "drug-2", "known")]


def test_rankings_know_it_too(client):
    lines = post(client, "/rank", compound=THIOL, k=3)
    assert lines["drug"] == {"id": "drug-1", "name": "compound"}
    by_name = post(client, "/rank", drug="drug-1", k=3)
    assert [one["score"] for one in lines["cell_lines"]] == [one["score"] for one in by_name["cell_lines"]]
    drugs = post(client, "/rank", cell_line="A549", compounds={"mine": THIOL}, k=DRUGS + 1)["drugs"]
    same = [one for one in drugs if one["drug"]["id"] == "drug-1"]
    assert len(same) == 2
    assert same[0]["score"] == same[1]["score"]
    as_new = post(client, "/rank", compound=THIOL, k=3, known_structures="as_new")
    assert as_new["cell_lines"][0]["case"] == "unseen_drug"


def test_tables_and_explanations_know_it_too(client):
    files = {"compounds": ("c.csv", b"name,smiles\nmine,SCC\n")}
    answer = client.post("/predict/table", files=files, data={"cell_lines": "A549"}).json()
    assert [one["case"] for one in answer["predictions"]] == ["known"]
    data = {"cell_lines": "A549", "known_structures": "as_new"}
    assert client.post("/predict/table", files=files, data=data).json()["predictions"][0]["case"] == "unseen_drug"
    pair = [{"cell_line": "A549", "drug": "mine"}]
    told = post(client, pairs=pair, compounds={"mine": THIOL}, detail="explain")["predictions"][0]
    by_name = post(client, pairs=[{"cell_line": "A549", "drug": "drug-1"}], detail="explain")["predictions"][0]
    assert told["explanation"] == by_name["explanation"]


@pytest.mark.parametrize(
    ("tail", "says"),
    [("&1:1", "a racemate"), ("r", "a racemate"), ("c:2,o1:1", "one of several stereoisomers"), ("$;&1:$", "")],
)
def test_a_mixture_of_stereoisomers_is_answered_as_the_one_written_and_that_is_said(client, tail, says):
    written, _ = predicted(client, "mine", compounds={"mine": "C[C@H](F)c1ccccc1"})
    mine, answer = predicted(client, "mine", compounds={"mine": f"C[C@H](F)c1ccccc1 |{tail}|"})
    assert mine == written
    assert [says in one and "/compounds/mine: its CXSMILES tail" in one for one in answer["warnings"]] == [True] * (
        says != ""
    )


@pytest.mark.parametrize(
    ("targets", "genes", "others"),
    [
        (["egfr"], ["EGFR"], []),
        (["EGFR, BRD4"], ["EGFR", "BRD4"], []),
        (["HER1"], ["EGFR"], []),
        (["EGFR/BRD4"], ["EGFR", "BRD4"], []),
        ([" EGFR "], ["EGFR"], []),
        (["erbb1 and brd4"], ["EGFR", "BRD4"], []),
        (["VEGFR-2"], [], ["KDR"]),
        (["c-Kit"], [], ["KIT"]),
        (["MEK"], [], ["MAP2K1", "MAP2K2"]),
        (["BTK", "EGFR"], ["EGFR"], ["BTK"]),
        (["HER-2/neu"], [], ["ERBB2"]),
        (["MEK1/2"], [], ["MAP2K1", "MAP2K2"]),
        (["CDK4/6, EGFR"], ["EGFR"], ["CDK4", "CDK6"]),
        (["VEGFR 1/2"], [], ["FLT1", "KDR"]),
        (["AKT1/2/3 + BRD4"], ["BRD4"], ["AKT1", "AKT2", "AKT3"]),
        (["CHK1", "RAS"], [], ["CHEK1", "KRAS"]),
        (["JAK"], [], ["JAK1", "JAK2", "JAK3"]),
        (["BRD2-4", "HDAC1–2"], ["BRD4"], ["BRD2", "BRD3", "HDAC1", "HDAC2"]),
        (["VEGFR1-3"], [], ["FLT1", "KDR", "FLT4"]),
        (["NKX3-1"], [], ["NKX3-1"]),
        (["PI3Kα", "PKC-β", "IKKβ"], [], ["PIK3CA", "PRKCB", "IKBKB"]),
        (["NA"], [], []),
        (["NONE", "unknown", "EGFR; NA, not defined"], ["EGFR"], []),
        ([], [], []),
    ],
)  # fmt: skip
def test_targets_are_read_as_people_write_them_and_counted(client, targets, genes, others):
    compound = {"smiles": NAPROXEN, "targets": targets}
    mine, answer = predicted(client, "mine", compounds={"mine": compound})
    reading = answer["compounds"]["mine"]
    assert (reading["targets"], reading["other_targets"]) == (genes, others)
    assert bool(answer["warnings"]) == bool(others)
    same, _ = predicted(client, "mine", compounds={"mine": {**compound, "targets": [*genes, *others]}})
    assert mine == same


@pytest.mark.parametrize(
    ("pathway", "read"),
    [(one, "EGFR signaling") for one in ("EGFR signaling", "egfr SIGNALING", "EGFR-signaling", " egfr signaling ")]
    + [(one, None) for one in ("NA", "none", "unknown", " other ")],
)
def test_a_pathway_is_read_in_any_case(client, pathway, read):
    _, answer = predicted(client, "mine", compounds={"mine": {"smiles": NAPROXEN, "pathway": pathway}})
    assert answer["compounds"]["mine"]["pathway"] == read


@pytest.mark.parametrize(
    ("field", "value", "place", "says"),
    [
        ("targets", ["EGFR", "a kinase of mine"], "/targets/1", "no target that is known"),
        ("targets", ["egfrr"], "/targets/0", "nearest: EGFR"),
        ("targets", ["unheard of, EGFR"], "/targets/0", "give a gene symbol, or leave it out"),
        ("targets", [","], "/targets/0", "no target that is known"),
        ("pathway", "EGFR signalling of mine", "/pathway", "no pathway that is known; nearest: EGFR signaling"),
    ],
)
def test_a_target_or_pathway_that_is_none_is_refused_at_its_place(client, field, value, place, says):
    body = {
        "pairs": [{"cell_line": "A549", "drug": "mine"}],
        "compounds": {"mine": {"smiles": NAPROXEN, field: value}},
    }
    problem = post(client, status=422, **body)
    assert problem["code"] == "invalid_compound"
    assert problem["errors"][0]["pointer"] == f"/compounds/mine{place}"
    assert says in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "an InChIKey, from which no structure can be had; give its SMILES"),
        ("aspirin", "perhaps a name"),
        ("50-78-2", "a number of a database"),
        ("CHEMBL25", "a number of a database"),
        ("InChI=1S/none", "not InChI"),
        ("COc1ccc2cc(ccc2c1)[C@H](C)C(=O)O.CN(C)CCC=C1c2ccccc2CCc2ccccc21", "a mixture of 2 compounds"),
    ],
)
def test_what_is_no_structure_says_what_to_send(client, text, says):
    problem = post(client, status=422, pairs=[{"cell_line": "A549", "drug": "x"}], compounds={"x": text})
    assert problem["code"] == "invalid_compound"
    assert says in problem["detail"]


@pytest.mark.parametrize("spelling", ["[2H]C([2H])([2H])CS", "[13CH3]CS", "CC[34SH]", "CCS[2H]"])
def test_an_isotopologue_of_a_drug_is_new_and_said_to_be_near(client, spelling):
    mine, answer = predicted(client, "mine", compounds={"mine": spelling})
    assert mine["case"] == "unseen_drug"
    assert answer["compounds"]["mine"]["drug"] is None
    assert any("differs from Lapatinib (drug-1) in stereochemistry or isotopes" in one for one in answer["warnings"])
