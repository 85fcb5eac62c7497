"""The page itself: figures as PNG and SVG, tables as CSV, and one HTML file that holds all figures."""

import base64
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from training.report.method_labels import label
from training.report.parts import Drawing, Section
from training.report.results_folder import ResultsError, read_results
from training.report.sections import sections
from training.report.study import SPLITS, Study, studies
from training.report.style import STYLE

PAGE = "report.html"
DPI = 200
ENVIRONMENT = Environment(
    loader=PackageLoader("training.report", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_report(
    folder: Path,
    out: Path,
    reference: str | None = None,
    splits: tuple[str, ...] = (),
    done: Callable[[str], None] = lambda _: None,
) -> list[Section]:
    """Write `out`/report.html, `out`/figures and `out`/tables; returns the sections as they stand on the page.

    `done` is told each file name as it is written. An older report there is replaced, foreign files are left alone.
    Raises ResultsError when the folder is not one of `drp evaluate`.
    """
    results = read_results(folder)
    found = studies(results, reference, splits)
    for name in ("figures", "tables"):
        shutil.rmtree(out / name, ignore_errors=True)
        (out / name).mkdir(parents=True)
    images: dict[str, str] = {}
    with mpl.rc_context(STYLE):
        made = sections(found)
        for section in made:
            for part in section.parts:
                if isinstance(part, Drawing):
                    images[part.name] = _draw(part, out / "figures")
                else:
                    part.data.to_csv(out / "tables" / f"{part.name}.csv", index=False)
                done(part.name)
    html = ENVIRONMENT.get_template("page.html.j2").render(
        sections=made,
        images=images,
        studies=[_facts(study) for study in found],
        kinds=SPLITS,
        is_figure=lambda part: isinstance(part, Drawing),
        folder=folder.resolve().name,
    )
    _write(out / PAGE, html.encode())
    return made


def _draw(drawing: Drawing, folder: Path) -> str:
    """Write PNG and SVG; return the PNG as base64, which stands in the page."""
    png = io.BytesIO()
    drawing.figure.savefig(png, dpi=DPI, format="png", metadata={"Software": None})
    drawing.figure.set_layout_engine("none")  # the layout is settled; both files shall look alike
    svg = io.BytesIO()
    drawing.figure.savefig(svg, format="svg", metadata={"Date": None, "Title": drawing.title})
    _write(folder / f"{drawing.name}.png", png.getvalue())
    _write(folder / f"{drawing.name}.svg", svg.getvalue())
    return base64.b64encode(png.getvalue()).decode()


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
    }


def _folds(study: Study, split: str) -> str:
    pooled: pd.DataFrame = study.main(split)
    done, of = len(pooled[["split_seed", "fold"]].drop_duplicates()), study.count_folds(split)
    return f"{done} folds" if done >= of else f"{done} of {of} folds"


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.writing")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as fault:
        raise ResultsError(f"{path}: cannot be written ({fault.strerror})") from fault
