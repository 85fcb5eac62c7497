"""The client: the service's own numbers, typed; patient where the service asks for it, and never for ever."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from client.api import JITTER_S, Client, RefusedError, ServiceError
from client.bundle import open_bundle
from service.schemas.responses import Prediction, Predictions

BUNDLE = Path(__file__).parents[2] / "bundles" / "gdsc"
PAIRS = [("A549", "Erlotinib"), ("MCF7", "Lapatinib"), ("a-549", "Trametinib"), ("MCF7", "Erlotinib")]
BUSY = {"title": "t", "status": 429, "code": "busy", "detail": "come again"}
OK = {"model": "m", "bundle": "b", "scores": [1.0]}

pytestmark = pytest.mark.usefixtures("bundle_read_once")


def answering(*answers, **options):
    """A client of a service that gives these answers in turn, what it was asked, and how long it slept."""
    asked, slept, left = [], [], list(answers)

    def answer(request):
        asked.append(request)
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    client = Client("http://service", transport=httpx2.MockTransport(answer), sleep=slept.append, **options)
    return client, asked, slept


def busy(retry_after=None, status=429):
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return httpx2.Response(status, json=BUSY | {"status": status}, headers=headers)


def test_answers_are_typed_and_agree_with_each_other(client):
    found = client.predict(PAIRS)
    assert [type(one) for one in found.predictions] == [Prediction] * 4
    assert [one.cell_line.name for one in found.predictions] == ["A549", "MCF7", "A549", "MCF7"]
    assert client.scores(PAIRS).scores == [one.score for one in found.predictions]
    best = client.rank("A549", k=3, target="EGFR")
    assert client.predict([("A549", one.drug.id) for one in best.drugs]).predictions == best.drugs
    lines = client.rank_lines("Erlotinib", k=2)
    assert (
        client.predict([(one.cell_line.id, "Erlotinib") for one in lines.cell_lines]).predictions == lines.cell_lines
    )


SAMPLES = {"one": {"mutation": ["KRAS"]}, "two": {"mutation": ["TP53"], "tissue": "lung_NSCLC"}}
ETHANOL = {"ethanol": "CCO", "aspirin": {"smiles": "CC(=O)Oc1ccccc1C(=O)O", "targets": ["PTGS2"]}}


def test_what_cannot_be_read_is_raised_or_marked_as_asked(client):
    pairs, compounds = [("A549", "ethanol"), ("A549", "broken")], {"ethanol": "CCO", "broken": "C1CC"}
    with pytest.raises(RefusedError, match="ring is left open"):
        client.predict(pairs, compounds=compounds)
    marked = client.predict(pairs, compounds=compounds, on_error="mark")
    assert [one.drug.name for one in marked.predictions] == ["ethanol"]
    assert [(one.kind, one.name) for one in marked.refused] == [("compound", "broken")]
    table = {"compounds": b"CCO ethanol\nC1CC broken\n"}
    assert client.predict_tables(table, cell_lines=["A549"]).refused == marked.refused
    with pytest.raises(RefusedError, match="ring is left open"):
        client.predict_tables(table, cell_lines=["A549"], on_error="refuse")


def test_a_part_of_which_nothing_can_be_read_costs_no_other_part(client):
    pairs = [("one", "ethanol"), ("bad", "ethanol"), ("two", "broken"), ("A549", "Erlotinib")]
    brought = {"samples": SAMPLES | {"bad": {"expression": {"no gene": 1}}}, "compounds": ETHANOL | {"broken": "C1CC"}}
    whole = client.predict(pairs, **brought, on_error="mark")
    assert [one.name for one in whole.refused] == ["bad", "broken"]
    with open_bundle(BUNDLE) as parted:
        parted._pairs_per_request = 1
        parts = parted.predict(pairs, **brought, on_error="mark")
        assert parts.refused == whole.refused
        assert parts.predictions == whole.predictions
        assert set(parts.names.cell_lines) == set(whole.names.cell_lines) == {"A549"}
        with pytest.raises(RefusedError, match="invalid_sample"):
            parted.predict(pairs[1:3], **brought, on_error="mark")
        with pytest.raises(RefusedError, match="invalid_sample"):
            parted.predict(pairs, **brought)


def test_samples_and_compounds_go_along_with_the_pairs_that_name_them(client):
    pairs = [("one", "ethanol"), ("two", "aspirin"), ("A549", "ethanol"), ("two", "Erlotinib")]
    with open_bundle(BUNDLE) as parted:
        parted._pairs_per_request = 1
        whole = client.predict(pairs, samples=SAMPLES, compounds=ETHANOL)
        assert parted.predict(pairs, samples=SAMPLES, compounds=ETHANOL) == whole
        scores = parted.scores(pairs, samples=SAMPLES, compounds=ETHANOL)
    assert scores.scores == [one.score for one in whole.predictions]
    assert whole.samples["one"]["mutation"].known == 1
    assert [one.case for one in whole.predictions] == ["unseen_both", "unseen_both", "unseen_drug", "unseen_line"]
    assert whole.predictions[0].nearest.drug.similarity < 0.5


def test_a_sample_or_compound_that_is_spelled_otherwise_than_in_the_pairs_is_warned_of(client):
    pairs = [("A549", "Erlotinib"), ("MCF7", "Erlotinib")]
    brought = {"samples": {"a549": SAMPLES["one"]}, "compounds": {"erlotinib": "CCO"}}
    said = client.predict(pairs, **brought).warnings
    for told in ("/samples/a549: no pair uses this sample", "not as the sample of this request"):
        assert any(told in one for one in said)
    for told in ("/compounds/erlotinib: no pair uses this compound", "not as the compound of this request"):
        assert any(told in one for one in said)
    assert client.scores(pairs, **brought).warnings == client.explain(pairs, **brought).warnings == said
    with open_bundle(BUNDLE) as parted:
        parted._pairs_per_request = 1
        assert parted.predict(pairs, **brought).warnings == said


def test_warnings_of_several_requests_come_once():
    said = [["a", "b"], ["b"], []]
    parts = [httpx2.Response(200, json=OK | {"warnings": warnings}) for warnings in said]
    client, asked, _ = answering(*parts, pairs_per_request=1)
    answer = client.scores([("x", "y")] * 3)
    assert answer.warnings == ["a", "b"]
    assert len(asked) == len(answer.scores) == 3


def test_explanations_and_rankings_of_new_things_are_typed(client):
    (why,) = client.explain([("one", "Trametinib")], samples=SAMPLES).predictions
    assert why.explanation.genes.top[0].gene == "KRAS"
    ranked = client.rank_sample(SAMPLES["one"], k=3, compounds=ETHANOL, target="EGFR")
    assert len(ranked.drugs) == 3
    lines = client.rank_lines_of_compound("CCO", k=2, samples=SAMPLES)
    assert lines.drug.id is None
    assert len(lines.cell_lines) == 2


def test_tables_are_uploaded(client, tmp_path):
    (tmp_path / "c.csv").write_text("name,smiles\nethanol,CCO\n")
    answer = client.predict_tables({"compounds": tmp_path / "c.csv"}, cell_lines=["A549"])
    assert answer.predictions == client.predict([("A549", "ethanol")], compounds=ETHANOL).predictions


def test_the_catalogue_is_typed(client):
    assert client.cell_line("a-549").name == "A549"
    assert client.drug("tarceva").name == "Erlotinib"
    assert client.drugs("tini", limit=2).total > len(client.drugs("tini", limit=2).drugs) == 2
    assert client.cell_lines(limit=1, offset=1).cell_lines == client.cell_lines(limit=2).cell_lines[1:]
    assert client.models().models[0].metrics


def test_many_pairs_go_in_several_requests_and_come_back_as_one():
    with open_bundle(BUNDLE) as whole, open_bundle(BUNDLE) as parted:
        parted._pairs_per_request = 3
        assert parted.predict(PAIRS) == whole.predict(PAIRS)
        assert parted.scores(PAIRS * 3) == whole.scores(PAIRS * 3)
        with pytest.raises(RefusedError) as refused:
            parted.predict([*PAIRS, ("A549", "Erlotinob")])
    (fault,) = refused.value.errors
    assert (refused.value.status, refused.value.code, fault.pointer) == (404, "unknown_drug", "/drugs/4")
    assert fault.candidates[0].name == "Erlotinib"


def test_parts_of_two_bundles_are_not_mixed():
    client, _, _ = answering(*(httpx2.Response(200, json=OK | {"bundle": b}) for b in "ab"), pairs_per_request=1)
    with pytest.raises(ServiceError, match="changed its bundle"):
        client.scores(PAIRS[:2])


def test_it_works_where_an_event_loop_runs(client):
    async def notebook():
        return client.predict(PAIRS)

    assert isinstance(asyncio.run(notebook()), Predictions)


def test_no_pairs_are_refused_without_asking():
    client, asked, _ = answering()
    with pytest.raises(ValueError, match="no pairs"):
        client.predict([])
    assert asked == []


@pytest.mark.parametrize("status", [429, 503])
def test_busy_is_asked_again_when_it_said(status):
    client, asked, slept = answering(busy("7", status), busy("2", status), httpx2.Response(200, json=OK))
    assert client.scores(PAIRS[:1]).scores == [1.0]
    assert len(asked) == 3
    assert asked[0].content == asked[2].content
    assert 7 <= slept[0] <= 7 + JITTER_S
    assert 2 <= slept[1] <= 2 + JITTER_S


@pytest.mark.parametrize("header", [None, "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-1"])
def test_without_a_number_of_seconds_it_waits_longer_each_time(header):
    client, _, slept = answering(*[busy(header)] * 3, httpx2.Response(200, json=OK))
    client.scores(PAIRS[:1])
    for wait, least in zip(slept, (0.5, 1, 2), strict=True):
        assert least <= wait <= least + JITTER_S


def test_it_gives_up_after_so_many_retries_and_says_the_problem():
    client, asked, slept = answering(*[busy("1")] * 3, retries=2)
    with pytest.raises(RefusedError, match="429 busy: come again"):
        client.scores(PAIRS[:1])
    assert (len(asked), len(slept)) == (3, 2)


def test_it_does_not_wait_longer_than_its_patience():
    client, asked, slept = answering(busy("1"), busy("3600"), patience_s=60)
    with pytest.raises(RefusedError, match="busy"):
        client.scores(PAIRS[:1])
    assert (len(asked), len(slept)) == (2, 1)


def test_a_lost_connection_is_tried_again_and_named_in_the_end():
    lost = httpx2.ConnectError("refused")
    client, asked, _ = answering(lost, httpx2.Response(200, json=OK))
    assert client.scores(PAIRS[:1]).scores == [1.0]
    client, asked, _ = answering(lost, lost, retries=1)
    with pytest.raises(ServiceError, match="http://service does not answer"):
        client.scores(PAIRS[:1])
    assert len(asked) == 2


def test_what_is_wrong_with_the_request_is_not_asked_again():
    problem = BUSY | {"status": 404, "code": "unknown_drug"}
    client, asked, slept = answering(httpx2.Response(404, json=problem))
    with pytest.raises(RefusedError, match="404 unknown_drug"):
        client.drug("x")
    assert (len(asked), slept) == (1, [])


@pytest.mark.parametrize("answer", [httpx2.Response(200, text="<html>"), httpx2.Response(502, text="Bad Gateway")])
def test_an_answer_of_something_else_is_said_so(answer):
    client, _, _ = answering(answer)
    with pytest.raises(ServiceError, match="is it the right address"):
        client.models()


def test_names_are_quoted_and_the_key_goes_in_its_header():
    client, asked, _ = answering(busy(), retries=0, key="drp_secret")
    with pytest.raises(RefusedError) as refused:
        client.rank("NCI/ADR-RES ?#%", k=1)
    assert asked[0].url.raw_path == b"/rank/NCI%2FADR-RES%20%3F%23%25?k=1"
    assert asked[0].headers["x-api-key"] == "drp_secret"
    assert "drp_secret" not in str(refused.value)


IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"


def test_a_known_structure_is_answered_as_new_where_the_caller_asks(client):
    found = [
        client.predict([("A549", "it")], compounds={"it": IMATINIB}, known_structures=choice).predictions[0]
        for choice in (None, "as_drug", "as_new")
    ]
    assert [one.case for one in found] == ["known", "known", "unseen_drug"]
    ranked = [
        client.rank_lines_of_compound(IMATINIB, 1, known_structures=choice).cell_lines[0].case
        for choice in ("as_drug", "as_new")
    ]
    assert ranked == ["known", "unseen_drug"]


def test_names_of_all_parts_say_how_they_matched():
    readings = [
        {"cell_lines": {"A549": {"id": "1", "matched_by": "name"}}, "drugs": {}},
        {
            "cell_lines": {"H23": {"id": "2", "matched_by": "spelling"}},
            "drugs": {"x": {"id": "3", "matched_by": "id"}},
        },
    ]
    client, _, _ = answering(
        *(httpx2.Response(200, json=OK | {"names": one}) for one in readings), pairs_per_request=1
    )
    names = client.scores([("A549", "x"), ("H23", "x")]).names
    assert {name: one.matched_by for name, one in names.cell_lines.items()} == {"A549": "name", "H23": "spelling"}
