"""Predictions as a table, CSV or Parquet, and the choice of the form by the Accept header."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from service.schemas.responses import Answer, GeneCounts, Neighbour, Prediction, Predictions

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
FORMS = (JSON, CSV, PARQUET)
GENE_TABLES = ("expression", "copy_number", "mutation")
TEXTS = ("cell_line_id", "cell_line", "drug_id", "drug")
NUMBERS = (
    *("probability", "score", "ln_ic50", "ln_ic50_low", "ln_ic50_high", "ic50_um", "ic50_um_low", "ic50_um_high"),
    "percentile",
)
NEAREST = tuple(f"nearest_{side}{part}" for side in ("cell_line", "drug") for part in ("_id", "", "_similarity"))
COUNTS = tuple(f"{table}_{count}" for table in GENE_TABLES for count in ("known", "unknown", "missing"))
COLUMNS = (*TEXTS, *NUMBERS, "case", "in_domain", *NEAREST, *COUNTS, "model", "bundle")


def negotiate(accept: str) -> str | None:
    """The media type that an Accept header prefers, JSON without a preference; None where it accepts none of them."""
    ranked = []
    for place, item in enumerate((accept or "*/*").split(",")):
        media, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((_quality(text[2:]) for text in parameters if text.startswith("q=")), 1.0)
        ranked.append((-quality, place, media))
    for quality, _, media in sorted(ranked):
        for form in FORMS:
            if quality and media in {form, "*/*", f"{form.partition('/')[0]}/*"}:
                return form
    return None


def to_csv(answer: Answer, predictions: Iterable[Prediction]) -> str:
    """One row a prediction; what is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows(answer, predictions):
        writer.writerow([str(cell).lower() if isinstance(cell, bool) else cell for cell in row])
    return out.getvalue()


def to_parquet(answer: Predictions) -> bytes:
    """The same columns with their types; what is not known is null."""
    from arro3.core import Array, DataType, Table  # half a second, for those who ask for Parquet
    from arro3.io import write_parquet

    types = dict.fromkeys(COLUMNS, DataType.utf8()) | dict.fromkeys(NUMBERS, DataType.float64())
    types |= {"in_domain": DataType.bool()} | dict.fromkeys(COUNTS, DataType.int64())
    types |= {column: DataType.float64() for column in NEAREST if column.endswith("similarity")}
    columns = zip(COLUMNS, zip(*_rows(answer, answer.predictions), strict=True), strict=True)
    out = io.BytesIO()
    write_parquet(Table.from_pydict({name: Array(list(cells), type=types[name]) for name, cells in columns}), out)
    return out.getvalue()


def _rows(answer: Answer, predictions: Iterable[Prediction]) -> Iterator[tuple[object, ...]]:
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
            *(answer.model, answer.bundle),
        )


def _numbers(one: Prediction) -> tuple[float | None, ...]:
    empty = (None, None)
    return (
        *(one.probability, one.score, one.ln_ic50, *(one.ln_ic50_interval or empty)),
        *(one.ic50_um, *(one.ic50_um_interval or empty), one.percentile),
    )


def _neighbour(neighbour: Neighbour | None) -> tuple[object, ...]:
    return (None, None, None) if neighbour is None else (neighbour.id, neighbour.name, neighbour.similarity)


def _counts(tables: Mapping[str, GeneCounts]) -> Iterator[int | None]:
    for table in GENE_TABLES:
        counted = tables.get(table)
        yield from (None, None, None) if counted is None else (counted.known, counted.unknown, counted.missing)


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
