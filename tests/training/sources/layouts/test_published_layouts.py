"""GDSC, DepMap and Cell Model Passports: the releases' own column names and units, in files small enough to check."""

import numpy as np
import openpyxl
import pytest

from tests.helpers.published_tables import CURVES, write_depmap, write_gdsc, write_passports
from training.data.arrays import align
from training.data.folder import read_dataset
from training.data.schema import DatasetError
from training.sources.import_dataset import import_dataset
from training.sources.layouts.cell_model_passports import read_cell_model_passports
from training.sources.layouts.gdsc import read_gdsc_release
from training.sources.options import Options


@pytest.fixture
def gdsc(tmp_path):
    return write_gdsc(tmp_path / "gdsc")


def value(dataset, line, drug):
    rows = dataset.response[(dataset.response["cell_line_id"] == line) & (dataset.response["drug_id"] == drug)]
    assert len(rows) == 1
    return float(rows["ln_ic50"].iloc[0]), rows["source"].iloc[0]


def test_gdsc2_comes_before_gdsc1_and_ids_of_one_compound_are_merged(gdsc):
    found = read_gdsc_release(gdsc, Options()).dataset
    assert found.drugs["id"].tolist() == ["1", "1047", "1053"]
    erlotinib = found.drugs.iloc[0]
    assert erlotinib["gdsc_drug_ids"] == ["1", "1168"]
    assert erlotinib["synonyms"] == ["Tarceva", "RG-1415", "CP-358774", "OSI-774"]
    assert found.drugs["targets"].iloc[2] == ["AKT1", "AKT2"]
    assert value(found, "905949", "1") == (-1.0, "GDSC2")
    assert value(found, "905946", "1") == (2.25, "GDSC1")  # the mean of 2.0 (id 1) and 2.5 (id 1168)
    notes = "\n".join(found.info["notes"])
    assert "merged into 1: Erlotinib (1) = Erlotinib (1168) (one name)" in notes
    assert "2 measurements of 1 pairs of line and drug replaced by their mean ln IC50; they differ by 0.50" in notes
    assert "1 GDSC1 values left out: GDSC2 measured the same pair" in notes


@pytest.mark.parametrize(
    "name",
    [
        "screened_compunds_rel_8.2.csv",  # as release 8.2 misspells it
        "screened_compounds_rel_8.4.csv",
        "screened_compounds_rel_8.5 (1).csv",
        "screened_compounds.csv",
        "screened_compunds_rel_8.2 copy.csv",
    ],
)
def test_the_list_of_compounds_is_read_under_each_of_its_names(gdsc, name):
    (gdsc / "screened_compounds_rel_8.5.csv").rename(gdsc / name)
    assert read_gdsc_release(gdsc, Options()).dataset.drugs["synonyms"].iloc[0][0] == "Tarceva"


@pytest.mark.parametrize(
    "unread", ["Cell_Lines_Details.xlsx", "screened_compounds.txt", "compounds.csv", "GDSC2_public_raw_data.csv"]
)
def test_files_that_nothing_reads_are_named_in_a_warning(gdsc, tmp_path, unread):
    for name in (unread, "GDSC2_fitted_dose_response.txt", ".DS_Store", "limits.csv"):
        (gdsc / name).write_text("drug,threshold_ln_um\n1,1\n1047,1\n1053,1\n")
    options = Options(thresholds=gdsc / "limits.csv")  # stands there too, and is read
    imported = import_dataset("gdsc", gdsc, tmp_path / "out", name="gdsc", options=options)
    (warning,) = [problem for problem in imported.warnings if "not read" in problem.message]
    assert (warning.file, warning.severity) == (str(gdsc), "warning")
    named = ", ".join(sorted([unread, "GDSC2_fitted_dose_response.txt"]))
    assert warning.message.startswith(f"not read: {named}; the layout")
    assert "screened_comp*nds*.csv" in warning.message


def test_without_thresholds_a_line_is_sensitive_below_a_z_score_of_minus_0_8(gdsc):
    """Nutlin: 1, 2, 3, 4, 5, -4 have mean 1.833 and sample sd 3.189, so the threshold is -0.717."""
    found = read_gdsc_release(gdsc, Options()).dataset
    assert found.drugs.set_index("id")["threshold_ln_um"]["1047"] == pytest.approx(-0.7175, abs=1e-4)
    nutlin = found.response[found.response["drug_id"] == "1047"]
    assert nutlin.loc[nutlin["sensitive"] == 1, "cell_line_id"].tolist() == ["687452"]
    assert any("3 drugs by rule, since none are given" in note for note in found.info["notes"])


def test_thresholds_of_a_table_come_before_the_rule(gdsc, tmp_path):
    (tmp_path / "t.csv").write_text("drug,threshold_ln_um\nnutlin-3A(-),3.5\n1053,0\n")
    found = read_gdsc_release(gdsc, Options(thresholds=tmp_path / "t.csv")).dataset
    assert found.drugs["threshold_ln_um"].tolist()[1:] == [3.5, 0.0]
    assert int(found.response.loc[found.response["drug_id"] == "1047", "sensitive"].sum()) == 4


