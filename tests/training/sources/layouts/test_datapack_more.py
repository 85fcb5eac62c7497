"""Array expression, growth rates and further drugs of a small data pack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from training.data.arrays import align
from training.data.content_hash import content_hash
from training.data.folder import read_dataset, write_dataset
from training.data.schema import DatasetError
from training.data.validation import validate
from training.sources.corrections import WRONG_PROFILES
from training.sources.fingerprints import recompute_fingerprints
from training.sources.layouts.datapack import read_expression
from training.sources.layouts.datapack_more import threshold_rule, with_more
from training.sources.parsing.matrices import Import


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    ids = [3, 20, 100, 999]
    pd.DataFrame({"TP53": [1.0, -1, 0, 5]}, index=ids).to_parquet(folder / "expression_array_6163.parquet")
    growth = pd.DataFrame({"cosmic_id": [3.0, 999.0, 20.0], "growth_rate": [0.5, 0.7, None]})
    growth.to_parquet(folder / "growth_rates.parquet")
    more = {"drug_name": ["123", "Two"], "smiles": ["CCO", "CCN"], "targets": ["A, B", "C"]}
    more |= {"pathway": ["Unclassified", "Mitosis"], "screen": ["GDSC1", "GDSC2"]}
    pd.DataFrame(more).to_parquet(folder / "drugs_extra_194.parquet")
    known = {"drug_id": [8, 4, 9], "drug_name": ["123", "Two", "Two"], "pubchem_cid": [None, 77.0, 77.0]}
    pd.DataFrame({**known, "synonyms": ["x", None, "Zwei"]}).to_parquet(folder / "drugs_all_gdsc_compounds.parquet")
    rows = [(3, "123", "GDSC1", 1.0), (3, "123", "GDSC1", 2.0), (20, "123", "GDSC1", 9.0), (20, "123", "GDSC2", -9.0)]
    rows += [(3, "Two", "GDSC2", 0.0), (20, "Two", "GDSC2", 4.0), (100, "Two", "GDSC2", 4.0), (999, "Two", "GDSC2", 0)]
    table = pd.DataFrame(rows, columns=["cosmic_id", "drug_name", "dataset", "ln_ic50"])
    table.to_parquet(folder / "gdsc1_gdsc2_ln_ic50_auc.parquet")
    first = [(8, 4.0, "GDSC1"), (8, 9.0, "GDSC2"), (4, 1.0, "GDSC1"), (9, 16.0, "GDSC1"), (5, 2.0, "GDSC1")]
    table = pd.DataFrame(first, columns=["drug_id", "max_conc_um", "screen"])
    table.to_parquet(folder / "drug_max_concentration_dtrace.parquet")
    second = pd.DataFrame({"drug_id": [4.0, None], "max_conc_um": [10.0, 3.0]})
    second.to_parquet(folder / "gdsc2_drug_concentrations.parquet")
    return folder


def found(tiny):
    return Import(replace(tiny, info={**tiny.info, "notes": [], "terms": []}), {})


def test_nothing_is_taken_that_is_not_asked_for(tiny, pack):
    given = found(tiny)
    assert with_more(given, pack, ()) is given


def test_lines_keep_what_is_known_of_them(tiny, pack):
    dataset = with_more(found(tiny), pack, ("array", "growth")).dataset
    assert dataset.expression_array.loc["20", "TP53"] == -1
    assert set(dataset.expression_array.index) == {"3", "20", "100"}
    assert dataset.growth["growth_rate"].to_dict() == {"3": 0.5}
    assert any("array expression" in term for term in dataset.info["terms"])
    assert [p for p in validate(dataset) if p.severity == "error"] == []


def test_further_drugs_come_with_thresholds_by_a_stated_rule(tiny, pack, tmp_path):
    dataset = recompute_fingerprints(with_more(found(tiny), pack, ("drugs",)).dataset)
    drugs = dataset.drugs.set_index("id")
    assert drugs.loc["GDSC-8", "name"] == "123"  # a number for a name is no id
    assert drugs.loc["77", "gdsc_drug_ids"] == ["4", "9"]
    assert drugs.loc["77", "synonyms"] == ["Zwei"]
    assert drugs.loc["GDSC-8", "pathway"] is None or pd.isna(drugs.loc["GDSC-8", "pathway"])
    value = dataset.response.set_index(["cell_line_id", "drug_id"])["ln_ic50"]
    assert value[("3", "GDSC-8")] == 1.5  # the mean of two measurements of its screen
    assert value[("20", "GDSC-8")] == 9
    k, note = threshold_rule(tiny)
    of_two = value.xs("77", level="drug_id")
    assert drugs.loc["77", "threshold_ln_um"] == pytest.approx(of_two.mean() - k * of_two.std(), rel=1e-6)
    assert note in dataset.info["notes"][0]
    assert dataset.info["further_drugs"] == ["GDSC-8", "77"]
    assert write_dataset(dataset, tmp_path / "out").info["counts"]


def test_highest_concentrations_are_those_of_the_screen_of_the_responses(tiny, pack, tmp_path):
    dataset = with_more(found(tiny), pack, ("drugs", "concentrations")).dataset
    known = dataset.concentration["max_concentration_um"].to_dict()
    assert known == pytest.approx({"GDSC-8": 4.0, "77": 10.0})  # GDSC1; GDSC2, of ids 4 and 9 the one screened there
    assert not [p for p in validate(recompute_fingerprints(dataset)) if p.file == "concentration.parquet"]
    arrays = align(read_dataset_of(recompute_fingerprints(dataset), tmp_path))
    assert arrays.concentration[arrays.drug_ids.index("77")] == 10
    assert np.isnan(arrays.concentration[[drug not in known for drug in arrays.drug_ids]]).all()
    unasked = with_more(found(tiny), pack, ("drugs",)).dataset
    assert content_hash(unasked) != content_hash(dataset)
    assert content_hash(unasked) == content_hash(replace(dataset, concentration=None))


def read_dataset_of(dataset, folder):
    write_dataset(dataset, folder / "written")
    return read_dataset(folder / "written")


def test_every_missing_file_is_named(tiny, tmp_path):
    with pytest.raises(DatasetError) as fault:
        with_more(found(tiny), tmp_path, ("array", "growth", "drugs"))
    assert len(fault.value.problems) == 5


def test_a_profile_that_is_another_lines_is_left_out(tmp_path):
    table = pd.DataFrame({"TP53": [1.0, 2.0]}, index=[930299, 1299064])
    table.to_parquet(tmp_path / "expression_rnaseq.parquet")
    notes = []
    assert list(read_expression(tmp_path, "rnaseq", notes).index) == ["1299064"]
    assert WRONG_PROFILES["rnaseq"]["930299"] in notes[0]
