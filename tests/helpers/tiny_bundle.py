"""A bundle of two lines and two drugs, written with what a test wants of it."""

from pathlib import Path

import numpy as np

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.writer import write_bundle
from model.scoring import calibrated, pair_scores

CODES = np.random.default_rng(0).normal(size=(2, 16), scale=0.5).astype(np.float32)


def write(
    folder: Path,
    slope: float = 8.0,
    codes: np.ndarray = CODES,
    margin: np.ndarray | None = None,
    graphs: dict[str, bytes] | None = None,
    population: dict[str, np.ndarray] | None = None,
    **fields: object,
) -> Path:
    score = pair_scores(codes[:1], codes[:1])
    test = {"cell_line": "c0", "drug": "d0", "score": score.item(), "probability": calibrated(score, slope, 0).item()}
    if margin is not None:
        test["margin"] = pair_scores(codes[:1], margin[:1]).item()
    card = {"calibration": {"slope": slope, "intercept": 0.0}, "self_test": [test]}
    manifest = {
        "name": "tiny",
        "default_model": "m",
        "dataset": {"content_hash": "d" * 64},
        "metrics": {"m": {"LPO": {"auroc": {"mean": 0.8}}}},
        **fields,
    }
    tables = [[{"id": f"{side}{i}"} for i in range(2)] for side in "cd"]
    part = ModelPart("m", codes, codes, b"graph", card, margin, graphs or {}, population or {})
    write_bundle(folder, Bundle(manifest, *tables, {"m": part}))
    return folder
