"""What the columns of a genes × samples table are by their names: identifiers, annotation, known formats."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from model.tables.faults import TableError
from model.tables.numbers import TEXT, is_text, no_number

# Names without case and punctuation. Identifiers of genes, the surest first.
IDENTIFIERS = (
    *("ensemblgeneid", "ensemblid", "ensembl", "ensg", "geneid", "entrezgeneid", "entrezid", "entrez", "ncbigeneid"),
    *("genename", "genesymbol", "symbol", "hugosymbol", "hgncsymbol", "externalgenename", "gene", "genes", "name"),
    *("genesymbols", "symbols", "genenames", "geneids", "hugogenesymbol"),
    *("description", "id", "gname", "feature", "featureid", "featurename"),
)
# Of samples, above their names.
SAMPLE_HEADS = (
    *("sample", "sampleid", "samplename", "name", "id", "cellline", "celllineid", "celllinename", "line", "model"),
    *("modelid", "modelname", "depmapid", "cosmicid", "patient", "patientid", "case", "caseid", "barcode", "donor"),
)
# Of a gene or of a statistic, never of a sample.
ANNOTATIONS = frozenset(
    (
        *("chr", "chrom", "chromosome", "seqname", "chromosomename", "start", "end", "strand", "locus", "locusid"),
        *("startposition", "endposition", "txstart", "txend", "cytoband", "band", "location", "length", "genelength"),
        *("effectivelength", "efflength", "width", "size", "gccontent", "genetype", "genebiotype", "biotype", "type"),
        *("source", "transcriptid", "transcriptids", "transcriptidlist", "txname", "txid", "hgncid", "uniprotid"),
        *("numreads", "expectedcount", "estcounts", "counts", "tpm", "fpkm", "rpkm", "postedcount", "pme"),
        *("coverage", "unstranded", "strandedfirst", "strandedsecond", "fpkmunstranded"),
        *("fpkmuqunstranded", "fpkmconflo", "fpkmconfhi", "fpkmstatus"),
        *("basemean", "logfc", "log2foldchange", "lfcse", "stat", "pvalue", "padj", "fdr", "mean", "median", "sd"),
        *("entrezgeneid", "ensemblgeneid", "symbolentrez", "chrlist", "probe", "probeid", "probesetid", "unit"),
        *("isoformid", "isoformids", "isopct", "status", "class", "family", "alias", "aliases", "synonyms"),
    )
)


@dataclass(frozen=True)
class OneSample:
    """A format with the columns of one sample, of which one is read."""

    called: str
    columns: frozenset[str]
    value: str
    unit: str


SINGLE = (
    OneSample("Salmon quant.sf", frozenset(("name", "length", "effectivelength", "tpm", "numreads")), "tpm", "TPM"),
    OneSample(
        "RSEM genes.results", frozenset(("geneid", "length", "effectivelength", "expectedcount", "tpm")), "tpm", "TPM"
    ),
    OneSample("StringTie gene abundance", frozenset(("geneid", "coverage", "fpkm", "tpm")), "tpm", "TPM"),
    OneSample("GDC's STAR counts", frozenset(("tpmunstranded",)), "tpmunstranded", "TPM"),
)
VALUES = frozenset(("tpm", "log2tpm1", "expression", "value", "log2ratio", "mutated"))  # of a table of one sample
FEATURE_COUNTS = ("geneid", "chr", "start", "end", "strand", "length")


@dataclass(frozen=True)
class Columns:
    """Places of a table with genes down: identifiers, the surest first; samples with their names; gene lengths."""

    called: str
    identifiers: tuple[int, ...]
    samples: tuple[tuple[int, str], ...]
    unit: str | None = None
    length: int | None = None


def plain(name: str) -> str:
    """Letters and digits of a column's name, in small letters."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def find_columns(
    header: Sequence[str],
    sampled: Sequence[Sequence[str]],
    row_annotations: int,
    name: str,
    words: Collection[str] = (),
    first: int = 0,
) -> Columns:
    """Columns of a table with genes down; the `first` that is read is an identifier, whatever its name.

    `sampled` are some of its rows, `row_annotations` the columns after the first that a GCT file says are annotation,
    `name` that of the sample in a format of one, `words` those that stand for numbers. Raises TableError where no
    sample is left.
    """
    names = [plain(cell) for cell in header]
    for single in SINGLE:
        if single.columns <= set(names) and names.count(single.value) == 1:
            return Columns(
                single.called, _identifiers(names, [first]), ((names.index(single.value), name),), single.unit
            )
    counts = tuple(names[: len(FEATURE_COUNTS)]) == FEATURE_COUNTS
    stated = set(range(1, 1 + row_annotations)) if row_annotations else set()
    leading = _leading_texts(sampled, range(first, len(header)), words)
    annotation = {j for j, one in enumerate(names) if one in ANNOTATIONS or one in IDENTIFIERS or j <= first}
    annotation |= stated | leading
    if "coverage" in names:  # StringTie's chromosomes; else it may be a sample
        annotation |= {j for j, one in enumerate(names) if one == "reference"}
    empty = {j for j, cell in enumerate(header) if not cell.strip() and not any(row[j].strip() for row in sampled)}
    samples = tuple((j, header[j].strip()) for j in range(len(header)) if j not in annotation | empty)
    values = [j for j, one in enumerate(names) if one in VALUES and j]
    if not samples and len(values) == 1:
        samples = ((values[0], name),)
    if not samples:
        strange = [j for j in sorted(leading - {first}) if names[j] not in ANNOTATIONS and names[j] not in IDENTIFIERS]
        if strange:
            cell = next(row[strange[0]] for row in sampled if row[strange[0]].strip())
            raise TableError(f"column {strange[0] + 1} holds texts and no numbers: {no_number(cell, words)}")
        raise TableError("every column is an identifier or annotation of genes; no column of a sample is left")
    identifiers = _identifiers(names, [first, *sorted(stated | leading)])
    if counts:
        return Columns("featureCounts", identifiers, samples, "TPM", names.index("length"))
    return Columns("genes down", identifiers, samples)


def _identifiers(names: Sequence[str], others: Sequence[int]) -> tuple[int, ...]:
    """Columns that may hold identifiers, the surest first; `others` are some by their place."""
    known = sorted(
        (j for j, name in enumerate(names) if name in IDENTIFIERS), key=lambda j: IDENTIFIERS.index(names[j])
    )
    return tuple(dict.fromkeys([*known, *others]))


def _leading_texts(sampled: Sequence[Sequence[str]], columns: Iterable[int], words: Collection[str]) -> set[int]:
    """The columns up to the first that does not hold texts."""
    out = set()
    for j in columns:
        cells = [row[j] for row in sampled if j < len(row) and row[j].strip()]
        if not all(TEXT.match(cell.strip()) for cell in cells) or not any(is_text(cell, words) for cell in cells):
            break
        out.add(j)
    return out
