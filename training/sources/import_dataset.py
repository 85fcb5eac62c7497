"""From public layouts to a canonical dataset folder: read, combine, validate, write; all of it or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from training.data.folder import occupation_problems, write_dataset
from training.data.schema import Dataset, DatasetError, Problem
from training.data.validation import remove_bad_rows, validate
from training.sources.corrections import corrected_dataset
from training.sources.fingerprints import recompute_fingerprints
from training.sources.layouts import ccle, cell_model_passports, datapack, deepccds, depmap, gdsc, hgacl, own
from training.sources.layouts.datapack_more import PATTERNS as MORE
from training.sources.layouts.datapack_more import with_more
from training.sources.merge import OutsideOf, merge_sources
from training.sources.options import Options, Source
from training.sources.parsing.matrices import Import

READERS: dict[Source, Callable[[Path, Options], Import]] = {
    "hgacl": lambda folder, options: with_more(
        hgacl.read_hgacl(folder, options.annotations, options.expression), options.annotations, options.more
    ),
    "datapack": lambda folder, options: with_more(
        datapack.read_datapack(folder, options.expression), folder, options.more
    ),
    "ccle": ccle.read_ccle,
    "gdsc": gdsc.read_gdsc_release,
    "depmap": depmap.read_depmap,
    "passports": cell_model_passports.read_cell_model_passports,
    "deepccds": deepccds.read_deepccds,
    "own": own.read_own_tables,
}
PATTERNS: dict[Source, tuple[str, ...]] = {  # names of the files and folders that a layout reads
    "hgacl": hgacl.PATTERNS,
    "datapack": (*datapack.PATTERNS, *MORE),
    "ccle": ccle.PATTERNS,
    "gdsc": gdsc.PATTERNS,
    "depmap": depmap.PATTERNS,
    "passports": cell_model_passports.PATTERNS,
    "deepccds": deepccds.PATTERNS,
    "own": tuple(pattern for patterns in own.PATTERNS.values() for pattern in patterns),
}
MOST_NAMED = 10


@dataclass(frozen=True)
class Imported:
    """The dataset that an import wrote, the problems whose rows it dropped, and its warnings."""

    dataset: Dataset
    dropped: list[Problem]
    warnings: list[Problem]


def import_dataset(
    source: Source,
    folder: Path,
    out: Path,
    *,
    name: str,
    options: Options | None = None,
    added: Mapping[Source, Path] | None = None,
    drop_bad_rows: bool = False,
    outside: OutsideOf | None = None,
) -> Imported:
    """Read `folder` in the layout `source`, add what the folders `added` know, and write the dataset `name` to `out`.

    `options` say what the tables do not: annotations, units, thresholds. With `drop_bad_rows` a row that an error
    names is left out, listed in the notes, instead of stopping the import. `outside` gives the registered lines
    and drugs that the first source lacks. Raises DatasetError with every problem; `out` is then as it was.
    """
    if taken := occupation_problems(out):
        raise DatasetError(taken)  # before minutes of reading, not after
    options = options or Options()
    found = _read(source, folder, options, added or {}, outside)
    dataset = corrected_dataset(replace(found.dataset, info={"name": name, **found.dataset.info}))
    unreadable: list[Problem] = []
    try:
        dataset = _with_fingerprints(dataset, found.files)
    except DatasetError as fault:
        unreadable = fault.problems  # reported beside whatever else is wrong
    dropped: list[Problem] = []
    if drop_bad_rows:
        dataset, dropped = remove_bad_rows(dataset, found.files)
        noted = [f"dropped: {problem}" for problem in dropped]
        dataset = replace(dataset, info={**dataset.info, "notes": [*dataset.info["notes"], *noted]})
    problems = validate(dataset, found.files)
    errors = unreadable + [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise DatasetError(errors)
    unread = [_unread(name, place, options) for name, place in ((source, folder), *(added or {}).items())]
    warnings = [*(problem for problem in unread if problem is not None), *problems]
    return Imported(write_dataset(dataset, out, checked=True), dropped, warnings)


def _read(
    source: Source, folder: Path, options: Options, added: Mapping[Source, Path], outside: OutsideOf | None
) -> Import:
    """Read the first source and combine the others with it; a source that fails does not hide another's problems."""
    faults: list[Problem] = []
    found: dict[Source, Import] = {}
    for name, place in ((source, folder), *added.items()):
        try:
            read = READERS[name](place, options)
            found[name] = replace(read, dataset=corrected_dataset(read.dataset))  # ids are right before sources meet
        except DatasetError as fault:
            faults += fault.problems
    if faults:
        raise DatasetError(faults)
    base = found.pop(source)
    return merge_sources(base, found, outside) if found or base.dataset.response.empty else base


def _unread(source: Source, folder: Path, options: Options) -> Problem | None:
    """A warning of what stands in the folder and the layout does not read; None where it reads everything."""
    given = {path.resolve() for path in (options.thresholds, options.annotations) if path is not None}
    strangers = [
        entry.name
        for entry in sorted(folder.iterdir())
        if not entry.name.startswith(".")
        and entry.resolve() not in given
        and not any(fnmatchcase(entry.name.lower(), pattern.lower()) for pattern in PATTERNS[source])
    ]
    if not strangers:
        return None
    more = f" and {len(strangers) - MOST_NAMED} more" if len(strangers) > MOST_NAMED else ""
    message = f"not read: {', '.join(strangers[:MOST_NAMED])}{more}; the layout {source} reads "
    reads = own.FILES.values() if source == "own" else PATTERNS[source]
    return Problem(str(folder), "", "", message + ", ".join(reads), "warning")


def _with_fingerprints(dataset: Dataset, files: Mapping[str, str]) -> Dataset:
    """Compute the fingerprints of drugs with a SMILES, published ones or not; else say what is missing."""
    without = dataset.drugs["name"][dataset.drugs["smiles"].isna()].tolist()
    if not without or dataset.drug_fingerprints is not None:
        return recompute_fingerprints(dataset, files.get("drugs", "drugs.parquet"))
    text = f"drug_fingerprints: none, because {len(without)} drugs have no SMILES ({', '.join(without[:5])}, ...)"
    return replace(dataset, info={**dataset.info, "notes": [*dataset.info["notes"], text]})
