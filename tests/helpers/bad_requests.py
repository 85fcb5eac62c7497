"""Every kind of wrong request beside the answer it must get: status, code, and the place that is named first."""

import json
from dataclasses import dataclass, field
from typing import Any

GOOD = {"cell_line": "A549", "drug": "Erlotinib"}
PAIR = '{"cell_line":"A549","drug":"Erlotinib"}'
LONG = "x" * 501
MIB = 2**20
NO_PLACE = None


@dataclass(frozen=True)
class Bad:
    """One wrong request. `place` is the first pointer, or None for a problem that lists none."""

    name: str
    status: int
    code: str
    place: str | None = NO_PLACE
    method: str = "POST"
    path: str = "/predict"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    settings: dict[str, Any] = field(default_factory=dict)


def form(name: str, body: object, place: str | None) -> Bad:
    """A body that is JSON but not of the documented form."""
    return Bad(name, 422, "invalid_request", place, body=json.dumps(body).encode())


def raw(name: str, body: bytes | str) -> Bad:
    """A body that is not JSON."""
    return Bad(name, 422, "malformed_json", body=body if isinstance(body, bytes) else body.encode())


def named(name: str, body: object, status: int, code: str, place: str) -> Bad:
    """A body of the right form with a name in it that is wrong."""
    return Bad(name, status, code, place, body=json.dumps(body).encode())


def asked(path: str, status: int, code: str, place: str | None = NO_PLACE) -> Bad:
    """A GET with a wrong path or parameter."""
    shown = path if len(path) < 60 else f"{path[:40]}… ({len(path)} characters)"
    return Bad(f"GET {shown}", status, code, place, "GET", path, headers={})


