"""Data frames in and out, against the bundle that is served by default."""

import gzip
import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from client.errors import RefusedError, ServiceError
from client.frames import predict_frame, rank_frame

BUNDLE = Path(__file__).parents[2] / "bundles" / "gdsc"


def test_samples_in_several_requests_are_answered_as_in_one(client, expression):
    seen = []
    whole = predict_frame(client, expression=expression, drugs=["Erlotinib", "Trametinib"])
    parts = predict_frame(
        client,
        expression=expression,
        drugs=["Erlotinib", "Trametinib"],
        samples_per_request=2,
        progress=lambda done, of: seen.append((done, of)),
    )
    pd.testing.assert_frame_equal(whole, parts)
    assert list(whole["cell_line"]) == [name for name in expression.index for _ in range(2)]
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert all("outside the domain" in text for text in whole.attrs["warnings"])  # made up


@pytest.mark.parametrize(("bad", "most"), [(["s4"], 4), (["s2", "s3"], 2), (["s0", "s1"], 1)])
def test_a_part_of_which_no_sample_can_be_read_costs_no_other_part(client, expression, bad, most):
    spoiled = expression.copy()
    spoiled.loc[bad, spoiled.columns[20:]] = np.nan
    compounds = pd.DataFrame({"smiles": ["CCO", "C1CC"]}, ["ethanol", "broken"])
    asked = {"expression": spoiled, "compounds": compounds, "drugs": ["JQ1"], "cell_lines": ["A549"]}
    whole, parts = (predict_frame(client, **asked, samples_per_request=one) for one in (100, most))
    pd.testing.assert_frame_equal(parts, whole)
    told = {(one["kind"], one["name"]) for one in parts.attrs["refused"]}
    assert told == {*(("sample", name) for name in bad), ("compound", "broken")}
    spoiled.loc[:, spoiled.columns[20:]] = np.nan
    with pytest.raises(RefusedError, match="invalid_sample"):
        predict_frame(client, expression=spoiled, samples_per_request=2)


def test_numbers_are_those_of_the_api_to_the_last_digit(client, expression):
    frame = predict_frame(client, expression=expression.iloc[:1], drugs=["Erlotinib"])
    sample = {"expression": expression.iloc[0].to_dict()}
    (one,) = client.predict([("s0", "Erlotinib")], samples={"s0": sample}).predictions
    assert frame.loc[0, "score"] == one.score
    assert frame.loc[0, "nearest_cell_line"] == one.nearest.cell_line.name
    assert (frame.loc[0, "ln_ic50_low"], frame.loc[0, "ln_ic50_high"]) == one.ln_ic50_interval
    assert frame.loc[0, "drug_id"] == one.drug.id


def test_a_ranking_has_the_best_drugs_of_each_sample(client, expression):
    ranked = rank_frame(client, expression, k=3, samples_per_request=2)
    assert list(ranked.groupby("cell_line", sort=False).size()) == [3] * 5
    assert all(part["score"].is_monotonic_decreasing for _, part in ranked.groupby("cell_line"))


def test_further_tables_go_along_with_their_samples(client, expression):
    mutation = pd.DataFrame(0, ["s1", "s3"], json_genes("mutation")).assign(KRAS=1)
    annotations = pd.DataFrame({"tissue": ["skin"]}, ["s3"])
    compounds = pd.DataFrame({"smiles": ["CC(=O)Oc1ccccc1C(=O)O"]}, ["aspirin"])
    tables = {"mutation": mutation, "annotations": annotations, "compounds": compounds}
    whole = predict_frame(client, expression=expression, **tables)
    parts = predict_frame(client, expression=expression, **tables, samples_per_request=2)
    pd.testing.assert_frame_equal(whole, parts)
    assert set(whole["drug"]) == {"aspirin"}
    plain = predict_frame(client, expression=expression, compounds=compounds)
    assert list(whole["score"] != plain["score"]) == [False, True, False, True, False]


