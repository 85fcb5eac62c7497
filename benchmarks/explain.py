"""What an explanation costs: /predict with `detail: explain` beside the same request without it.

    python -m benchmarks.explain [BUNDLE]

One process, without HTTP; the cases take turns and the least CPU time of the rounds counts. Read the ratios.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from service.answers.predict import answer_predict
from service.answers.tables.media_types import JSON
from service.prediction.predictor import Predictor
from service.schemas.requests import PredictRequest
from service.settings import BUNDLED, Settings

ROUNDS = 15


def least_ms(timed: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Least time of each case over the rounds; the cases take turns so that a slow moment hits them all."""
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(ROUNDS):
        for name, case in timed.items():
            start = time.process_time()
            case()
            best[name] = min(best[name], 1000 * (time.process_time() - start))
    return best


def main() -> None:
    """Print the table."""
    predictor = Predictor.load(Settings(bundle=Path(sys.argv[1]) if sys.argv[1:] else BUNDLED, further_bundle=None))
    genes = predictor.bundle.models[predictor.bundle.default_model].card["inductive"]["genes"]
    rng = np.random.default_rng(0)
    sample = {name: dict(zip(genes[name], rng.random(len(genes[name])).tolist(), strict=True)) for name in genes}
    sample["mutation"] = genes["mutation"][:20]
    drugs = [row.id for row in predictor.drugs.rows[:20]]
    known = predictor.lines.rows[0].id

    def post(line: str, drugs: list[str], detail: str) -> Callable[[], object]:
        pairs = [{"cell_line": line, "drug": drug} for drug in drugs]
        body = {"pairs": pairs, "detail": detail, **({"samples": {"new": sample}} if line == "new" else {})}
        request = TypeAdapter(PredictRequest).validate_python(body)
        return lambda: answer_predict(predictor, request, JSON)

    best = least_ms(
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
