"""Records of an SDF file as text: title, molfile and data fields, one after the other.

RDKit reads the molfile of a record later, within the limits on compounds; here no chemistry is needed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

COUNTS_LINE = 3  # from 0, of a record
VERSIONS = ("V2000", "V3000")
VERSION_COLUMN = 34
COUNTS = re.compile(r"[ \d]{2}\d[ \d]{2}\d[ \d]*")
END_OF_MOLFILE, END_OF_RECORD = "M  END", "$$$$"
FIELD = re.compile(r">.*?<(?P<name>[^>]+)>")


@dataclass
class Record:
    """One record; its title may be empty. Lines of a data field are joined by line feeds."""

    lines: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """First line of the molfile."""
        return self.lines[0].strip() if self.lines else ""

    @property
    def molfile(self) -> str:
        """Text up to M  END, with the version that old programs leave out."""
        lines = [*self.lines]
        if len(lines) > COUNTS_LINE and not lines[COUNTS_LINE].rstrip().endswith(VERSIONS):
            lines[COUNTS_LINE] = lines[COUNTS_LINE].ljust(VERSION_COLUMN)[:VERSION_COLUMN] + VERSIONS[0]
        return "\n".join(lines) + "\n"


def is_sdf(lines: Sequence[str]) -> bool:
    """Whether a file that begins so is an SDF file or a molfile."""
    counts = lines[COUNTS_LINE].rstrip() if len(lines) > COUNTS_LINE else ""
    return counts.endswith(VERSIONS) or bool(COUNTS.fullmatch(counts))


def read_records(lines: Iterable[str]) -> Iterator[Record]:
    """Records in their order; the last may lack its end."""
    record, in_molfile, name = Record(), True, ""
    for line in (raw.rstrip("\r\n") for raw in lines):
        if line.startswith(END_OF_RECORD):
            yield record
            record, in_molfile, name = Record(), True, ""
        elif in_molfile:
            record.lines.append(line)
            in_molfile = not line.startswith(END_OF_MOLFILE)
        elif found := FIELD.match(line):
            name = found["name"].strip()
            record.fields[name] = ""
        elif name and line.strip():
            record.fields[name] = f"{record.fields[name]}\n{line.strip()}".lstrip()
        elif name and record.fields[name]:
            name = ""  # a blank line ends a field
    if any(line.strip() for line in record.lines):
        yield record
