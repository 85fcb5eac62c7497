"""How people write genes: Ensembl ids with versions, Entrez ids, two identifiers in one, protein changes, dates.

Rules alone: nothing here knows a gene.
"""

import re

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
DATE = re.compile(
    rf"\d{{1,2}}[-/. ]+(?:{MONTHS})(?:[-/. ]+\d{{2,4}})?|(?:{MONTHS})[-/. ]+(?:\d{{1,2}}|(?:19|20)\d\d)"
    r"|\d{4}[-/]\d\d?[-/]\d\d?(?:[ T].*)?|\d\d?[-/.]\d\d?[-/.]\d{2,4}|\d\d?-\d\d",
    re.IGNORECASE,
)
DATE_REMEDY = "is a gene that a spreadsheet turned into a date; restore its symbol, such as MARCHF1 or SEPTIN2"
# What stands in a list where no gene is meant. Some of them are aliases, too: NOT is one of NR4A2.
NO_GENE = frozenset(
    (
        *("", "na", "n/a", "nan", "null", "none", "-", ".", "?", "no", "not", "unknown", "not detected"),
        *("wt", "wild type", "wild-type", "wildtype", "no mutation", "no mutations"),
    )
)
ENSEMBL = re.compile(r"(ENSG\d{11})(?:\.\d+(?:_\d+)?)?", re.IGNORECASE)
ENTREZ = re.compile(r"(\d{1,9})(?:\.0+)?")
ENSEMBL_AND_SYMBOL = re.compile(r"(ENSG\d{11}(?:\.\d+)?)_(?!PAR_)([A-Za-z][^\s()|]*)")  # RSEM's ENSG…_TSPAN6
TWO = re.compile(r"([^\s()|]+)\s*(?:\(([^\s()|]+)\)|\|([^\s()|]+))")  # EXT1 (2131), A1BG|1

# A text that is a symbol or nothing: no id with a version, no pair of ids, no date.
SYMBOL_OR_NOTHING = re.compile(rf"(?!ENSG|{MONTHS})[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*", re.IGNORECASE | re.ASCII)

AMINO_ACID = "Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val|Ter|[A-Z*]"
PROTEIN_CHANGE = re.compile(
    rf"(?:p\.)?\(?(?P<before>{AMINO_ACID})(?P<place>\d+)"
    rf"(?:_(?:{AMINO_ACID})\d+)?"
    rf"(?P<after>{AMINO_ACID}|=|(?:{AMINO_ACID})?fs(?:\*|Ter|X)?\d*|(?:del(?:ins)?|ins|dup)[A-Za-z]*)(?:/[A-Z])*\)?"
)
CODING_CHANGE = re.compile(r"c\.[-*\d_+]+(?:[ACGT]>[ACGT]|del[ACGT]*|ins[ACGT]+|dup[ACGT]*|delins[ACGT]+)")
EXON_CHANGE = re.compile(
    r"ex(?:on)? ?\d+ ?(?:del(?:etion)?|ins(?:ertion)?|dup(?:lication)?|skipping)|vIII", re.IGNORECASE
)
GLUED = re.compile(r"([A-Za-z][A-Za-z0-9]{2,}?)([A-Z]\d{2,4}[A-Z*])")
BETWEEN = re.compile(r"[\s:_,-]+")


HYPHENS = str.maketrans("", "", "-\u2010\u2011\u2012\u2013\u2212")  # and those of word processors


def unhyphenated(text: str) -> tuple[str, ...]:
    """`BRAF` of `B-RAF`, and `MET` of `c-Met`: symbols in capitals that may be meant where no gene is called so."""
    bare = text.upper().translate(HYPHENS)
    return (bare, bare[1:]) if text[:1] in "cC" and text[1:2] == "-" else (bare,)


def tidy(text: str) -> str:
    """Spaces of every kind made single, none around."""
    return " ".join(text.split())


def is_date(text: str) -> bool:
    """Whether a spreadsheet made a date of the gene: 1-Mar, Sep-02, 2023-09-01."""
    return not text.isalnum() and DATE.fullmatch(text) is not None


def ensembl_id(text: str) -> str | None:
    """Ensembl gene id without its version, in capitals; None for anything else, transcripts and `_PAR_Y` too."""
    found = ENSEMBL.fullmatch(text) if text[:4] in ("ENSG", "ensg") else None
    return found[1].upper() if found else None


def entrez_id(text: str) -> str | None:
    """Entrez id, `673` and `673.0` alike; None for anything else."""
    found = ENTREZ.fullmatch(text) if text[:1].isdigit() else None
    return found[1].lstrip("0") or None if found else None


def two_identifiers(text: str) -> tuple[str, str] | None:
    """Both identifiers of `EXT1 (2131)`, `A1BG|1` and `ENSG00000000003.15_TSPAN6`; None for anything else."""
    if text.isalnum():
        return None
    if found := ENSEMBL_AND_SYMBOL.fullmatch(text):
        return found[1], found[2]
    if not (found := TWO.fullmatch(text)):
        return None
    first, second = found[1], found[2] or found[3]
    return (first, second) if any(entrez_id(part) or ensembl_id(part) for part in (first, second)) else None


def genes_of_change(text: str) -> list[str]:
    """Texts before a protein or coding change that may name its gene: `BRAF` of `BRAF V600E` and `BRAF:p.V600E`.

    Empty where no change stands at the end, or one that changes nothing (`p.V600=`).
    """
    starts = [text[: found.start()] for found in BETWEEN.finditer(text) if is_change(text[found.end() :])]
    return [start for start in starts if start]


def gene_of_glued_change(text: str) -> str | None:
    """`BRAF` of `BRAFV600E`. Only a symbol may be read so: `RBM15B` is a gene, no change of RB."""
    found = GLUED.fullmatch(text)
    return found[1] if found and is_change(found[2]) else None


def is_change(text: str) -> bool:
    """Whether the text is a change without its gene: `p.G12D`, `V600E`, `c.35G>A`, `exon 19 deletion`."""
    if CODING_CHANGE.fullmatch(text) or EXON_CHANGE.fullmatch(text):
        return True
    found = PROTEIN_CHANGE.fullmatch(text)
    return found is not None and found["after"] not in ("=", found["before"])
