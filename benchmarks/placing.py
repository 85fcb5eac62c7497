"""What it costs to place one new sample and one new compound, beside scoring a line with every drug.

    python -m benchmarks.placing BUNDLE

One thread; the least of the rounds counts. Read the ratios: the milliseconds are the machine's.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort

from model.bundle.reader import read_bundle
from model.encoder_inputs import compound_arrays, sample_arrays
from model.sample import Sample
from model.scoring import pair_scores

ROUNDS = 100
IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"


def session(graph: bytes) -> ort.InferenceSession:
    """One thread on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def milliseconds(step: Callable[[], object]) -> float:
    """Least time of one call."""
    step()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return 1e3 * min(times)


def main() -> None:
    """Print milliseconds and the ratio to scoring."""
    part = read_bundle(Path(sys.argv[1])).models["hgacl"]
    entry = part.card["inductive"]
    started = time.perf_counter()
    line, drug = session(part.graphs["line_encoder"]), session(part.graphs["drug_encoder"])
    loaded = 1e3 * (time.perf_counter() - started)
    sample = Sample(expression=dict.fromkeys(entry["genes"]["expression"], 3.0), mutation=["TP53"])
    sample_feed, _ = sample_arrays(entry, [sample])
    drug_feed = compound_arrays(entry, [IMATINIB])
    codes = np.repeat(part.cell[:1], len(part.drug), axis=0)
    scoring = milliseconds(lambda: pair_scores(codes, part.drug))
    size = (len(part.graphs["line_encoder"]) + len(part.graphs["drug_encoder"])) / 2**20
    print(f"both graphs: {size:.2f} MiB, loaded in {loaded:.0f} ms")
    print(f"scoring a line with {len(part.drug)} drugs: {scoring:.3f} ms")
    for name, step in (
        ("genes to arrays", lambda: sample_arrays(entry, [sample])),
        ("a new sample's code", lambda: line.run(None, sample_feed)),
        ("SMILES to fingerprint", lambda: compound_arrays(entry, [IMATINIB])),
        ("a new compound's codes", lambda: drug.run(None, drug_feed)),
    ):
        took = milliseconds(step)
        print(f"{name}: {took:.3f} ms, {took / scoring:.1f} times as long")


if __name__ == "__main__":
    main()
