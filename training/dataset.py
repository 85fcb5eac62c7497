"""The dataset's way to disk and back, and the aligned arrays that training takes from it.

A folder of Parquet tables (see training.tables) plus dataset.json. The content hash is taken over the tables'
values, not over the files' bytes: another Parquet writer or machine gives the same hash for the same content.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from training.tables import (
    EXPRESSION_UNITS,
    FINGERPRINT_BITS,
    FORMAT,
    LISTS,
    MODALITIES,
    UNITS,
    WIDE,
    Dataset,
    DatasetError,
    Problem,
    canonical_order,
    id_order,
)
from training.validation import validate

__all__ = [
    "Arrays",
    "Dataset",
    "DatasetError",
    "Problem",
    "align",
    "occupied",
    "read_dataset",
    "validate",
    "write_dataset",
]

INFO = "dataset.json"
AUTHORITY_IDS = ("sanger_model_id", "cellosaurus_id", "depmap_id", "cosmic_id")  # the first that a line has

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Arrays:
    """Everything by row: cell lines in the order of their ids (N), drugs in the order of theirs (M)."""

    cell_line_ids: list[str]
    drug_ids: list[str]
    ln_ic50: Float  # (N, M) ln µM, NaN = not measured
    sensitive: Float  # (N, M) 1 / 0, NaN = not measured
    threshold: Float  # (M,) ln µM
    features: dict[str, Float]  # modality -> (N, features); rows of lines without it are all NaN
    feature_names: dict[str, list[str]]  # modality -> its columns' gene symbols
    present: dict[str, NDArray[np.bool_]]  # modality -> (N,)
    fingerprints: Float  # (M, 881) 0 / 1, NaN row = none
    tissue: list[str]  # (N,) "" = not known
    cancer_type: list[str]  # (N,) "" = not known
    medium: list[str]  # (N,) growth medium; "" = not known
    line_groups: list[str]  # (N,) lines with one authority id share a group, which no split may cut
    drug_groups: list[str]  # (M,) drugs with one InChIKey skeleton (connectivity) share a group
    targets: list[list[str]]  # (M,) gene symbols or free text, [] = not known
    drug_pathway: list[str]  # (M,) "" = not known
    smiles: list[str]  # (M,) "" = not known
    dataset_hash: str
    structures: Path | None = None  # folder that keeps molecule graphs; None: they are made anew each time

    @property
    def measured(self) -> NDArray[np.bool_]:
        """The pairs with a response, (N, M)."""
        return ~np.isnan(self.ln_ic50)


def align(dataset: Dataset) -> Arrays:
    """Lay the tables out as arrays whose rows agree; a modality that the dataset lacks has no entry.

    Takes a dataset that passed `validate`; ids must be unique and known.
    """
    lines = sorted(dataset.cell_lines["id"], key=id_order)
    drugs = sorted(dataset.drugs["id"], key=id_order)
    cells = dataset.cell_lines.set_index("id").loc[lines]
    named = (*MODALITIES, "pathway_activity")
    tables = {name: table for name in named if (table := getattr(dataset, name)) is not None}
    features = {name: _rows(table, lines) for name, table in tables.items()}
    compounds = dataset.drugs.set_index("id").loc[drugs]
    bits = dataset.drug_fingerprints
    return Arrays(
        cell_line_ids=lines,
        drug_ids=drugs,
        ln_ic50=_matrix(dataset.response, "ln_ic50", lines, drugs),
        sensitive=_matrix(dataset.response, "sensitive", lines, drugs),
        threshold=compounds["threshold_ln_um"].to_numpy(np.float32),
        features=features,
        feature_names={name: list(table.columns) for name, table in tables.items()},
        present={name: pd.Index(lines).isin(table.index) for name, table in tables.items()},
        fingerprints=_rows(pd.DataFrame(columns=range(FINGERPRINT_BITS)) if bits is None else bits, drugs),
        tissue=_texts(cells, "tissue"),
        cancer_type=_texts(cells, "cancer_type"),
        medium=_texts(cells, "medium"),
        line_groups=_groups(cells, AUTHORITY_IDS),
        drug_groups=_groups(compounds.assign(skeleton=compounds["inchikey"].str[:14]), ("skeleton",)),
        targets=[list(names) for names in compounds["targets"]],
        drug_pathway=_texts(compounds, "pathway"),
        smiles=_texts(compounds, "smiles"),
        dataset_hash=dataset.info.get("content_hash") or content_hash(dataset),
    )


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    return table[column].fillna("").astype(str).tolist()


def _groups(table: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Name of each row's group: its first id among `columns`, else its own id; kinds of ids never meet."""
    groups = pd.Series([f"id:{i}" for i in table.index], table.index, dtype=object)
    for column in reversed(columns):
        known = table[column].notna() & (table[column].astype(str) != "")
        groups[known] = column + ":" + table.loc[known, column].astype(str)
    return groups.tolist()


