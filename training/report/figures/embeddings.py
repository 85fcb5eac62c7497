"""Cell lines in three stages of the network, by t-SNE (HGACL-DRP, fig. 8)."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from training.page.parts import Drawing
from training.page.style import GREY, MARKERS, PALETTE, new_figure
from training.report.method_labels import label
from training.report.results_folder import read_stages
from training.report.study import Study

MOST_TISSUES = 10
COMPONENTS = 50  # principal components before t-SNE, as its authors advise
NEIGHBOURS = 10
SEED = 0
TITLES = {"raw": "raw features", "fused": "fused", "trained": "trained"}
Float = NDArray[np.float64]


def tsne_stages(study: Study) -> list[Drawing]:
    """Three panels of a cell's stages for each network whose first fold has them, random pairs before other splits."""
    drawings = []
    for method in study.networks:
        found = filter(None, (study.first(study.stages, method, split) for split in study.splits))
        if path := next(found, None):
            drawings += _stages(study, method, path)
    return drawings


def _stages(study: Study, method: str, path: Path) -> list[Drawing]:
    tissue, stages = read_stages(path)
    if len(tissue) < NEIGHBOURS + 2:
        return []
    names, counts = np.unique(tissue, return_counts=True)
    order = [str(names[place]) for place in np.argsort(-counts, kind="stable")]
    named = [name for name in order if name not in ("unknown", "other")][:MOST_TISSUES]
    figure = new_figure(3.4)
    panels = figure.subplots(1, len(stages))
    chance = float(np.sum(counts * (counts - 1)) / len(tissue) / (len(tissue) - 1))
    for axes, (stage, raw) in zip(panels, stages.items(), strict=True):
        filled = _filled(raw)
        _points(axes, _embedded(filled), tissue, named)
        axes.set(title=TITLES[stage], xticks=[], yticks=[])
        axes.set_xlabel(f"same tissue among {NEIGHBOURS}\nneighbours: {same_tissue(filled, tissue):.0%}")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, markerscale=1.8, handletextpad=0.2)
    caption = (
        f"{len(tissue)} cell lines of {path.stem}, each stage embedded on its own (t-SNE, seed {SEED}, after at most "
        f"{COMPONENTS} principal components; missing features filled with their mean). Axes have no unit, and "
        "distances between clusters mean nothing. The share below each panel is measured in the stage itself, not in "
        f"the picture: of a line's {NEIGHBOURS} nearest neighbours, how many share its tissue; {chance:.0%} is "
        "chance. A rise says that the stage sorts lines by tissue, which is not yet that it predicts responses."
    )
    file = study.file("stages", *([] if method == study.reference else [method]))
    return [Drawing(file, study.title(f"Cell lines in three stages of {label(method)}"), caption, figure)]


def same_tissue(values: Float, tissue: NDArray[np.str_]) -> float:
    """Mean share of each line's nearest neighbours that have its tissue. Shapes: (N, p), (N,)."""
    nearest = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(values).kneighbors(return_distance=False)
    return float((tissue[nearest] == tissue[:, None]).mean())


def _filled(values: Float) -> Float:
    known = ~np.isnan(values)
    mean = np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    scaled: Float = StandardScaler().fit_transform(np.where(known, values, mean))
    return scaled


def _embedded(values: Float) -> Float:
    n = len(values)
    if min(values.shape) > COMPONENTS:
        values = PCA(COMPONENTS, random_state=SEED).fit_transform(values)
    places: Float = TSNE(perplexity=min(30.0, (n - 1) / 3), init="pca", random_state=SEED).fit_transform(values)
    return places


def _points(axes: Axes, places: Float, tissue: NDArray[np.str_], named: list[str]) -> None:
    rest = ~np.isin(tissue, named)
    size = 9 if len(tissue) > 300 else 16
    for place, name in enumerate(named):
        rows = tissue == name
        axes.scatter(
            places[rows, 0],
            places[rows, 1],
            s=size,
            color=PALETTE[place % len(PALETTE)],
            marker=MARKERS[place // len(PALETTE) * 3 + place % 3],
            label=f"{name} ({rows.sum()})",
            linewidth=0,
            alpha=0.85,
        )
    if rest.any():
        axes.scatter(
            places[rest, 0],
            places[rest, 1],
            s=size * 0.6,
            color=GREY,
            alpha=0.4,
            linewidth=0,
            zorder=0,
            label=f"other ({rest.sum()})",
        )
    axes.grid(visible=False)
    axes.spines[:].set_visible(True)
