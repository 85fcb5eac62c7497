"""The known traps of the published files, on the files themselves."""

import numpy as np
import pytest
from typer.testing import CliRunner

from training.cli.main import data_app
from training.data.folder import read_dataset
from training.data.schema import DatasetError
from training.data.validation import validate
from training.sources.layouts.ccle import read_ccle
from training.sources.layouts.datapack import read_datapack
from training.sources.layouts.deepccds import read_deepccds
from training.sources.merge import merge_sources
from training.sources.options import Options
from training.sources.parsing.entities import salts_note

SUSPECTS = ["749710", "753562", "905947", "907790", "909703", "909718", "909780", "930299", "1298168", "1298538"]


@pytest.fixture(scope="module")
def ccle(data_root, tmp_path_factory):
    """CCLE by the command: what it printed, and the dataset as it is read back."""
    out = tmp_path_factory.mktemp("ccle") / "out"
    command = ["import", "--source", "ccle", str(data_root / "raw/ccle"), str(out)]
    done = CliRunner().invoke(data_app, [*command, "--annotations", str(data_root / "ccle")], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout, read_dataset(out)


@pytest.fixture(scope="module")
def deepccds(data_root):
    return read_deepccds(data_root / "raw/dim2", Options(annotations=data_root / "dim2"))


def test_ccle_codes_what_was_not_measured_as_0_and_labels_it(ccle):
    printed, dataset = ccle
    counts = dataset.info["counts"]
    assert (counts["sensitive"], counts["resistant"], counts["missing"]) == (1474, 8600, 390)
    assert (
        "390 IC50 of 0 taken as not measured; 222 of them are labelled sensitive: 1,696 sensitive / 8,768" in printed
    )
    assert "5,565 IC50 stand at the highest dose, 8 µM" in printed


def test_ccle_is_in_ln_um_and_capped(ccle):
    values = ccle[1].response["ln_ic50"]
    assert float(values.max()) == pytest.approx(np.log(8), abs=1e-6)
    assert ccle[1].info["units"]["response"].startswith("ln IC50 (natural logarithm, µM)")


def test_ccle_drugs_that_nothing_is_sensitive_to_have_their_lowest_value_as_threshold(ccle):
    response, drugs = ccle[1].response, ccle[1].drugs.set_index("id")
    lowest = response.groupby("drug_id")["ln_ic50"].min()
    none = response.groupby("drug_id")["sensitive"].sum() == 0
    assert sorted(lowest.index[none]) == ["36314", "60700", "60838", "6505803"]
    np.testing.assert_allclose(drugs.loc[lowest.index[none], "threshold_ln_um"], lowest[none], rtol=1e-6)
    assert (drugs.loc[lowest.index[~none], "threshold_ln_um"] > lowest[~none]).all()


def test_ccle_omics_are_the_datasets_units_and_rows_that_exist(ccle):
    dataset = ccle[1]
    assert (len(dataset.expression), len(dataset.copy_number), len(dataset.mutation)) == (318, 318, 436)
    assert abs(float(np.median(dataset.copy_number.to_numpy()))) < 0.1  # log2 ratio: diploid is 0
    known = dataset.cell_lines.set_index("id")
    assert known["depmap_id"].notna().sum() == 432
    assert known.loc["22RV1_PROSTATE", ["name", "cosmic_id", "cellosaurus_id"]].tolist() == [
        "22RV1",
        "924100",
        "CVCL_1045",
    ]


def test_logarithms_in_ccles_micromolar_table_are_refused(data_root, tmp_path):
    for path in (data_root / "raw/ccle").iterdir():
        if not path.name.startswith(("cell_drug.csv", "drug_protein")):
            (tmp_path / path.name).symlink_to(path)
    head, *rows = (data_root / "raw/ccle/cell_drug.csv").read_text().splitlines()
    parts = [row.split(",") for row in rows]
    logs = [",".join([p[0], *(f"{np.log(float(v) or 1):.4f}" for v in p[1:])]) for p in parts]
    (tmp_path / "cell_drug.csv").write_text("\n".join([head, *logs]) + "\n")
    with pytest.raises(
        DatasetError, match=r"cell_drug.csv: column 36314: .* values are negative: that is no concentr"
    ):
        read_ccle(tmp_path, Options())


def test_deepccds_has_the_union_of_three_splits_less_the_drugs_that_are_one(deepccds):
    """242,564 pairs; Sapitinib = AZD8931, PFI3 = PFI-3, torin2 = Torin 2 cost 31 + 225 pairs that stood twice."""
    response = deepccds.dataset.response
    assert len(response) == 242_564 - 31 - 225
    assert len(deepccds.dataset.drugs) == 410
    assert set(response["source"]) == {"DeepCCDS train", "DeepCCDS valid", "DeepCCDS test"}
    notes = "\n".join(deepccds.dataset.info["notes"])
    assert "242,564 pairs in three splits" in notes
    assert "train 178,649, valid 31,963, test 31,952" in notes
    assert notes.count("(one structure)") == 3
    assert deepccds.dataset.pathway_activity.shape == (878, 38)
    assert deepccds.dataset.mutation.shape == (878, 534)
    assert [p for p in validate(deepccds.dataset, deepccds.files) if p.severity == "error"] == []


def test_salts_are_named_and_have_the_drugs_identity(deepccds):
    notes = "\n".join(deepccds.dataset.info["notes"])
    assert "12 SMILES of several fragments (salts), identified by their parents: Buparlisib, Cisplatin" in notes


def test_the_nine_salts_of_gdsc_are_found(gdsc_dataset):
    drugs = gdsc_dataset.drugs
    assert salts_note(drugs["smiles"].tolist(), drugs["name"].tolist())[0].startswith("drugs: 9 SMILES")


def test_two_compounds_with_one_fingerprint_are_said_to_be_alike(gdsc_dataset):
    warned = [str(p) for p in validate(gdsc_dataset) if p.severity == "warning" and "drug_fingerprints" in p.file]
    assert any("42628535, 46843648 have equal rows" in text for text in warned), warned


def test_lines_with_two_ids_that_read_alike_are_named(gdsc_dataset):
    warned = "\n".join(str(p) for p in validate(gdsc_dataset) if p.severity == "warning")
    assert "TT (930299)" in warned
    assert "T-T (1299064)" in warned


def test_array_expression_names_its_ten_suspects_and_is_not_mixed_with_rnaseq(data_root):
    array, rnaseq = (read_datapack(data_root / "gdsc", kind) for kind in ("array", "rnaseq"))
    note = next(n for n in array.dataset.info["notes"] if "matches another line's RNA-seq better" in n)
    assert all(suspect in note for suspect in SUSPECTS)
    both = merge_sources(array, {"datapack": rnaseq}).dataset
    assert both.platform == "array_z"
    assert len(both.expression) == 799
    assert any("(array z-score per gene against log2(TPM + 1))" in n for n in both.info["notes"])


def test_ccles_lines_meet_gdscs_by_the_ids_of_authorities(data_root, gdsc_dataset):
    """330 of CCLE's lines are among GDSC's 962; their CCLE mutations stay out, GDSC's are there."""
    from training.sources.parsing.matrices import Import

    other = read_ccle(data_root / "raw/ccle", Options(annotations=data_root / "ccle"))
    found = merge_sources(Import(gdsc_dataset, {}), {"ccle": other}).dataset
    note = next(n for n in found.info["notes"] if n.startswith("ccle:") and "cell lines matched" in n)
    count = int(note.split()[1].replace(",", ""))
    assert 330 <= count <= 345, note
    assert len(found.mutation) == 962
