"""Pandas data frames in and out: samples × genes go to a service in parts, one row a prediction comes back.

    from client.api import Client
    from client.frames import predict_frame

    with Client("http://localhost:8000") as client:
        answers = predict_frame(client, expression=tpm, expression_unit="TPM", drugs=["Erlotinib"])

It needs pandas beside the client (`pip install 'drug-response[frames]'`).
"""

import gzip
from collections.abc import Callable, Collection, Mapping, Sequence

try:
    import pandas as pd
except ModuleNotFoundError:
    raise ModuleNotFoundError("client.frames needs pandas: pip install 'drug-response[frames]'") from None

from client.api import Client
from client.panels import model_panel
from client.parts import marked_parts, merged_fields
from model.genes.panel import Outcome
from model.tables.matrix import whole_notes
from service.schemas.responses import Neighbour, Order, Prediction, Predictions

Progress = Callable[[int, int], object]  # samples that are answered, and all
Frames = Mapping[str, pd.DataFrame]
SAMPLES_PER_REQUEST = 100
FEW_GENES = 1_000  # are sent as they are
MODALITIES = ("expression", "mutation", "copy_number")
FIELDS = ("probability", "score", "ln_ic50", "ic50_um", "percentile", "case", "in_domain")


def predict_frame(  # noqa: PLR0913 -- the tables and options of one form
    client: Client,
    *,
    expression: pd.DataFrame | None = None,
    mutation: pd.DataFrame | None = None,
    copy_number: pd.DataFrame | None = None,
    annotations: pd.DataFrame | None = None,
    compounds: pd.DataFrame | None = None,
    drugs: Sequence[str] = (),
    cell_lines: Sequence[str] = (),
    expression_unit: str = "log2(TPM+1)",
    copy_number_unit: str | None = None,
    model: str | None = None,
    top_k: int | None = None,
    order: Order | None = None,
    samples_per_request: int = SAMPLES_PER_REQUEST,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Predict every sample and line with every drug and compound; one row a pair, in the order of the samples.

    Tables are samples × genes, genes by any identifier; `annotations` has tissue, cancer_type and medium of samples,
    `compounds` smiles, targets and pathway, both indexed by name or with a column `name`. Many samples go in several
    requests; `progress` is called after each. What the service warns of is in the frame's `attrs["warnings"]`, samples
    and compounds that it cannot read are in `attrs["refused"]`. Raises ValueError where names
    of samples repeat or annotations are of none, and what Client raises.
    """
    given = {"expression": expression, "mutation": mutation, "copy_number": copy_number}
    tables = {name: _by_text(frame) for name, frame in given.items() if frame is not None}
    names = _sample_names(tables)
    read = {table: frame.loc[:, _columns_read(client, model, table, frame)] for table, frame in tables.items()}
    if annotations is not None:
        annotations = _by_text(_by_name(annotations))
        _refuse_strangers(annotations, names)
    parts = [names[i : i + samples_per_request] for i in range(0, len(names), samples_per_request)] or [[]]

    def ask(part: Sequence[str], further: Sequence[tuple[str, str]]) -> Predictions:
        content = {
            name: _packed(frame.loc[frame.index.isin(part)].rename_axis("sample")) for name, frame in read.items()
        }
        if annotations is not None:
            content["samples"] = _packed(annotations.loc[annotations.index.isin(part)].rename_axis("name"))
        if compounds is not None:
            content["compounds"] = _packed(_by_name(compounds).rename_axis("name"))
        return client.predict_tables(
            {name: table for name, table in content.items() if table is not None},
            cell_lines=[*(cell_lines if part is parts[-1] else ()), *(line for line, _ in further)],
            drugs=drugs,
            expression_unit=expression_unit,
            copy_number_unit=copy_number_unit,
            model=model,
            top_k=top_k,
            order=order,
            on_error="mark" if len(parts) > 1 else None,
        )

    answers, answered = [], 0
    for part, answer in zip(parts, marked_parts(parts, ask, client.known_pair), strict=True):
        answers.append(answer)
        answered += len(part)
        if progress is not None:
            progress(answered, len(names))
    return _frame(answers, {name: dict.fromkeys(frame.index) for name, frame in tables.items()})


def rank_frame(client: Client, expression: pd.DataFrame, k: int = 10, **options: object) -> pd.DataFrame:
    """Rank the drugs of each sample, best first, k rows a sample; options as in predict_frame."""
    return predict_frame(client, expression=expression, top_k=k, **options)  # type: ignore[arg-type]


def _by_name(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame indexed by its column of names, where it has one."""
    named = [column for column in frame.columns if str(column).strip().lower() == "name"]
    return frame.set_index(named[0]) if len(named) == 1 else frame


def _by_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its names as the service gets them: as text."""
    names = [name if pd.isna(name) else str(name) for name in frame.index]
    return frame.set_axis(pd.Index(names, dtype=object, name=frame.index.name))


def _refuse_strangers(annotations: pd.DataFrame, names: Sequence[str]) -> None:
    if len(strangers := annotations.index[~annotations.index.isin(names)]):
        raise ValueError(f"annotations: {strangers[0]!r} stands in no other table; write it as there, or leave it out")


def _columns_read(client: Client, model: str | None, table: str, frame: pd.DataFrame) -> list[bool]:
    """Which columns to send: of many those of the model's genes, and dates, which the service refuses."""
    if frame.shape[1] <= FEW_GENES:
        return [True] * frame.shape[1]
    panel = model_panel(client, model, table)
    found = [panel.find(str(column), changes=table == "mutation") for column in frame.columns]
    some = any(reading.gene for reading in found)  # else the service says that there are none
    return [not some or reading.outcome is not Outcome.OUTSIDE for reading in found]


def _sample_names(tables: Frames) -> list[str]:
    names: dict[str, None] = {}
    for table, frame in tables.items():
        if not frame.index.is_unique:
            raise ValueError(
                f"{table}: {frame.index[frame.index.duplicated()][0]!r} stands twice; give a sample one row"
            )
        names |= dict.fromkeys(frame.index)
    return list(names)


def _packed(frame: pd.DataFrame) -> bytes | None:
    """The table as gzip of CSV; None where a part of the samples has no row in it."""
    return gzip.compress(frame.to_csv(sep="\t").encode(), 1) if len(frame) else None


def _frame(answers: Sequence[Predictions], samples: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """All answers in one, with notes on the samples of each whole table instead of those of its parts."""
    said = merged_fields(answers)
    table = pd.DataFrame([_row(one) for answer in answers for one in answer.predictions])
    table.attrs = {
        "model": answers[0].model,
        "bundle": answers[0].bundle,
        "warnings": whole_notes(said["warnings"], samples),
        "refused": [one.model_dump() for one in said["refused"]],
    }
    return table


def _row(one: Prediction) -> dict[str, object]:
    low, high = one.ln_ic50_interval or (None, None)
    far_low, far_high = one.ln_ic50_interval_other_assay or (None, None)
    near = one.nearest
    return {
        "cell_line_id": one.cell_line.id,
        "cell_line": one.cell_line.name,
        "drug_id": one.drug.id,
        "drug": one.drug.name,
        **{field: getattr(one, field) for field in FIELDS},
        "ln_ic50_low": low,
        "ln_ic50_high": high,
        "ln_ic50_low_other_assay": far_low,
        "ln_ic50_high_other_assay": far_high,
        **_near("cell_line", None if near is None else near.cell_line),
        **_near("drug", None if near is None else near.drug),
    }


def _near(side: str, near: Neighbour | None) -> dict[str, object]:
    return {
        f"nearest_{side}": None if near is None else near.name,
        f"nearest_{side}_similarity": None if near is None else near.similarity,
    }
