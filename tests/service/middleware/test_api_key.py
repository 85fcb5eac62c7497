"""Keys, limits by key, closed doors and browsers, as a caller sees them."""

import json
import re

import pytest

from service.keys import add_key, revoke_key

PATHS = ["/rank/A549", "/drugs/JQ1/cell-lines", "/drugs", "/drugs/JQ1", "/cell-lines", "/cell-lines/A549", "/models",
         "/metrics", "/no/such/path"]  # fmt: skip
GOOD = {"pairs": [{"cell_line": "A549", "drug": "JQ1"}]}
ORIGIN = "https://portal.example.org"


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def clinic(keys):
    return {"x-api-key": add_key(keys, "clinic")}


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "drp_wrong"}, {"authorization": "Bearer x"}])
def test_without_a_valid_key_every_route_answers_401(client_with, keys, clinic, headers):
    client = client_with(keys_file=keys)
    for path in PATHS:
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("ApiKey ")
        assert "drp_wrong" not in answer.text
    assert client.post("/predict", json=GOOD, headers=headers).status_code == 401


def test_with_a_key_every_route_answers(client_with, keys, clinic):
    client = client_with(keys_file=keys)
    assert [client.get(path, headers=clinic).status_code for path in PATHS] == [200] * (len(PATHS) - 1) + [404]
    assert client.post("/predict", json=GOOD, headers=clinic).status_code == 200


def test_health_and_the_docs_need_no_key(client_with, keys, clinic):
    client = client_with(keys_file=keys)
    for path in ("/health/live", "/health/ready", "/docs", "/docs/swagger-ui.css", "/openapi.json"):
        assert client.get(path).status_code == 200


def test_a_revoked_key_is_refused_at_once(client_with, keys, clinic):
    client = client_with(keys_file=keys)
    assert client.get("/drugs", headers=clinic).status_code == 200
    revoke_key(keys, "clinic")
    assert client.get("/drugs", headers=clinic).status_code == 401


def test_a_body_is_not_read_before_the_key(client_with, keys, clinic):
    body = b"x" * 5_000
    answer = client_with(keys_file=keys, max_body_bytes=100).post("/predict", content=body)
    assert answer.status_code == 401


def test_the_log_names_the_key_and_never_shows_it(client_with, keys, clinic, access_log):
    client_with(keys_file=keys).get("/drugs", headers=clinic)
    lines = access_log()
    assert [json.loads(line)["key"] for line in lines] == ["clinic"]
    assert clinic["x-api-key"] not in "".join(lines)


@pytest.mark.parametrize(("own", "setting"), [(30, None), (None, 30), (30, 10_000)])
def test_a_key_over_its_pairs_of_the_minute_gets_429_of_its_own_kind(client_with, keys, own, setting):
    one, other = ({"x-api-key": add_key(keys, name, own)} for name in ("one", "other"))
    client = client_with(keys_file=keys, key_pairs_per_minute=setting)
    assert [client.get("/rank/A549", headers=one).status_code for _ in range(3)] == [200, 200, 429]  # 12 pairs each
    answer = client.post("/predict", json={"cell_lines": ["TT"] * 20, "drugs": ["JQ1"] * 20}, headers=one)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 20 <= int(answer.headers["retry-after"]) <= 40  # 14 of 30 pairs are missing
    assert client.get("/drugs", headers=one).status_code == 200  # it scores nothing
    assert client.get("/rank/A549", headers=other).status_code == 200


def test_more_than_a_minutes_worth_in_one_request_is_too_many(client_with, keys):
    one = {"x-api-key": add_key(keys, "one", 11)}
    answer = client_with(keys_file=keys).get("/rank/A549", headers=one)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pairs")


def test_what_is_refused_as_busy_costs_the_key_nothing(client_with, keys):
    one = {"x-api-key": add_key(keys, "one", 12)}
    client = client_with(keys_file=keys, max_pairs_in_flight=100_000)
    with client.app.state.service.admission.hold(100_000):
        assert client.get("/rank/A549", headers=one).json()["code"] == "busy"
    assert client.get("/rank/A549", headers=one).status_code == 200
    assert client.get("/rank/A549", headers=one).json()["code"] == "rate_limited"


