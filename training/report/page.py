"""The page of `drp report`: what its head says, and where its sections go."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from training.page.parts import Section
from training.page.writing import write_page
from training.report.method_labels import label
from training.report.results_folder import read_results
from training.report.sections import sections
from training.report.study import SPLITS, Study, studies

PAGE = "report.html"
TITLE = "Drug response: what was measured"


def write_report(
    folder: Path,
    out: Path,
    reference: str | None = None,
    splits: tuple[str, ...] = (),
    done: Callable[[str], None] = lambda _: None,
) -> list[Section]:
    """Write `out`/report.html, `out`/figures and `out`/tables; returns the sections as they stand on the page.

    `done` is told each file name as it is written. An older report there is replaced, foreign files are left alone.
    Raises ResultsError when the folder is not one of `drp evaluate`, PageError where a file cannot be written.
    """
    found = studies(read_results(folder), reference, splits)
    facts = {"studies": [_facts(study) for study in found], "kinds": SPLITS}
    return write_page(out / PAGE, "training.report", lambda: sections(found), TITLE, facts, done)


def _facts(study: Study) -> dict[str, Any]:
    """What the head of the page says of a dataset."""
    rows = study.table[study.table["protocol"] == "folds"]
    cells = rows.drop_duplicates(["method", "split", "shuffle", "split_seed", "fold", "seed"])
    return {
        "name": study.dataset,
        "hashes": ", ".join(sorted({text[:12] for text in (rows if len(rows) else study.table)["dataset_hash"]})),
        "reference": label(study.reference),
        "code": study.reference,
        "methods": [(method, label(method)) for method in study.methods],
        "splits": [(split, f"{_folds(study, split)}") for split in study.splits],
        "cells": len(cells),
        "left_out": study.left_out,
    }


def _folds(study: Study, split: str) -> str:
    pooled: pd.DataFrame = study.main(split)
    done, of = len(pooled[["split_seed", "fold"]].drop_duplicates()), study.count_folds(split)
    return f"{done} folds" if done >= of else f"{done} of {of} folds"
