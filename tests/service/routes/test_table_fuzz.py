"""POST /predict/table: random tables get the clean table's answer, an answer with a warning, or a refusal in words."""

import csv
import gzip
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.demo_encoders import GENES
from tests.service.routes.test_tables import PATH

PANEL = GENES["expression"]
OTHERS = ["TTN", "A1BG", "Y_RNA", "OR4F5", "1234"]
NAMES = ["s1", "sample two", "7", "Ä-3", "x;y", "a,b", '"q"']
BLANKS = ["", "NA", "NaN", "n/a", "-", " "]
MANY = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
NUMBERS = st.floats(0, 15).map(lambda number: round(number, 3))


def written(rows, delimiter=",", end="\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def post(client, content):
    files = {"expression": ("table", content)}
    return client.post(PATH, files=files, data={"drugs": "JQ1"})


def by_sample(answer):
    return {one["cell_line"]["name"]: one["score"] for one in answer.json()["predictions"]}


@st.composite
def tables(draw):
    """The clean table of some samples, and the same in a dialect of its own."""
    samples = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    values = [[draw(st.one_of(NUMBERS, st.just(None))) for _ in samples] for _ in PANEL]
    clean = written([["gene", *samples], *([g, *("" if v is None else v for v in row)]
                                           for g, row in zip(PANEL, values, strict=True))])  # fmt: skip
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    comma = delimiter != "," and draw(st.booleans())

    def cell(value):
        text = draw(st.sampled_from(BLANKS)) if value is None else str(value)
        return text.replace(".", ",") if comma else text

    rows = [[draw(st.sampled_from([gene, gene.lower()])), *map(cell, row)]
            for gene, row in zip(PANEL, values, strict=True)]  # fmt: skip
    rows += [
        [gene, *(str(draw(st.integers(0, 9))) for _ in samples)] for gene in draw(st.lists(st.sampled_from(OTHERS)))
    ]
    if draw(st.booleans()):
        rows.append(list(draw(st.sampled_from(rows))))
    rows = draw(st.permutations(rows))
    if draw(st.integers(0, 9)) == 0:  # contradicts what stands in another row
        rows.append([PANEL[0], *("14.5" for _ in samples)])
    order = draw(st.permutations(range(len(samples))))
    table = [["gene", *(samples[i] for i in order)], *([row[0], *(row[1 + i] for i in order)] for row in rows)]
    if draw(st.booleans()):
        table = [[row[0], "12" if i else "Length", *row[1:]] for i, row in enumerate(table)]
    elif draw(st.booleans()):
        table = [list(column) for column in zip(*table, strict=True)]
    text = written(
        table,
        delimiter,
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    text = draw(st.sampled_from(["", "\n", "# made by hand\n"])) + text + draw(st.sampled_from(["", "\n\n"]))
    content = text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))
    return clean, gzip.compress(content) if draw(st.booleans()) else content


@MANY
@given(tables())
def test_a_table_in_any_dialect_gets_the_answer_of_the_clean_one_or_words(client, drawn):
    clean, dialect = drawn
    answer, expected = post(client, dialect), post(client, clean.encode())
    assert answer.status_code in (200, 413, 422), answer.text
    if answer.status_code != 200:
        assert answer.json()["detail"]
    elif expected.status_code != 200 or by_sample(answer) != by_sample(expected):
        assert answer.json()["warnings"] or answer.json()["refused"]


@MANY
@given(st.one_of(st.binary(max_size=300), st.text('TP53KRAS,;\t\n\r"0123456789.-#', max_size=200).map(str.encode)))
def test_anything_at_all_is_answered_or_refused_in_words(client, content):
    for field in ("expression", "mutation", "copy_number", "compounds"):
        answer = client.post(PATH, files={field: ("table", content)}, data={"drugs": "JQ1", "cell_lines": "TT"})
        assert answer.status_code in (200, 413, 422), answer.text