FORMS = [
    form("no field at all", {}, ""),
    form("a list", [], ""),
    form("null", None, ""),
    form("a text", "text", ""),
    form("a number", 1e308, ""),
    form("no pairs in the list", {"pairs": []}, "/pairs"),
    form("pairs null", {"pairs": None}, "/pairs"),
    form("pairs an object", {"pairs": {}}, "/pairs"),
    form("pairs a text", {"pairs": "A549,Erlotinib"}, "/pairs"),
    form("a pair is a number", {"pairs": [GOOD, 5]}, "/pairs/1"),
    form("a pair is a list", {"pairs": [["A549", "Erlotinib"]]}, "/pairs/0"),
    form("a name is a number", {"pairs": [{"cell_line": 5, "drug": "x"}]}, "/pairs/0/cell_line"),
    form("a name is a huge number", {"pairs": [{"cell_line": 1e308, "drug": "x"}]}, "/pairs/0/cell_line"),
    form("a name is true", {"pairs": [{"cell_line": "A549", "drug": True}]}, "/pairs/0/drug"),
    form("a name is null", {"pairs": [{"cell_line": "A549", "drug": None}]}, "/pairs/0/drug"),
    form("a name is empty", {"pairs": [{"cell_line": "", "drug": "x"}]}, "/pairs/0/cell_line"),
    form("a name is too long", {"pairs": [{"cell_line": LONG, "drug": "x"}]}, "/pairs/0/cell_line"),
    form("a name of a mebibyte", {"pairs": [{"cell_line": "β" * (MIB // 2), "drug": "x"}]}, "/pairs/0/cell_line"),
    form("no drug", {"pairs": [{"cell_line": "x"}]}, "/pairs/0/drug"),
    form("a field too many in a pair", {"pairs": [{**GOOD, "dose": 1}]}, "/pairs/0/dose"),
    form("both forms", {"pairs": [GOOD], "cell_lines": ["A549"], "drugs": ["JQ1"]}, ""),
    form("pairs and half of the columns", {"pairs": [GOOD], "drugs": ["JQ1"]}, ""),
    form("half of the columns", {"cell_lines": ["A549"]}, ""),
    form("one column empty", {"cell_lines": ["A549"], "drugs": []}, "/drugs"),
    form("columns of different length", {"cell_lines": ["A549", "TT"], "drugs": ["JQ1"]}, ""),
    form("a number in a column", {"cell_lines": ["A549", 5], "drugs": ["JQ1", "JQ1"]}, "/cell_lines/1"),
    form("a column is a text", {"cell_lines": "A549", "drugs": ["JQ1"]}, "/cell_lines"),
    form("a column is an object", {"cell_lines": ["A549"], "drugs": {"0": "JQ1"}}, "/drugs"),
    form("detail of another word", {"pairs": [GOOD], "detail": "all"}, "/detail"),
    form("detail null", {"pairs": [GOOD], "detail": None}, "/detail"),
    form("detail a list", {"pairs": [GOOD], "detail": ["scores"]}, "/detail"),
    form("model a number", {"pairs": [GOOD], "model": 5}, "/model"),
    form("model empty", {"pairs": [GOOD], "model": ""}, "/model"),
    form("model too long", {"pairs": [GOOD], "model": LONG}, "/model"),
    form("a field that is not known", {"pairs": [GOOD], "doses": {"new": 1}}, "/doses"),
    form("a field that a pointer must escape", {"pairs": [GOOD], "a/b~c": 1}, "/a~1b~0c"),
    form("a field with a name of a mebibyte", {"pairs": [GOOD], "k" * MIB: 1}, f"/{'k' * 64}"),
    form("a field with control characters", {"pairs": [GOOD], "\0\n\x1b[31m": 1}, "/\0\n\x1b[31m"),
    form("more fields than are read", {f"field {i}": i for i in range(101)}, NO_PLACE),
    form("a deep list", {"pairs": [[[[[[[[[[1]]]]]]]]]]}, "/pairs/0"),
    Bad("no body", 422, "invalid_request", ""),
    Bad("no body and no media type", 422, "invalid_request", "", headers={}),
    Bad("text", 422, "invalid_request", "", body=b'{"pairs":[]}', headers={"content-type": "text/plain"}),
    Bad("a form", 422, "invalid_request", "", body=b"a=1", headers={"content-type": "multipart/form-data"}),
    Bad("no media type", 422, "invalid_request", "", body=b'{"pairs":[]}', headers={}),
]

NOT_JSON = [
    raw("cut off", "{"),
    raw("single quotes", "{'pairs': []}"),
    raw("a comma too many", f'{{"pairs":[{PAIR},]}}'),
    raw("something after the end", f'{{"pairs":[{PAIR}]}} x'),
    raw("two objects", f'{{"pairs":[{PAIR}]}}' * 2),
    raw("NaN", '{"pairs": [NaN]}'),
    raw("NaN and Infinity as names", '{"pairs": [{"cell_line": NaN, "drug": Infinity}]}'),
    raw("-Infinity", '{"pairs": [{"cell_line": "A549", "drug": -Infinity}]}'),
    raw("a number of 5,000 digits", f'{{"pairs": [{{"cell_line": {"9" * 5000}, "drug": "x"}}]}}'),
    raw("not UTF-8", b'{"pairs": ["\xff"]}'),
    raw("UTF-16", f'{{"pairs":[{PAIR}]}}'.encode("utf-16")),
    raw("a byte order mark", f'{{"pairs":[{PAIR}]}}'.encode("utf-8-sig")),
    raw("a lone surrogate", '{"pairs": ["\\ud800"]}'),
    raw("a raw line break in a name", '{"pairs": [{"cell_line": "A\n549", "drug": "x"}]}'),
    raw("100,000 brackets", "[" * 100_000),
    raw("a zero byte", b"\0"),
    raw("gzip", bytes.fromhex("1f8b0800000000000003ab562a48cc2c2a56b28a8ead050021c7c5c20c000000")),
]

NAMES = [
    named("an unknown drug", {"pairs": [GOOD, {**GOOD, "drug": "Erlotinob"}]}, 404, "unknown_drug", "/pairs/1/drug"),
    named("an unknown line", {"pairs": [{**GOOD, "cell_line": "A5499"}]}, 404, "unknown_cell_line",
          "/pairs/0/cell_line"),
    named("an unknown name in a column", {"cell_lines": ["A549", "?"], "drugs": ["JQ1", "JQ1"]}, 404,
          "unknown_cell_line", "/cell_lines/1"),
    named("a name of punctuation", {"pairs": [{**GOOD, "cell_line": "-/()"}]}, 404, "unknown_cell_line",
          "/pairs/0/cell_line"),
    named("a name of blanks", {"pairs": [{**GOOD, "drug": " \t\n"}]}, 404, "unknown_drug", "/pairs/0/drug"),
    named("a name of zero bytes", {"pairs": [{**GOOD, "drug": "\0\0"}]}, 404, "unknown_drug", "/pairs/0/drug"),
    named("a name that unfolds to 18 times its length", {"pairs": [{**GOOD, "drug": "ﷺ" * 500}]}, 404, "unknown_drug",
          "/pairs/0/drug"),
    named("SMILES in another case", {"pairs": [{**GOOD, "drug": "co"}]}, 404, "unknown_drug", "/pairs/0/drug"),
    named("an ambiguous name", {"cell_lines": ["A549", "t t"], "drugs": ["JQ1", "JQ1"]}, 422, "ambiguous_name",
          "/cell_lines/1"),
    named("an unknown model", {"pairs": [GOOD], "model": "dim3"}, 422, "unknown_model", "/model"),
    named("a model in another case", {"pairs": [GOOD], "model": "HGACL"}, 422, "unknown_model", "/model"),
]  # fmt: skip

PATHS = [
    asked("/rank/A5499", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank/", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank//", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank/%00", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank/%ff%fe", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank/%ed%a0%80", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank/%1b%5b31m%0d%0a", 404, "unknown_cell_line", "/path/cell_line"),
    asked("/rank/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "unknown_cell_line", "/path/cell_line"),
    asked(f"/rank/{'a' * 60_000}", 422, "invalid_request", "/path/cell_line"),
    asked("/rank/tt", 422, "ambiguous_name", "/path/cell_line"),
    asked("/drugs/none", 404, "unknown_drug", "/path/drug"),
    asked("/drugs/none/cell-lines", 404, "unknown_drug", "/path/drug"),
    asked("/drugs//cell-lines", 404, "unknown_drug", "/path/drug"),
    asked(f"/drugs/{'%F0%9F%92%8A' * 4_000}", 422, "invalid_request", "/path/drug"),
    asked(f"/drugs/{LONG}/cell-lines", 422, "invalid_request", "/path/drug"),
    asked("/cell-lines/none", 404, "unknown_cell_line", "/path/cell_line"),
    asked(f"/cell-lines/{LONG}", 422, "invalid_request", "/path/cell_line"),
    asked("/no/such/path", 404, "not_found"),
    asked("/index", 404, "not_found"),
    asked("/predict/", 404, "not_found"),
    asked("/PREDICT", 404, "not_found"),
    asked("/predict", 405, "method_not_allowed"),
    Bad("PUT", 405, "method_not_allowed", method="PUT"),
    Bad("a method that there is not", 405, "method_not_allowed", method="BREW"),
]

PARAMETERS = [
    *(
        asked(f"/rank/A549?k={k}", 422, "invalid_request", "/query/k")
        for k in ("0", "-1", "1e308", "NaN", "inf", "-inf", "1.5", "0x10", "true", "", "%EF%BC%91", "1%00", "9" * 5000)
    ),
    asked("/rank/A549?top=5", 422, "invalid_request", "/query/top"),
    asked("/rank/A549?K=5", 422, "invalid_request", "/query/K"),
    asked("/rank/A549?model=none", 422, "unknown_model", "/query/model"),
    asked("/rank/A549?model=%00", 422, "unknown_model", "/query/model"),
    asked("/rank/A549?model=", 422, "invalid_request", "/query/model"),
    asked("/rank/A549?target=none", 422, "unknown_filter", "/query/target"),
    asked("/rank/A549?pathway=none", 422, "unknown_filter", "/query/pathway"),
    asked(f"/rank/A549?target={LONG}", 422, "invalid_request", "/query/target"),
    asked("/drugs/JQ1/cell-lines?k=0", 422, "invalid_request", "/query/k"),
    asked("/drugs/JQ1/cell-lines?target=EGFR", 422, "invalid_request", "/query/target"),
    *(
        asked(f"/{table}?{query}", 422, "invalid_request", f"/query/{query.partition('=')[0]}")
        for table in ("cell-lines", "drugs")
        for query in ("limit=0", "limit=1001", "limit=NaN", "offset=-1", "offset=1e9", "offset=10000000000", "page=2")
    ),
    asked(f"/drugs?q={LONG}", 422, "invalid_request", "/query/q"),
]

LIMITS = [
    # A file of keys that has none: every key is wrong.
    Bad("a wrong key", 401, "unauthorized", body=f'{{"pairs":[{PAIR}]}}'.encode(), settings={"keys_file": "/dev/null"},
        headers={"content-type": "application/json", "x-api-key": "drp_wrong"}),
    Bad("no key", 401, "unauthorized", method="GET", path="/models", settings={"keys_file": "/dev/null"}),
    Bad("a body too large", 413, "body_too_large", body=b" " * 2_001, settings={"max_body_bytes": 2_000}),
    Bad("a body too large for a route without one", 413, "body_too_large", method="GET", path="/health/live",
        body=b" " * 2_001, settings={"max_body_bytes": 2_000}),
    Bad("a body far too large", 413, "body_too_large", body=b" " * 40_000, settings={"max_body_bytes": 2_000}),
    Bad("too many pairs", 413, "too_many_pairs", body=f'{{"pairs":[{",".join([PAIR] * 11)}]}}'.encode(),
        settings={"max_pairs_per_request": 10}),
    Bad("too many wrong pairs", 413, "too_many_pairs", body=f'{{"pairs":[{",".join("5" * 11)}]}}'.encode(),
        settings={"max_pairs_per_request": 10}),
    Bad("a column too long", 413, "too_many_pairs", body=f'{{"drugs":[{",".join(["7"] * 11)}]}}'.encode(),
        settings={"max_pairs_per_request": 10}),
]  # fmt: skip

BAD_INPUTS = FORMS + NOT_JSON + NAMES + PATHS + PARAMETERS + LIMITS
