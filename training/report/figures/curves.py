"""ROC and precision–recall curves (HGACL-DRP, fig. 5) and reliability diagrams, from the test pairs of the folds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from training.metrics.metrics import reliability as reliability_bins
from training.page.parts import Drawing
from training.page.style import INK, MethodStyle, method_styles, new_figure
from training.report.method_labels import FLOOR, label
from training.report.study import Study

MOST_CURVES = 6
GRID = np.linspace(0, 1, 201)
Float = NDArray[np.float64]


def roc_pr(study: Study, split: str) -> list[Drawing]:
    """Mean curve over folds with a band of ± 1 sd, for the best methods and the drug mean."""
    chosen = _chosen(study, split)
    if not chosen:
        return []
    look = method_styles(study.methods, FLOOR)
    figure = new_figure(4.1)
    left, right = figure.subplots(1, 2)
    pairs = sensitive = folds = 0
    entries: dict[str, tuple[float, float]] = {}
    for method in chosen:
        frame = study.predictions(method, split)
        pairs, sensitive, folds = len(frame), int(frame["sensitive"].sum()), frame["fold"].nunique()
        curves = [_curves(part) for _, part in frame.groupby("fold") if part["sensitive"].nunique() == 2]
        if not curves:
            continue
        true, precision = (np.array([curve[which] for curve in curves]) for which in (0, 1))
        entries[method] = (float(np.mean([c[2] for c in curves])), float(np.mean([c[3] for c in curves])))
        _band(left, true, look[method], _width(study, method))
        _band(right, precision, look[method], _width(study, method))
    left.plot([0, 1], [0, 1], color=INK, linewidth=0.6, linestyle=":")
    share = sensitive / max(pairs, 1)
    right.axhline(share, color=INK, linewidth=0.6, linestyle=":")
    right.annotate(f"chance {share:.2f}", (1, share), (-2, -3), textcoords="offset points", ha="right", va="top")
    left.set(
        xlabel="false positive rate", ylabel="true positive rate", title=f"{split}: ROC", xlim=(0, 1), ylim=(0, 1.01)
    )
    right.set(xlabel="recall", ylabel="precision", title=f"{split}: precision–recall", xlim=(0, 1), ylim=(0, 1.01))
    for method, (auroc, auprc) in sorted(entries.items(), key=lambda entry: -entry[1][0]):
        text = f"{label(method)}: AUROC {auroc:.3f}, AUPRC {auprc:.3f}"
        left.plot([], [], color=look[method].colour, linestyle=look[method].dashes, label=text)
    figure.legend(loc="outside lower center", ncols=2, handlelength=2.8)
    caption = (
        f"Test pairs of the {folds} {split} folds ({pairs:,} pairs, {sensitive:,} sensitive), one curve a fold, "
        "averaged at equal false positive rate or recall; bands are ± 1 sd over folds. The best methods by per-drug "
        "AUROC and the drug mean are shown. Up and left is better for ROC, up and right for precision–recall; all "
        "drugs are pooled, so a method that knows nothing but drug means can lie above chance. The numbers are means "
        "over folds of the areas."
    )
    return [Drawing(study.file("curves", split), study.title(f"{split}: ROC and precision–recall"), caption, figure)]


def reliability(study: Study) -> list[Drawing]:
    """Observed share of sensitive pairs against the predicted probability, one panel a split."""
    found = {split: _chosen(study, split) for split in study.splits}
    found = {split: methods for split, methods in found.items() if methods}
    if not found:
        return []
    look = method_styles(study.methods, FLOOR)
    columns = min(len(found), 3)
    rows = -(-len(found) // columns)
    figure = new_figure(2.9 * rows + 0.4 if columns > 1 else 4.0, 7.2 if columns > 1 else 5.0)
    grid = figure.subplots(rows, columns, squeeze=False)
    counts, top = [], 0.0
    drawn: dict[str, None] = {}
    for axes, (split, methods) in zip(grid.flat, found.items(), strict=False):
        for method in methods:
            frame = study.predictions(method, split).dropna(subset=["probability"])
            if frame.empty or frame["sensitive"].nunique() < 2 or not frame["probability"].between(0, 1).all():
                continue
            bins = reliability_bins(frame["probability"].to_numpy(), frame["sensitive"].to_numpy())
            mean, share = [one["predicted"] for one in bins], [one["observed"] for one in bins]
            axes.plot(
                mean,
                share,
                color=look[method].colour,
                marker=look[method].marker,
                markersize=4,
                linewidth=1,
                linestyle=look[method].dashes,
                zorder=3 if method == study.reference else 2,
            )
            drawn[method] = None
            top = max(top, *share, *mean)
        counts.append(f"{split} {len(frame):,}")
        axes.set(title=split, xlabel="predicted probability")
    top = min(1.0, 1.08 * top)
    for axes in list(grid.flat)[: len(found)]:
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, linestyle=":")
        axes.set(xlim=(0, top), ylim=(0, top), aspect="equal")
    for axes in list(grid.flat)[len(found) :]:
        axes.set_axis_off()
    grid[0, 0].set_ylabel("share observed sensitive")
    handles = [
        grid[0, 0].plot([], [], color=look[m].colour, marker=look[m].marker, markersize=4, linestyle=look[m].dashes)[0]
        for m in drawn
    ]
    figure.legend(handles, [label(m) for m in drawn], loc="outside lower center", ncols=3)
    caption = (
        f"Test pairs of all folds together ({'; '.join(counts)} pairs), cut into ten equally filled bins of the "
        "predicted probability. On the dotted line a probability means what it says; below it, the method promises "
        "too much. The axes end at the highest value seen, the same for all panels."
    )
    return [Drawing(study.file("reliability"), study.title("Are the probabilities calibrated?"), caption, figure)]


def _chosen(study: Study, split: str) -> list[str]:
    """The best methods that have predictions, with the reference and the floor, in the order of the colours."""
    order = [method for method in study.order(split) if not study.cells_of(method, split).empty]
    kept = [method for method in order if method in (study.reference, FLOOR)]
    kept += [method for method in order if method not in kept][: MOST_CURVES - len(kept)]
    return [method for method in study.methods if method in kept]


def _curves(part: pd.DataFrame) -> tuple[Float, Float, float, float]:
    label_, score = part["sensitive"].to_numpy(), part["score"].to_numpy()
    false, true, _ = roc_curve(label_, score)
    precision, recall, _ = precision_recall_curve(label_, score)
    on_grid = np.interp(GRID, false, true)
    on_grid[0] = 0.0
    area = float(roc_auc_score(label_, score))
    return on_grid, np.interp(GRID, recall[::-1], precision[::-1]), area, float(average_precision_score(label_, score))


def _band(axes: Axes, values: Float, look: MethodStyle, width: float) -> None:
    """The mean of the rows of `values`, shape (folds, 201), over GRID, with ± 1 sd."""
    mean = values.mean(axis=0)
    axes.plot(GRID, mean, color=look.colour, linestyle=look.dashes, linewidth=width)
    if len(values) > 1:
        sd = values.std(axis=0, ddof=1)
        axes.fill_between(GRID, mean - sd, mean + sd, color=look.colour, alpha=0.15, linewidth=0)


def _width(study: Study, method: str) -> float:
    return 2.0 if method == study.reference else 1.2
