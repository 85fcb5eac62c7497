"""Names against a dataset: found, ambiguous with its candidates, or unknown with the nearest; never guessed."""

from dataclasses import replace

import pytest

from training.data.resolve_names import COLUMNS, Resolver, resolve


@pytest.fixture
def known(tiny):
    """The tiny dataset with every kind of identifier; drug 5 is a hydrochloride."""
    lines = tiny.cell_lines.assign(
        synonyms=[["Hep One"], [], ["shared"]],
        depmap_id=["ACH-000001", None, None],
        sanger_model_id=["SIDM00001", None, None],
        cellosaurus_id=["CVCL_0001", None, None],
        ccle_name=["HCC1_LIVER", None, None],
    )
    drugs = tiny.drugs.assign(
        synonyms=[["Tarceva", "shared"], ["shared"]],
        smiles=["C[C@H](O)CN", "CN.Cl"],
        inchikey=["AAAAAAAAAAAAAA-BBBBBBBBBB-N", None],
        chembl_id=["CHEMBL553", None],
        gdsc_drug_ids=[["1", "1168"], ["1021"]],
    )
    return replace(tiny, cell_lines=lines, drugs=drugs)


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ("100", "id"),
        ("HCC-1", "name"),
        ("hcc 1", "name, case and punctuation aside"),
        ("Hep One", "synonyms"),
        ("HEP-ONE", "synonyms, case and punctuation aside"),
        ("SIDM00001", "sanger_model_id"),
        ("ach000001", "depmap_id, case and punctuation aside"),
        ("CVCL_0001", "cellosaurus_id"),
        ("HCC1_LIVER", "ccle_name"),
    ],
)
def test_a_line_answers_to_every_identifier_and_says_which(known, query, how):
    found = Resolver(known, "cell-line").find(query)
    assert (found.id, found.name, found.how, found.candidates) == ("100", "HCC-1", how, [])


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ("7", "id"),
        ("erlotinib", "name, case and punctuation aside"),
        ("Tarceva", "synonyms"),
        ("AAAAAAAAAAAAAA-BBBBBBBBBB-N", "inchikey"),
        ("chembl553", "chembl_id, case and punctuation aside"),
        ("1168", "gdsc_drug_ids"),
        ("C[C@H](O)CN", "smiles"),
        ("NC[C@H](C)O", "structure"),  # the same enantiomer in another spelling
        ("NC[C@H](C)O.Cl", "structure, salt aside"),
    ],
)
def test_a_drug_answers_to_every_identifier_and_to_its_structure(known, query, how):
    found = Resolver(known, "drug").find(query)
    assert (found.id, found.how) == ("7", how)


def test_a_free_base_finds_its_salt_and_an_inchikey_column_is_not_needed(known):
    assert Resolver(known, "drug").find("NC").id == "5"
    assert Resolver(known, "drug").find("Cl.NC").how == "structure"


def test_another_stereoisomer_is_offered_and_never_taken(known):
    found = Resolver(known, "drug").find("NC[C@@H](C)O")
    assert (found.id, found.how, found.candidates) == (None, "unknown", ["Erlotinib (7)"])
    metal = replace(known, drugs=known.drugs.assign(smiles=["CN.Br", "N[Pt](N)(Cl)Cl"]))
    found = [Resolver(metal, "drug").find(f"N[Pt{square}](N)(Cl)Cl").how for square in ("@SP2", "")]
    assert found == ["unknown", "smiles"]


def test_a_structure_that_two_drugs_have_is_ambiguous(known):
    twins = replace(known, drugs=known.drugs.assign(smiles=["CN.Br", "CN.Cl"]))
    found = Resolver(twins, "drug").find("CN")
    assert (found.id, found.how, found.candidates) == (None, "ambiguous", ["Erlotinib (7)", "Axitinib (5)"])


def test_a_table_of_names_keeps_their_order_and_tells_the_three_fates_apart(known):
    table = resolve(known, ["shared", "Erlotinip", "??", "7", " 7 "], "drug")
    assert tuple(table.columns) == COLUMNS
    assert table["query"].tolist() == ["shared", "Erlotinip", "??", "7", "7"]
    assert table["how"].tolist() == ["ambiguous", "unknown", "unknown", "id", "id"]
    assert table["id"].tolist() == [None, None, None, "7", "7"]
    assert table["candidates"][0] == ["Erlotinib (7)", "Axitinib (5)"]
    assert table["candidates"][1] == ["Erlotinib (7)"]


def test_no_structure_is_looked_for_among_cell_lines(known):
    assert Resolver(known, "cell-line").find("CN").how == "unknown"


@pytest.mark.parametrize(
    ("kind", "query", "identifier"),
    [
        ("cell-line", "A-549", "905949"),
        ("cell-line", "SIDM00903", "905949"),
        ("cell-line", "ACH-000681", "905949"),
        ("drug", "tarceva", "176870"),
        ("drug", "C#Cc1cccc(c1)Nc1ncnc2cc(OCCOC)c(cc12)OCCOC", "176870"),
        ("drug", "171", None),  # GDSC's id of two drugs
        ("cell-line", "tt", None),  # TT and T-T
    ],
)
def test_real_names(gdsc_dataset, kind, query, identifier):
    assert Resolver(gdsc_dataset, kind).find(query).id == identifier


def test_every_real_line_and_drug_is_found_by_its_id_and_structure(gdsc_dataset):
    for kind, table in (("cell-line", gdsc_dataset.cell_lines), ("drug", gdsc_dataset.drugs)):
        assert resolve(gdsc_dataset, table["id"], kind)["id"].tolist() == table["id"].tolist()
    drugs = Resolver(gdsc_dataset, "drug")
    found = [drugs.structures.find(smiles)[0] for smiles in gdsc_dataset.drugs["smiles"]]
    assert found == list(range(228))


@pytest.mark.parametrize(("name", "how"), [("KMH-2", "unknown"), ("kmh-2", "unknown"), ("KMH2", "ambiguous")])
def test_a_registered_line_outside_is_never_taken_for_one_that_a_hyphen_tells_apart(known, name, how):
    named = known.cell_lines.assign(name=["KM-H2", *known.cell_lines["name"].iloc[1:]])
    dataset = replace(known, cell_lines=named)
    (row,) = resolve(dataset, [name], "cell-line", [{"name": "KMH-2", "ids": [], "synonyms": []}]).to_dict("records")
    assert (row["id"], row["how"], row["candidates"][0]) == (None, how, "KMH-2, outside the dataset")
    assert resolve(dataset, [name], "cell-line")["name"].tolist() == ["KM-H2"]
