"""Weights of DiM2-DRP's class tokens over the other side's tokens, against those of an attention that chooses none."""

from pathlib import Path
from textwrap import wrap

import pandas as pd
from matplotlib.axes import Axes

from training.page.parts import Drawing
from training.page.style import GREY, INK, PALETTE, new_figure, style_axes
from training.report.method_labels import best_first, label
from training.report.results_folder import read_attention
from training.report.study import Study

MOST_TOKENS = 20
FEW_TOKENS = 8  # up to these, a label has three lines
LABEL_WIDTH = 34  # characters
TITLES = {"cell": "tokens of the line,\nseen from the drug", "drug": "tokens of the drug,\nseen from the line"}


def token_weights(study: Study, split: str) -> list[Drawing]:
    """Two panels of bars for each method whose first fold holds its attention: the line's tokens, and the drug's."""
    drawings = []
    for method in best_first(study.folds(split)):
        path = study.first(study.attention, method, split)
        if path is not None:
            drawings.append(_drawing(study, method, split, path))
    return drawings


def _drawing(study: Study, method: str, split: str, path: Path) -> Drawing:
    found = read_attention(path)
    shown = max(min(len(table), MOST_TOKENS) for table in found.tokens.values())
    figure = new_figure(1.1 + (0.19 if shown > FEW_TOKENS else 0.45) * shown)
    for axes, (side, table) in zip(figure.subplots(1, 2), found.tokens.items(), strict=True):
        _bars(axes, table, shown)
        axes.set(title=TITLES[side], xlabel="mean weight")
    counts = " and ".join(f"{min(len(table), MOST_TOKENS)} of {len(table)}" for table in found.tokens.values())
    caption = (
        f"Weights of the last layer on {found.pairs:,} pairs of {path.stem}, mean over heads and pairs, whiskers ± 1 "
        "sd over pairs: the drug's class token over the tokens of the line, and the line's over those of the drug. "
        f"The largest are drawn, {counts}. All of a side add up to 1, its class token included; the dotted line is 1 "
        "/ number of tokens, the weight of an attention that chooses nothing. Short whiskers say that it looks at the "
        "same tokens whatever the pair. Tokens of the drug are numbers of its codes, so substructures are seen only "
        "through them, and after the first layer a token also carries what it has seen of the other side. A weight is "
        "where the network looks, not what a pathway does to a response."
    )
    title = study.title(f"{split}: what the attention of {label(method)} looks at")
    return Drawing(study.file("attention", method, split), title, caption, figure)


def _bars(axes: Axes, table: pd.DataFrame, rows: int) -> None:
    largest = table.sort_values("mean", ascending=False, kind="stable").head(MOST_TOKENS)
    places = range(len(largest))
    whiskers = {"ecolor": GREY, "elinewidth": 0.8}
    axes.barh(places, largest["mean"], 0.7, xerr=largest["deviation"], color=PALETTE[0], error_kw=whiskers)
    axes.axvline(1 / len(table), color=INK, linewidth=0.8, linestyle=":")
    lines = 1 if rows > FEW_TOKENS else 3
    wrapped = (wrap(text, LABEL_WIDTH, max_lines=lines, placeholder="…") for text in largest["label"])
    axes.set_yticks(places, ["\n".join(parts) for parts in wrapped], fontsize=7)
    axes.set(xlim=(0, None), ylim=(rows - 0.5, -0.5))
    style_axes(axes, y=True)
