"""Published lists of lines and drugs as names beyond a bundle's own."""

import gzip

import pandas as pd
import pytest

from training.sources.known_names import Known, KnownNamesError, name_table, read_known_names, split_names

LINES = [
    {"id": "1", "name": "KM-H2", "synonyms": [], "depmap_id": "ACH-1", "cellosaurus_id": "CVCL_1", "cosmic_id": "1"},
    {
        "id": "2",
        "name": "NCI-H322M",
        "synonyms": [],
        "depmap_id": "ACH-2",
        "cellosaurus_id": "CVCL_2",
        "cosmic_id": "2",
    },
]
DRUGS = [
    {"id": "7", "name": "Selumetinib", "synonyms": ["AZD6244"], "gdsc_drug_ids": ["1062"]},
    {"id": "446378", "name": "Thapsigargin", "synonyms": [], "gdsc_drug_ids": ["180"], "pubchem_cid": "446378"},
]


def table(tmp_path, name="list.csv", **columns):
    path = tmp_path / name
    frame = pd.DataFrame(columns)
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)
    return path


def test_depmaps_list_as_published(tmp_path):
    path = table(
        tmp_path, "Model.parquet", ModelID=["ACH-9", "ACH-1"], CellLineName=["KMH-2", "KM-H2"], RRID=["CVCL_9", None],
        COSMICID=[1298167.0, 1.0], SangerModelID=["SIDM9", None], CCLEName=["KMH2_THYROID", None],
        OncotreeLineage=["Thyroid", "Lymphoid"],
    )  # fmt: skip
    known = read_known_names(path)
    assert known[0].ids["cosmic_id"] == "1298167"
    assert known[1].ids == {"depmap_id": "ACH-1", "cosmic_id": "1"}
    ids = ["ACH-9", "SIDM9", "CVCL_9", "1298167", "KMH2_THYROID"]
    assert name_table(known, LINES) == [{"name": "KMH-2", "ids": ids, "synonyms": [], "note": "Thyroid"}]


def test_gdscs_list_as_published(tmp_path):
    path = table(
        tmp_path, DRUG_ID=["1062", "1736", "1432", "180", "9"],
        DRUG_NAME=["Selumetinib", "Selumetinib", "AZD1480", "Thapsigargin", "X5.Fluorouracil"],
        SYNONYMS=["AZD6244, ARRY-886", "AZD1480", "SN1044232195", "Octanoic acid", "5-FU, 2"],
        TARGET=["MEK1", "", "JAK2, TYK2", "", ""],
    )  # fmt: skip
    assert name_table(read_known_names(path), DRUGS) == [
        {"id": "7", "synonyms": ["ARRY-886"]},  # AZD1480 is another drug, Octanoic acid an error of the list
        {"name": "AZD1480", "ids": ["1432"], "synonyms": ["SN1044232195"], "targets": ["JAK2", "TYK2"]},
        {"name": "X5.Fluorouracil", "ids": ["9"], "synonyms": ["5-FU"]},
    ]


def test_one_id_in_common_is_not_enough_where_others_differ():
    stranger = Known(
        "cell_line", "NCI-H322", {"cosmic_id": "2", "depmap_id": "ACH-3", "cellosaurus_id": "CVCL_3"}, ("NCI-H322",)
    )
    assert name_table([stranger], LINES)[0]["name"] == "NCI-H322"
    same = Known(
        "cell_line", "H322M", {"cosmic_id": "2", "depmap_id": "ACH-3", "cellosaurus_id": "CVCL_2"}, ("H322M",)
    )
    assert name_table([same], LINES) == [{"id": "2", "synonyms": ["H322M"]}]


def test_two_lists_make_one_entry_and_two_lines_of_one_spelling_stay_two():
    one = Known("cell_line", "TT", {"depmap_id": "ACH-5"}, ("TT",), "Thyroid")
    again = Known("cell_line", "T.T", {"depmap_id": "ACH-5", "cosmic_id": "930299"}, ("T.T",))
    other = Known("cell_line", "T-T", {"depmap_id": "ACH-6"}, ("T-T",))
    assert name_table([one, again, other], LINES) == [
        {"name": "TT", "ids": ["ACH-5", "930299"], "synonyms": [], "note": "Thyroid"},
        {"name": "T-T", "ids": ["ACH-6"], "synonyms": []},
    ]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"line": ["A"]}, "no column of names; one of CellLineName"),
        ({"cell_line": [""], "id": ["7"]}, "the column cell_line is empty"),
    ],
)
def test_what_is_no_list_is_named(tmp_path, columns, says):
    with pytest.raises(KnownNamesError, match=says):
        read_known_names(table(tmp_path, **columns))
    with pytest.raises(KnownNamesError, match="cannot be read"):
        read_known_names(tmp_path / "none.csv")


def test_the_published_lists_know_the_line_that_a_hyphen_tells_apart(data_root):
    known = read_known_names(data_root / "depmap_models_1959.parquet")
    names = {one.name: one.note for one in known}
    assert names["KMH-2"] == "Thyroid"
    assert len(known) == 1959
    drugs = read_known_names(data_root / "gdsc_compounds_rel_8_2.parquet")
    assert {"Tarceva", "OSI-774"} < set(next(one for one in drugs if one.name == "Erlotinib").synonyms)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Nexavar, BAY 43-9006,NVP-AUY922,  AUY,", ["Nexavar", "BAY 43-9006", "NVP-AUY922", "AUY"]),
        ("2,4-D, ethyl N-[3-methyl-[1,2,4]triazolo[4,3-b]pyridazin-8-yl]carbamate",
         ["2,4-D", "ethyl N-[3-methyl-[1,2,4]triazolo[4,3-b]pyridazin-8-yl]carbamate"]),
        ("N,N-dimethylglycine, DMG", ["N,N-dimethylglycine", "DMG"]),
        ("Tankyrase 1/2 (PARP5a, PARP5b), TERT", ["Tankyrase 1/2 (PARP5a, PARP5b)", "TERT"]),
        ("Gilenya; 2,4-D, impure; Imusera", ["Gilenya", "2,4-D, impure", "Imusera"]),
        ("", []),
    ],
)  # fmt: skip
def test_commas_within_a_chemical_name_part_nothing(text, names):
    assert split_names(text) == names


@pytest.mark.parametrize("text", ["cell_line\nKMH-2\n", "id;cell_line\n1;KMH-2\n", "cell_line\tid\r\nKMH-2\t1\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_own_lists_as_people_save_them(tmp_path, text, pack):
    path = tmp_path / ("own.csv.gz" if pack is gzip.compress else "own.csv")
    path.write_bytes(pack(text.encode("utf-8-sig")))
    assert [one.name for one in read_known_names(path)] == ["KMH-2"]
