"""What an explanation costs: /predict with `detail: explain` beside the same request without it.

    python -m benchmarks.explain [BUNDLE]

One process, through the ASGI app; the cases take turns and the least of the rounds counts. Read the ratios.
"""

import json
import sys
from collections.abc import Callable

import numpy as np

from benchmarks.api import ask, fastest_ms, served


def main() -> None:
    """Print the table."""
    app, predictor = served(sys.argv[1:])
    genes = predictor.bundle.models[predictor.bundle.default_model].card["inductive"]["genes"]
    rng = np.random.default_rng(0)
    sample = {name: dict(zip(genes[name], rng.random(len(genes[name])).tolist(), strict=True)) for name in genes}
    sample["mutation"] = genes["mutation"][:20]
    drugs = [row.id for row in predictor.drugs.rows[:20]]
    known = predictor.lines.rows[0].id

    def post(line: str, drugs: list[str], detail: str) -> Callable[[], object]:
        pairs = [{"cell_line": line, "drug": drug} for drug in drugs]
        body = {"pairs": pairs, "detail": detail, **({"samples": {"new": sample}} if line == "new" else {})}
        content = json.dumps(body).encode()
        return lambda: ask(app, "POST", "/predict", body=content)

    best = fastest_ms(
        {
            f"{name}, {len(some)} pairs, {detail}": post(line, some, detail)
            for name, line in (("known line", known), ("new sample", "new"))
            for some in (drugs[:1], drugs)
            for detail in ("full", "explain")
        }
    )
    print(f"{predictor.bundle.version}\n\n{'':32}{'ms':>9}{'× full':>9}")
    unit = 1.0
    for name, ms in best.items():
        unit = ms if name.endswith("full") else unit
        print(f"{name:32}{ms:9.2f}{ms / unit:9.1f}")


if __name__ == "__main__":
    main()
