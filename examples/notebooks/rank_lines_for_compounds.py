"""
From SMILES to cell lines and tissues
=====================================

You have compounds, and want to know which cell lines and tissues they should act on. The file has 20 approved drugs;
what is a drug of the bundle is answered as that drug, all others from their structure.
"""

import matplotlib.pyplot as plt
import pandas as pd
from drug_response.client.bundle import open_bundle
from drug_response.client.frames import predict_frame

compounds = pd.read_csv("../compounds/compounds.csv", index_col="name")
service = open_bundle()  # with a running service: Client("http://localhost:8000")

# %%
# Six compounds on all cell lines. `case` says which of them the model has not seen.

chosen = compounds.loc[["Imatinib", "Vemurafenib", "Osimertinib", "Ibrutinib", "Palbociclib", "Metformin"]]
lines = [line.name for line in service.cell_lines(limit=1000).cell_lines]
answers = predict_frame(service, compounds=chosen, cell_lines=lines)
print(answers.groupby("drug")[["case", "in_domain"]].first())

# %%
# The best five lines of each. Between lines of one compound the order is worth more than the potency: the interval of
# a new drug's ln IC50 is wide.

best = answers.sort_values("score", ascending=False).groupby("drug").head(5)
print(best.groupby("drug").cell_line.agg(", ".join).to_string())

# %%
# Tissues: the mean score of their lines, each compound standardised.

tissue = {line.name: line.tissue for line in service.cell_lines(limit=1000).cell_lines}
scores = answers.assign(tissue=answers.cell_line.map(tissue)).pivot_table("score", "tissue", "drug")
shown = (scores - scores.mean()) / scores.std()
figure, panel = plt.subplots(figsize=(6, 6), layout="constrained")
image = panel.imshow(shown, cmap="RdBu_r", vmin=-3, vmax=3, aspect="auto")
panel.set_xticks(range(shown.shape[1]), shown.columns, rotation=45, ha="right")
panel.set_yticks(range(shown.shape[0]), shown.index)
figure.colorbar(image, label="mean score of the tissue's lines, standardised")
