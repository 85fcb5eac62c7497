"""Around every request: an id, a log line, counts, and 500 without a word too many."""

import json

import pytest

from service.logs import JsonLines
from service.prediction.predictor import Predictor


def test_every_answer_has_an_id_and_the_headers_of_safety(client):
    for path in ("/health/live", "/nothing", "/rank/none"):
        headers = client.get(path).headers
        assert len(headers["x-request-id"]) == 32
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("a" * 65, False), ("a b", False), ("", False)])
def test_a_sane_id_of_the_caller_is_kept(client, given, kept):
    assert (client.get("/health/live", headers={"x-request-id": given}).headers["x-request-id"] == given) == kept


def test_the_log_has_one_line_of_json_a_request(client_with, access_log):
    client_with().get('/rank/A549%07"{}', headers={"x-request-id": "me"})
    (line,) = access_log()
    assert line.isascii()
    assert "\x07" not in line
    fields = json.loads(line)
    assert (fields["request_id"], fields["method"], fields["status"]) == ("me", "GET", 200)
    assert fields["route"] == "/rank/{cell_line:path}"
    assert fields["path"] == '/rank/A549\x07"{}'
    assert set(fields) == {
        "time",
        "level",
        "logger",
        "message",
        "request_id",
        "method",
        "path",
        "route",
        "status",
        "ms",
    }


def test_a_problem_is_logged_with_its_code_and_busy_ones_are_not(client_with, access_log):
    client = client_with(max_pairs_in_flight=100_000)
    client.get("/rank/nobody")
    with client.app.state.service.admission.hold(100_000):
        assert client.get("/rank/A549").status_code == 429
    client.get("/rank/A549")
    lines = [json.loads(line) for line in access_log()]
    assert [(line["status"], line.get("code")) for line in lines] == [(404, "unknown_cell_line"), (200, None)]


def test_metrics_count_by_route_and_not_by_name(client_with):
    client = client_with()
    for path in ("/rank/A549", "/rank/MCF7", "/rank/none", "/nothing/at/all"):
        client.get(path)
    client.request("BREW", "/rank/A549")
    text = client.get("/metrics").text
    assert 'drp_requests_total{method="GET",route="/rank/{cell_line:path}",status="200"} 2.0' in text
    assert 'drp_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'method="other"' in text
    assert 'drp_pairs_total{route="/rank/{cell_line:path}"} 24.0' in text
    assert 'drp_bundle_info{bundle="demo@' in text
    assert "MCF7" not in text


def test_an_exception_becomes_500_with_the_id_and_a_logged_trace(client, caplog, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Predictor, "rank_drugs", fail)
    answer = client.get("/rank/A549", headers={"x-request-id": "broken"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "broken" in answer.json()["detail"]
    assert "secret" not in answer.text
    (record,) = [record for record in caplog.records if record.name == "service.errors"]
    assert "a secret" in json.loads(JsonLines().format(record))["exception"]
    monkeypatch.undo()
    assert client.get("/rank/A549").status_code == 200
