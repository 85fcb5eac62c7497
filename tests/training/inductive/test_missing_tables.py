"""Data with one or two of the three omics tables: a bundle of them trains, places new samples and answers for them."""

from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from model.encoder_inputs import LINE_NAMES, MODALITIES
from service.app import create_app
from service.prediction.predictor import Predictor
from service.settings import Settings
from tests.helpers.graph_making import one_drug_graph
from training.data.content_hash import content_hash
from training.export.bundle import export
from training.runs.folder import read_run
from training.runs.hgacl import train_run
from training.sources.layouts.demo import demo_dataset

SUBSETS = [("expression",), ("mutation",), ("copy_number",), ("expression", "mutation"), ("copy_number", "mutation")]
LEFT_OUT = -1  # place of the line without any response, among those that have every table of the subset
TOLERANCE = 1e-3
DRUGS = [f"DEMO-D{j:02d}" for j in range(1, 9)]


def with_tables(dataset, tables):
    """The dataset with these omics tables alone, the lines that have them all, and no response of the last one."""
    kept = {m: getattr(dataset, m) for m in tables}
    lines = sorted(set.intersection(*(set(table.index) for table in kept.values())))
    response = dataset.response[dataset.response["cell_line_id"].isin(lines[:LEFT_OUT])]
    fewer = replace(
        dataset,
        cell_lines=dataset.cell_lines[dataset.cell_lines["id"].isin(lines)].reset_index(drop=True),
        response=response.reset_index(drop=True),
        **dict.fromkeys(MODALITIES) | {m: table.loc[lines] for m, table in kept.items()},
    )
    return replace(fewer, info={**fewer.info, "content_hash": content_hash(fewer)}), lines[LEFT_OUT]


@pytest.fixture(scope="module")
def demo():
    return demo_dataset(lines=60, drugs=8, seed=0)


@pytest.fixture(scope="module")
def drug_graph_once():
    """The bundles of all subsets have one graph of new drugs, which no test here asks."""
    with one_drug_graph():
        yield


@pytest.fixture(scope="module", params=SUBSETS, ids="+".join)
def served(request, demo, small, drug_graph_once, tmp_path_factory):
    """A client of a bundle of the subset's tables, the tables, and the left-out line: its id and it as a sample."""
    folder = tmp_path_factory.mktemp("missing_tables")
    dataset, line = with_tables(demo, request.param)
    train_run(dataset, folder / "run", replace(small, epochs=4, evaluate_every=2), 0)
    export(read_run(folder / "run"), folder / "bundle", "demo", {}, "drp train")
    sample = sample_of(dataset, request.param, line)
    settings = Settings(bundle=folder / "bundle")
    with TestClient(create_app(settings, Predictor.load(settings))) as client:
        yield client, request.param, line, sample


def sample_of(dataset, tables, line):
    row = dataset.cell_lines.set_index("id").loc[line]
    sample = {m: {gene: float(x) for gene, x in getattr(dataset, m).loc[line].items()} for m in tables}
    return sample | {name: row[name] for name in LINE_NAMES if isinstance(row[name], str) and row[name]}


def predict(client, line, status=200, **options):
    answer = client.post("/predict", json={"pairs": [{"cell_line": line, "drug": drug} for drug in DRUGS], **options})
    assert answer.status_code == status, answer.text
    return answer.json()


def scores(answer):
    return np.array([one["score"] for one in answer["predictions"]])


def test_a_left_out_line_sent_as_a_sample_gets_what_the_network_says_of_it(served):
    client, tables, line, sample = served
    answer = predict(client, "me", samples={"me": sample})
    np.testing.assert_allclose(scores(answer), scores(predict(client, line)), atol=TOLERANCE)
    assert {one["case"] for one in answer["predictions"]} == {"unseen_line"}
    assert np.ptp(scores(answer)) > 10 * TOLERANCE
    assert set(answer["samples"]["me"]) == set(tables)
    assert not [text for text in answer["warnings"] if "not read" in text]


def test_a_table_that_the_bundle_does_not_read_changes_nothing_and_a_warning_names_it(served):
    client, tables, _, sample = served
    unread = [m for m in MODALITIES if m not in tables]
    whole = sample | {m: {"DEMO-P1-G01": 1.0} for m in unread}
    answer = predict(client, "me", samples={"me": whole})
    np.testing.assert_array_equal(scores(answer), scores(predict(client, "me", samples={"me": sample})))
    for m in unread:
        (warning,) = [text for text in answer["warnings"] if text.startswith(f"{m} of me ")]
        assert warning == f"{m} of me is not read: the model was trained on lines without {m}"
        assert (answer["samples"]["me"][m]["known"], answer["samples"]["me"][m]["unknown"]) == (0, 1)


def test_a_sample_of_an_unread_table_alone_is_refused_and_told_which_ones_are_read(served):
    client, tables, _, _ = served
    unread = next(m for m in MODALITIES if m not in tables)
    answer = predict(client, "me", 422, samples={"me": {unread: {"DEMO-P1-G01": 1.0}}})
    (fault,) = answer["errors"]
    why = f"{unread} is not read: the model was trained on lines without {unread}; give {' or '.join(tables)}"
    assert (fault["pointer"], fault["detail"]) == (f"/samples/me/{unread}", why)
    files = {unread: (f"{unread}.csv", b"gene,me\nDEMO-P1-G01,1\n")}
    upload = client.post("/predict/table", files=files, data={"drugs": DRUGS})
    assert upload.status_code == 422
    assert f"is not read: the model was trained on lines without {unread}; leave it out" in upload.text


def test_explanations_and_the_gene_list_speak_of_the_tables_that_are_read(served):
    client, tables, _, sample = served
    answer = predict(client, "me", samples={"me": sample}, detail="explain")
    why = answer["predictions"][0]["explanation"]
    assert sum(why["modality_weights"].values()) == pytest.approx(1, abs=1e-5)
    for m in MODALITIES:
        assert (why["modality_weights"][m] > 0) == (why["genes"]["tried"][m] > 0) == (m in tables), m
    assert {gene["table"] for gene in client.get("/genes").json()["genes"]} == set(tables)
