"""A page on disk: figures as PNG and SVG, tables as CSV, and one HTML file that holds all figures."""

import base64
import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from training.page.parts import Drawing, Section
from training.page.style import STYLE

DPI = 200


class PageError(ValueError):
    """A file of the page that cannot be written; the message names it."""


def write_page(
    page: Path,
    package: str,
    make: Callable[[], Sequence[Section]],
    title: str,
    facts: dict[str, Any],
    done: Callable[[str], None] = lambda _: None,
) -> list[Section]:
    """Write `page`, with the folders figures and tables beside it; returns the sections as they stand on it.

    `package` has the template page.html.j2, which extends frame.html.j2 and reads `facts`. `make` is called in the
    style of the page. `done` is told each file name as it is written. An older page there is replaced, foreign files
    are left alone. Raises PageError.
    """
    out, images = page.parent, dict[str, str]()
    for name in ("figures", "tables"):
        shutil.rmtree(out / name, ignore_errors=True)
        (out / name).mkdir(parents=True)
    with mpl.rc_context(STYLE):
        made = list(make())
        for section in made:
            for part in section.parts:
                if isinstance(part, Drawing):
                    images[part.name] = _draw(part, out / "figures")
                else:
                    part.data.to_csv(out / "tables" / f"{part.name}.csv", index=False)
                done(part.name)
    html = (
        _environment(package)
        .get_template("page.html.j2")
        .render(
            title=title,
            folder=out.resolve().name,
            sections=made,
            images=images,
            is_figure=lambda part: isinstance(part, Drawing),
            **facts,
        )
    )
    _write(page, html.encode())
    return made


def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "."), PackageLoader("training.page", ".")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


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


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.writing")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as fault:
        raise PageError(f"{path}: cannot be written ({fault.strerror})") from fault
