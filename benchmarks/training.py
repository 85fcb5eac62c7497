"""What training costs: an epoch of HGACL-DRP beside the authors' step, and how it grows with lines and drugs.

    python -m benchmarks.training            the epoch beside the authors' step
    python -m benchmarks.training slopes     ever more lines, then ever more drugs; a quarter of an hour of CPU

Data are synthetic, the widths of the tables those of GDSC; each size runs in a process of its own on one thread, which
says its CPU time and peak memory. A slope is that of log time or memory over log size from the first to the last.
The published step reads whole tables (24,421 and 18,393 genes), as the published code does.
"""

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.published_step import PublishedStep
from benchmarks.row import Row
from model.estimators.kernels import jaccard
from model.hgacl.config import HgaclConfig
from training.data.arrays import Arrays
from training.hgacl.trainer import Trainer

GENES, COPY_NUMBER, MUTATION, BITS, TISSUES, MEASURED = 687, 24_421, 18_393, 881, 25, 0.8
EPOCHS = 5  # timed, of one choice of hidden edges
SHAPES = {  # (lines, drugs) of which one grows
    "lines": [(n, 228) for n in (2_000, 8_000, 64_000)],
    "drugs": [(1_000, m) for m in (228, 1_000, 5_000)],
}


def synthetic(n: int, m: int) -> Arrays:
    """N lines and M drugs whose responses have rank 20 and noise; tables of the same genes carry them."""
    draw = np.random.default_rng(0)
    lines, drugs = draw.standard_normal((n, 20), np.float32), draw.standard_normal((m, 20), np.float32)
    response = lines @ drugs.T / 4 + draw.standard_normal((n, m), np.float32)
    measured = draw.random((n, m), np.float32) < MEASURED
    tables = {name: lines @ draw.standard_normal((20, GENES), np.float32) for name in ("expression", "copy_number")}
    tables = {name: x + draw.standard_normal(x.shape, np.float32) for name, x in tables.items()}
    tables["mutation"] = (draw.random((n, GENES), np.float32) < 0.05).astype(np.float32)
    genes = [f"G{i}" for i in range(GENES)]
    threshold = np.quantile(response, 0.12, axis=0).astype(np.float32)
    return Arrays(
        cell_line_ids=[str(i) for i in range(n)],
        drug_ids=[str(i) for i in range(m)],
        ln_ic50=np.where(measured, response, np.nan),
        sensitive=np.where(measured, response <= threshold, np.nan).astype(np.float32),
        threshold=threshold,
        features=tables,
        feature_names=dict.fromkeys(tables, genes),
        present=dict.fromkeys(tables, np.ones(n, bool)),
        fingerprints=(draw.random((m, BITS), np.float32) < 0.2).astype(np.float32),
        tissue=[f"tissue {i % TISSUES}" for i in range(n)],
        cancer_type=[""] * n,
        medium=[""] * n,
        line_groups=[str(i) for i in range(n)],
        drug_groups=[str(i) for i in range(m)],
        targets=[[f"G{i % 100}"] for i in range(m)],
        drug_pathway=[""] * m,
        smiles=[""] * m,
        concentration=np.full(m, np.nan, np.float32),
        dataset_hash="",
    )


def cpu(work: Callable[[], object], times: int) -> float:
    """CPU seconds of one call, after one that does not count."""
    work()
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times


def hgacl(n: int, m: int) -> dict[str, float]:
    """Preparation and epoch (CPU seconds) and peak memory (MiB) of the default."""
    arrays = synthetic(n, m)
    started = time.process_time()
    trainer = Trainer(arrays, arrays.measured, HgaclConfig(), 0)
    prepared = time.process_time() - started
    epoch = cpu(trainer.advance, EPOCHS)
    return {
        "preparation": prepared,
        "epoch": epoch,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def published(n: int, m: int) -> dict[str, float]:
    """The published step (CPU seconds)."""
    draw = torch.Generator().manual_seed(0)
    arrays = synthetic(n, m)
    widths = (GENES, COPY_NUMBER, MUTATION)
    kernels = torch.rand(3, n, n, generator=draw)
    bits = torch.from_numpy(arrays.fingerprints)
    tables = [torch.randn(n, width, generator=draw) for width in widths]
    sensitive, known = torch.from_numpy(arrays.sensitive == 1), torch.from_numpy(arrays.measured)
    step = PublishedStep(tables, bits, kernels, jaccard(bits, bits), sensitive)
    return {"epoch": cpu(lambda: step.step(known), 3)}


def child(kind: str, n: int, m: int) -> dict[str, float]:
    """What a process of its own says."""
    command = [sys.executable, "-m", "benchmarks.training", kind, str(n), str(m)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(said))


def measure(rounds: int) -> list[Row]:
    """An epoch on GDSC's size beside the published step: rows of docs/explanation/performance.md."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(child("hgacl", 962, 228))
        theirs.append(child("published", 962, 228))
    share = [a["epoch"] / b["epoch"] for a, b in zip(ours, theirs, strict=True)]
    return [
        Row("HGACL-DRP, 962 × 228: an epoch beside the published step", "share of published", 0.2, share),
        Row("HGACL-DRP, 962 × 228: an epoch", "CPU s", None, [one["epoch"] for one in ours]),
        Row("HGACL-DRP, 962 × 228: preparation without structures", "CPU s", 8, [one["preparation"] for one in ours]),
    ]


def growth(of: str) -> list[Row]:
    """What each size of SHAPES takes, and the slopes from the first to the last."""
    shapes = SHAPES[of]
    found, rows = [child("hgacl", *shape) for shape in shapes], list[Row]()
    grown = math.log(max(shapes[-1][0] / shapes[0][0], shapes[-1][1] / shapes[0][1]))
    for part, unit in (("preparation", "CPU s"), ("epoch", "CPU s"), ("memory", "MiB")):
        name = f"HGACL-DRP, growing {of}: {part}"
        rows += [
            Row(f"{name}, {n:,} × {m:,}", unit, None, [one[part]]) for (n, m), one in zip(shapes, found, strict=True)
        ]
        rows.append(Row(name, "log–log slope", 1.15, [math.log(found[-1][part] / found[0][part]) / grown]))
    return rows


def main(arguments: list[str]) -> None:
    """Print the rows, or what one process measured."""
    torch.set_num_threads(1)
    if arguments and arguments[0] in ("hgacl", "published"):
        kind, n, m = arguments[0], int(arguments[1]), int(arguments[2])
        print(json.dumps((hgacl if kind == "hgacl" else published)(n, m)))
        return
    for row in [*growth("drugs"), *growth("lines")] if arguments == ["slopes"] else measure(3):
        print(row.text(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
