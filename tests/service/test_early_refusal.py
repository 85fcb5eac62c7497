"""In overload small requests are refused before the application sees them, in whole and proper answers."""

import asyncio
import json

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from service.app import create_app
from service.early_refusal import protocol_of
from service.keys import add_key
from service.middleware.concurrency import BATCH_BYTES
from service.schemas.problem import Problem
from service.settings import Settings

RANK = b"GET /rank/A549?k=1 HTTP/1.1\r\nhost: a\r\n\r\n"


def post(body, *headers):
    content = json.dumps(body).encode()
    lines = "".join(f"{line}\r\n" for line in (*headers, f"content-length: {len(content)}"))
    return f"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{lines}\r\n".encode() + content


PAIR = post({"pairs": [{"cell_line": "A549", "drug": "JQ1"}]})


class Connection(asyncio.Transport):
    """The service's side of a connection; keeps what is written to it."""

    def __init__(self, config, state):
        super().__init__()
        self.written, self.closed = b"", False
        self.protocol = config.http_protocol_class(config, state, {})
        self.protocol.connection_made(self)

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def send(self, *parts):
        for part in parts:
            self.protocol.data_received(part)

    def answers(self, *, bodies=True):
        """Status, headers and body of each answer so far."""
        rest, found = self.written, []
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            status, *lines = head.decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            size = int(headers["content-length"]) if bodies else 0
            found.append((int(status.split()[1]), headers, rest[:size]))
            rest = rest[size:]
        return found

    def statuses(self):
        return [status for status, _, _ in self.answers()]


@pytest.fixture
def app_with(settings, predictor):
    def make(**changes):
        app = create_app(Settings(**{**settings.model_dump(), **changes}), predictor)
        app.state.service.open(predictor)
        return app

    return make


def crowd(app, *contents, others=0):
    """Contents that come in the same turn of the loop while others are inside; their connections, answered."""

    async def run():
        config = Config(app, http=protocol_of(app.state.service), log_config=None, access_log=False)
        config.load()
        turns, state = app.state.service.turns, ServerState()
        turns.inside += others
        connections = [Connection(config, state) for _ in contents]
        for connection, content in zip(connections, contents, strict=True):
            connection.send(*(content if isinstance(content, list) else [content]))
        for _ in range(50):
            await asyncio.sleep(0)
        turns.inside -= others
        for connection in connections:
            connection.protocol.connection_lost(ConnectionResetError())
        await asyncio.gather(*state.tasks)
        return connections

    return asyncio.run(run())


def overloaded(app, *contents):
    return crowd(app, *contents, others=10**6)


def test_a_crowd_below_the_capacity_is_answered_whole(app_with):
    app = app_with(max_wait_ms=20)  # an answer is taken for 1 ms at first
    assert [one.statuses() for one in crowd(app, *[RANK, PAIR] * 7)] == [[200]] * 14
    assert app.state.service.turns.inside == 0


def test_of_those_that_come_together_in_overload_one_is_let_in(app_with):
    app = app_with(max_wait_ms=60_000)
    assert [one.statuses() for one in overloaded(app, RANK)] == [[429]]
    for _ in range(3):
        assert [one.statuses() for one in crowd(app, *[RANK, PAIR] * 5)] == [[200], *[[429]] * 9]


def test_a_refusal_is_a_whole_problem_on_a_connection_that_stays(app_with, client):
    app = app_with(retry_after_s=7)
    (refused,) = overloaded(app, post({}, "x-request-id: me"))
    ((status, headers, body),) = refused.answers()
    assert status == 429
    assert Problem.model_validate_json(body).code == "busy"
    assert headers["content-type"] == "application/problem+json"
    assert (headers["retry-after"], headers["x-request-id"]) == ("7", "me")
    assert set(client.get("/rank/none").headers) - set(headers) == set()
    assert not refused.closed


@pytest.mark.parametrize("given", ["x-request-id: a b", "x-request-id: " + "a" * 65, "accept: */*"])
def test_a_refusal_has_an_id_of_its_own_where_the_caller_gave_none_that_is_sane(app_with, given):
    (refused,) = overloaded(app_with(), post({}, given))
    assert len(refused.answers()[0][1]["x-request-id"]) == 32


