"""What the pages let one type can be typed: the shell reads it, commands and options exist, zsh finds no pattern."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.helpers.typed_commands import check

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
GLOBBED = re.compile(r"[?*\[\]]")  # what zsh takes for a pattern, and refuses where no file fits
TYPED = re.compile(r"^(?:export |\.venv-\w+/bin/)?(?:drp|make|python|docker|curl|ray|pip|[A-Z_]+=)")


def shell_texts(page):
    """What a page lets one type: all after a $, blocks of commands without one, and commands within the text."""
    for language, block in re.findall(r"^```(console|sh|bash|)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        yield from (typed(part) for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])
        if "\n$ " not in f"\n{block}" and (language in ("sh", "bash") or TYPED.match(block)):
            yield block
    yield from re.findall(r"`((?:pip install|drp|curl) [^`\n]+)`", page)


def typed(part):
    """The command at the beginning of a part of a block, without what it prints."""
    lines = part.splitlines(keepends=True)
    for end in range(1, len(lines)):
        try:
            if shlex.split("".join(lines[:end]), comments=True) and not lines[end - 1].endswith("\\\n"):
                return "".join(lines[:end])
        except ValueError:  # a quotation goes on
            continue
    return part


def parts_of(path):
    return list(shell_texts(path.read_text(encoding="utf-8")))


WITH_COMMANDS = [path for path in PAGES if parts_of(path)]


def commands(text):
    """Words of each command of a text, without variables before it and without what it is piped into."""
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines() if joined.count("'") % 2 == 0 and "'\n" not in joined else [joined]:
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue  # a line of a quotation
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        ends = [i for i, word in enumerate(words) if word in {"|", ">", "&&"}]
        if words:
            yield words[: min(ends, default=len(words))]


def test_the_pages_have_commands():
    assert len(WITH_COMMANDS) > 10


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda path: path.name)
def test_the_shell_reads_every_command(path):
    for text in parts_of(path):
        done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True)
        assert done.returncode == 0, (text, done.stderr)


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda path: path.name)
def test_every_command_and_option_exists(path):
    for text in parts_of(path):
        for words in commands(text):
            check(words)


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda path: path.name)
def test_no_command_has_an_unquoted_pattern(path):
    for text in parts_of(path):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|(?:^|\s)#.*", "", text, flags=re.MULTILINE)
        words = [word for word in bare.split() if GLOBBED.search(word) and not word.startswith("[")]
        assert not words, (text, words)
