"""The route that takes whole tables: POST /predict/table."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from model.tables.content import Content
from service.answers.grid import GridRanking, answer_grid, predict_grid
from service.answers.new_compounds import AS_NEW
from service.answers.new_entities import encoders_of, encoding_cost, explaining_cost
from service.answers.resolve import model_name
from service.answers.tables import table_input as tables
from service.answers.tables.media_types import CSV, JSON, PARQUET, negotiate
from service.answers.tables.prediction_table import WideValue
from service.contract.schema import problems
from service.errors import ProblemError, pointer
from service.prediction.predictor import Predictor
from service.routes.paths import route_name
from service.schemas.explanations import ExplainedPredictions
from service.schemas.new_entities import (
    COPY_NUMBER_UNIT,
    KNOWN_STRUCTURES,
    ON_ERROR,
    CopyNumberUnit,
    KnownStructures,
    Name,
    OnError,
    Unit,
)
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.rankings import ORDER
from service.schemas.responses import Order, Predictions
from service.settings import Settings
from service.state import ThePredictor, state_of

router = APIRouter(tags=["predictions"], generate_unique_id_function=route_name)
Table = UploadFile | None
TABLES = ("expression", "copy_number", "mutation", "samples", "compounds")
UNITS = ("expression_unit", "copy_number_unit")
OPTIONS = ("cell_lines", "drugs", "model", "order", "top_k", "wide", "known_structures")
FIELDS = {*TABLES, *UNITS, *OPTIONS, "smiles_column", "on_error", "only", "detail"}
TABLE_CONTENT = {CSV: {"schema": {"type": "string"}}, PARQUET: {"schema": {"type": "string", "format": "binary"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Annotated[Predictions | ExplainedPredictions, Field(discriminator="detail")],
        "content": TABLE_CONTENT,
    }
}


@router.post("/predict/table", responses={**ANSWERS, **problems(401, 404, 406, 408, 413, 422, 429, 503)})
async def predict_table(
    request: Request,
    predictor: ThePredictor,
    expression: Annotated[
        Table,
        File(description="CSV, TSV, workbook or gzip: genes and samples, either way."),
    ] = None,
    copy_number: Annotated[Table, File(description="The same with copy number in `copy_number_unit`.")] = None,
    mutation: Annotated[Table, File(description="The same with 1 for a mutated gene, else 0; or a MAF.")] = None,
    samples: Annotated[Table, File(description="Table: name, tissue, cancer_type, medium.")] = None,
    compounds: Annotated[
        Table,
        File(
            description="SMILES and names (.smi), an SDF file, or a table with a header: smiles, name, targets (a;b), "
            "pathway, max_concentration_um; compound_id, canonical_smiles and the like are read as well."
        ),
    ] = None,
    smiles_column: Annotated[
        Name | None, Form(description="Column of `compounds` that has the structures; else it is known by its name.")
    ] = None,
    expression_unit: Annotated[Unit, Form(description="Unit of `expression`.")] = "log2(TPM+1)",
    copy_number_unit: Annotated[CopyNumberUnit, Form(description=COPY_NUMBER_UNIT)] = "log2 ratio",
    cell_lines: Annotated[list[Name] | None, Form(description="Lines of the bundle beside the samples.")] = None,
    drugs: Annotated[list[Name] | None, Form(description="Drugs of the bundle beside the compounds.")] = None,
    model: Annotated[Name | None, Form(description="A model of GET /models; else the default.")] = None,
    known_structures: Annotated[KnownStructures, Form(description=KNOWN_STRUCTURES)] = "as_drug",
    on_error: Annotated[OnError, Form(description=ON_ERROR)] = "mark",
    order: Annotated[Order | None, Form(description=f"Ranks the drugs of each line. {ORDER}")] = None,
    only: Annotated[list[Name] | None, Form(description="Samples of the tables to answer, by name; else all.")] = None,
    detail: Annotated[
        Literal["full", "explain"],
        Form(description="`explain` adds what carried each prediction, in JSON."),
    ] = "full",
    top_k: Annotated[
        int | None, Form(ge=1, description="How many drugs of each line to answer, best first; else all.")
    ] = None,
    wide: Annotated[
        WideValue | None,
        Form(description="Number to lay out with a line a row and a drug a column, in CSV or Parquet."),
    ] = None,
) -> Response:
    """Predict every sample of a table with every drug asked for, or with all of the bundle.

    Pairs are all samples and `cell_lines`, or else all lines of the bundle, times all `drugs` and compounds, or else
    all drugs of the bundle. The answer is JSON, CSV or Parquet, by `Accept`, one pair a row unless `wide` is given.
    """
    explaining = detail == "explain"
    offered = (JSON,) if explaining else (JSON, CSV, PARQUET) if wide is None else (CSV, PARQUET)
    form = negotiate(request.headers.get("accept", ""), offered)
    if form is None:
        raise ProblemError(Code.NOT_ACCEPTABLE, f"the answer can be {', '.join(offered)}")
    if wide is not None and (order is not None or top_k is not None):
        raise _wrong_fields(["wide"], "a wide table has the same drugs for every line, so it cannot be ranked")
    if wide is not None and explaining:
        raise _wrong_fields(["wide", "detail"], "a wide table has no place for explanations")
    if unknown := sorted(set(await request.form()) - FIELDS):
        raise _wrong_fields(unknown, "there is no such field")
    files = zip(TABLES, (expression, copy_number, mutation, samples, compounds), strict=True)
    contents: dict[str, Content] = {name: file.file for name, file in files if file is not None}
    chosen, limits = model_name(predictor, model, "/model"), state_of(request).settings
    marking = on_error == "mark"
    asked = (tables.Units(expression_unit, copy_number_unit), smiles_column, marking)
    read, brought = await run_in_threadpool(read_tables, predictor, chosen, contents, asked, limits)
    read = _only(read, only)
    new = brought.compounds
    rows = len(read.samples) + len(cell_lines or ()) or len(predictor.lines)
    columns = len(new) + len(drugs or ()) or len(predictor.drugs)
    if rows * columns > limits.max_pairs_per_request:
        many = f"{rows * columns} pairs; a request may have {limits.max_pairs_per_request}, so split it"
        raise ProblemError(Code.TOO_MANY_PAIRS, many)
    ranking = GridRanking(order or "score", top_k) if order or top_k else None
    if known_structures == AS_NEW:
        new = {name: replace(one, as_new=True) for name, one in new.items()}
    brought = replace(brought, compounds=new)
    known = cell_lines or [], drugs or []
    flags = {"marking": marking, "explaining": explaining}
    grid = partial(predict_grid, predictor, chosen, read, brought, known, ranking, **flags)
    placing = encoding_cost(len(read.samples), len(new))
    if explaining:
        placing += explaining_cost(rows * columns, len(read.samples), limits.max_explained_pairs)
    with state_of(request).pairs(request.scope, rows * columns, placing):
        content = await run_in_threadpool(answer_grid, form, wide, grid)
    return Response(content, media_type=form)


def _only(read: tables.TableSamples, names: list[str] | None) -> tables.TableSamples:
    """The samples of these names. Raises ProblemError where the tables have no such sample."""
    if names is None:
        return read
    if strangers := [name for name in names if name not in read.samples]:
        raise _wrong_fields(["only"], f"{len(strangers)} of its names are of no sample of the tables; leave them out")
    return replace(read, samples={name: read.samples[name] for name in names})


def _wrong_fields(names: list[str], reason: str) -> ProblemError:
    faults = [Fault(pointer=pointer((name,)), detail=reason) for name in names]
    return ProblemError(Code.INVALID_REQUEST, f"{len(names)} wrong fields; the first: {reason}", faults)


def read_tables(
    predictor: Predictor,
    model: str,
    contents: Mapping[str, Content],
    asked: tuple[tables.Units, str | None, bool],
    limits: Settings,
) -> tuple[tables.TableSamples, tables.TableCompounds]:
    """Read the samples and compounds of the tables; `asked` are units, column of SMILES, whether bad rows are marked.

    Raises ProblemError with the table that cannot be read.
    """
    if not contents.keys() - {"samples"}:
        raise ProblemError(Code.INVALID_REQUEST, "give a table of expression, copy_number, mutation or compounds")
    panels = encoders_of(predictor, model, min(contents)).table_panels
    units, column, marking = asked
    try:
        samples = tables.read_samples(contents, panels, units, limits.max_samples_per_request)
        return samples, _read_compounds(contents.get("compounds"), limits.max_compounds_per_request, column, marking)
    except tables.TableError as fault:
        faults = [Fault(pointer=f"/{fault.field}", detail=str(fault))]
        raise ProblemError(Code.INVALID_TABLE, str(fault), faults) from None
    except tables.TooManyRowsError as fault:
        raise ProblemError(Code.TOO_MANY_NEW, str(fault)) from None


def _read_compounds(content: Content | None, most: int, column: str | None, marking: bool) -> tables.TableCompounds:
    if content is not None:
        return tables.read_compound_file(content, most, column, marking=marking)
    if column is not None:
        raise tables.TableError("smiles_column", "there is no table of compounds; leave the field out")
    return tables.TableCompounds()
