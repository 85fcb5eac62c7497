"""What is learned of lines from the training lines alone, as one object that is fitted once.

It transforms training lines and others alike, is kept with a fit, and is what the exported graphs are made of.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from model.encoder_inputs import LINE_NAMES, MODALITIES
from training.data.arrays import Arrays, Floats
from training.features.imputation import Imputation, fit_imputation
from training.features.names import known_names, one_hot_of
from training.features.panel import fit_modality, panel_table, presence
from training.features.table_fit import COMPONENTS, Rows, TableFit

Blocks = dict[str, Floats]
# One fold asks for the same lines in every method, and each fit costs seconds: the last ones are kept.
_recent: deque[tuple[Arrays, bytes, int, int, "LineFit", Blocks]] = deque(maxlen=2)


@dataclass(frozen=True)
class LineFit:
    """Tables, names and imputations of the lines, fitted on the training lines.

    `tables` has all three modalities, `names` the columns of tissue, cancer type and medium. `references` are all
    components of the training lines, those of the block imputed where a line lacks the table, and their names.
    Shapes: lines (N,) boolean; present[m] (N',) boolean; references[name] (N', k).
    """

    lines: Rows
    width: int
    tables: dict[str, TableFit]
    names: dict[str, list[str]]
    present: dict[str, Rows]
    references: Blocks
    imputations: dict[str, Imputation]

    def block_width(self, modality: str) -> int:
        """Components of a modality in its block."""
        return min(self.width, self.tables[modality].width)

    def reference_blocks(self) -> Blocks:
        """Blocks of the training lines, (N', width) each."""
        return {
            name: x[:, : self.block_width(name)] if name in self.tables else x for name, x in self.references.items()
        }

    def bare_blocks(self, arrays: Arrays) -> Blocks:
        """Blocks of all lines of the data, zeros where a line lacks a table, (N, width) each."""
        blocks = {}
        for name, table in self.tables.items():
            if table.width:
                raw, present = (torch.from_numpy(x) for x in (panel_table(arrays, name), presence(arrays, name)))
                blocks[name] = table.block(raw, present, self.width)
        return blocks | {name: one_hot_of(getattr(arrays, name), known) for name, known in self.names.items()}

    def impute(self, arrays: Arrays, bare: Blocks) -> Blocks:
        """Blocks with their gaps predicted from the others. Shapes: as `bare_blocks` gives them."""
        blocks = dict(bare)
        for name, imputation in self.imputations.items():
            present = presence(arrays, name)
            if not present.all():
                blocks[name] = np.where(present[:, None], bare[name], imputation.predict(_others(bare, name)))
        return blocks

    def with_references(self, change: Callable[[Floats], Floats]) -> "LineFit":
        """The same with every table's references changed, and its imputations fitted on these."""
        changed = {name: change(x) if name in self.tables else x for name, x in self.references.items()}
        fit = replace(self, references=changed)
        bare = fit.reference_blocks()
        for name, present in self.present.items():
            bare[name] = np.where(present[:, None], bare[name], 0)
        return replace(fit, imputations=_imputations(bare, self.present))


def fit_lines(arrays: Arrays, lines: Rows, width: int = COMPONENTS, components: int = COMPONENTS) -> LineFit:
    """Fit on `lines` (N,): at most `width` components a block, at most `components` in all."""
    return _fit(arrays, lines, width, components)[0]


def line_blocks(arrays: Arrays, lines: Rows, width: int = COMPONENTS) -> Blocks:
    """First components of expression, copy number, mutation; tissue, cancer type and medium one-hot; each (N, …).

    Shapes: lines (N,), which means, scales and axes come from. A name that none of them has is zeros.
    """
    return _fit(arrays, lines, width, COMPONENTS)[1]


def _fit(arrays: Arrays, lines: Rows, width: int, components: int) -> tuple[LineFit, Blocks]:
    key, components = lines.tobytes(), max(components, COMPONENTS)
    for known, *settings, fit, blocks in _recent:
        if known is arrays and settings == [key, width, components]:
            return fit, blocks
    tables = {m: fit_modality(arrays, lines, m, components=components) for m in MODALITIES}
    names = {name: known_names(getattr(arrays, name), lines) for name in LINE_NAMES}
    fit = LineFit(lines, width, tables, names, {}, {}, {})
    bare = fit.bare_blocks(arrays)
    present = {m: presence(arrays, m)[lines] for m in tables if m in bare}
    fit = replace(fit, present=present, imputations=_imputations({n: x[lines] for n, x in bare.items()}, present))
    blocks = fit.impute(arrays, bare)
    fit = replace(fit, references={name: _reference(arrays, fit, name, x) for name, x in blocks.items()})
    _recent.append((arrays, key, width, components, fit, blocks))
    return fit, blocks


def _reference(arrays: Arrays, fit: LineFit, name: str, block: Floats) -> Floats:
    """All components of the training lines, the block's imputed; the rows of names as they are."""
    if name not in fit.tables:
        return block[fit.lines]
    raw, present = (torch.from_numpy(x[fit.lines]) for x in (panel_table(arrays, name), presence(arrays, name)))
    scores = fit.tables[name].scores(raw, present).numpy()
    scores[:, : block.shape[1]] = block[fit.lines]
    return scores


def _imputations(bare: Blocks, present: dict[str, Rows]) -> dict[str, Imputation]:
    return {name: fit_imputation(_others(bare, name)[rows], bare[name][rows]) for name, rows in present.items()}


def _others(blocks: Blocks, name: str) -> Floats:
    """All blocks but one side by side."""
    return np.hstack([x for other, x in blocks.items() if other != name])