def test_annotations_meet_their_samples_by_text_and_those_of_none_are_refused(client, expression):
    numbered = expression.iloc[:2].set_axis([1, 2])
    skin = pd.DataFrame({"tissue": ["skin", "skin"]}, ["1", "2"])
    plain, told = (predict_frame(client, expression=numbered, annotations=a, drugs=["JQ1"]) for a in (None, skin))
    assert (told["score"] != plain["score"]).all()
    for tables in ({"expression": numbered}, {"compounds": pd.DataFrame({"smiles": ["CCO"]}, ["ethanol"])}):
        with pytest.raises(ValueError, match="annotations: 's-1' stands in no other table"):
            predict_frame(client, **tables, annotations=skin.set_axis(["s-1", "2"]))


def test_a_column_of_names_names_compounds_and_annotations(client, expression):
    tables = {
        "compounds": pd.DataFrame({"name": ["ethanol", "aspirin"], "smiles": ["CCO", "CC(=O)Oc1ccccc1C(=O)O"]}),
        "annotations": pd.DataFrame({"Name": ["s1"], "tissue": ["skin"]}),
    }
    indexed = {table: frame.set_index(frame.columns[0]) for table, frame in tables.items()}
    answers = predict_frame(client, expression=expression.iloc[:2], **tables)
    assert list(answers["drug"]) == ["ethanol", "aspirin"] * 2
    pd.testing.assert_frame_equal(answers, predict_frame(client, expression=expression.iloc[:2], **indexed))


@pytest.mark.parametrize(
    ("index", "called"),
    [([0, 1], None), ([3, 9], None), ([0.5, 1.5], "dose"), (["a", "b"], "MET")],
)
def test_the_index_names_the_samples_whatever_it_is_called(client, expression, index, called):
    frame = expression.iloc[:2].set_axis(pd.Index(index, name=called))
    frame.insert(0, "patient", ["p1", "p2"])
    skin = pd.DataFrame({"tissue": ["skin", "skin"]}, index)
    answers = predict_frame(client, expression=frame, annotations=skin, drugs=["JQ1"])
    assert list(answers["cell_line"]) == [str(name) for name in index]


@pytest.mark.parametrize(
    ("mutated", "note"),
    [
        (["s0", "s1", "s2", "s3", "s4"], None),
        (["s0", "s3"], "samples not in every table: mutation lacks s1, s2, s4; where"),
        (["s0", "t1"], "samples not in every table: expression lacks t1; mutation lacks s1, s2, s3, s4; where"),
        (
            ["t1"],
            "samples not in every table, none of them in two: expression lacks t1; mutation lacks s0, s1, s2, s3",
        ),
    ],
)
@pytest.mark.parametrize("most", [100, 2])
def test_samples_that_stand_in_some_tables_only_are_named_once(client, expression, mutated, note, most):
    mutation = pd.DataFrame(0, mutated, json_genes("mutation")).assign(KRAS=1)
    tables = {"expression": expression, "mutation": mutation}
    frame = predict_frame(client, **tables, drugs=["JQ1"], samples_per_request=most)
    told = [warning for warning in frame.attrs["warnings"] if warning.startswith("samples")]
    assert len(told) == (note is not None)
    assert not told or told[0].startswith(note)


def json_genes(table):
    manifest = json.loads((BUNDLE / "manifest.json").read_bytes())
    return manifest["models"][manifest["default_model"]]["inductive"]["genes"][table]


def test_a_doubtful_unit_is_in_the_frames_warnings(client, expression):
    frame = predict_frame(client, expression=expression * np.log(2), drugs=["Erlotinib"])
    assert any("ln(TPM+1)" in warning for warning in frame.attrs["warnings"])


def test_a_sample_with_two_rows_is_refused_by_name(client, expression):
    with pytest.raises(ValueError, match="expression: 's0' stands twice"):
        predict_frame(client, expression=pd.concat([expression, expression.iloc[:1]]))