def test_workbooks_and_csv_give_the_same_dataset(gdsc, tmp_path):
    book = openpyxl.Workbook()
    for line in (
        (gdsc / "GDSC2_fitted_dose_response_27Oct23.csv").read_text().replace('"AKT1, AKT2"', "AKT1").splitlines()
    ):
        cells = line.split(",")
        numeric = {"COSMIC_ID": int, "DRUG_ID": int, "LN_IC50": float}
        names = CURVES.strip().split(",")
        kinds = [numeric.get(name, str) if cells[0] != "DATASET" else str for name in names]
        book.active.append([kind(cell) for kind, cell in zip(kinds, cells, strict=True)])
    (tmp_path / "xlsx").mkdir()
    book.save(tmp_path / "xlsx" / "GDSC2_fitted_dose_response_27Oct23.xlsx")
    (gdsc / "GDSC1_fitted_dose_response_27Oct23.csv").unlink()
    from_csv, from_book = (read_gdsc_release(f, Options()).dataset for f in (gdsc, tmp_path / "xlsx"))
    columns = ["cell_line_id", "drug_id", "ln_ic50", "sensitive", "source"]
    assert from_csv.response[columns].equals(from_book.response[columns])
    assert from_csv.cell_lines.equals(from_book.cell_lines)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("905949,A549,SIDM00903", "905949,A-549,SIDM00903", "column CELL_LINE_NAME: 'A549', but COSMIC_ID 905949 is"),
        ("905949,A549,SIDM00903", "905949,A549,A549", "row 2, column SANGER_MODEL_ID: 'A549' is not a Sanger id"),
        ("1,Erlotinib", "1,Gefitinib", "row 3, column DRUG_NAME: 'Erlotinib', but DRUG_ID 1 is 'Gefitinib' before"),
        ("905949", "905949.0", "row 2, column COSMIC_ID: '905949.0' is an id written as a decimal number"),
        ("LN_IC50", "IC50", "row 1, column LN_IC50: this column is missing"),
        ("GDSC1,", "GDSC3,", "row 2, column DATASET: 'GDSC3' is not GDSC1 or GDSC2"),
    ],
)
def test_faults_of_a_release_are_named_by_line(gdsc, old, new, says):
    path = gdsc / "GDSC1_fitted_dose_response_27Oct23.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(DatasetError, match="GDSC") as caught:
        read_gdsc_release(gdsc, Options())
    assert says in str(caught.value)


def test_swapped_id_columns_are_one_fault(gdsc):
    path = gdsc / "GDSC1_fitted_dose_response_27Oct23.csv"
    path.write_text(path.read_text().replace("COSMIC_ID,CELL_LINE_NAME", "CELL_LINE_NAME,COSMIC_ID"))
    with pytest.raises(DatasetError) as caught:
        read_gdsc_release(gdsc, Options())
    assert [str(p) for p in caught.value.problems] == [
        f"{path.name}: row 2, column COSMIC_ID: no value is a COSMIC id ('MCF7'); are two columns swapped?"
    ]


def test_passports_tpm_is_turned_and_logged(tmp_path):
    found = read_cell_model_passports(write_passports(tmp_path / "cmp"), Options()).dataset
    assert found.expression.loc["SIDM00903", ["TP53", "KRAS"]].tolist() == [2.0, 0.0]
    assert found.expression.loc["SIDM00334", ["TP53", "KRAS"]].tolist() == [3.0, 4.0]
    assert "EGFR" not in found.expression  # TT lacks it
    assert found.mutation.loc["SIDM00903"].to_dict() == {"KRAS": 1}
    assert found.mutation.loc["SIDM00334"].to_dict() == {"KRAS": 0}
    assert found.cell_lines["synonyms"].iloc[0] == ["A-549", "A 549"]


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("rnaseq_tpm_20220624.csv", "0,15,2", "-1,15,2", "row SIDM00903, column KRAS: -1 is negative: no TPM"),
        ("rnaseq_tpm_20220624.csv", "KRAS,", "1-Mar,", "row 7, column symbol: '1-Mar' is a gene that a spreadsheet"),
        ("rnaseq_tpm_20220624.csv", "SIDM00334,", "SIDM00903,", "row 1, column SIDM00903: this model stands twice"),
        (
            "rnaseq_tpm_20220624.csv",
            "gene_id,symbol",
            "id,symbol",
            "row 1: the rows model_id ... gene_id do not stand",
        ),
        ("rnaseq_tpm_20220624.csv", "0,15,2", "0,x,2", "row 7, column SIDM00334: 'x' is not a number"),
        ("model_list_20240110.csv", "SIDM00334", "ACH-1", "row 3, column model_id: 'ACH-1' is not a Sanger id"),
        (
            "mutations_all_20230202.csv",
            "KRAS",
            "1-Dec",
            "row 2, column gene_symbol: '1-Dec' is a gene that a spreadsheet",
        ),
        ("mutations_all_20230202.csv", "effect", "kind", "row 1, column effect: this column is missing"),
    ],
)
def test_faults_of_the_passports_are_named(tmp_path, file, old, new, says):
    folder = write_passports(tmp_path / "cmp")
    (folder / file).write_text((folder / file).read_text().replace(old, new, 1))
    with pytest.raises(DatasetError) as caught:
        read_cell_model_passports(folder, Options())
    assert f"{file}: {says}" in str(caught.value)


def test_masks_travel_with_the_data(gdsc, tmp_path):
    """A549 has everything, TT nothing: its rows are NaN and its mask is false in each table."""
    done = import_dataset(
        "gdsc", gdsc, tmp_path / "out", name="g", added={"depmap": write_depmap(tmp_path / "depmap")}
    )
    arrays = align(read_dataset(tmp_path / "out"))
    at = {line: i for i, line in enumerate(arrays.cell_line_ids)}
    tables = ("expression", "copy_number", "mutation")
    assert [bool(arrays.present[t][at["905949"]]) for t in tables] == [True, True, True]
    assert [bool(arrays.present[t][at["905946"]]) for t in tables] == [False, True, True]
    assert [bool(arrays.present[t][at["749710"]]) for t in tables] == [True, False, True]
    assert [bool(arrays.present[t][at["930299"]]) for t in tables] == [False, False, False]
    assert np.isnan(arrays.features["expression"][at["930299"]]).all()
    assert done.dataset.info["expression_platform"] == "rnaseq_log2_tpm1"
