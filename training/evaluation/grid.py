"""The grid method × split × fold × seed × shuffle: one cell a pair of files, so that a stopped grid goes on.

OUT/folds/<split>-….parquet   the splits by id (training.splits.stored_folds)
OUT/cells/<name>.json         what was run and its figures
OUT/cells/<name>.parquet      the test pairs with everything that was predicted of them (training.evaluation.measure)
OUT/stages/<name>.npz         a network's embeddings of the cell lines, for the report
OUT/names.parquet             names of drugs and lines
OUT/results.parquet           one tidy table of all figures of this dataset, a row a figure
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from training.data.arrays import Arrays, Floats
from training.evaluation.executors import Engine, run_here
from training.evaluation.measure import Measured, measure
from training.evaluation.methods import method
from training.features.responses import known_thresholds
from training.splits import paper_protocols
from training.splits.permuted_features import Shuffle, shuffled
from training.splits.splits import Split

RESULTS = "results.parquet"
Splits = dict[str, list[Split]]


@dataclass(frozen=True)
class Cell:
    """One cell of the grid; with dataset and configuration it names everything that its numbers depend on."""

    method: str
    split: str
    fold: int
    folds: int
    split_seed: int = 0
    seed: int = 0
    shuffle: str = Shuffle.NONE.value
    protocol: str = "folds"
    dataset: str = ""

    def name(self) -> str:
        """File name of the cell's results, without its suffix."""
        changed = "" if self.shuffle == Shuffle.NONE else f"-shuffled_{self.shuffle}"
        protocol = "" if self.protocol == "folds" else f"-{self.protocol}"
        where = f"{self.split}-{self.fold}of{self.folds}-folds{self.split_seed}"
        return f"{self.method}-{where}-seed{self.seed}{changed}{protocol}".replace("/", "_")


@dataclass(frozen=True)
class Outcome:
    """What a cell brought; `figures` are rows of the tidy table."""

    figures: list[Measured]
    predictions: pd.DataFrame
    stages: dict[str, Floats]

    def metrics(self) -> dict[str, float]:
        """The pooled figures by name."""
        return {figure.metric: figure.value for figure in self.figures if figure.level == "pooled"}


def run_grid(
    arrays: Arrays,
    cells: list[Cell],
    splits: Splits,
    out: Path,
    done: Callable[[Cell, dict[str, float]], None],
    engine: Engine = run_here,
) -> pd.DataFrame:
    """Run the cells that `out` does not hold yet and write the table of all that it holds of this dataset.

    A cell is taken from its files only when it was made on the same dataset and folds with the same configuration; its
    code it cannot know, so delete the folder after changing a method. `splits` holds the folds of every split by name.
    """
    (out / "cells").mkdir(parents=True, exist_ok=True)
    todo = []
    for cell in cells:
        known, split = _read(out, cell), splits[cell.split][cell.fold]
        key = _key(arrays.dataset_hash, cell.method)
        if known is not None and known["key"] == key and known.get("pairs") == _pairs_hash(split):
            done(cell, {row["metric"]: row["value"] for row in known["figures"] if row["level"] == "pooled"})
        else:
            todo.append((cell, split))
    for cell, outcome in engine(evaluate_cell, arrays, todo):
        _write(out, arrays, cell, splits[cell.split][cell.fold], outcome)
        done(cell, outcome.metrics())
    table = _table(out, arrays.dataset_hash)
    temporary = out / "results.writing"
    table.to_parquet(temporary)
    temporary.replace(out / RESULTS)
    return table


def evaluate_cell(arrays: Arrays, cell: Cell, split: Split) -> Outcome:
    """Fit one method on one fold's training pairs, choose on its validation pairs, measure on its test pairs."""
    started = time.perf_counter()
    leaky = cell.protocol == paper_protocols.PROTOCOL  # there, methods choose on the test pairs
    visible = shuffled(arrays if leaky else blind(arrays, split), Shuffle(cell.shuffle), cell.seed)
    predicted = method(cell.method).predict(visible, split, cell.seed)
    seconds = time.perf_counter() - started
    figures, predictions = measure(arrays, split, predicted, cell.seed)
    notes = {"seconds": seconds, **predicted.notes}
    extra = [Measured("pooled", "", name, float(value), len(predictions)) for name, value in notes.items()]
    return Outcome([*figures, *extra], predictions, predicted.stages)


def blind(arrays: Arrays, split: Split) -> Arrays:
    """What a method may see: no response of a pair outside `development`, no threshold of a drug without one.

    A threshold comes from a drug's responses, so that of an unseen drug would tell how its lines respond.
    """
    hidden = ~split.development
    return replace(
        arrays,
        ln_ic50=np.where(hidden, np.nan, arrays.ln_ic50).astype(np.float32),
        sensitive=np.where(hidden, np.nan, arrays.sensitive).astype(np.float32),
        threshold=known_thresholds(arrays, split.development),
    )


