"""Time and peak memory of `drp data import` on tables of the size that people have: 1,000 lines × 20,000 genes.

    python -m benchmarks.import_size [--lines 1000] [--genes 20000] [--drugs 200]

Writes made-up tables in the own-tables layout (expression, copy number and mutation of that size), imports them in a
process of its own and prints figures. Nothing is asserted: seconds depend on the machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc


def write_tables(folder: Path, lines: int, genes: int, drugs: int) -> None:
    """Write made-up tables: log2(TPM + 1), log2 ratios, 0/1, and responses of every second pair."""
    random = np.random.default_rng(0)
    ids = [f"L{i}" for i in range(lines)]
    names = [f"G{j}" for j in range(genes)]
    pd.DataFrame({"id": ids}).assign(tissue="lung").to_csv(folder / "cell_lines.csv", index=False)
    pd.DataFrame({"id": [f"D{k}" for k in range(drugs)]}).assign(pathway="").to_csv(folder / "drugs.csv", index=False)
    line, drug = np.nonzero(random.random((lines, drugs)) < 0.5)
    value = random.normal(2, 2, len(line)).round(4)
    pairs = pd.DataFrame({"cell_line": [ids[i] for i in line], "drug": [f"D{k}" for k in drug], "ln_ic50_um": value})
    pairs.to_csv(folder / "responses.csv", index=False)
    tables = {
        "expression": random.gamma(2, 1.5, (lines, genes)).clip(max=15).round(4),
        "copy_number": random.normal(0, 0.3, (lines, genes)).round(4),
        "mutations": (random.random((lines, genes)) < 0.02).astype(np.int8),
    }
    for name, values in tables.items():
        columns = [pa.array(ids), *(pa.array(np.ascontiguousarray(values[:, j])) for j in range(genes))]
        pc.write_csv(pa.Table.from_arrays(columns, names=["cell_line", *names]), folder / f"{name}.csv")


def main() -> None:
    """Print the size of the tables, seconds and peak memory of the import, and of an empty run of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in (("lines", 1000), ("genes", 20000), ("drugs", 200)):
        parser.add_argument(f"--{name}", type=int, default=size)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tables"
        folder.mkdir()
        # In a process of its own: what it holds would count as the peak of the processes that are started after it.
        writer = get_context("spawn").Process(
            target=write_tables, args=(folder, sizes.lines, sizes.genes, sizes.drugs)
        )
        writer.start()
        writer.join()
        megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        print(f"tables: {sizes.lines:,} lines x {sizes.genes:,} genes, {sizes.drugs} drugs, {megabytes:.0f} MB of CSV")
        command = [sys.executable, "-m", "training", "data", "import", "--source", "own"]
        _run("start of the command alone", [*command[:4], "--help"])
        _run("import", [*command, str(folder), str(Path(place) / "dataset")])
        written = sum(path.stat().st_size for path in (Path(place) / "dataset").iterdir()) / 1e6
        print(f"dataset: {written:.0f} MB")


def _run(what: str, command: list[str]) -> None:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    print(
        f"{what}: {seconds:.1f} s, CPU {usage.ru_utime + usage.ru_stime:.1f} s, peak memory {kilobytes / 1e6:.2f} GB"
    )
    if process.returncode:
        raise SystemExit(f"{what} failed with {process.returncode}")


if __name__ == "__main__":
    main()
