"""Files that the documents name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
NAMED = re.compile(r"`((?:model|training|service|client|tests|benchmarks|scripts|docs|edge)/[\w./-]*)`")
LINKED = re.compile(r"\]\((?!https?://|#)([\w./-]+\.\w+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document):
    text = document.read_text(encoding="utf-8")
    missing = {name for name in NAMED.findall(text) if not (ROOT / name).exists()}
    missing |= {link for link in LINKED.findall(text) if not (document.parent / link).exists()}
    assert not missing
