"""A person's own tables are read in whatever dialect they were saved, as the service reads them."""

import csv
import gzip
import io
import math
import re
import zipfile

import openpyxl
import pytest
from pandas.testing import assert_frame_equal

from training.data.schema import DatasetError
from training.sources.layouts.own import read_own_tables
from training.sources.layouts.own_template import write_template
from training.sources.options import Options


def cells_of(text):
    return list(csv.reader(io.StringIO(text)))


def joined(text, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(cells_of(text))
    return out.getvalue()


def with_decimal_commas(text):
    return "\n".join("\t".join(re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", cell) for cell in row) for row in cells_of(text))


def workbook(text):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in cells_of(text):
        book.active.append([float(cell) if re.fullmatch(r"-?\d+\.\d+", cell) else cell or None for cell in row])
    book.save(out)
    return out.getvalue()


def zipped(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("table.csv", text)
    return out.getvalue()


DIALECTS = {
    "tabs": lambda text: joined(text, "\t").encode(),
    "semicolons": lambda text: joined(text, ";").encode(),
    "decimal commas": lambda text: with_decimal_commas(text).encode(),
    "decimal commas and semicolons": lambda text: joined(
        re.sub(r"(?<=,)(-?\d+)\.(\d+)", r'"\1,\2"', text), ";"
    ).encode(),
    "CRLF and a byte-order mark": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip of UTF-16 with tabs": lambda text: gzip.compress(joined(text, "\t").encode("utf-16")),
    "zip": zipped,
    "workbook": workbook,
    "comments and blank lines": lambda text: f"# made by hand\n\n{text}\n\n".encode(),
    "quoted cells": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in row) for row in cells_of(text)
    ).encode(),
}  # fmt: skip


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "tables"
    write_template(folder)
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def as_written(texts, tmp_path_factory):
    return read_tables(tmp_path_factory.mktemp("plain"), {name: text.encode() for name, text in texts.items()})


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        (".tsv", "tabs"),
        (".txt", "tabs"),
        (".xlsx", "workbook"),
        (".csv.gz", "gzip"),
        (".tsv.gz", "gzip of UTF-16 with tabs"),
        (".zip", "zip"),
    ],
)
def test_a_table_may_be_called_by_what_it_is(texts, as_written, tmp_path, ending, write):
    contents = {name.replace(".csv", ending): DIALECTS[write](text) for name, text in texts.items()}
    read = read_tables(tmp_path, contents)
    assert_frame_equal(read.response, as_written.response)
    assert_frame_equal(read.expression, as_written.expression)


@pytest.mark.parametrize("missing", ["NA", "n/a", "none"])
def test_what_is_not_known_may_be_written_as_r_and_pandas_do(texts, as_written, tmp_path, missing):
    contents = {name: text.encode() for name, text in texts.items()}
    for name in ("cell_lines.csv", "drugs.csv"):
        rows = [[cell or missing for cell in row] for row in cells_of(texts[name])]
        contents[name] = "\n".join(map(",".join, rows)).encode()
    read = read_tables(tmp_path, contents)
    assert_frame_equal(read.cell_lines, as_written.cell_lines)
    assert_frame_equal(read.drugs, as_written.drugs)


def test_two_files_of_one_table_are_a_question(texts, tmp_path):
    contents = {name: text.encode() for name, text in texts.items()}
    with pytest.raises(DatasetError, match=r"holds drugs.csv, drugs.csv.gz: which one is meant"):
        read_tables(tmp_path, contents | {"drugs.csv.gz": gzip.compress(contents["drugs.csv"])})


@pytest.mark.parametrize(("yes", "no"), [("TRUE", "FALSE"), ("yes", "no"), ("MUT", "WT")])
def test_mutation_may_stand_in_words(texts, as_written, tmp_path, yes, no):
    contents = {name: text.encode() for name, text in texts.items()}
    words = texts["mutations.csv"].replace(",1", f",{yes}").replace(",0", f",{no}")
    assert_frame_equal(
        read_tables(tmp_path, contents | {"mutations.csv": words.encode()}).mutation, as_written.mutation
    )


