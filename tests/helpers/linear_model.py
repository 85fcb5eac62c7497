"""A stand-in for a bundle's model whose predictions are linear in the genes, so that derivatives are known."""

import numpy as np
import pandas as pd

from training.clinical.tables import ClinicalError


class LinearModel:
    """ln IC50 = −weights · expression; tissues move all drugs alike."""

    name, version, least_similarity = "linear", "made@0", 0.5

    def __init__(self, genes: list[str], weights: np.ndarray, tissues: tuple[str, ...] = ("skin", "lung")) -> None:
        self.genes, self.weights, self.tissues = genes, weights, list(tissues)
        count = weights.shape[1]
        self.drugs = pd.DataFrame(
            {
                "id": [f"d{i}" for i in range(count)],
                "name": [f"Drug {i}" for i in range(count)],
                "threshold_ln_um": np.zeros(count),
                "ln_ic50_sd": np.full(count, 2.0),
            }
        )

    def refuse_few_genes(self, genes) -> None:
        if not set(genes) & set(self.genes):
            raise ClinicalError("none of the genes is there")

    def on_lines_scale(self, z: pd.DataFrame) -> np.ndarray:
        return z.reindex(columns=self.genes).to_numpy(np.float32)

    def predict(self, expression, tissues, progress=None):
        shift = np.array([self.tissues.index(name) if name else 0 for name in tissues])[:, None]
        values = -np.nan_to_num(expression) @ self.weights + shift
        return values.astype(np.float32), np.linspace(0, 1, len(values), dtype=np.float32)
