"""Several sources, one dataset: rows meet by the ids of authorities, then by names that mean one row on both sides."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.helpers.published_tables import write_depmap, write_gdsc, write_passports
from training.cli.main import data_app
from training.data.folder import read_dataset
from training.data.schema import DatasetError
from training.sources.known_names import Known, outside
from training.sources.layouts.cell_model_passports import read_cell_model_passports
from training.sources.layouts.depmap import read_depmap
from training.sources.layouts.gdsc import read_gdsc_release
from training.sources.layouts.hgacl import read_hgacl
from training.sources.merge import LINE_KEYS, match_rows, merge_sources
from training.sources.options import Options
from training.sources.parsing.entities import cell_lines


def lines(*rows):
    """Lines from (id, name, further columns)."""
    columns = {key: [row[2].get(key) for row in rows] for key in LINE_KEYS if any(row[2].get(key) for row in rows)}
    return cell_lines({"id": [r[0] for r in rows], "name": [r[1] for r in rows], **columns})


HERE = lines(
    ("1", "A549", {"sanger_model_id": "SIDM1"}), ("2", "TT", {"depmap_id": "ACH-2"}), ("3", "T-T", {}), ("4", "K5", {})
)


@pytest.mark.parametrize(
    ("there", "meets", "ambiguous"),
    [
        ([("a", "other", {"sanger_model_id": "SIDM1"})], {0: 0}, 0),  # an id beats a name
        ([("a", "k-5", {})], {0: 3}, 0),  # one row on both sides
        ([("a", "tt", {})], {}, 1),  # TT or T-T
        ([("a", "tt", {"depmap_id": "ACH-2"})], {0: 1}, 0),
        ([("a", "A-549", {"sanger_model_id": "SIDM9"})], {}, 0),  # the same name, another id of the same authority
        ([("a", "K5", {}), ("b", "k 5", {})], {}, 1),  # two that mean one line
        ([("a", "A549", {}), ("b", "x", {"sanger_model_id": "SIDM1"})], {1: 0}, 0),  # the id decides between two
        ([("a", "x", {"sanger_model_id": "SIDM1", "depmap_id": "ACH-2"})], {}, 1),  # ids of two lines
        ([("a", "unknown", {})], {}, 0),
    ],
)
def test_rows_meet_by_id_then_by_a_name_that_is_unique(there, meets, ambiguous):
    found = match_rows(HERE, lines(*there), LINE_KEYS)
    assert found.rows == meets
    assert len(found.ambiguous) == ambiguous


@pytest.fixture
def three(tmp_path):
    """GDSC responses with DepMap's and the Passports' omics, written by the command."""
    gdsc, depmap, passports = (tmp_path / name for name in ("gdsc", "depmap", "cmp"))
    write_gdsc(gdsc), write_depmap(depmap), write_passports(passports)
    command = ["import", "--source", "gdsc", str(gdsc), str(tmp_path / "out")]
    command += ["--add", f"depmap={depmap}", "--add", f"passports={passports}"]
    done = CliRunner().invoke(data_app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done, read_dataset(tmp_path / "out")


def test_each_source_fills_what_the_dataset_lacks_and_unmatched_rows_are_counted(three):
    done, dataset = three
    known = dataset.cell_lines.set_index("id")
    assert known.loc["749710", "depmap_id"] == "ACH-000374"  # HCC1143 has no SIDM in DepMap: it meets by name
    assert known.loc["905949", ["cellosaurus_id", "tissue"]].tolist() == ["CVCL_0023", "Lung"]
    assert known.loc["930299", "cellosaurus_id"] == "CVCL_1774"  # TT by its SIDM, which keeps it from T-T
    assert known.loc["905949", "cancer_type"] == "LUAD"  # the first source's word stays
    assert known.loc["905949", "synonyms"] == []  # A-549 says no more than A549
    note = (
        "depmap: 3 of the dataset's 6 cell lines matched (cosmic_id 2, name 1); 3 of the dataset and 1 of the source"
    )
    assert note in done.stdout
    assert "depmap: expression: 2 lines taken, 1 of others left out" in done.stdout


def test_a_table_that_is_there_is_not_mixed_with_another_sources(three):
    done, dataset = three
    assert dataset.expression.index.tolist() == ["749710", "905949"]  # TT's TPM of the Passports stay out
    assert "passports: expression left out: the dataset has it from a source named before" in done.stdout


def test_order_decides_whose_table_is_taken(tmp_path):
    base = read_gdsc_release(write_gdsc(tmp_path / "gdsc"), Options())
    depmap = read_depmap(write_depmap(tmp_path / "depmap"), Options())
    passports = read_cell_model_passports(write_passports(tmp_path / "cmp"), Options())
    found = merge_sources(base, {"passports": passports, "depmap": depmap}).dataset
    assert sorted(found.expression.index) == ["905949", "930299"]
    np.testing.assert_allclose(found.expression.loc["905949", "TP53"], 2.0)
    assert found.copy_number is not None  # only DepMap has it


def test_the_dataset_and_its_omics_stay_as_they_were(tmp_path):
    base = read_gdsc_release(write_gdsc(tmp_path / "gdsc"), Options())
    before = base.dataset.cell_lines.copy(deep=True), list(base.dataset.info["notes"])
    merge_sources(base, {"depmap": read_depmap(write_depmap(tmp_path / "depmap"), Options())})
    pd.testing.assert_frame_equal(base.dataset.cell_lines, before[0])
    assert base.dataset.info["notes"] == before[1]


def test_a_source_without_responses_cannot_stand_alone(tmp_path):
    folder = write_depmap(tmp_path / "depmap")
    done = CliRunner().invoke(data_app, ["import", "--source", "depmap", str(folder), str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "error: Model.csv: this source has no responses; name one that has with --source" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["depmap"]


def test_a_source_that_meets_nothing_is_refused(tmp_path, raw):
    base = read_hgacl(raw)  # lines 3, 20 and 100
    with pytest.raises(DatasetError, match="no cell line or drug of depmap is one of the dataset's"):
        merge_sources(base, {"depmap": read_depmap(write_depmap(tmp_path / "depmap"), Options())})


@pytest.mark.parametrize("text", ["depmap", "nowhere=DIR", "gdsc=DIR"])
def test_an_add_option_that_means_nothing_is_refused(tmp_path, text):
    command = ["import", "--source", "gdsc", str(tmp_path), str(tmp_path / "out"), "--add", text]
    assert CliRunner().invoke(data_app, command).exit_code == 2


def test_faults_of_all_sources_are_reported_at_once(tmp_path):
    gdsc, depmap = write_gdsc(tmp_path / "gdsc"), write_depmap(tmp_path / "depmap")
    (gdsc / "screened_compounds_rel_8.5.csv").write_text("")
    (depmap / "Model.csv").write_text("<html>")
    command = ["import", "--source", "gdsc", str(gdsc), str(tmp_path / "out"), "--add", f"depmap={depmap}"]
    done = CliRunner().invoke(data_app, command)
    assert "2 problems" in done.stderr
    assert "screened_compounds_rel_8.5.csv: is empty" in done.stderr
    assert "Model.csv: is a web page" in done.stderr


def test_structures_come_from_a_table_of_drugs_alone(tmp_path):
    """Own drugs.csv with SMILES by GDSC's names, synonyms or ids: then every drug has a fingerprint."""
    write_gdsc(tmp_path / "gdsc")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/drugs.csv").write_text("id,name,smiles\nx,OSI 774,CCO\ny,nutlin 3A(-),CCN\nz,MK2206,CCC\n")
    command = ["import", "--source", "gdsc", str(tmp_path / "gdsc"), str(tmp_path / "out")]
    done = CliRunner().invoke(data_app, [*command, "--add", f"own={tmp_path / 'own'}"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    found = read_dataset(tmp_path / "out")
    assert dict(zip(found.drugs["name"], found.drugs["smiles"], strict=True)) == {
        "Erlotinib": "CCO",
        "Nutlin-3a (-)": "CCN",
        "MK-2206": "CCC",
    }
    assert found.drug_fingerprints.shape == (3, 881)
    assert "own: 3 of the dataset's 3 drugs matched (name 3)" in done.stdout


@pytest.mark.parametrize("name", ["KMH-2", "kmh-2"])
def test_a_registered_line_is_never_taken_for_one_that_a_hyphen_tells_apart(name):
    here, there = lines(("1", "KM-H2", {})), lines(("a", name, {}))
    known = [Known("cell_line", "KMH-2", {"depmap_id": "ACH-002397"}), Known("cell_line", "KM-H2", {})]
    found = match_rows(here, there, LINE_KEYS, outside(known, "cell_line", here))
    assert found.rows == {}
    assert found.ambiguous == [f"{name} (a) is KMH-2 (ACH-002397), not KM-H2"]
    without = match_rows(here, there, LINE_KEYS)
    assert (without.rows, without.respelled) == ({0: 0}, [f"{name} as KM-H2"])


@pytest.mark.parametrize("name", ["AZD1480", "azd1480", "SN-1044", "sn-1044"])
def test_a_registered_drug_is_never_taken_for_one_that_has_its_name_as_a_synonym(name):
    here = lines(("1", "Selumetinib", {})).assign(synonyms=[["AZD6244", "AZD_1480", "SN1044"]])
    there = lines(("a", name, {}))
    known = [Known("drug", "Selumetinib", {}), Known("drug", "AZD1480", {"gdsc_drug_ids": "1432"}, ("SN-1044",))]
    found = match_rows(here, there, LINE_KEYS, outside(known, "drug", here))
    assert found.rows == {}
    assert found.ambiguous == [f"{name} (a) is AZD1480 (1432), not Selumetinib"]
    assert match_rows(here, there, LINE_KEYS).rows == {0: 0}


@pytest.mark.parametrize(("name", "rows"), [("(-)-JQ1", {}), ("JQ1 (−)", {}), ("jq-1", {0: 0}), ("JQ1", {0: 0})])
def test_the_other_enantiomer_is_another_drug(name, rows):
    assert match_rows(lines(("1", "JQ1", {})), lines(("a", name, {})), LINE_KEYS).rows == rows


def test_two_registered_lines_of_one_name_are_both_named():
    here, there = lines(("1", "MS-1", {"depmap_id": "ACH-1"})), lines(("a", "MS-1", {}))
    known = [Known("cell_line", "MS-1", {"depmap_id": "ACH-2"}), Known("cell_line", "MS1", {"depmap_id": "ACH-1"})]
    found = match_rows(here, there, LINE_KEYS, outside(known, "cell_line", here))
    assert (found.rows, found.ambiguous) == ({}, ["MS-1 (a) may be MS-1 (ACH-2) or MS-1"])
