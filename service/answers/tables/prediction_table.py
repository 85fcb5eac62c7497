"""Predictions as a table: one row a pair, or one row a cell line with a column for each drug; CSV or Parquet."""

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from service.answers.tables.csv_text import to_csv_text
from service.schemas.responses import (
    GENE_TABLES,
    Answer,
    CompoundReading,
    Entity,
    GeneCounts,
    Neighbour,
    Prediction,
    Refusal,
)

Rows = Sequence[Sequence[object]]
WideValue = Literal["probability", "score", "ln_ic50", "ic50_um", "percentile"]
TEXTS = ("cell_line_id", "cell_line", "drug_id", "drug")
NUMBERS = (
    *("probability", "score", "ln_ic50", "ln_ic50_low", "ln_ic50_high", "ic50_um", "ic50_um_low", "ic50_um_high"),
    *("percentile", "ln_ic50_low_other_assay", "ln_ic50_high_other_assay"),
)
NEAREST = tuple(f"nearest_{side}{part}" for side in ("cell_line", "drug") for part in ("_id", "", "_similarity"))
COUNTS = tuple(f"{table}_{count}" for table in GENE_TABLES for count in ("known", "unknown", "missing"))
COLUMNS = (*TEXTS, *NUMBERS, "case", "in_domain", *NEAREST, *COUNTS, "model", "bundle", "warnings")
WIDE_COLUMNS = ("cell_line_id", "cell_line", "in_domain", *NEAREST[1:3])


def to_csv(answer: Answer, predictions: Iterable[Prediction]) -> str:
    """One row a prediction, its numbers rounded for reading; then one without numbers for what was refused."""
    carried = _carried(answer)
    return to_csv_text([*COLUMNS, *carried.values()], _rows(answer, predictions, list(carried)))


def to_parquet(answer: Answer, predictions: Iterable[Prediction]) -> bytes:
    """One row a prediction, its numbers as computed."""
    kinds: dict[str, str] = dict.fromkeys(COLUMNS, "utf8") | dict.fromkeys(NUMBERS, "float64")
    kinds |= {"in_domain": "bool"} | dict.fromkeys(COUNTS, "int64")
    kinds |= {column: "float64" for column in NEAREST if column.endswith("similarity")}
    carried = _carried(answer)
    kinds |= dict.fromkeys(carried.values(), "utf8")
    return _parquet(kinds, list(_rows(answer, predictions, list(carried))), answer)


def to_wide_csv(answer: Answer, predictions: Sequence[Prediction], value: WideValue) -> str:
    """One row a cell line, one column a drug, whose cells hold one number of the predictions, rounded."""
    columns, rows = _wide(predictions, value)
    return to_csv_text([*columns, "warnings"], ([*row, _with_refusals(answer)] for row in rows))


def to_wide_parquet(answer: Answer, predictions: Sequence[Prediction], value: WideValue) -> bytes:
    """The same as Parquet, with the numbers as computed; warnings stand in the metadata."""
    columns, rows = _wide(predictions, value)
    kinds = dict.fromkeys(columns, "float64") | dict.fromkeys(WIDE_COLUMNS, "utf8")
    return _parquet(kinds | {"in_domain": "bool", WIDE_COLUMNS[-1]: "float64"}, rows, answer)


def _wide(predictions: Sequence[Prediction], value: WideValue) -> tuple[list[str], Rows]:
    """Columns and rows of a grid whose predictions come line by line, each line with the same drugs."""
    width = sum(one.cell_line == predictions[0].cell_line for one in predictions)
    lines = [predictions[start : start + width] for start in range(0, len(predictions), width)]
    columns = [*WIDE_COLUMNS, *_drug_columns([one.drug for one in predictions[:width]])]
    return columns, [[*_line_cells(line), *(getattr(one, value) for one in line)] for line in lines]


def _drug_columns(drugs: Sequence[Entity]) -> list[str]:
    """A name for each drug's column: its name, or name and id where that is taken."""
    taken, names = Counter(WIDE_COLUMNS), []
    for drug in drugs:
        name = drug.name if not taken[drug.name] else f"{drug.name} ({drug.id or taken[drug.name] + 1})"
        taken[drug.name] += 1
        names.append(name)
    return names