def read_tables(folder, contents):
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return read_own_tables(folder, Options()).dataset


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_tables_are_the_same_in_every_dialect(tmp_path, texts, as_written, dialect):
    read = read_tables(tmp_path, {name: DIALECTS[dialect](text) for name, text in texts.items()})
    for name in ("cell_lines", "drugs", "response", "expression", "copy_number", "mutation"):
        assert_frame_equal(getattr(read, name), getattr(as_written, name), check_exact=True)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ('"1,234"', "numbers such as 1,234 that may be decimal or thousands"),
        ('"1,21"', "numbers with commas and numbers with points"),
        ("1_000", "row 2, column TP53: '1_000' is not a number"),
        ("1e999", "row 2, column TP53: '1e999' is not a number"),
        ("infinity", "row 2, column TP53: 'infinity' is infinite"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_or_in_none_are_refused(tmp_path, texts, cells, says):
    rest = "3.5" if "points" in says else "3"
    changed = {**texts, "expression.csv": f"cell_line,TP53,KRAS\nA549,{cells},{rest}\nMCF7,{cells},4\n"}
    with pytest.raises(DatasetError, match=f"expression.csv: .*{says}"):
        read_tables(tmp_path, {name: text.encode() for name, text in changed.items()})


def expression_of(scale, texts):
    """expression.csv with sixty genes for each of the template's lines, each 20 to 79 times a scale."""
    lines = [row[0] for row in cells_of(texts["expression.csv"])[1:]]
    genes = [f"G{i}" for i in range(60)]
    rows = [[line, *((20 + i) * scale for i in range(60))] for line in lines]
    return "\n".join(",".join(map(str, row)) for row in [["cell_line", *genes], *rows])


@pytest.mark.parametrize(("unit", "exponent"), [("tpm", False), ("log2_tpm1", True)])
@pytest.mark.parametrize("scale", [1, 1.01, 1000])
def test_counts_called_tpm_are_refused_by_their_sum_and_whole_numbers_are_noted(
    texts, tmp_path, unit, exponent, scale
):
    text = expression_of(scale, texts)
    if exponent:
        text = re.sub(r"(?<=,)[\d.]+", lambda found: str(math.log2(float(found[0]) + 1)), text)
    for name, content in {**texts, "expression.csv": text}.items():
        (tmp_path / name).write_text(content)
    options = Options(expression_unit=unit)
    if scale == 1000:
        with pytest.raises(
            DatasetError, match=r"row A549.*60 genes that are read sum to 2,970,000 TPM.*counts; give TPM"
        ):
            read_own_tables(tmp_path, options)
        return
    notes = read_own_tables(tmp_path, options).dataset.info["notes"]
    assert any("holds whole numbers alone: are these counts?" in note for note in notes) == (scale == 1)


def test_lines_may_have_ids_and_nothing_else(texts, as_written, tmp_path):
    contents = {name: text.encode() for name, text in texts.items()}
    ids = "".join(f"{row[0]}\n" for row in cells_of(texts["cell_lines.csv"]))
    read = read_tables(tmp_path, contents | {"cell_lines.csv": ids.encode()})
    assert list(read.cell_lines["id"]) == list(as_written.cell_lines["id"])
    assert_frame_equal(read.response, as_written.response)


def test_a_salt_given_with_its_own_inchikey_is_its_parent_and_a_key_of_another_compound_is_noted(tmp_path):
    imatinib = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
    (tmp_path / "drugs.csv").write_text(
        "id,smiles,inchikey\n"
        f"imatinib,{imatinib},KTUFNOKKBVMGRW-UHFFFAOYSA-N\n"
        f"imatinib mesylate,{imatinib}.CS(=O)(=O)O,YLMAHDNUQAMNNX-UHFFFAOYSA-N\n"
        "ethyl benzoate,CCOC(=O)c1ccccc1,RZVAJINKPMORJF-UHFFFAOYSA-N\n"
        "unknown,,RZVAJINKPMORJF-UHFFFAOYSA-N\n"
    )
    read = read_own_tables(tmp_path, Options()).dataset
    base, salt, other, alone = read.drugs["inchikey"]
    assert base == salt == "KTUFNOKKBVMGRW-UHFFFAOYSA-N"
    assert (other, alone) == ("MTZQAGJQAFMTAQ-UHFFFAOYSA-N", "RZVAJINKPMORJF-UHFFFAOYSA-N")
    said = [note for note in read.info["notes"] if "inchikey" in note]
    assert said == [
        "drugs: inchikey RZVAJINKPMORJF-UHFFFAOYSA-N of ethyl benzoate is not that of its SMILES, "
        "MTZQAGJQAFMTAQ-UHFFFAOYSA-N, which is kept; correct one"
    ]


def test_the_drugs_whose_threshold_the_rule_made_are_kept(tmp_path):
    lines = [f"L{i}" for i in range(6)]
    pairs = "".join(f"{line},{drug},{i}\n" for drug in ("given", "bare") for i, line in enumerate(lines))
    (tmp_path / "cell_lines.csv").write_text("id\n" + "\n".join(lines))
    (tmp_path / "drugs.csv").write_text("id,threshold_ln_um\ngiven,2.5\nbare,\n")
    (tmp_path / "responses.csv").write_text("cell_line,drug,ln_ic50_um\n" + pairs)
    assert read_own_tables(tmp_path, Options()).dataset.info["rule_thresholds"] == ["bare"]