def _rows(table: pd.DataFrame, ids: list[str]) -> Float:
    """Take the table's rows in the order of `ids`, (len(ids), features); an id that the table lacks becomes NaN."""
    place = table.index.get_indexer(pd.Index(ids))
    rows = np.full((len(ids), table.shape[1]), np.nan, np.float32)
    rows[place >= 0] = table.to_numpy()[place[place >= 0]]
    return rows


def _matrix(response: pd.DataFrame, column: str, lines: list[str], drugs: list[str]) -> Float:
    row = pd.Index(lines).get_indexer(response["cell_line_id"])
    col = pd.Index(drugs).get_indexer(response["drug_id"])
    matrix = np.full((len(lines), len(drugs)), np.nan, np.float32)
    matrix[row, col] = response[column].to_numpy(np.float32)
    return matrix


def content_hash(dataset: Dataset) -> str:
    """SHA-256 over names, columns and values of all tables in canonical row order; 64 hex digits."""
    digest = hashlib.sha256()
    for name, table in dataset.tables():
        ordered = canonical_order(name, table)
        columns = [str(column) for column in ordered.columns]
        _feed(digest, json.dumps([name, columns, len(ordered)]).encode())
        if name in WIDE:
            _feed(digest, json.dumps([str(i) for i in ordered.index]).encode())
            _feed(digest, _number_bytes(ordered.to_numpy()))
        else:
            for column in ordered.columns:
                _feed(digest, _column_bytes(ordered[column]))
    return digest.hexdigest()


def _feed(digest: Any, content: bytes) -> None:  # noqa: ANN401  hashlib names no public type
    digest.update(len(content).to_bytes(8, "little"))  # without lengths, content could slide between parts unseen
    digest.update(content)


def _column_bytes(column: pd.Series) -> bytes:
    if pd.api.types.is_numeric_dtype(column):
        return _number_bytes(column.to_numpy())
    values = [
        list(v) if isinstance(v, list | np.ndarray) else None if pd.isna(v) else str(v) for v in column.astype(object)
    ]
    return json.dumps(values, ensure_ascii=False).encode()


def _number_bytes(values: NDArray[Any]) -> bytes:
    """Little-endian bytes; integers as they are, floats as float64 with one NaN and one zero."""
    if values.dtype.kind in "biu":
        return np.ascontiguousarray(values, dtype="u1" if values.dtype.itemsize == 1 else "<i8").tobytes()
    wide = values.dtype.itemsize > 4
    numbers = np.ascontiguousarray(values, dtype="<f8" if wide else "<f4") + 0.0  # −0 + 0 = 0
    return np.where(np.isnan(numbers), numbers.dtype.type(np.nan), numbers).tobytes()


def write_dataset(dataset: Dataset, out: Path, *, checked: bool = False) -> Dataset:
    """Write `dataset` to the folder `out` and return it in canonical order with counts, units and hash filled in.

    Everything goes to a sibling folder that is renamed at the end: `out` is either what it was or the new dataset.
    Raises DatasetError when validate finds an error (`checked` says that the caller has just done that), and when
    `out` is there and holds no dataset.
    """
    errors = [] if checked else [problem for problem in validate(dataset) if problem.severity == "error"]
    errors += occupied(out)
    if errors:
        raise DatasetError(errors)
    ordered = replace(dataset, **{name: canonical_order(name, table) for name, table in dataset.tables()})
    written = replace(ordered, info=_described(ordered))
    staging, old = (out.with_name(f".{out.name}.{state}") for state in ("writing", "old"))
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        for name, table in written.tables():
            path = staging / f"{name}.parquet"
            pq.write_table(_arrow(name, table), path, compression="zstd", write_statistics=False)
        text = json.dumps(written.info, indent=1, ensure_ascii=False, allow_nan=False)
        (staging / INFO).write_text(text + "\n", encoding="utf-8")
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    staging.rename(out)
    shutil.rmtree(old, ignore_errors=True)
    return written


