"""Make salmon.merged.gene_tpm.tsv: three simulated samples in the layout of nf-core/rnaseq, of nobody's tissue.

    python examples/samples/simulate.py BUNDLE

log2(TPM + 1) of a gene is the mean of the bundle's training lines plus what their components give, each drawn at
random with its deviation over the lines, so that genes vary together as in lines. sample_1 has genes of breast high,
ERBB2 among them, sample_2 those of B cells, sample_3 those of melanocytes.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

HIGH = {
    "sample_1": ("ERBB2", "ERBB3", "GATA3", "FOXA1", "CDH1"),
    "sample_2": ("PTPRC", "LCP1", "CD79A", "CD79B", "PAX5", "BTK"),
    "sample_3": ("MITF", "PAX3"),
}


def simulate(bundle: Path) -> str:
    """The table as text: gene_id, gene_name, a column a sample, in TPM."""
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    genes = manifest["models"]["kernel_stack"]["inductive"]["genes"]["expression"]
    stack = load_file(bundle / "kernel_stack" / "stack.safetensors")
    axes, block = (stack[f"{name}.expression"] * stack[f"scale.{name}.expression"] for name in ("axes", "block"))
    of_lines = block[stack["has.expression"] > 0] @ np.linalg.pinv(axes)
    components, mean = np.linalg.svd(of_lines - of_lines.mean(0), full_matrices=False)[2], stack["mean.expression"]
    scores = of_lines @ components.T
    known = json.loads((bundle / "identifiers" / "genes.json").read_text(encoding="utf-8"))
    ensembl = {gene["symbol"]: gene["ensembl"][0] for gene in known if gene.get("ensembl")}
    random = np.random.default_rng(0)
    columns = []
    for high in HIGH.values():
        drawn = random.normal(0, scores.std(0)) @ components + of_lines.std(0) * [2.0 * (g in high) for g in genes]
        columns.append(np.maximum(2 ** np.maximum(mean + drawn, 0) - 1, 0))
    rows = [
        f"{ensembl.get(gene, gene)}\t{gene}\t" + "\t".join(f"{value:.3f}" for value in values)
        for gene, *values in zip(genes, *columns, strict=True)
    ]
    return "\n".join(["gene_id\tgene_name\t" + "\t".join(HIGH), *rows]) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("salmon.merged.gene_tpm.tsv").write_text(simulate(Path(sys.argv[1])), encoding="utf-8")
