"""Files of compounds as programs write them: .smi, .sdf and tables with many names for the same columns."""

import gzip
import io

import openpyxl
import pytest

from model.molecules.standard import standardised
from model.tables.compounds import read_compounds
from model.tables.faults import TableError, UnknownColumnError


def read(text, smiles_column=None):
    found = read_compounds(text if isinstance(text, bytes) else text.encode(), smiles_column)
    return list(found.rows), found.notes


def names_and_structures(text, smiles_column=None):
    return [(row.name, row.structure) for row in read(text, smiles_column)[0]]


def workbook(rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


ETHANOL, BENZENE = ("ethanol", "CCO"), ("benzene", "c1ccccc1")
BOTH = [ETHANOL, BENZENE]


@pytest.mark.parametrize(
    "text",
    [
        "CCO ethanol\nc1ccccc1 benzene\n",
        "CCO\tethanol\nc1ccccc1\tbenzene\n",
        "CCO   ethanol\r\n\r\nc1ccccc1\tbenzene",
        "# made by hand\nCCO ethanol\nc1ccccc1 benzene\n",
        "\ufeffCCO ethanol\nc1ccccc1 benzene\n",
        "CCO\tethanol\t46.07\nc1ccccc1\tbenzene\t78.11\n",
        "smiles name\nCCO ethanol\nc1ccccc1 benzene\n",
        "SMILES ID\nCCO ethanol\nc1ccccc1 benzene\n",
        "compound_id,smiles,mw\nethanol,CCO,46.07\nbenzene,c1ccccc1,78.11\n",
        "Compound ID;Canonical SMILES;MW\nethanol;CCO;46,07\nbenzene;c1ccccc1;78,11\n",
        "structure\tname\nCCO\tethanol\nc1ccccc1\tbenzene\n",
        "id,Drug_SMILES\nethanol,CCO\nbenzene,c1ccccc1\n",
        "smiles,molecule_chembl_id\nCCO,ethanol\nc1ccccc1,benzene\n",
    ],
)
def test_structures_and_names_are_found_in_whatever_file(text):
    assert names_and_structures(text) == BOTH
    assert names_and_structures(gzip.compress(text.encode())) == BOTH


def test_a_structure_keeps_its_cxsmiles_tail():
    assert names_and_structures("C[C@H](F)O |&1:1| mine\nCCO\n") == [("mine", "C[C@H](F)O |&1:1|"), ("row 2", "CCO")]


def test_a_workbook_is_read():
    content = workbook([("compound_id", "smiles", "mw"), ("ethanol", "CCO", 46.07), ("benzene", "c1ccccc1", 78.11)])
    assert names_and_structures(content) == BOTH


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("CCO\nc1ccccc1\n", ["row 1", "row 2"]),
        ("CCO\n\nc1ccccc1\n", ["row 1", "row 3"]),
        ("[Na+].[Cl-]\nCCO\n", ["row 1", "row 2"]),
        ("[13CH4] heavy methane\nCCO\n", ["heavy methane", "row 2"]),
        ("InChI=1S/CH4/h1H4\tmethane\nCCO\n", ["methane", "row 2"]),
        ("smiles\nCCO\nc1ccccc1\n", ["row 2", "row 3"]),
        ("smiles,mw\nCCO,46\n", ["row 2"]),
    ],
)
def test_where_there_is_no_name_the_row_is_the_name(text, names):
    assert [row.name for row in read(text)[0]] == names


def test_other_columns_are_not_read_and_that_is_said():
    rows, notes = read("compound_id,smiles,mw,targets,vendor\nA,CCO,46,EGFR;KIT,acme\n")
    assert (rows[0].targets, rows[0].pathway, rows[0].place) == ("EGFR;KIT", "", "row 2")
    assert notes == ["columns that are not read: mw, vendor"]
    assert read("CCO\tethanol\t46.07\n")[1] == [
        "read as SMILES and names without a header",
        "what follows a name after a tab is not read",
    ]
    assert read("smiles,canonical_smiles,name\nCCO,OCC,A\n")[1] == ["columns that are not read: canonical_smiles"]


