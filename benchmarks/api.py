"""What the shape of a request costs: 10,000 pairs as objects, as columns, as scores, and the scoring alone.

    python -m benchmarks.api [BUNDLE]

Everything runs in one process through the ASGI app, without a network; the forms take turns, and the least of the
rounds counts. Read the ratios: the milliseconds are the machine's.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from service.app import create_app
from service.prediction.predictor import Predictor
from service.routes.routed_app import App
from service.settings import Settings

PAIRS, ROUNDS = 10_000, 15
JSON = [(b"content-type", b"application/json")]


def ask(app: App, method: str, path: str, query: str = "", body: bytes = b"") -> int:
    """Send one request to the app and return the size of its answer; fails where it is not 200."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
        "scheme": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [*JSON, (b"content-length", b"%d" % len(body))] if body else [],
    }
    received = bytearray()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise RuntimeError(f"{path} answered {message['status']}")
        received.extend(message.get("body", b""))

    asyncio.get_event_loop().run_until_complete(app(scope, receive, send))
    return len(received)


def cases(app: App, predictor: Predictor) -> dict[str, Callable[[], object]]:
    """Name what is timed; the first is the unit of the ratios."""
    rng = np.random.default_rng(0)
    cells, drugs = rng.integers(len(predictor.lines), size=PAIRS), rng.integers(len(predictor.drugs), size=PAIRS)
    lines = [predictor.lines.rows[i].name for i in cells]
    names = [predictor.drugs.rows[j].name for j in drugs]
    objects = {"pairs": [{"cell_line": c, "drug": d} for c, d in zip(lines, names, strict=True)]}
    columns = {"cell_lines": lines, "drugs": names}
    model = predictor.bundle.default_model

    def post(**body: object) -> Callable[[], object]:
        content = json.dumps(body).encode()
        return lambda: ask(app, "POST", "/predict", body=content)

    first = predictor.lines.rows[0].id
    return {
        "scoring alone": lambda: predictor.predict(model, cells, drugs),
        "columns in, scores out": post(**columns, detail="scores"),
        "columns in, objects out": post(**columns),
        "objects in, scores out": post(**objects, detail="scores"),
        "objects in, objects out": post(**objects),
        "one pair": lambda: ask(app, "POST", "/predict", body=json.dumps({"pairs": objects["pairs"][:1]}).encode()),
        "rank, k=10": lambda: ask(app, "GET", f"/rank/{first}", query="k=10"),
        "health": lambda: ask(app, "GET", "/health/live"),
    }


def fastest_ms(timed: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Least time of each case over the rounds; the cases take turns so that a slow moment hits them all."""
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(ROUNDS):
        for name, case in timed.items():
            start = time.perf_counter()
            case()
            best[name] = min(best[name], 1000 * (time.perf_counter() - start))
    return best


def served(arguments: Sequence[str]) -> tuple[App, Predictor]:
    """The app in this process, on the bundle that the command's arguments name, else the settings' own."""
    settings = Settings(bundle=Path(arguments[0])) if arguments else Settings()
    predictor = Predictor.load(settings)
    app = create_app(settings, predictor)
    app.state.service.open(predictor)
    asyncio.set_event_loop(asyncio.new_event_loop())
    return app, predictor


def main() -> None:
    """Print the table."""
    app, predictor = served(sys.argv[1:])
    best = fastest_ms(cases(app, predictor))
    unit = best["scoring alone"]
    print(f"{predictor.bundle.version}: {len(predictor.lines)} lines × {len(predictor.drugs)} drugs, {PAIRS} pairs\n")
    print(f"{'':26}{'ms':>9}{'× scoring':>12}")
    for name, ms in best.items():
        print(f"{name:26}{ms:9.2f}{ms / unit:12.2f}")


if __name__ == "__main__":
    main()