def test_metrics_and_docs_can_be_closed_and_metrics_opened(client_with, keys, clinic):
    closed = client_with(metrics="closed", docs=False)
    for path in ("/metrics", "/docs", "/docs/start.js", "/openapi.json"):
        answer = closed.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client_with(keys_file=keys, metrics="open").get("/metrics").status_code == 200


def test_the_docs_page_loads_nothing_from_elsewhere(client):
    page = client.get("/docs")
    assert "http" not in page.text.replace("http-equiv", "")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    for part in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png", "start.js"):
        answer = client.get(f"/docs/{part}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert part == "start.js" or f"docs/{part}" in page.text
    assert client.get("/docs/..%2fkeys.py").status_code == 404


def test_cors_is_closed_unless_opened(client, client_with):
    asks = {"origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    assert client.options("/predict", headers=asks).status_code == 405
    assert "access-control-allow-origin" not in client.get("/drugs", headers={"origin": ORIGIN}).headers
    opened = client_with(cors_origins=(ORIGIN,))
    leave = opened.options("/predict", headers=asks)
    assert (leave.status_code, leave.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert opened.get("/drugs", headers={"origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN
    other = {**asks, "origin": "https://evil.example"}
    assert "access-control-allow-origin" not in opened.options("/predict", headers=other).headers
    assert "access-control-allow-origin" not in opened.get("/drugs", headers=other).headers


def test_a_browser_may_ask_for_leave_without_a_key_and_read_the_401(client_with, keys, clinic):
    client = client_with(keys_file=keys, cors_origins=(ORIGIN,))
    asks = {"origin": ORIGIN, "access-control-request-method": "POST"}
    assert client.options("/predict", headers=asks).status_code == 200
    answer = client.post("/predict", json=GOOD, headers={"origin": ORIGIN})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, ORIGIN)


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer  {} "])
def test_a_key_may_come_as_a_bearer_token(client_with, keys, clinic, form):
    client = client_with(keys_file=keys)
    assert client.get("/drugs", headers={"authorization": form.format(clinic["x-api-key"])}).status_code == 200


@pytest.mark.parametrize("form", ["{}", "Basic {}", "Bearer", "Bearer ", "Token {}", "Bearer drp_wrong", "Bearer{}"])
def test_another_authorization_is_no_key(client_with, keys, clinic, form):
    answer = client_with(keys_file=keys).get("/drugs", headers={"authorization": form.format(clinic["x-api-key"])})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert 'Bearer realm="drug-response"' in answer.headers["www-authenticate"]


def test_the_header_of_its_own_comes_before_a_bearer_token(client_with, keys, clinic):
    client = client_with(keys_file=keys)
    both = {"authorization": f"Bearer {clinic['x-api-key']}", "x-api-key": "drp_wrong"}
    assert client.get("/drugs", headers=both).status_code == 401
    assert client.get("/drugs", headers={**clinic, "authorization": "Basic eDp5"}).status_code == 200


def test_answers_to_a_key_with_a_limit_say_what_is_left_of_it(client_with, keys):
    key = {"x-api-key": add_key(keys, "clinic", 60)}
    client = client_with(keys_file=keys)
    told = [client.get(path, headers=key).headers for path in ("/drugs", "/rank/A549", "/rank/A549", "/drugs/none")]
    assert [one["ratelimit-policy"] for one in told] == ['"pairs";q=60;w=60'] * 4
    left = [int(re.fullmatch(r'"pairs";r=(\d+);t=(\d+)', one["ratelimit"]).group(1)) for one in told]
    full_s = [int(one["ratelimit"].partition(";t=")[2]) for one in told]
    assert left[0] == 60  # a list scores nothing; the demo ranks twelve pairs, and a pair comes back each second
    assert 48 <= left[1] < 60
    assert 36 <= left[2] < left[1]
    assert full_s == [60 - one for one in left]


def test_a_refusal_says_what_is_left_too(client_with, keys):
    key = {"x-api-key": add_key(keys, "clinic", 13)}
    client = client_with(keys_file=keys)
    client.get("/rank/A549", headers=key)
    refused = client.get("/rank/A549", headers=key)
    assert refused.status_code == 429
    assert refused.headers["ratelimit"].startswith('"pairs";r=1;')


def test_without_a_limit_no_limit_is_said(client_with, keys, clinic):
    answer = client_with(keys_file=keys).get("/drugs", headers=clinic)
    assert "ratelimit" not in answer.headers
    assert "ratelimit" not in client_with().get("/drugs").headers
