"""Each request of the pages is answered by the bundled model, and as they show it; each block of Python runs."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

import client.api
from client.__main__ import app
from client.bundle import open_bundle

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bundles" / "gdsc"
NAMES = ("README.md", "docs/reference/api.md", "docs/tutorials/first-answers.md", "docs/how-to/python.md")
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
TOUR, PYTHON = PAGES["docs/reference/api.md"], PAGES["docs/how-to/python.md"]
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
    if words[0] == "curl" and "expression=@tpm.tsv" not in words
]
COMPOUNDS = next(words[1] for words, _ in commands(TOUR) if words[0] == "printf").replace("\\n", "\n")


def test_the_pages_have_as_many_requests_as_they_show():
    assert len(ASKED) > 15
    assert sum(bool(shown) for _, shown in (one.values for one in ASKED)) > 10


@pytest.mark.parametrize(("words", "shown"), ASKED)
def test_a_request_of_the_page_gets_what_the_page_shows(bundled, words, shown):
    answer = curl(bundled, words)
    assert answer.status_code == (404 if "A5499" in words[1] else 200), answer.text
    text = piped(answer.text, words)
    for part in shown.splitlines() if "text/csv" in answer.headers["content-type"] else [shown]:
        pattern, numbers = pattern_of(part)
        found = re.search(pattern, re.sub(r"\s", "", text))
        assert found, (part, text)
        assert [float(one) for one in found.groups()] == pytest.approx(numbers, rel=2e-4, abs=1e-5)


def piped(text, words):
    """What the command prints that the answer is piped into."""
    if "|" not in words:
        return text
    return subprocess.run(words[words.index("|") + 1 :], input=text, capture_output=True, text=True, check=True).stdout


def curl(bundled, words):
    """Ask what a curl command asks."""
    if "|" in words:
        words = words[: words.index("|")]
    (url,) = (word for word in words if word.startswith("localhost:8000"))
    options = [(words[i], words[i + 1]) for i in range(1, len(words) - 1) if words[i] in {"-d", "-F", "-H", "-X"}]
    headers = dict(value.split(": ", 1) for option, value in options if option == "-H")
    body = "".join(value for option, value in options if option == "-d") or None
    form = [value.split("=", 1) for option, value in options if option == "-F"]
    sent = {"content": body.encode()} if body else {}
    if form:
        files = {name: (value[1:], content(value[1:])) for name, value in form if value.startswith("@")}
        sent = {"files": files, "data": {name: value for name, value in form if name not in files}}
    method = "POST" if body or form else "GET"
    return bundled.request(method, url.removeprefix("localhost:8000"), headers=headers, **sent)


def content(path):
    return COMPOUNDS if path == "compounds.csv" else (ROOT / path).read_text(encoding="utf-8")


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


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if "```python" in page])
@pytest.mark.usefixtures("bundle_read_once")
def test_the_python_of_a_page_prints_what_the_page_shows(name, monkeypatch, capsys):
    found = re.search(r"```python\n(.*?)```(?:\n```\n(.*?)```)?", PAGES[name], re.DOTALL)
    monkeypatch.setattr(client.api, "Client", lambda *_, **__: open_bundle(BUNDLE))
    exec(found[1].replace("drug_response.", ""), {})  # noqa: S102 -- the project's own page
    printed = capsys.readouterr().out
    assert printed
    if found[2]:
        pattern, numbers = pattern_of(found[2])
        shown = re.fullmatch(pattern, re.sub(r"\s", "", printed))
        assert shown
        assert [float(one) for one in shown.groups()] == pytest.approx(numbers, rel=2e-4)


def test_the_command_of_the_page_prints_the_table_that_the_page_shows():
    (shown,) = (shown for words, shown in commands(PYTHON) if words[:2] == ["drp", "rank"] and "cell line" in shown)
    printed = CliRunner().invoke(app, ["rank", "A549", "-k", "2", "--bundle", str(BUNDLE)])
    assert [line.strip() for line in printed.stdout.splitlines()] == [line.strip() for line in shown.splitlines()]


def test_the_page_states_the_limits_of_the_domain(bundled_predictor):
    model = bundled_predictor.bundle.default_model
    limits = bundled_predictor.models[model].encoders.entry["domain"]
    texts = f"{limits['drug']:.2f} with targets or pathway, {limits['drug_structure']:.2f} by structure alone"
    assert f"(of the bundled `{model}` {texts})" in " ".join(TOUR.split())


def test_the_readme_states_what_the_card_of_the_default_model_says():
    card = json.loads((BUNDLE / "manifest.json").read_text(encoding="utf-8"))
    metrics = card["metrics"][card["default_model"]]
    rows = re.findall(r"^\| [^|]+ \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", PAGES["README.md"], re.MULTILINE)
    measured = [
        tuple(f"{metrics[split][measure]['mean']:.3f}" for measure in ("auroc", "per_drug_auroc", "rmse"))
        for split in ("LPO", "LCO", "LDO", "LCDO")
    ]
    assert rows == measured