@pytest.mark.parametrize("column", ["SMI (neutral)", "smi_neutral", " SMI (neutral) "])
def test_the_column_of_the_structures_can_be_named(column):
    text = "name,SMI (neutral),smiles\nethanol,CCO,CCN\nbenzene,c1ccccc1,C\n"
    assert names_and_structures(text, column) == BOTH
    assert names_and_structures("name x\nethanol CCO\nbenzene c1ccccc1\n", "x") == BOTH


@pytest.mark.parametrize(
    ("text", "column", "error", "message"),
    [
        ("name,smiles\nA,CCO\n", "structure", UnknownColumnError, "no column of this name"),
        ("name,a b,a-b\nA,CCO,C\n", "ab", UnknownColumnError, "or several"),
        ("name,formula\nA,CH4\n", None, TableError, "no column smiles; the first row must name"),
        ("ethanol CCO\nbenzene c1ccccc1\n", None, TableError, "smiles_column must say which"),
        ("name,smiles,SMILES\nA,C,C\n", None, TableError, "column 2 stands twice"),
        ("", None, TableError, "is empty"),
        ('[{"smiles": "CCO"}]', None, TableError, "JSON"),
        ('["CCO"]', None, TableError, "JSON"),
        ("name,smiles\nA,CCO,1\n", None, TableError, "row 2 has 3 cells"),
    ],
)
def test_what_cannot_be_read_says_why(text, column, error, message):
    with pytest.raises(error, match=message):
        read(text, column)


def molfile(smiles, title=""):
    from rdkit import Chem

    molecule = Chem.MolFromSmiles(smiles)
    molecule.SetProp("_Name", title)
    return Chem.MolToMolBlock(molecule)


def sdf(*records):
    return "".join(f"{record}$$$$\n" for record in records)


def without_version(text):
    return "\n".join(line.replace("V2000", "").rstrip() if "V2000" in line else line for line in text.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        sdf(molfile("CCO", "ethanol"), molfile("c1ccccc1", "benzene")),
        sdf(molfile("CCO", "ethanol"), molfile("c1ccccc1", "benzene")).removesuffix("$$$$\n"),
        sdf(molfile("CCO", "ethanol"), molfile("c1ccccc1", "benzene")).replace("\n", "\r\n"),
        sdf(molfile("CCO") + "> <NAME>\nethanol\n\n", molfile("c1ccccc1") + ">  2  <Compound_ID>\nbenzene\n\n"),
        without_version(sdf(molfile("CCO", "ethanol"), molfile("c1ccccc1", "benzene"))),
    ],
)
def test_an_sdf_file_gives_a_compound_a_record(text):
    rows, _ = read(text)
    assert [row.name for row in rows] == ["ethanol", "benzene"]
    assert [standardised(row.structure).smiles for row in rows] == ["CCO", "c1ccccc1"]
    assert [row.structure for row in read(gzip.compress(text.encode()))[0]] == [row.structure for row in rows]


def test_fields_of_a_record_are_its_targets_or_are_not_read():
    text = sdf(molfile("CCO") + "> <targets>\nEGFR;KIT\n\n> <MW>\n46.07\n\n", molfile("CC"))
    rows, notes = read(text)
    assert [(row.name, row.targets) for row in rows] == [("record 1", "EGFR;KIT"), ("record 2", "")]
    assert notes == ["fields that are not read: MW"]
    with pytest.raises(UnknownColumnError, match="SDF"):
        read(text, "MW")


def test_all_lines_of_a_field_count():
    text = "> <targets>\nABL1\nKIT\n\n> <comment>\nfirst\nsecond\n\nno field\n> <pathway>\nABL\nsignaling\n\n"
    row = read(sdf(molfile("CCO") + text))[0][0]
    assert (row.targets, row.pathway, row.others) == ("ABL1;KIT", "ABL signaling", {"comment": "first second"})


def test_a_broken_record_leaves_the_others_whole():
    broken = "broken\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\nnonsense\nM  END\n"
    rows, _ = read(sdf(molfile("CCO", "a"), broken, "", molfile("CC", "b")))
    assert [(row.name, row.place) for row in rows] == [
        ("a", "record 1"),
        ("broken", "record 2"),
        ("record 3", "record 3"),
        ("b", "record 4"),
    ]
    assert standardised(rows[3].structure).smiles == "CC"
