"""A file of compounds -> name, structure, targets and pathway of each: `.smi`, `.sdf`, or a table with a header."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from model.tables.columns import plain
from model.tables.content import OLD_EXCEL, ZIP, Content, first_bytes, read_lines
from model.tables.faults import TableError, UnknownColumnError
from model.tables.rows import Row, Rows
from model.tables.sdf import is_sdf, read_records

MAX_UNPACKED_BYTES = 64 << 20
SAMPLED_LINES = 200
MOST_NAMED = 10
# Names of columns without case and punctuation, the surest first.
STRUCTURES = (
    *("smiles", "isomericsmiles", "canonicalsmiles", "smilesstring", "compoundsmiles", "drugsmiles", "smi"),
    *("structure", "inchi", "standardinchi", "molfile", "molblock"),
)
NAMES = (
    *("name", "compoundname", "drugname", "moleculename", "preferredname", "title", "compound", "drug", "molecule"),
    *("compoundid", "drugid", "moleculeid", "id", "identifier", "chemblid", "moleculechemblid", "zincid"),
    *("pubchemcid", "cid", "cas", "casnumber", "nsc", "catalognumber", "index"),
)
TARGETS, PATHWAYS, HIGHEST = ("targets", "target"), ("pathway",), ("maxconcentrationum",)
SMILES_WORD = "smiles"  # in any other name
SEPARATORS = re.compile(r"[\t;,]")
# Tokens that a SMILES consists of; a word of the header seldom does.
SMILES = re.compile(r"(?:\[[^\]\s]+\]|Br|Cl|[BCNOPSFIbcnops*]|[-=#$:/\\.()~]|->|<-|%\d\d|%\(\d+\)|\d)+")
SMI_LINE = re.compile(r"(?P<structure>\S+(?:\s+\|[^|]*\|)?)(?:\s+(?P<rest>.*))?")


@dataclass(frozen=True)
class CompoundRow:
    """One compound as its file has it; `place` says where: row 3, record 3. Nothing of it is checked.

    `others` are the cells of columns that a model does not read, by their names, to be given back.
    """

    place: str
    name: str
    structure: str
    targets: str = ""
    pathway: str = ""
    max_concentration_um: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass
class CompoundRows:
    """The compounds of a file, read while they are iterated over; then `notes` say all that was decided."""

    rows: Iterable[CompoundRow]
    notes: list[str] = field(default_factory=list)


def read_compounds(content: Content, smiles_column: str | None = None, most: int = MAX_UNPACKED_BYTES) -> CompoundRows:
    """Compounds of a file in whatever format, recognised by its content, of at most so many bytes when unpacked.

    `smiles_column` names the column of the structures where none of the usual names does. Raises TableError, here or
    while rows are read; UnknownColumnError where there is no column of this name.
    """
    if first_bytes(content).startswith((ZIP, OLD_EXCEL)):
        return _of_table(content, smiles_column, most)
    head = list(islice(read_lines(content, most), SAMPLED_LINES))
    if is_sdf(head):
        _refuse_column(smiles_column)
        return _of_sdf(content, most)
    lines = [line for _, line in _filled(enumerate(head, 1))]
    if not lines:
        raise TableError("no compound stands in it; give one a row")
    if smiles_column is None and not _has_header(lines[0]) and _is_smi(lines):
        return _of_smi(content, most)
    if not SEPARATORS.search(lines[0]):
        return _of_words(content, smiles_column, most)
    return _of_table(content, smiles_column, most)


def _of_sdf(content: Content, most: int) -> CompoundRows:
    read = CompoundRows(())

    def rows() -> Iterator[CompoundRow]:
        others: dict[str, None] = {}
        for number, record in enumerate(read_records(read_lines(content, most)), 1):
            place = f"record {number}"
            lines = {plain(name): value for name, value in record.fields.items()}
            fields = {name: value.replace("\n", " ") for name, value in lines.items()}
            name = record.title or _first(fields, NAMES) or place
            own = {
                one: text.replace("\n", " ")
                for one, text in record.fields.items()
                if plain(one) not in (*TARGETS, *PATHWAYS, *HIGHEST)
            }
            targets = _first(lines, TARGETS).replace("\n", ";")
            pathway, highest = (_first(fields, names) for names in (PATHWAYS, HIGHEST))
            yield CompoundRow(place, name, record.molfile, targets, pathway, highest, own)
            others |= dict.fromkeys(own)
        read.notes.extend(_unread("fields", others))

    read.rows = rows()
    return read


def _of_smi(content: Content, most: int) -> CompoundRows:
    read = CompoundRows((), ["read as SMILES and names without a header"])

    def rows() -> Iterator[CompoundRow]:
        for number, line in _filled(enumerate(read_lines(content, most), 1)):
            found = SMI_LINE.fullmatch(line)
            structure, rest = ("", "") if found is None else (found["structure"], found["rest"] or "")
            name, _, further = rest.partition("\t")
            if further.strip() and len(read.notes) == 1:
                read.notes.append("what follows a name after a tab is not read")
            yield CompoundRow(f"row {number}", name.strip() or f"row {number}", structure)

    read.rows = rows()
    return read


def _of_words(content: Content, smiles_column: str | None, most: int) -> CompoundRows:
    """A header and rows between whose cells stand blanks; the last cell may have blanks of its own."""
    lines = _filled(enumerate(read_lines(content, most), 1))
    header = next(lines, (0, ""))[1].split()
    width = len(header)
    cells = ((number, line.split(None, width - 1)) for number, line in lines)
    return compounds_by_header(
        header, ((number, row + [""] * (width - len(row))) for number, row in cells), smiles_column
    )


def _of_table(content: Content, smiles_column: str | None, most: int) -> CompoundRows:
    rows = Rows(content, most)
    return compounds_by_header(rows.header, rows, smiles_column)


def compounds_by_header(header: Sequence[str], rows: Iterable[Row], smiles_column: str | None) -> CompoundRows:
    """Compounds of rows of cells whose columns the header names. Raises TableError where it names no structures."""
    names = [plain(cell) for cell in header]
    structure = _structure_column(names) if smiles_column is None else _named_column(header, smiles_column)
    if structure is None:
        raise TableError(
            "no column smiles; the first row must name the column of the structures smiles, canonical_smiles or "
            "structure, or the field smiles_column must say which it is; of names, targets and pathway name, targets "
            "and pathway"
        )
    name, *known = (_column(names, known) for known in (NAMES, TARGETS, PATHWAYS, HIGHEST))
    used = [place for place in (structure, name, *known) if place is not None]
    if twice := [place for place in used if names.count(names[place]) > 1]:
        raise TableError(f"column {twice[0] + 1} stands twice by its name; keep one")
    others = {place: cell.strip() for place, cell in enumerate(header) if place not in used and cell.strip()}
    others |= {place: f"{one} ({place + 1})" for place, one in others.items() if header.count(header[place]) > 1}

    def compounds() -> Iterator[CompoundRow]:
        for number, row in rows:
            called, smiles, targets, pathway, highest = (
                "" if at is None else row[at].strip() for at in (name, structure, *known)
            )
            place = f"row {number}"
            own = {column: row[at].strip() for at, column in others.items()}
            yield CompoundRow(place, place if name is None else called, smiles, targets, pathway, highest, own)

    return CompoundRows(compounds(), _unread("columns", others.values()))


def _column(names: Sequence[str], known: Sequence[str]) -> int | None:
    """Place of the column with the surest of the known names."""
    return next((names.index(one) for one in known if one in names), None)


def _structure_column(names: Sequence[str]) -> int | None:
    known = _column(names, STRUCTURES)
    return known if known is not None else next((place for place, one in enumerate(names) if SMILES_WORD in one), None)


def _named_column(header: Sequence[str], name: str) -> int:
    cells = [cell.strip() for cell in header]
    if name.strip() in cells:
        return cells.index(name.strip())
    alike = [place for place, cell in enumerate(cells) if plain(cell) == plain(name) != ""]
    if len(alike) != 1:
        raise UnknownColumnError("the table of compounds has no column of this name, or several; see its first row")
    return alike[0]


def _refuse_column(smiles_column: str | None) -> None:
    if smiles_column is not None:
        raise UnknownColumnError("an SDF file has no columns; leave the field out")


def _has_header(line: str) -> bool:
    cells = [*SEPARATORS.split(line), *line.split()]
    return _structure_column([plain(cell) for cell in cells]) is not None


def _is_smi(lines: Sequence[str]) -> bool:
    """Whether most lines begin with a structure."""
    first = [line.split()[0] for line in lines]
    found = [bool(SMILES.fullmatch(word)) or word.startswith("InChI=") for word in first if word]
    return sum(found) * 2 > len(found)


def _filled(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines without blank ones and comments."""
    trimmed = ((number, line.strip()) for number, line in lines)
    return ((number, line) for number, line in trimmed if line and not line.startswith("#"))


def _first(fields: dict[str, str], known: Sequence[str]) -> str:
    return next((fields[one] for one in known if fields.get(one)), "")


def _unread(what: str, names: Iterable[str]) -> list[str]:
    listed = list(names)
    more = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return [f"{what} that are not read: {', '.join(listed[:MOST_NAMED])}{more}"] if listed else []
