"""Time and peak memory of reading 200 samples × 60,000 genes as the service and the client read them.

    python -m benchmarks.transcriptome BUNDLE          # each step in a process of its own
    python -m benchmarks.transcriptome BUNDLE FILE     # read FILE here and print what it took

Memory is that of the whole process, interpreter and bundle included; the first line is the process without a table.
"""

import gzip
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from model.bundle.reader import read_bundle
from model.genes.panel import Panel
from model.genes.table import GeneTable, genes_of
from model.tables.matrix import read_matrix
from model.tables.rows import Rows

SAMPLES, GENES = 200, 60_000


def panel_of(folder: Path) -> Panel:
    """The genes of expression that the bundle's default model reads."""
    bundle = read_bundle(folder)
    card = bundle.models[bundle.manifest["default_model"]].card
    return Panel(card["inductive"]["genes"]["expression"], GeneTable(genes_of(bundle.identifiers["genes"])))


def write(path: Path, panel: Panel, genes: int) -> None:
    """Write made-up TPM, genes down: those of the model among others, in any order."""
    random = np.random.default_rng(0)
    symbols = panel.symbols[:genes]
    names = random.permutation([*symbols, *(f"ENSG9{i:010}.1" for i in range(genes - len(symbols)))])
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        file.write("gene\t" + "\t".join(f"s{i}" for i in range(SAMPLES)) + "\n")
        for name in names:
            file.write(f"{name}\t" + "\t".join(f"{value:.6f}" for value in random.gamma(0.3, 30, SAMPLES)) + "\n")


def read(panel: Panel, path: Path) -> None:
    """Read the table and print its size, seconds and the peak memory of this process."""
    started = time.perf_counter()
    with path.open("rb") as file:
        found = read_matrix(Rows(file), panel, SAMPLES)
    took = time.perf_counter() - started
    read_genes, size = len(found.values["s0"]), path.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{path.name}, {size:.0f} MB: {read_genes} genes read in {took:.1f} s, peak memory {peak:.0f} MiB")


def main() -> None:
    """Print what it takes to read one gene, and a transcriptome as it is and packed."""
    folder = Path(sys.argv[1])
    panel = panel_of(folder)
    if len(sys.argv) > 2:
        read(panel, Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as place:
        for name, genes in (("one_gene.tsv", 1), ("tpm.tsv", GENES), ("tpm.tsv.gz", GENES)):
            write(Path(place) / name, panel, genes)
            command = [sys.executable, "-m", "benchmarks.transcriptome", str(folder), str(Path(place) / name)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