def _line_cells(line: Sequence[Prediction]) -> tuple[object, ...]:
    """Id and name of the line, whether all of its pairs lie in the domain, and its nearest training line."""
    flags = {one.in_domain for one in line}
    in_domain = False if False in flags else None if None in flags else True
    near = next((one.nearest.cell_line for one in line if one.nearest is not None), None)
    return line[0].cell_line.id, line[0].cell_line.name, in_domain, *_neighbour(near)[1:]


def _parquet(kinds: Mapping[str, str], rows: Rows, answer: Answer) -> bytes:
    from arro3.core import Array, DataType, Table  # half a second, for those who ask for Parquet
    from arro3.io import write_parquet

    types = {
        "utf8": DataType.utf8(), "float64": DataType.float64(), "int64": DataType.int64(), "bool": DataType.bool(),
    }  # fmt: skip
    cells = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    arrays: dict[str, Any] = {
        name: Array(list(column), type=types[kinds[name]]) for name, column in zip(kinds, cells, strict=True)
    }
    metadata = {"model": answer.model, "bundle": answer.bundle, "warnings": json.dumps(answer.warnings)}
    metadata["refused"] = json.dumps([one.model_dump() for one in answer.refused])
    out = io.BytesIO()
    write_parquet(Table.from_pydict(arrays, metadata=metadata), out)
    return out.getvalue()


def _carried(answer: Answer) -> dict[str, str]:
    """Other columns of the table of compounds, and what each is called behind those of the answer."""
    rows: list[CompoundReading | Refusal] = [*answer.compounds.values(), *answer.refused]
    taken, names = set(COLUMNS), {}
    for column in dict.fromkeys(column for row in rows for column in row.columns):
        name = column
        while name in taken:
            name += " (input)"
        taken.add(name)
        names[column] = name
    return names


def _rows(answer: Answer, predictions: Iterable[Prediction], carried: Sequence[str]) -> Iterator[tuple[object, ...]]:
    warnings = _warnings(answer)
    for one in predictions:
        nearest = one.nearest
        counted = answer.samples.get(one.cell_line.name, {}) if one.cell_line.id is None else {}
        yield (
            *(one.cell_line.id, one.cell_line.name, one.drug.id, one.drug.name),
            *_numbers(one),
            *(one.case, one.in_domain),
            *_neighbour(None if nearest is None else nearest.cell_line),
            *_neighbour(None if nearest is None else nearest.drug),
            *_counts(counted),
            *(answer.model, answer.bundle, warnings),
            *map(_columns(answer, one.drug).get, carried),
        )

    for refused in answer.refused:
        names = (None, refused.name, None, None) if refused.kind == "sample" else (None, None, None, refused.name)
        empty = (None,) * (len(COLUMNS) - len(TEXTS) - 3)
        told = f"{refused.code}: {refused.detail}"
        yield (*names, *empty, answer.model, answer.bundle, told, *map(refused.columns.get, carried))


def _columns(answer: Answer, drug: Entity) -> Mapping[str, str]:
    """Other columns of the compound that a drug of the answer is; none of a drug of the bundle."""
    reading = answer.compounds.get(drug.name)
    same = reading is not None and drug.id == (reading.drug and reading.drug.id)
    return reading.columns if reading is not None and same else {}


def _warnings(answer: Answer) -> str | None:
    return "; ".join(answer.warnings) or None


def _with_refusals(answer: Answer) -> str | None:
    refused = (f"{one.pointer}: {one.name} refused, {one.detail}" for one in answer.refused)
    return "; ".join([*answer.warnings, *refused]) or None


def _numbers(one: Prediction) -> tuple[float | None, ...]:
    empty = (None, None)
    return (
        *(one.probability, one.score, one.ln_ic50, *(one.ln_ic50_interval or empty)),
        *(one.ic50_um, *(one.ic50_um_interval or empty), one.percentile),
        *(one.ln_ic50_interval_other_assay or empty),
    )


def _neighbour(neighbour: Neighbour | None) -> tuple[Any, ...]:
    return (None, None, None) if neighbour is None else (neighbour.id, neighbour.name, neighbour.similarity)


def _counts(tables: Mapping[str, GeneCounts]) -> Iterator[int | None]:
    for table in GENE_TABLES:
        counted = tables.get(table)
        yield from (None, None, None) if counted is None else (counted.known, counted.unknown, counted.missing)