class Recording:
    """A client that notes what it sends."""

    def __init__(self, client):
        self.client = client
        self.sent = []
        self.genes, self.known_pair = client.genes, client.known_pair

    def predict_tables(self, tables, **options):
        self.sent.append(gzip.decompress(tables["expression"]).decode().partition("\n")[0].split("\t")[1:])
        return self.client.predict_tables(tables, **options)


def test_genes_that_the_model_does_not_read_stay_here(client, expression):
    others = pd.DataFrame(1.0, expression.index, [f"LOC{i}" for i in range(5000)])
    recording = Recording(client)
    answers = predict_frame(recording, expression=pd.concat([others, expression], axis=1), drugs=["Erlotinib"])
    pd.testing.assert_frame_equal(answers, predict_frame(client, expression=expression, drugs=["Erlotinib"]))
    assert recording.sent == [list(expression.columns)]


@pytest.mark.parametrize("other", ["LFS1", "p53", "ENSG00000141510.18", "7157", "TP53 (7157)"])
def test_genes_by_other_names_are_sent_and_others_are_not(client, expression, other):
    others = pd.DataFrame(1.0, expression.index, [f"LOC{i}" for i in range(1000)])
    renamed = expression.rename(columns={"TP53": other}).drop(columns="KRAS")
    recording = Recording(client)
    answers = predict_frame(recording, expression=pd.concat([others, renamed], axis=1), drugs=["Erlotinib"])
    assert recording.sent == [list(renamed.columns)]
    plain = predict_frame(client, expression=expression.drop(columns="KRAS"), drugs=["Erlotinib"])
    pd.testing.assert_frame_equal(answers, plain)


@pytest.mark.parametrize("names", [lambda i: f"LOC{i}", lambda i: f"probe {i}"])
def test_a_table_of_no_gene_is_refused_by_the_service(client, expression, names):
    wide = pd.DataFrame(1.0, expression.index, [names(i) for i in range(1100)])
    with pytest.raises(RefusedError, match="the first row names no genes of the model"):
        predict_frame(client, expression=wide, drugs=["Erlotinib"])


@pytest.mark.parametrize("unit", ["ratio", "log2(ratio+1)", "absolute"])
def test_copy_number_comes_in_its_unit(client, unit):
    genes = json_genes("copy_number")
    ratios = pd.DataFrame(2 ** np.resize([0, 0, 0, 0.5, -1.0], (2, len(genes))), ["a", "b"], genes)
    written = {"ratio": ratios, "log2(ratio+1)": np.log2(ratios + 1), "absolute": 2 * ratios}[unit]
    plain = predict_frame(client, copy_number=np.log2(ratios), drugs=["Erlotinib"])
    stated = predict_frame(client, copy_number=written, copy_number_unit=unit, drugs=["Erlotinib"])
    pd.testing.assert_frame_equal(stated, plain, rtol=1e-4)
    with pytest.raises(RefusedError, match="looks like"):
        predict_frame(client, copy_number=written, drugs=["Erlotinib"])


def test_mutation_may_be_true_and_false(client):
    mutated = pd.DataFrame(0, ["a"], json_genes("mutation")).assign(KRAS=1)
    of_numbers, of_words = (
        predict_frame(client, mutation=one, drugs=["Erlotinib"]) for one in (mutated, mutated == 1)
    )
    pd.testing.assert_frame_equal(of_words, of_numbers)


@pytest.mark.parametrize("module", ["client.frames", "client.pseudobulk"])
def test_without_pandas_the_extra_is_named(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'drug-response\[frames\]'"):
        importlib.import_module(module)


def test_parts_of_two_bundles_are_not_mixed(client, expression, monkeypatch):
    answers = iter([client.predict([("A549", "Erlotinib")]).model_copy(update={"bundle": name}) for name in "abcde"])
    monkeypatch.setattr(client, "predict_tables", lambda *_, **__: next(answers))
    with pytest.raises(ServiceError, match="changed its bundle"):
        predict_frame(client, expression=expression, expression_unit="TPM", samples_per_request=1)