def test_refusals_are_counted(app_with):
    app = app_with()
    overloaded(app, RANK, RANK, PAIR)
    text = app.state.service.metrics.text().decode()
    assert 'drp_requests_total{method="GET",route="unmatched",status="429"} 2.0' in text
    assert 'drp_requests_total{method="POST",route="unmatched",status="429"} 1.0' in text
    assert 'drp_problems_total{code="busy"} 3.0' in text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_health_and_metrics_are_never_refused(app_with, path):
    (one,) = overloaded(app_with(), f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
    assert one.statuses() == [200]


def test_a_service_that_stops_says_so_rather_than_busy(app_with):
    app = app_with()
    app.state.service.draining = True
    assert [one.statuses() for one in overloaded(app, RANK, PAIR)] == [[503]] * 2


def test_a_head_is_refused_without_a_body(app_with):
    (one,) = overloaded(app_with(), RANK.replace(b"GET", b"HEAD"))
    ((status, headers, _),) = one.answers(bodies=False)
    assert status == 429
    assert int(headers["content-length"]) > 0
    assert one.written.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "content", [RANK.replace(b"HTTP/1.1", b"HTTP/1.0"), RANK.replace(b"host", b"connection: close\r\nhost")]
)
def test_a_connection_that_is_not_kept_is_closed_after_a_refusal(app_with, content):
    (one,) = overloaded(app_with(), content)
    assert one.answers()[0][1]["connection"] == "close"
    assert one.statuses() == [429]
    assert one.closed


def test_answers_keep_the_order_of_requests_that_were_sent_at_once(app_with):
    contents = [RANK.replace(b"host", f"x-request-id: {i}\r\nhost".encode()) for i in range(5)]
    (one,) = crowd(app_with(), b"".join(contents))
    assert [headers["x-request-id"] for _, headers, _ in one.answers()] == list("01234")
    assert one.statuses() == [200] * 5
    (one,) = overloaded(app_with(), b"".join(contents))
    assert [headers["x-request-id"] for _, headers, _ in one.answers()] == list("01234")
    assert one.statuses() == [429] * 5


def test_a_request_is_not_let_in_before_its_body_has_come(app_with):
    app = app_with()
    (slow,) = crowd(app, [PAIR[:-1]])
    assert (slow.written, app.state.service.turns.inside) == (b"", 0)
    pieces = [PAIR[i : i + 1] for i in range(len(PAIR))]
    assert crowd(app, pieces)[0].statuses() == [200]
    assert overloaded(app, pieces)[0].statuses() == [429]


def chunked(content, size):
    head, _, body = content.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length")]
    parts = (body[i : i + size] for i in range(0, len(body), size))
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"\r\n".join([*lines, b"transfer-encoding: chunked", b"", coded + b"0\r\n\r\n"])


@pytest.mark.parametrize("form", [lambda content: content, lambda content: chunked(content, 5_000)])
def test_batches_have_limits_of_their_own(app_with, form):
    app = app_with()
    columns = {"cell_lines": ["A549"] * 800, "drugs": ["J" * 50] * 800}
    content = form(post(columns))
    assert len(content) > BATCH_BYTES
    (one,) = overloaded(app, [content[i : i + 1000] for i in range(0, len(content), 1000)])
    assert one.statuses() == [404]


def test_a_small_chunked_request_is_refused_as_well(app_with):
    assert overloaded(app_with(), chunked(PAIR, 10))[0].statuses() == [429]


def test_who_waits_for_leave_to_send_a_body_gets_it(app_with):
    head = PAIR.partition(b"\r\n\r\n")[0]
    (one,) = overloaded(app_with(), head + b"\r\nexpect: 100-continue\r\n\r\n")
    assert one.written == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_page_of_an_allowed_origin_may_read_the_refusal(app_with):
    app = app_with(cors_origins="https://a.org")
    asks = [RANK.replace(b"host", b"origin: %b\r\nhost" % origin) for origin in (b"https://a.org", b"https://b.org")]
    allowed, other = (one.answers()[0] for one in overloaded(app, *asks))
    assert allowed[0] == other[0] == 429
    assert allowed[1]["access-control-allow-origin"] == "https://a.org"
    assert "retry-after" in allowed[1]["access-control-expose-headers"]
    assert "access-control-allow-origin" not in other[1]
    preflight = b"OPTIONS /predict HTTP/1.1\r\nhost: a\r\norigin: https://a.org\r\naccess-control-request-method: POST"
    assert overloaded(app, preflight + b"\r\n\r\n")[0].statuses() == [200]


def test_a_refusal_says_nothing_of_keys(app_with, tmp_path):
    key = add_key(tmp_path / "keys", "clinic", 1_000)
    app, calm = (app_with(keys_file=tmp_path / "keys") for _ in range(2))
    asks = [RANK, *(RANK.replace(b"host", f"x-api-key: {sent}\r\nhost".encode()) for sent in (key, "wrong"))]
    refused = [one.answers()[0] for one in overloaded(app, *asks)]
    assert len({(status, body) for status, _, body in refused}) == 1
    assert refused[0][0] == 429
    assert len({len(one.written) for one in overloaded(app, *asks)}) == 1
    assert [one.statuses() for one in crowd(calm, *asks)] == [[401], [200], [401]]
