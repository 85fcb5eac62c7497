"""Each request of README.md and docs/reference/api.md is answered by the bundled model, and as they show it."""

import re
import shlex
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import client.api
from client.__main__ import app
from client.bundle import open_bundle
from service.app import create_app
from service.prediction.predictor import Predictor
from service.settings import Settings

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bundles" / "gdsc"
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/reference/api.md")}
TOUR = PAGES["docs/reference/api.md"]
EVERY_PAGE = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GLOBBED = re.compile(r"[?*\[\]]")  # what zsh takes for a pattern, and refuses where no file fits
FLOAT = r"-?\d+\.\d+"


def commands(page):
    """Words of every command of a page and what the page shows as its answer, "" where it shows none."""
    for block, json_block in re.findall(r"```console\n(.*?)```(?:\n```json\n(.*?)```)?", page, re.DOTALL):
        found = []
        for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = text.splitlines()
            end = next(i for i in range(1, len(lines) + 1) if whole("\n".join(lines[:i])))
            found.append((shlex.split("\n".join(lines[:end]), comments=True), "\n".join(lines[end:])))
        answered = 0 if "Look up" in page.partition(block)[0].rpartition("\n## ")[2] else len(found) - 1
        if json_block:
            found[answered] = (found[answered][0], json_block)
        yield from found


def whole(text):
    try:
        return bool(shlex.split(text, comments=True)) and not text.endswith("\\")
    except ValueError:
        return False


ASKED = [
    pytest.param(words, shown, id=f"{name}: {' '.join(words)[:60]}")
    for name, page in PAGES.items()
    for words, shown in commands(page)
    if words[0] == "curl" and "expression=@tpm.tsv" not in words and not any("metrics" in word for word in words)
]
COMPOUNDS = next(words[1] for words, _ in commands(TOUR) if words[0] == "printf").replace("\\n", "\n")


@pytest.fixture(scope="module")
def bundled():
    with TestClient(create_app(Settings(bundle=BUNDLE), Predictor.load(Settings(bundle=BUNDLE)))) as asking:
        yield asking


def test_the_pages_have_as_many_requests_as_they_show():
    assert len(ASKED) > 15
    assert sum(bool(shown) for _, shown in (one.values for one in ASKED)) > 10


@pytest.mark.parametrize(("words", "shown"), ASKED)
def test_a_request_of_the_page_gets_what_the_page_shows(bundled, words, shown):
    answer = curl(bundled, words)
    assert answer.status_code == (404 if "A5499" in words[1] else 200), answer.text
    for part in shown.splitlines() if "text/csv" in answer.headers["content-type"] else [shown]:
        pattern, numbers = pattern_of(part)
        found = re.search(pattern, re.sub(r"\s", "", answer.text))
        assert found, (part, answer.text)
        assert [float(one) for one in found.groups()] == pytest.approx(numbers, rel=2e-4, abs=1e-5)


def curl(bundled, words):
    """Ask what a curl command asks, whatever it is piped into."""
    if "|" in words:
        words = words[: words.index("|")]
    (url,) = (word for word in words if word.startswith("localhost:8000"))
    options = [(words[i], words[i + 1]) for i in range(1, len(words) - 1) if words[i] in {"-d", "-F", "-H", "-X"}]
    headers = dict(value.split(": ", 1) for option, value in options if option == "-H")
    body = "".join(value for option, value in options if option == "-d") or None
    form = [value.split("=", 1) for option, value in options if option == "-F"]
    sent = {"content": body.encode()} if body else {}
    if form:
        files = {name: (value[1:], COMPOUNDS) for name, value in form if value == "@compounds.csv"}
        sent = {"files": files, "data": {name: value for name, value in form if name not in files}}
    method = "POST" if body or form else "GET"
    return bundled.request(method, url.removeprefix("localhost:8000"), headers=headers, **sent)


def pattern_of(shown):
    """Regular expression of what is shown, blanks aside, with a group for each number; … is whatever. And the numbers.

    The last digits of a number are the machine's.
    """
    text, numbers = re.sub(r"\s", "", shown), []
    parts = re.split(rf'("[^"]*"|{FLOAT}|…)', text)
    for i, part in enumerate(parts):
        if re.fullmatch(FLOAT, part):
            numbers.append(float(part))
        parts[i] = ".*?" if part == "…" else rf"({FLOAT}(?:e-?\d+)?)" if re.fullmatch(FLOAT, part) else re.escape(part)
    return "".join(parts), numbers


def shell_lines(page):
    """Commands of a page: those after a $, those of blocks without one, and those within the text."""
    for language, block in re.findall(r"^```(console|sh|bash|)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        text = "\n".join(line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ "))
        if text or language in ("sh", "bash"):
            yield text or block
    yield from re.findall(r"`((?:pip install|drp|curl) [^`\n]+)`", page)


@pytest.mark.parametrize("path", EVERY_PAGE, ids=lambda path: path.name)
def test_no_command_of_a_page_has_an_unquoted_pattern(path):
    for text in shell_lines(path.read_text(encoding="utf-8")):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|(?:^|\s)#.*", "", text, flags=re.MULTILINE)
        words = [word for word in bare.split() if GLOBBED.search(word) and not word.startswith("[")]
        assert not words, (text, words)


def test_the_python_of_the_page_prints_what_the_page_shows(monkeypatch, capsys):
    code, shown = re.search(r"```python\n(.*?)```\n```\n(.*?)```", TOUR, re.DOTALL).groups()
    monkeypatch.setattr(client.api, "Client", lambda *_, **__: open_bundle(BUNDLE))
    exec(code, {})  # noqa: S102 -- the project's own page
    pattern, numbers = pattern_of(shown)
    found = re.fullmatch(pattern, re.sub(r"\s", "", capsys.readouterr().out))
    assert found
    assert [float(one) for one in found.groups()] == pytest.approx(numbers, rel=2e-4)


def test_the_command_of_the_page_prints_the_table_that_the_page_shows():
    (shown,) = (shown for words, shown in commands(TOUR) if words[:2] == ["drp", "rank"] and "cell line" in shown)
    printed = CliRunner().invoke(app, ["rank", "A549", "-k", "2", "--bundle", str(BUNDLE)])
    assert [line.strip() for line in printed.stdout.splitlines()] == [line.strip() for line in shown.splitlines()]


def test_the_page_states_the_limits_of_the_domain():
    limits = Predictor.load(Settings(bundle=BUNDLE)).models["hgacl"].encoders.entry["domain"]
    page = " ".join(TOUR.split())
    assert f"(closeness {limits['cell_line']:.2f} in the bundled HGACL-DRP)" in page
    assert f"({limits['drug']:.2f} with targets or pathway, {limits['drug_structure']:.2f} by structure alone)" in page
