"""How `make docs` builds the site. What the code knows is written from the code, into build/docs-parts."""

import json
import logging
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from textwrap import indent

import yaml
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)  # of the commands that notebooks run

from model.version import VERSION  # noqa: E402
from service.settings import PREFIX, Settings  # noqa: E402

PARTS = ROOT / "build" / "docs-parts"
CONTRACT = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))


def command_reference() -> str:
    """Every command of `drp` with its options, as typer writes them."""
    asked = [sys.executable, "-m", "typer", "training.cli.main", "utils", "docs", "--name", "drp"]
    written = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return written.partition("\n")[2].replace("```console", "```text")  # the page has a title of its own


def settings_table() -> str:
    """A row a setting of the service."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`".replace(f"{ROOT}/", "")
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def route_table() -> str:
    """A row a route of the contract."""
    rows = ["| route | answers |", "|---|---|"]
    for path, methods in CONTRACT["paths"].items():
        for method, route in methods.items():
            first = " ".join(route["description"].partition("\n\n")[0].split())
            rows.append(f"| `{method.upper()} {path}` | {first} |")
    return "\n".join(rows)


def write_contract_page(folder: Path) -> None:
    """Swagger UI with the contract inside, so that it opens from a file."""
    folder.mkdir(exist_ok=True)
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        (folder / name).write_bytes((files("fastapi_offline") / "static" / name).read_bytes())
    shown = f'SwaggerUIBundle({{spec: {json.dumps(CONTRACT)}, dom_id: "#page", supportedSubmitMethods: []}});'
    (folder / "start.js").write_text(shown, encoding="utf-8")
    (folder / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><title>The API</title><link rel="stylesheet" href="swagger-ui.css">'
        '<div id="page"></div><script src="swagger-ui-bundle.js"></script><script src="start.js"></script>',
        encoding="utf-8",
    )


def keep_layout(_app: object, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Paragraphs of a docstring with indented lines are tables, formulas or code: they keep their lines."""
    paragraphs = "\n".join(lines).split("\n\n")
    kept = [f"::\n\n{indent(one, '    ')}" if re.search(r"^ +\S", one, re.MULTILINE) else one for one in paragraphs]
    lines[:] = "\n\n".join(kept).split("\n")


def setup(app: Sphinx) -> None:
    """Connect what Sphinx calls."""
    app.connect("autodoc-process-docstring", keep_layout)


for talkative in ("httpx2", "service"):
    logging.getLogger(talkative).setLevel(logging.WARNING)
(PARTS / "site").mkdir(parents=True, exist_ok=True)
write_contract_page(PARTS / "site" / "openapi")
for part in (command_reference, settings_table, route_table):
    (PARTS / f"{part.__name__}.md").write_text(part(), encoding="utf-8")

project = "drug-response"
author = "the authors of drug-response"
release = VERSION
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["notebooks/README.txt"]
suppress_warnings = ["misc.highlighting_failure"]  # … in JSON is meant

html_theme = "furo"
html_title = f"drug-response {VERSION}"
html_extra_path = [str(PARTS / "site")]
html_show_sourcelink = False

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4

default_role = "code"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}

sphinx_gallery_conf = {
    "examples_dirs": "../examples/notebooks",
    "gallery_dirs": "notebooks",
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "show_memory": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 1e6,
}
