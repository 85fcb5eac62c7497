"""One dataset's share of the results, with the questions that tables and figures ask of it."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from training.report.method_labels import BASES, best_first, default_reference, is_variant
from training.report.results_folder import Results, ResultsError, read_predictions

SPLITS = {
    "LPO": "random pairs: line and drug are known, the pair is not",
    "LCO": "unseen cell lines",
    "LDO": "unseen drugs",
    "LTO": "unseen tissues",
    "LCDO": "unseen cell lines and unseen drugs",
}


@dataclass(frozen=True)
class Study:
    """Rows and cells of one dataset. `reference` is the method that the others are compared with.

    `left_out` says, a text a split, which cross-validations of another number of folds are not shown.
    """

    dataset: str
    table: pd.DataFrame
    cells: pd.DataFrame
    names: dict[str, dict[str, str]]
    stages: tuple[Path, ...]
    attention: tuple[Path, ...]
    reference: str
    wanted: tuple[str, ...] = ()
    alone: bool = True
    left_out: tuple[str, ...] = ()

    @cached_property
    def splits(self) -> list[str]:
        """Splits of the folds protocol, in the usual order, as far as the user asked for them."""
        found = set(self.table.loc[self.table["protocol"] == "folds", "split"])
        known = [split for split in SPLITS if split in found] + sorted(found - set(SPLITS))
        return [split for split in known if not self.wanted or split in self.wanted]

    def folds(self, split: str) -> pd.DataFrame:
        """Rows of the folds protocol with unshuffled features, all methods and variants."""
        table = self.table
        return table[(table["protocol"] == "folds") & (table["shuffle"] == "none") & (table["split"] == split)]

    def main(self, split: str) -> pd.DataFrame:
        """The same without ablations and perturbations."""
        rows = self.folds(split)
        return rows[~rows["method"].map(is_variant).astype(bool)]

    def order(self, split: str) -> list[str]:
        """Methods of the main table, best first."""
        return best_first(self.main(split))

    @cached_property
    def methods(self) -> list[str]:
        """All methods of the main tables, the reference first, then best first: the order of the colours."""
        rows = pd.concat([self.main(split) for split in self.splits]) if self.splits else self.table.head(0)
        order = best_first(rows) if len(rows) else []
        return [self.reference] * (self.reference in order) + [method for method in order if method != self.reference]

    @cached_property
    def networks(self) -> list[str]:
        """The reference, and the papers' networks of the main tables beside it."""
        return [self.reference, *(method for method in self.methods if method in BASES and method != self.reference)]

    def count_folds(self, split: str) -> int:
        """The number of folds that the data were cut into."""
        return int(self.main(split)["folds"].max())

    def extent(self, split: str) -> str:
        """How much a split's figures stand on: folds and their test pairs."""
        folds = pairs_by_fold(self.main(split))
        return f"{len(folds)} test folds, {folds.sum():,.0f} pairs"

    def cells_of(self, method: str, split: str, protocol: str = "folds") -> pd.DataFrame:
        """A method's unshuffled cells of the first split seed and the first seed, one a fold."""
        cells = self.cells
        found: pd.DataFrame = cells[
            (cells["method"] == method)
            & (cells["split"] == split)
            & (cells["protocol"] == protocol)
            & (cells["shuffle"] == "none")
        ].sort_values(["split_seed", "seed", "fold"])
        if found.empty:
            return found
        first = found.iloc[0]
        kept: pd.DataFrame = found[(found["split_seed"] == first["split_seed"]) & (found["seed"] == first["seed"])]
        return kept

    def first(self, files: tuple[Path, ...], method: str, split: str) -> Path | None:
        """Of files that are named like cells, that of the method's first cell that has one."""
        by_name = {path.stem: path for path in files}
        names = [Path(path).stem for path in self.cells_of(method, split).get("path", [])]
        return next((by_name[name] for name in names if name in by_name), None)

    def predictions(self, method: str, split: str) -> pd.DataFrame:
        """Test pairs of those cells with their `fold`: each pair of the dataset at most once."""
        frames = [
            read_predictions(Path(cell["path"])).assign(fold=cell["fold"])
            for cell in self.cells_of(method, split).to_dict("records")
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def name(self, kind: str, unit: str) -> str:
        """Name of a drug or line, or its id where the results have no names."""
        return self.names.get(kind, {}).get(str(unit), str(unit))

    def file(self, *words: str) -> str:
        """Stem of a file name, with the dataset in front where there are several."""
        parts = words if self.alone else (self.dataset, *words)
        return "-".join("".join(c if c.isalnum() or c in "._" else "_" for c in word) for word in parts)

    def title(self, text: str) -> str:
        """A title, with the dataset in front where there are several."""
        return text if self.alone else f"{self.dataset}: {text}"


def pairs_by_fold(rows: pd.DataFrame) -> pd.Series:
    """Test pairs of each fold. Pooled figures that are means over drugs or lines count those instead: fewer."""
    return rows[rows["level"] == "pooled"].groupby(["split_seed", "fold"])["pairs"].max()


def studies(results: Results, reference: str | None, splits: tuple[str, ...]) -> list[Study]:
    """One study a dataset, in the order of the table. Raises ResultsError for an unknown reference or split."""
    table = results.table
    known = sorted(set(table.loc[table["protocol"] == "folds", "split"]))
    if unknown := [split for split in splits if split not in known]:
        raise ResultsError(f"--splits {','.join(unknown)}: the results have {', '.join(known) or 'no splits'}")
    if reference is not None and reference not in set(table["method"]):
        raise ResultsError(f"--reference {reference}: the results have {', '.join(sorted(set(table['method'])))}")
    found = []
    for dataset, rows in table.groupby("dataset", sort=False):
        cells = results.cells[results.cells["dataset"] == dataset]
        files, alone = (results.stages, results.attention), len(table["dataset"].unique()) == 1
        rows, cells, left_out = _of_one_fold_count(rows, cells)
        study = Study(str(dataset), rows, cells, results.names, *files, "", splits, alone, left_out)
        found.append(replace(study, reference=_reference(study, reference)))
    return found


def _of_one_fold_count(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Keep of each split the number of folds that most methods have, of two the smaller; and say what is left out.

    Folds of two kinds share test pairs, so neither a mean nor a paired test may join them.
    """
    said = []
    for split, part in rows[rows["protocol"] == "folds"].groupby("split"):
        methods = part.groupby("folds")["method"].nunique()
        kept = methods.idxmax()
        for count in methods.index[methods.index != kept]:
            names = ", ".join(sorted(set(part.loc[part["folds"] == count, "method"])))
            said.append(f"{split}: {kept} folds are shown, {count} folds of {names} are left out")
        rows, cells = (
            table[(table["protocol"] != "folds") | (table["split"] != split) | (table["folds"] == kept)]
            for table in (rows, cells)
        )
    return rows, cells, tuple(said)


def _reference(study: Study, wanted: str | None) -> str:
    rows = pd.concat([study.main(split) for split in study.splits]) if study.splits else study.table
    if wanted is not None and wanted in set(rows["method"]):
        return wanted
    return default_reference(rows)
