"""Nearly fifty kinds of bad input: each gives one message with file, row and column, and leaves nothing behind."""

import re

import pytest
from typer.testing import CliRunner

from tests.helpers.damaged_tables import column, labelled_2, lines, recoded, text, whole
from training.cli.main import data_app
from training.data.folder import read_dataset
from training.sources.layouts.own_template import write_template


@pytest.fixture
def tables(tmp_path):
    """The example of the own-tables layout: it imports as it is."""
    write_template(tmp_path / "tables")
    return tmp_path / "tables"


def run(tables, *options, source="own"):
    command = ["import", "--source", source, str(tables), str(tables.parent / "out"), *options]
    return CliRunner().invoke(data_app, command, catch_exceptions=False)


ERLOTINIB = "COCCOC1=C(C=C2C(=C1)C(=NC=N2)NC3=CC=CC(=C3)C#C)OCCOC"
FLUOROURACIL = "C1=C(C(=O)NC(=O)N1)F"
BAD = {  # what it is -> file, damage, what the message says
    "an empty file": ("expression.csv", whole(""), "is empty"),
    "a header only": ("expression.csv", lines(0, 1), "a header and one row are needed at least"),
    "a web page": ("drugs.csv", whole("<!DOCTYPE html><html>404</html>"), "is a web page"),
    "a Git LFS pointer": ("drugs.csv", whole("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer"),
    "a damaged workbook": ("drugs.csv", whole(b"PK\x03\x04rest"), "cannot be read (File is not a zip file)"),
    "decimal commas": (
        "responses.csv",
        text("1.21", '"1,21"'),
        "column ln_ic50_um: has numbers with commas and numbers with points",
    ),
    "decimal commas in a matrix": (
        "expression.csv",
        text("4.91", '"4,91"'),
        "has numbers with commas and numbers with p",
    ),
    "decimal commas without quotes": (
        "responses.csv",
        lambda p: p.write_text(re.sub(r"(\d)\.(\d)", r"\1,\2", p.read_text())),
        "row 2 has 5 cells where the first has 4; decimal commas?",
    ),
    "a column twice": ("responses.csv", text("source", "drug"), "row 1, column drug: this column stands twice"),
    "Latin-1": ("cell_lines.csv", recoded("latin-1"), "row 4 is no UTF-8"),
    "a missing column": ("responses.csv", text("drug,", "compound,"), "row 1, column drug: this column is missing"),
    "no value column": ("responses.csv", text("ln_ic50_um", "value"), "column ln_ic50_um: this column is missing"),
    "a unit not stated": ("responses.csv", text("ln_ic50_um", "ic50"), "column ic50: its unit is not stated"),
    "µM called ln µM": (
        "responses.csv",
        column("ln_ic50_um", lambda v: f"{float(v) * 100}"),
        "column ln_ic50_um: the median is over 1e+12 µM, 9 of 10 lie between",
    ),
    "swapped columns": ("responses.csv", text("cell_line,drug", "drug,cell_line"), "cell_line and drug are swapped"),
    "an unknown line": ("responses.csv", text("MCF7", "MCF8"), "row 4, column cell_line: 'MCF8' is in no row of cell"),
    "an unknown drug": ("responses.csv", text("erlotinib", "Tarceva"), "row 2, column drug: 'Tarceva' is in no row"),
    "a repeated line": ("cell_lines.csv", text("MCF7,", "A549,"), "row 3, column id: 'A549' stands twice"),
    "a repeated pair": (
        "responses.csv",
        text("MCF7,erlo", "A549,erlo"),
        "row 4: A549 and erlotinib stand together twice",
    ),
    "a shared authority id": (
        "cell_lines.csv",
        text("ACH-000019", "ACH-000681"),
        "column depmap_id: 'ACH-000681' stands",
    ),
    "a drug and its salt": (
        "drugs.csv",
        text(FLUOROURACIL, f"Cl.{ERLOTINIB}"),
        "'AAKJLRGGTJKAMG-UHFFFAOYSA-N' stands twice (first in erlotinib)",
    ),
    "an empty id": ("cell_lines.csv", text("MCF7,MCF7", ",MCF7"), "row 3, column id: is empty"),
    "a padded id": (
        "cell_lines.csv",
        text("MCF7,MCF7", "MCF7 ,MCF7"),
        "row 3, column id: 'MCF7 ' has spaces around it",
    ),
    "an id in scientific notation": (
        "cell_lines.csv",
        text("MCF7,", "9.05946E+05,"),
        "row 3, column id: '9.05946E+05' is an id",
    ),
    "ids of mixed type": (
        "cell_lines.csv",
        text("MCF7,", "905946.0,"),
        "row 3, column id: '905946.0' is an id written as a",
    ),
    "an empty response": ("responses.csv", text("1.21", ""), "row 2, column ln_ic50_um: is empty"),
    "an infinite response": ("responses.csv", text("1.21", "inf"), "row 2, column ln_ic50_um: 'inf' is infinite"),
    "an infinite expression": ("expression.csv", text("4.91", "inf"), "row 2, column TP53: 'inf' is infinite"),
    "text among numbers": ("expression.csv", text("4.91", "high"), "row 2, column TP53: 'high' is not a number"),
    "a row cut short": (
        "expression.csv",
        text("A549,4.91,3.95,6.12", "A549,4.91"),
        "row 2 has 2 cells where the first has 4",
    ),
    "a missing value": ("expression.csv", text("4.91", ""), "row A549, column TP53: nan is out of range"),
    "negative expression": ("expression.csv", text("4.91", "-4.91"), "row A549, column TP53: -4.91 is negative"),
    "TPM called log2(TPM + 1)": ("expression.csv", text("4.91", "491"), "if this is TPM, give --expression-unit tpm"),
    "absolute copies": ("copy_number.csv", whole("cell_line,TP53,KRAS\nA549,2.1,3\nMCF7,2,2\n"), "no log2 ratio: the"),
    "ratios called log2": (
        "copy_number.csv",
        whole("cell_line,TP53,KRAS\nA549,1.1,3.4\nMCF7,0.9,1\n"),
        "no log2 ratio: the",
    ),
    "a gene turned into a date": (
        "expression.csv",
        text("KRAS", "1-Mar"),
        "row 1, column 1-Mar: '1-Mar' is a gene that",
    ),
    "a gene turned into a month": (
        "mutations.csv",
        text("KRAS", "Sep-02"),
        "row 1, column Sep-02: 'Sep-02' is a gene",
    ),
    "a repeated gene": ("expression.csv", text("KRAS", "TP53"), "row 1, column TP53: this gene stands twice"),
    "Ensembl genes": ("expression.csv", text("TP53", "ENSG00000141510"), "is an Ensembl id; give HGNC symbols"),
    "unknown genes": ("mutations.csv", text("TP53", "Gene one?"), "column Gene one?: 'Gene one?' is no gene known"),
    "a missing header": ("expression.csv", lines(1, 3), "row 1, column 4.91: '4.91' is a value, not a gene"),
    "a mutation of 2": (
        "mutations.csv",
        text("A549,0,1", "A549,0,2"),
        "row A549, column KRAS: 2 is out of range (0 to 1)",
    ),
    "a label of 2": ("responses.csv", labelled_2, "row 2, column sensitive: 2 is neither 0 nor 1"),
    "a SMILES cut short": ("drugs.csv", text(FLUOROURACIL, "C1=C(C(=O)NC(=O"), "row 3, column smiles: not SMILES"),
    "a threshold in words": (
        "drugs.csv",
        text(",2.5", ",low"),
        "row 3, column threshold_ln_um: 'low' is not a number",
    ),
    "too few lines for a rule": (
        "drugs.csv",
        text(",2.5", ","),
        "row fluorouracil, column threshold_ln_um: is missing",
    ),
    "no responses": ("responses.csv", lambda p: p.unlink(), "this source has no responses; name one that has"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gives_one_clear_message_and_leaves_nothing_behind(tables, kind):
    file, damage, says = BAD[kind]
    damage(tables / file)
    done = run(tables)
    assert done.exit_code == 2, done.output
    told = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len([line for line in told if says in line]) == 1, told
    assert all(line.startswith(f"error: {file}") for line in told), told
    assert "Nothing was written" in done.stderr
    assert [path.name for path in tables.parent.iterdir()] == ["tables"]


def test_the_example_imports_as_it_is_also_with_a_byte_order_mark(tables):
    for path in tables.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    done = run(tables)
    assert done.exit_code == 0, done.stderr
    assert "2 │ sensitive" in done.stdout


@pytest.mark.parametrize(
    ("unit", "value", "says"),
    [
        ("um", "-1.21", "column ic50: 1 of 4 values are negative: that is no concentration in µM but a logarithm"),
        ("um", "0", "row 2, column ic50: 0 is no concentration in µM; leave the cell empty"),
        ("log10_um", "12", "column ic50: the median is 3.63e+03 µM, 9 of 10 lie between"),
        ("ln_um", "30", "erlotinib: ln_ic50 30 is no ln µM (-25 to 25)"),
    ],
)
def test_a_column_that_cannot_be_its_declared_unit_is_refused(tables, unit, value, says):
    text("ln_ic50_um", "ic50")(tables / "responses.csv")
    text("1.21", value)(tables / "responses.csv")
    done = run(tables, "--response-unit", unit)
    assert done.exit_code == 2
    assert says in done.stderr
    assert [path.name for path in tables.parent.iterdir()] == ["tables"]


def test_a_weak_drug_that_reads_like_pic50_is_asked_about_and_confirmed_by_the_option(tables):
    rows = [f"L{i},erlotinib,{4 + i / 10:g},me" for i in range(30)]
    (tables / "responses.csv").write_text("cell_line,drug,ln_ic50_um,source\n" + "\n".join(rows))
    (tables / "cell_lines.csv").write_text("id,name\n" + "\n".join(f"L{i},Line {i}" for i in range(30)))
    for name in ("expression.csv", "copy_number.csv", "mutations.csv"):
        (tables / name).unlink()
    asked = run(tables)
    assert asked.exit_code == 2
    assert "column ln_ic50_um: 19 of 20 values lie above" in asked.stderr
    assert "they look like pIC50, -log10 of M: name the column pic50; if it is ln_ic50_um all the same" in asked.stderr
    confirmed = run(tables, "--response-unit", "ln_um")
    assert confirmed.exit_code == 0, confirmed.stderr


def test_a_dataset_that_cannot_place_new_samples_says_so_at_once(tables):
    for name in (None, "copy_number.csv", "mutations.csv"):  # one table is enough
        if name is not None:
            (tables / name).unlink()
        placing = run(tables)
        assert placing.exit_code == 0, placing.stderr
        assert "new samples" not in placing.stderr
        without_any = "cell lines without expression, copy number and mutation: 1, ['MCF7']; HGACL-DRP refuses"
        assert (without_any in placing.stderr) == (name == "mutations.csv")
    (tables / "expression.csv").rename(tables / "kept.txt")
    bare = run(tables)
    assert bare.exit_code == 0, bare.stderr
    says = "warning: a bundle of it answers for its own lines and drugs alone and places no new samples: "
    (line,) = [line for line in bare.stderr.splitlines() if "new samples" in line]
    assert line.startswith(says + "no training line has any of ['expression', 'copy_number', 'mutation']")
    checked = CliRunner().invoke(data_app, ["check", str(tables.parent / "out")])
    assert line in checked.stderr
    (tables / "kept.txt").rename(tables / "expression.csv")
    zscores = run(tables, "--expression-unit", "array_z")
    assert "places no new samples: expression_platform 'array_z'" in zscores.stderr


def test_pic50_has_a_column_of_its_own(tables):
    as_pic50 = {"1.21": "5.47", "1.93": "5.16", "3.02": "4.69", "4.10": "4.22"}
    for ln_um, pic50 in {**as_pic50, "ln_ic50_um": "pic50"}.items():
        text(ln_um, pic50)(tables / "responses.csv")
    done = run(tables)
    assert done.exit_code == 0, done.stderr
    response = read_dataset(tables.parent / "out").response.set_index(["cell_line_id", "drug_id"])["ln_ic50"]
    assert response["A549", "erlotinib"] == pytest.approx((6 - 5.47) * 2.302585, abs=1e-5)
    assert "2 │ sensitive" in done.stdout  # as with the ln IC50 themselves


def test_a_row_without_any_value_is_left_out_and_named(tables):
    text("A549,4.91,3.95,6.12", "A549,,NaN,")(tables / "expression.csv")
    done = run(tables)
    assert done.exit_code == 0, done.stderr
    assert "note: expression: 1 lines without any value left out: A549" in done.stdout


def test_labels_need_the_thresholds_they_were_made_with(tables):
    text(",2.5", ",")(tables / "drugs.csv")
    column("source", lambda _: "1")(tables / "responses.csv")
    text("source", "sensitive")(tables / "responses.csv")
    done = run(tables)
    assert "responses.csv: row 1, column sensitive: labels need the thresholds" in done.stderr
    (tables / "limits.csv").write_text("drug,threshold_ln_um\nerlotinib,1.5\n5-fluorouracil,2.5\n")
    done = run(tables, "--thresholds", str(tables / "limits.csv"))
    assert "responses.csv: row 4, column sensitive: 1, but ln IC50 3.02 against the threshold 1.5" in done.stderr


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("erlotinib,x", "row 2, column threshold_ln_um: 'x' is not a number"),
        ("aspirin,1", "row 2, column drug: 'aspirin': this drug is in no response"),
        ("erlotinib,1\nErlotinib,2", "row 3, column drug: 'Erlotinib': this drug has a threshold already"),
    ],
)
def test_a_bad_table_of_thresholds_is_named(tables, row, says):
    (tables / "limits.csv").write_text(f"drug,threshold_ln_um\n{row}\n")
    done = run(tables, "--thresholds", str(tables / "limits.csv"))
    assert done.exit_code == 2
    assert f"error: limits.csv: {says}" in done.stderr


def test_the_example_is_never_written_over_a_persons_tables(tables):
    done = CliRunner().invoke(data_app, ["template", str(tables)])
    assert done.exit_code == 2
    assert "is there already" in done.stderr
