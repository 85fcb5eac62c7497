"""
Train and evaluate on your own data
===================================

You have a screen, and want a model of it with honest figures. Here a synthetic screen stands for yours: after
`drp data import` the steps are the same. `pip install '.[train]'` has what they need.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from drug_response.client.bundle import open_bundle

work = Path(tempfile.mkdtemp())


def drp(*words: object) -> None:
    """Run the command, as in a shell."""
    command = [sys.executable, "-m", "drug_response.training", *map(str, words)]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


drp("data", "demo", work / "data", "--lines", 100)

# %%
# Cell lines are left out: two of five folds, a method that knows only means, and two that read the lines' tables.

methods = "mean_effects,kernel_ridge_ln_ic50,kernel_stack"
drp("evaluate", work / "data", work / "results", "--splits", "LCO", "--models", methods, "--only", "0,1")

# %%
# Read the measures per drug first: which of these lines responds to this drug? Pooled AUROC mixes drugs, and a method
# that knows nothing of the lines gets a good one. 0.5 is chance per drug.

figures = pd.read_parquet(work / "results" / "results.parquet").query("level == 'pooled'")
table = figures.pivot_table("value", "method", "metric")[["auroc", "per_drug_auroc"]]
print(table.round(3))
table.plot.barh(figsize=(6, 2.5), xlim=(0.4, 1)).axvline(0.5, color="grey")
plt.tight_layout()

# %%
# Train the one that you trust, on all pairs, and ask the bundle.

drp("train", work / "data", work / "run", "--model", "kernel_stack")
drp("export", work / "run", work / "bundle", "--results", work / "results")
for found in open_bundle(work / "bundle").rank("DEMO-001", k=3).drugs:
    print(f"{found.drug.name}: {found.probability:.3f}")
