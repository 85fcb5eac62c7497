"""From public layouts to a canonical dataset folder: read, combine, validate, write; all of it or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from training.data.folder import occupied, write_dataset
from training.data.schema import Dataset, DatasetError, Problem
from training.data.validation import validate, without_bad_rows
from training.sources.corrections import corrected_dataset
from training.sources.fingerprints import with_recomputed_fingerprints
from training.sources.layouts.ccle import read_ccle
from training.sources.layouts.cell_model_passports import read_cell_model_passports
from training.sources.layouts.datapack import read_datapack
from training.sources.layouts.deepccds import read_deepccds
from training.sources.layouts.depmap import read_depmap
from training.sources.layouts.gdsc import read_gdsc_release
from training.sources.layouts.hgacl import read_hgacl
from training.sources.layouts.own import read_own_tables
from training.sources.merge import combine
from training.sources.options import Options, Source
from training.sources.parsing.matrices import Import

READERS: dict[Source, Callable[[Path, Options], Import]] = {
    "hgacl": lambda folder, options: read_hgacl(folder, options.annotations, options.expression),
    "datapack": lambda folder, options: read_datapack(folder, options.expression),
    "ccle": read_ccle,
    "gdsc": read_gdsc_release,
    "depmap": read_depmap,
    "passports": read_cell_model_passports,
    "deepccds": read_deepccds,
    "own": read_own_tables,
}


@dataclass(frozen=True)
class Imported:
    """What an import wrote, what it was told to drop and what a reader should know all the same."""

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
) -> Imported:
    """Read `folder` in the layout `source`, add what the folders `added` know, and write the dataset `name` to `out`.

    `options` say what the tables do not: annotations, units, thresholds. With `drop_bad_rows` a row that an error
    names is left out, listed in the notes, instead of stopping the import. Raises DatasetError with every problem;
    `out` is then as it was.
    """
    if taken := occupied(out):
        raise DatasetError(taken)  # before minutes of reading, not after
    found = _read(source, folder, options or Options(), added or {})
    dataset = corrected_dataset(replace(found.dataset, info={"name": name, **found.dataset.info}))
    unreadable: list[Problem] = []
    try:
        dataset = _with_fingerprints(dataset, found.files)
    except DatasetError as fault:
        unreadable = fault.problems  # reported beside whatever else is wrong
    dropped: list[Problem] = []
    if drop_bad_rows:
        dataset, dropped = without_bad_rows(dataset, found.files)
        noted = [f"dropped: {problem}" for problem in dropped]
        dataset = replace(dataset, info={**dataset.info, "notes": [*dataset.info["notes"], *noted]})
    problems = validate(dataset, found.files)
    errors = unreadable + [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise DatasetError(errors)
    return Imported(write_dataset(dataset, out, checked=True), dropped, problems)


def _read(source: Source, folder: Path, options: Options, added: Mapping[Source, Path]) -> Import:
    """Read the first source and combine the others with it; a source that fails does not hide another's problems."""
    faults: list[Problem] = []
    found: dict[Source, Import] = {}
    for name, place in ((source, folder), *added.items()):
        try:
            found[name] = READERS[name](place, options)
        except DatasetError as fault:
            faults += fault.problems
    if faults:
        raise DatasetError(faults)
    base = found.pop(source)
    return combine(base, found) if found or base.dataset.response.empty else base


def _with_fingerprints(dataset: Dataset, files: Mapping[str, str]) -> Dataset:
    """Compute the fingerprints of drugs with a SMILES, published ones or not; else say what is missing."""
    without = dataset.drugs["name"][dataset.drugs["smiles"].isna()].tolist()
    if not without or dataset.drug_fingerprints is not None:
        return with_recomputed_fingerprints(dataset, files.get("drugs", "drugs.parquet"))
    text = f"drug_fingerprints: none, because {len(without)} drugs have no SMILES ({', '.join(without[:5])}, ...)"
    return replace(dataset, info={**dataset.info, "notes": [*dataset.info["notes"], text]})
