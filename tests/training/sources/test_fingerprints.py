"""Training reads bits of the same making as the ones that a new compound gets."""

from dataclasses import replace

import numpy as np
import pytest

from model.molecules.fingerprints import fingerprints
from model.molecules.standard import standardised
from training.data.schema import DatasetError
from training.data.validation import validate
from training.sources.fingerprints import recompute_fingerprints
from training.sources.import_dataset import import_dataset
from training.sources.layouts.own_template import write_template


def with_smiles(dataset, smiles):
    return replace(dataset, drugs=dataset.drugs.assign(smiles=smiles))


def test_drugs_with_smiles_are_recomputed_and_the_others_kept(tiny):
    done = recompute_fingerprints(with_smiles(tiny, ["CCO", None]))  # drugs 7 and 5
    assert np.array_equal(done.drug_fingerprints.loc["7"], fingerprints(["CCO"])[0])
    assert np.array_equal(done.drug_fingerprints.loc["5"], tiny.drug_fingerprints.loc["5"])
    assert done.drug_fingerprints.to_numpy().dtype == np.uint8
    assert "1 recomputed from SMILES" in done.info["notes"][-1]
    assert "1 without SMILES kept as published" in done.info["notes"][-1]
    assert not [p for p in validate(done) if p.severity == "error"]


def test_recomputing_twice_changes_nothing_more(tiny):
    once = recompute_fingerprints(with_smiles(tiny, ["CCO", "c1ccccc1"]))
    twice = recompute_fingerprints(once)
    assert twice.info == once.info
    assert twice.drug_fingerprints.equals(once.drug_fingerprints)


def test_smiles_alone_are_enough(tiny):
    done = recompute_fingerprints(replace(with_smiles(tiny, ["CCO", "CN"]), drug_fingerprints=None))
    assert sorted(done.drug_fingerprints.index) == ["5", "7"]


def test_without_smiles_the_published_bits_stay(tiny):
    done = recompute_fingerprints(tiny)
    assert done.drug_fingerprints.equals(tiny.drug_fingerprints)
    assert "0 recomputed" in done.info["notes"][-1]
    assert recompute_fingerprints(replace(tiny, drug_fingerprints=None)).drug_fingerprints is None


def test_a_drug_with_neither_is_left_for_validation_to_name(tiny):
    done = recompute_fingerprints(replace(with_smiles(tiny, ["CCO", ""]), drug_fingerprints=None))
    assert [p.row for p in validate(done) if p.file == "drug_fingerprints.parquet" and p.severity == "error"] == ["5"]


METALLOCENE = "[CH-]1C=CC=C1.[CH-]1C=CC=C1."


@pytest.mark.parametrize(
    "pair",
    [
        [f"{METALLOCENE}[Fe+2]", f"{METALLOCENE}Cl[Ti+2]Cl"],
        [f"{METALLOCENE}[Ru+2]", f"{METALLOCENE}[Fe+2]"],
        ["c1ccc[cH+]cc1", "c1ccc2c(c1)[cH-]c1ccccc12"],
        [f"{METALLOCENE}[Co+3]", f"{METALLOCENE}[Ni+2]"],
        ["c1cc[o+]cc1", "c1ccc(cc1)[C+](c1ccccc1)c1ccccc1"],
    ],
)
def test_ions_that_no_hydrogen_can_neutralise_are_two_drugs(tiny, pair):
    given = with_smiles(tiny, pair)
    keys = [standardised(smiles).inchikey for smiles in pair]
    done = recompute_fingerprints(replace(given, drugs=given.drugs.assign(inchikey=keys)))
    assert [p for p in validate(done) if p.severity == "error"] == []  # one InChIKey twice would be one
    assert "2 recomputed from SMILES" in done.info["notes"][-1]


@pytest.mark.parametrize(
    "bad",
    [["C(", "[CH128]"], ["c1cccc1", "[C+128]"], ["C1CC", "*CC"], ["aspirin", "C(C)(C)(C)(C)C"], ["CC>>C", "[Xx]"]],
)
def test_every_bad_smiles_is_named_with_its_drug(tiny, bad):
    with pytest.raises(DatasetError) as fault:
        recompute_fingerprints(with_smiles(tiny, bad), "drugs.csv")
    assert [(p.file, p.row, p.column) for p in fault.value.problems] == [
        ("drugs.csv", "7", "smiles"),
        ("drugs.csv", "5", "smiles"),
    ]


def test_an_import_recomputes_where_there_are_smiles_and_keeps_published_bits_elsewhere(raw, tmp_path):
    write_template(tmp_path / "own")
    own = import_dataset("own", tmp_path / "own", tmp_path / "a", name="own").dataset
    smiles = own.drugs.set_index("id")["smiles"].loc[own.drug_fingerprints.index]
    assert np.array_equal(own.drug_fingerprints.to_numpy(), fingerprints(smiles.tolist()))
    published = import_dataset("hgacl", raw, tmp_path / "b", name="raw").dataset  # this layout has no SMILES
    assert published.drug_fingerprints.loc["5"].to_numpy().nonzero()[0].tolist() == [0, 880]
    assert "0 recomputed from SMILES" in " ".join(published.info["notes"])


def test_the_bits_agree_with_pubchems_own_on_the_real_drugs(gdsc_dataset):
    published = gdsc_dataset.drug_fingerprints
    recomputed = recompute_fingerprints(gdsc_dataset).drug_fingerprints.loc[published.index]
    similarity = jaccard(recomputed.to_numpy(bool), published.to_numpy(bool))
    assert len(similarity) == 228
    assert similarity.mean() == pytest.approx(0.965, abs=0.002)
    salt = gdsc_dataset.drugs.set_index("id").loc[published.index, "smiles"].str.contains(".", regex=False).to_numpy()
    assert salt.sum() == 9  # PubChem's bits count their counter-ions, ours do not
    assert similarity[~salt].min() >= 0.89
    assert similarity[salt].min() >= 0.85
    assert jaccard(default_bits(gdsc_dataset, published.index), published.to_numpy(bool)).mean() < 0.945


def default_bits(dataset, ids):
    """Bits under RDKit's own aromaticity, which this project does not use."""
    from rdkit import Chem
    from skfp.fingerprints import PubChemFingerprint

    smiles = dataset.drugs.set_index("id").loc[ids, "smiles"]
    return PubChemFingerprint().transform([Chem.MolFromSmiles(text) for text in smiles]).astype(bool)


def jaccard(a, b):
    return (a & b).sum(1) / (a | b).sum(1)
