"""
From an RNA-seq table to ranked drugs
=====================================

You have a table as nf-core/rnaseq writes it, and want to know which drugs each sample should respond to. The three
samples here are simulated; put the path of your own table in.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from drug_response.client.bundle import open_bundle
from drug_response.client.frames import predict_frame

table = Path("../samples/salmon.merged.gene_tpm.tsv")
service = open_bundle()  # with a running service: Client("http://localhost:8000")

# %%
# Samples become rows, genes columns; any identifier of a gene will do. TPM is said once, and checked.

tpm = pd.read_csv(table, sep="\t", index_col="gene_id").drop(columns="gene_name").T
answers = predict_frame(service, expression=tpm, expression_unit="TPM")
print(f"{answers.cell_line.nunique()} samples × {answers.drug.nunique()} drugs; warnings: {answers.attrs['warnings']}")

# %%
# Look at the domain first: outside it the numbers are extrapolation. `nearest` is the most similar cell line.

print(answers.groupby("cell_line")[["in_domain", "nearest_cell_line"]].first())

# %%
# Ranked by percentile: each drug is compared with itself on the training lines. Ranked by score, drugs that kill
# nearly everything would come first for every sample.

best = answers.sort_values("percentile", ascending=False).groupby("cell_line").head(8)
figure, panels = plt.subplots(1, 3, figsize=(11, 3.5), layout="constrained", sharex=True)
for panel, (sample, rows) in zip(panels, best.groupby("cell_line"), strict=True):
    drugs = rows.sort_values("percentile")
    error = [drugs.ln_ic50 - drugs.ln_ic50_low, drugs.ln_ic50_high - drugs.ln_ic50]
    panel.errorbar(drugs.ln_ic50, drugs.drug, xerr=error, fmt="o", color="#2f6f9f", ecolor="#c0d4e4")
    panel.set(title=sample, xlabel="ln IC50 (µM) with its 90 % interval")