def write_names(cell_lines: pd.DataFrame, drugs: pd.DataFrame, out: Path) -> None:
    """Names of drugs and cell lines for the report's labels."""
    parts = [t[["id", "name"]].assign(kind=kind) for kind, t in (("line", cell_lines), ("drug", drugs))]
    out.mkdir(parents=True, exist_ok=True)
    temporary = out / "names.writing"
    pd.concat(parts)[["kind", "id", "name"]].to_parquet(temporary, index=False)
    temporary.replace(out / "names.parquet")


def summarise(table: pd.DataFrame, protocol: str = "folds") -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    """`metrics.<method>.<split>.<metric> = {mean, sd, ci, folds}`, the form of the bundle's manifest.

    Pooled figures of unshuffled folds; of each split, the lowest seed, fold seed and number of folds that it was run
    with. ci is the 95 % t-interval of the mean over folds; folds share training pairs, so it is somewhat too narrow.
    """
    chosen = table[(table["level"] == "pooled") & (table["shuffle"] == "none") & (table["protocol"] == protocol)]
    chosen = chosen[chosen["value"].notna()]
    for number in ("seed", "split_seed", "folds"):  # folds of two kinds share test pairs: never one mean of both
        chosen = chosen[chosen[number] == chosen.groupby("split")[number].transform("min")]
    out: dict[str, dict[str, dict[str, dict[str, object]]]] = {}
    for (name, split, metric), rows in chosen.groupby(["method", "split", "metric"], sort=True):
        values = rows["value"].to_numpy(float)
        mean, n = float(values.mean()), len(values)
        sd = float(values.std(ddof=1)) if n > 1 else None
        half = float(student.ppf(0.975, n - 1)) * sd / n**0.5 if sd is not None else None
        ci = None if half is None else [mean - half, mean + half]
        row = {"mean": mean, "sd": sd, "ci": ci, "folds": n}
        out.setdefault(str(name), {}).setdefault(str(split), {})[str(metric)] = row
    return out


@cache
def _config(name: str) -> str:
    return method(name).config


def _key(dataset_hash: str, name: str) -> dict[str, str]:
    return {"dataset_hash": dataset_hash, "config": _config(name)}


def _current(content: dict[str, Any], dataset_hash: str) -> bool:
    """Whether a cell is of this dataset and of a method as it is known now."""
    try:
        return bool(content["key"] == _key(dataset_hash, content["cell"]["method"]))
    except ValueError:  # a method that this version does not have
        return False


def _pairs_hash(split: Split) -> str:
    """SHA-256 of the four masks: a file of folds that was changed by hand makes its cells run again."""
    masks = (split.train, split.validation, split.test, split.development)
    return hashlib.sha256(b"".join(np.packbits(mask).tobytes() for mask in masks)).hexdigest()


def _read(out: Path, cell: Cell) -> dict[str, Any] | None:
    path = out / "cells" / f"{cell.name()}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _write(out: Path, arrays: Arrays, cell: Cell, split: Split, outcome: Outcome) -> None:
    """Write the files of a cell; the JSON comes last, so that a cell that has it is whole."""
    if outcome.stages:
        (out / "stages").mkdir(exist_ok=True)
        temporary = out / "stages" / f"{cell.name()}.writing.npz"
        np.savez_compressed(
            temporary, ids=np.array(arrays.cell_line_ids), tissue=np.array(arrays.tissue), **outcome.stages
        )
        temporary.replace(out / "stages" / f"{cell.name()}.npz")
    temporary = out / "cells" / f"{cell.name()}.writing"
    outcome.predictions.to_parquet(temporary, index=False, compression="zstd")
    temporary.replace(temporary.with_name(f"{cell.name()}.parquet"))
    content = {
        "key": _key(arrays.dataset_hash, cell.method),
        "pairs": _pairs_hash(split),
        "cell": asdict(cell),
        "metrics": outcome.metrics(),
        "figures": [asdict(figure) for figure in outcome.figures],
    }
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(temporary.with_name(f"{cell.name()}.json"))


def _table(out: Path, dataset_hash: str) -> pd.DataFrame:
    parts = []
    for path in sorted((out / "cells").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if _current(content, dataset_hash):
            parts.append(pd.DataFrame(content["figures"]).assign(**content["cell"], **content["key"]))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)[COLUMNS]


COLUMNS = [
    *("dataset", "dataset_hash", "protocol", "method", "shuffle", "split", "fold", "folds", "split_seed", "seed"),
    *("config", "level", "unit", "metric", "value", "low", "high", "pairs"),
]
