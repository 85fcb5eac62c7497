"""Random tables: what is read is what was written, or the reader says why not. Nothing else may happen."""

import gzip
import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.genes.panel import Panel
from model.tables.faults import TableError, TooManySamplesError
from model.tables.maf import is_maf, read_maf
from model.tables.matrix import Matrix, read_matrix
from model.tables.rows import Rows
from tests.helpers.genes import PANEL, gene_table

GENES = Panel(PANEL, gene_table())
WRITTEN = {
    "BRAF": ["BRAF", "braf", "673", "ENSG00000157764.14", "BRAF (673)", "B-Raf"],
    "KRAS": ["KRAS", "KRAS2", "3845"],
    "ERBB2": ["ERBB2", "HER2", "ENSG00000141736", "NGL"],
    "TP53": ["p53", "TP53"],
    "H3F3A": ["H3-3A", "H3F3A"],
    "SEPT9": ["SEPTIN9", "SEPT9", "MSF"],
    "PTEN": ["PTEN", "MMAC1"],
    "RB1": ["RB1", "OSRC"],
}
OTHERS = ["A1BG", "TEP1", "TTN", "Y_RNA", "MLL2", "1-Mar", "ENSG00000000003.5", "99999999", "Length", "GARBAGE"]
BLANKS = ["", "NA", "NaN", "n/a", "-"]
ROUGH = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, dict[str, dict[str, float]] | None, set[str]]:
    """A table's bytes, sample → gene → value as they stand in it, and genes whose rows contradict each other."""
    turned = draw(st.booleans())
    # Of samples down with none of the model's genes, one that is called like a gene could be the gene.
    names = ["s1", "two", "x y", "7", "1-Mar"] if turned else ["s1", "two", "x y", "7", "BRAF", "Length"]
    samples = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    entries = draw(st.lists(st.sampled_from([*WRITTEN, *OTHERS]), min_size=1, max_size=9))
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    comma = delimiter != "," and draw(st.booleans())
    rows, truth, spelt = [], {sample: {} for sample in samples}, {}
    for entry in entries:
        text = draw(st.sampled_from(WRITTEN.get(entry, [entry])))
        values = draw(st.lists(st.one_of(st.sampled_from(BLANKS), st.floats(0, 15).map(lambda x: round(x, 2))),
                               min_size=len(samples), max_size=len(samples)))  # fmt: skip
        rows.append([text, *(str(value).replace(".", ",") if comma else str(value) for value in values)])
        spelt.setdefault(entry, []).append((text, values))
        for sample, value in zip(samples, values, strict=True):
            if entry in WRITTEN and isinstance(value, float):
                truth[sample].setdefault(entry, []).append(value)
    table = [["" if turned else "gene", *samples], *rows]
    if turned:
        table = [list(column) for column in zip(*table, strict=True)]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    quoted = draw(st.booleans())
    lines = [delimiter.join(f'"{cell}"' if quoted else cell for cell in row) for row in table]
    content = (end.join(lines) + draw(st.sampled_from(["", end, end * 3]))).encode(
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    )
    content = gzip.compress(content) if draw(st.booleans()) else content
    return content, truth, {gene for gene, found in spelt.items() if len(found) > 1}


def read(content: bytes) -> Matrix | None:
    """What is read, or None where the reader refuses in words."""
    try:
        rows = Rows(content, 1 << 20)
        return read_maf(rows, GENES, 5) if is_maf(rows.header) else read_matrix(rows, GENES, 5, changes=True)
    except (TableError, TooManySamplesError):
        return None


@ROUGH
@given(tables())
def test_a_random_table_is_read_as_it_stands_or_refused(drawn):
    content, truth, repeated = drawn
    matrix = read(content)
    if matrix is None:
        return
    for sample, values in matrix.values.items():
        assert sample in truth
        for gene, value in values.items():
            assert value in truth[sample][gene]
    for sample, genes in truth.items():
        if sample in matrix.values:
            missing = {gene for gene in genes if gene not in matrix.values[sample]} - repeated
            assert missing <= UNKNOWN_SPELLINGS


UNKNOWN_SPELLINGS = {"BRAF"}  # "B-Raf" is no name that HGNC lists


@ROUGH
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_refused_in_words_or_read(content):
    read(content)


@ROUGH
@given(st.text(alphabet='BRAFKS,;\t\n\r"0123456789.-#', max_size=200))
def test_texts_of_a_tables_letters_are_refused_in_words_or_read(content):
    matrix = read(content.encode())
    values = [] if matrix is None else [value for genes in matrix.values.values() for value in genes.values()]
    assert all(math.isfinite(value) for value in values)
