"""The map of a bundle: its lines and its drugs in two dimensions, near each other where predictions are alike."""

import numpy as np
from numpy.typing import NDArray

from model.bundle.bundle import Bundle
from model.bundle.card import Row
from model.bundle.map import DRUG_MAP, LINE_MAP
from training.export.kernel_stack import known_scores

COMPONENTS = 30  # of the predicted responses, before the embedding
PERPLEXITY = 30.0
LEAST = 5  # rows of an embedding; fewer, or rows without a difference, lie on a circle


def map_tables(bundle: Bundle, seed: int = 0) -> dict[str, list[Row]]:
    """Tables `cell_line_map` and `drug_map` with id, x, y in [-1, 1], of the model that answers by default.

    Two lines are as near as the scores of all drugs for them are alike, each drug's z-scored over the lines; t-SNE
    (van der Maaten and Hinton 2008) brings that to two dimensions. Two drugs likewise, over the lines.
    """
    part = bundle.models[bundle.default_model]
    scores = known_scores(part.stack) if part.stack else part.cell.astype(float) @ part.drug.astype(float).T  # (N, M)
    sides = {LINE_MAP: (bundle.cell_lines, scores), DRUG_MAP: (bundle.drugs, scores.T)}
    return {
        name: [{"id": str(row["id"]), "x": x, "y": y} for row, (x, y) in zip(rows, places(values, seed), strict=True)]
        for name, (rows, values) in sides.items()
    }


def places(values: NDArray[np.float64], seed: int) -> list[tuple[float, float]]:
    """Two coordinates in [-1, 1] for each row, rounded to three digits. Shape: (n, p)."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    n = len(values)
    if n < LEAST or not values.std(0).any():
        angles = 2 * np.pi * np.arange(n) / n
        found = np.stack([np.cos(angles), np.sin(angles)], 1)
    else:
        deviation = values.std(0)
        z = (values - values.mean(0)) / np.where(deviation > 0, deviation, 1)
        components = PCA(min(COMPONENTS, *z.shape), random_state=seed).fit_transform(z)
        perplexity = min(PERPLEXITY, (n - 1) / 3)
        found = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(components).astype(float)
        found = found - (found.max(0) + found.min(0)) / 2
        found = found / max(np.abs(found).max(), 1e-9)
    return [(round(float(x), 3), round(float(y), 3)) for x, y in found]
