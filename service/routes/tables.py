"""The route that takes whole tables: POST /predict/table."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from model.tables.content import Content
from service.answers import table_input as tables
from service.answers.grid import predict_grid
from service.answers.new_entities import encoders_of, encoding_cost
from service.answers.predict import to_json
from service.answers.resolve import model_name
from service.answers.table_output import CSV, FORMS, JSON, PARQUET, negotiate, to_csv, to_parquet
from service.contract.schema import problems
from service.errors import ProblemError, pointer
from service.prediction.encoders import Compound
from service.prediction.predictor import Predictor
from service.schemas.new_entities import Name, Unit
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.responses import Predictions
from service.settings import Settings
from service.state import ThePairs, ThePredictor, TheState

router = APIRouter(tags=["predictions"])
Table = UploadFile | None
Writer = Callable[[Predictions], str | bytes]
TABLES = ("expression", "copy_number", "mutation", "samples", "compounds")
FIELDS = {*TABLES, "expression_unit", "cell_lines", "drugs", "model"}
WRITERS: dict[str, Writer] = {
    JSON: to_json,
    CSV: lambda answer: to_csv(answer, answer.predictions),
    PARQUET: to_parquet,
}
TABLE_CONTENT = {CSV: {"schema": {"type": "string"}}, PARQUET: {"schema": {"type": "string", "format": "binary"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {200: {"model": Predictions, "content": TABLE_CONTENT}}


@router.post("/predict/table", responses={**ANSWERS, **problems(401, 404, 406, 413, 422, 429, 503)})
async def predict_table(
    request: Request,
    state: TheState,
    pairs: ThePairs,
    predictor: ThePredictor,
    expression: Annotated[
        Table,
        File(description="CSV, TSV, workbook or gzip: genes and samples, either way."),
    ] = None,
    copy_number: Annotated[Table, File(description="The same with log2 ratios to diploid.")] = None,
    mutation: Annotated[Table, File(description="The same with 1 for a mutated gene, else 0; or a MAF.")] = None,
    samples: Annotated[Table, File(description="Table: name, tissue, cancer_type, medium.")] = None,
    compounds: Annotated[Table, File(description="Table: name, smiles, targets (a;b), pathway.")] = None,
    expression_unit: Annotated[Unit, Form(description="Unit of `expression`.")] = "log2(TPM+1)",
    cell_lines: Annotated[list[Name] | None, Form(description="Lines of the bundle beside the samples.")] = None,
    drugs: Annotated[list[Name] | None, Form(description="Drugs of the bundle beside the compounds.")] = None,
    model: Annotated[Name | None, Form(description="A model of GET /models; else the default.")] = None,
) -> Response:
    """Predict every sample of a table with every drug asked for, or with all of the bundle.

    Pairs are all samples and `cell_lines`, or else all lines of the bundle, times all `drugs` and compounds, or else
    all drugs of the bundle. The answer is JSON, CSV or Parquet, by `Accept`.
    """
    form = negotiate(request.headers.get("accept", ""))
    if form is None:
        raise ProblemError(Code.NOT_ACCEPTABLE, f"the answer can be {', '.join(FORMS)}")
    if strange := sorted(set(await request.form()) - FIELDS):
        faults = [Fault(pointer=pointer((name,)), detail="there is no such field") for name in strange]
        raise ProblemError(Code.INVALID_REQUEST, f"unknown fields, {len(strange)} of them", faults)
    files = zip(TABLES, (expression, copy_number, mutation, samples, compounds), strict=True)
    contents: dict[str, Content] = {name: file.file for name, file in files if file is not None}
    chosen, limits = model_name(predictor, model, "/model"), state.settings
    read, new = await run_in_threadpool(read_tables, predictor, chosen, contents, expression_unit, limits)
    rows = len(read.samples) + len(cell_lines or ()) or len(predictor.lines)
    columns = len(new) + len(drugs or ()) or len(predictor.drugs)
    if rows * columns > limits.max_pairs_per_request:
        detail = f"{rows * columns} pairs; a request may have {limits.max_pairs_per_request}, so split it"
        raise ProblemError(Code.TOO_MANY_PAIRS, detail)

    def answer() -> str | bytes:
        return WRITERS[form](predict_grid(predictor, chosen, read, new, cell_lines or [], drugs or []))

    with pairs(rows * columns, encoding_cost(len(read.samples), len(new))):
        content = await run_in_threadpool(answer)
    return Response(content, media_type=form)


def read_tables(
    predictor: Predictor, model: str, contents: Mapping[str, Content], unit: Unit, limits: Settings
) -> tuple[tables.TableSamples, dict[str, Compound]]:
    """Read the samples and compounds of the tables. Raises ProblemError with the table that cannot be read."""
    if not contents.keys() - {"samples"}:
        raise ProblemError(Code.INVALID_REQUEST, "give a table of expression, copy_number, mutation or compounds")
    panels = encoders_of(predictor, model, min(contents)).panels
    try:
        samples = tables.read_samples(contents, panels, unit, limits.max_samples_per_request)
        compounds = contents.get("compounds")
        return samples, {} if compounds is None else tables.compounds(compounds, limits.max_compounds_per_request)
    except tables.TableError as fault:
        faults = [Fault(pointer=f"/{fault.field}", detail=str(fault))]
        raise ProblemError(Code.INVALID_TABLE, str(fault), faults) from None
    except tables.TooManyRowsError as fault:
        raise ProblemError(Code.TOO_MANY_NEW, str(fault)) from None