def occupied(out: Path) -> list[Problem]:
    """Say why a dataset cannot be written to `out`, if so: only an older dataset is ever replaced."""
    if not out.exists() or (out / INFO).is_file():
        return []
    return [Problem(str(out), "", "", "is there and is no dataset; name another folder or remove it")]


def _described(dataset: Dataset) -> dict[str, Any]:
    present = dict(dataset.tables())
    units = {name: unit for name, unit in UNITS.items() if name in present}
    if dataset.platform:
        units["expression"] = EXPRESSION_UNITS[dataset.platform]
    sensitive = int(dataset.response["sensitive"].sum())
    return {
        "format": FORMAT,
        "name": "",
        "source": "",
        "notes": [],
        **dataset.info,
        "units": units,
        "counts": {
            "cell_lines": len(dataset.cell_lines),
            "drugs": len(dataset.drugs),
            "measured": len(dataset.response),
            "sensitive": sensitive,
            "resistant": len(dataset.response) - sensitive,
            "missing": len(dataset.cell_lines) * len(dataset.drugs) - len(dataset.response),
            **{f"{name}_rows": len(present[name]) for name in WIDE if name in present},
        },
        "content_hash": content_hash(dataset),
    }


def _arrow(name: str, table: pd.DataFrame) -> pa.Table:
    """As an Arrow table without pandas' metadata, which for 24,000 columns weighs more than it tells."""
    if name not in WIDE:
        lists = [column for column in table.columns if column in LISTS]
        plain = table.assign(**{column: [list(v) for v in table[column]] for column in lists})
        kinds = [pa.field(column, pa.list_(pa.string())) for column in lists]
        arrays = pa.Table.from_pandas(plain, preserve_index=False).replace_schema_metadata(None)
        for kind in kinds:
            at = arrays.schema.get_field_index(kind.name)
            arrays = arrays.set_column(at, kind, arrays.column(at).cast(kind.type))
        return arrays
    values = np.asfortranarray(table.to_numpy())
    names = [WIDE[name], *map(str, table.columns)]
    ids = pa.array([str(i) for i in table.index], pa.string())
    return pa.Table.from_arrays([ids, *(pa.array(values[:, j]) for j in range(values.shape[1]))], names=names)


def read_dataset(folder: Path, *, verify: bool = True) -> Dataset:
    """Read the dataset in `folder`; with `verify` its content must have the hash that dataset.json states.

    Raises DatasetError naming the file and the reason.
    """
    info = _info(folder / INFO)
    tables: dict[str, pd.DataFrame] = {}
    missing = []
    for name in ("cell_lines", "drugs", "response", *WIDE):
        path = folder / f"{name}.parquet"
        listed = name not in WIDE or f"{name}_rows" in info["counts"]
        if not path.is_file() and listed:
            missing.append(Problem(path.name, "", "", f"missing from {folder}; import the dataset again"))
        elif listed:
            tables[name] = _table(name, path)
    if missing:
        raise DatasetError(missing)
    dataset = Dataset(**tables, info=info)
    if verify and content_hash(dataset) != info["content_hash"]:
        raise DatasetError(
            [Problem(INFO, "", "content_hash", "differs from the tables; a file was changed or damaged, import again")]
        )
    return dataset


def _info(path: Path) -> dict[str, Any]:
    try:
        info: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise DatasetError([Problem(str(path), "", "", f"cannot be read ({fault}); is this a dataset?")]) from None
    if info.get("format") != FORMAT:
        message = f"is {info.get('format')!r}, this version reads {FORMAT}; import the dataset again"
        raise DatasetError([Problem(path.name, "", "format", message)])
    return info


def _table(name: str, path: Path) -> pd.DataFrame:
    try:
        arrow = pq.ParquetFile(path).read(use_threads=False)  # on 24,000 columns threads cost more than they bring
    except (OSError, pa.ArrowException) as fault:
        raise DatasetError([Problem(path.name, "", "", f"not a Parquet table ({fault}); import again")]) from None
    if name not in WIDE:
        frame = arrow.to_pandas()
        return frame.assign(**{c: [list(v) for v in frame[c]] for c in LISTS if c in frame})
    first, *columns = arrow.column_names
    values = np.column_stack([column.to_numpy() for column in arrow.columns[1:]])
    return pd.DataFrame(values, index=pd.Index(arrow[first].to_pylist(), name=first), columns=columns)
