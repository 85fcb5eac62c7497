"""The routes that list what the bundle knows: cell lines, drugs, facets, genes, models."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from model.bundle.model_card import model_card_text
from service.answers.catalogue.facets import FACET_COLUMNS, facet_rows, facets_of
from service.answers.catalogue.gene_panel import GENE_COLUMNS, gene_panel, gene_rows
from service.answers.catalogue.search import search_drugs, search_lines
from service.answers.resolve import find_row, model_name
from service.answers.tables.csv_text import model_columns, model_rows, to_csv_text
from service.answers.tables.media_types import CSV, JSON, MARKDOWN, negotiate
from service.contract.schema import problems
from service.errors import ProblemError
from service.prediction.predictor import Predictor
from service.routes.accept import WITH_CSV, headers_unless_kept, json_or_csv
from service.routes.paths import GENES, CellLineName, DrugName, route_name
from service.schemas.catalogue import (
    CellLine,
    CellLinePage,
    Drug,
    DrugPage,
    Facets,
    FoundCellLine,
    FoundDrug,
    GenePanel,
    ModelCard,
    Models,
)
from service.schemas.problem_codes import Code
from service.schemas.requests import DrugPageQuery, GeneQuery, LinePageQuery
from service.state import ThePredictor

router = APIRouter(tags=["catalogue"], generate_unique_id_function=route_name)
WITH_PROSE: dict[int | str, dict[str, Any]] = {200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}}
LIST_ANSWERS = {**WITH_CSV, **problems(401, 413, 422, 429, 503)}


@router.get("/cell-lines", response_model=CellLinePage, responses=LIST_ANSWERS)
async def cell_lines(
    query: Annotated[LinePageQuery, Query()], request: Request, predictor: ThePredictor
) -> CellLinePage | Response:
    """Cell lines of the bundle, searched with `q`, filtered and paged. CSV has them all unless `limit` is given."""
    form, found = json_or_csv(request), search_lines(predictor, query)
    page = [predictor.lines.rows[row] for row in query.page_of(found, whole=form == CSV)]
    if form == CSV:
        return Response(to_csv_text(model_columns(CellLine), model_rows(page)), media_type=CSV)
    return CellLinePage(total=len(found), limit=query.limit, offset=query.offset, cell_lines=page)


@router.get("/cell-lines/{cell_line:path}", responses=problems(401, 404, 413, 422, 429, 503))
async def cell_line(cell_line: CellLineName, predictor: ThePredictor) -> FoundCellLine:
    """One cell line with its identifiers, and how its name matched."""
    found = find_row(predictor.lines, "cell_line", cell_line)
    row = predictor.lines.rows[found.row]
    return FoundCellLine(**dict(row), matched_by=found.reading.matched_by, warnings=found.warnings)


@router.get("/drugs", response_model=DrugPage, responses=LIST_ANSWERS)
async def drugs(
    query: Annotated[DrugPageQuery, Query()], request: Request, predictor: ThePredictor
) -> DrugPage | Response:
    """Drugs of the bundle, searched with `q`, filtered and paged. CSV has them all unless `limit` is given."""
    form, found = json_or_csv(request), search_drugs(predictor, query)
    page = [predictor.drugs.rows[row] for row in query.page_of(found, whole=form == CSV)]
    if form == CSV:
        return Response(to_csv_text(model_columns(Drug), model_rows(page)), media_type=CSV)
    return DrugPage(total=len(found), limit=query.limit, offset=query.offset, drugs=page)


@router.get("/drugs/{drug:path}", responses=problems(401, 404, 413, 422, 429, 503))
async def drug(drug: DrugName, predictor: ThePredictor) -> FoundDrug:
    """One drug with its identifiers, targets and pathway, and how its name matched."""
    found = find_row(predictor.drugs, "drug", drug)
    row = predictor.drugs.rows[found.row]
    return FoundDrug(**dict(row), matched_by=found.reading.matched_by, warnings=found.warnings)


@router.get("/facets", response_model=Facets, responses={**WITH_CSV, **problems(401, 413, 429, 503)})
async def facets(request: Request, predictor: ThePredictor) -> Response:
    """Tissues, cancer types, media, targets and pathways of the bundle, each with its number of lines or drugs.

    The first three are the values that a sample may have.
    """
    form = json_or_csv(request)
    if (headers := headers_unless_kept(request, predictor, form)) is None:
        return Response(status_code=304)
    listed = facets_of(predictor)
    text = to_csv_text(FACET_COLUMNS, facet_rows(listed)) if form == CSV else listed.model_dump_json()
    return Response(text, media_type=form, headers=headers)


@router.get(GENES, response_model=GenePanel, responses=LIST_ANSWERS)
async def genes(query: Annotated[GeneQuery, Query()], request: Request, predictor: ThePredictor) -> Response:
    """Genes that a model reads of a new sample, by table, with their identifiers where the bundle has them."""
    form = json_or_csv(request)
    panel = gene_panel(predictor, model_name(predictor, query.model, "/query/model"), query)
    text = to_csv_text(GENE_COLUMNS, gene_rows(panel)) if form == CSV else panel.model_dump_json()
    return Response(text, media_type=form)


@router.get("/models", responses=problems(401, 413, 429, 503))
async def models(predictor: ThePredictor) -> Models:
    """Which models answer, how good they were found to be, and on what data."""
    manifest = predictor.bundle.manifest
    return Models(
        bundle=predictor.bundle.version,
        content_hash=manifest["content_hash"],
        created=manifest.get("created"),
        dataset=manifest["dataset"],
        baselines=manifest["metrics"].get("baselines", {}),
        files=manifest["files"],
        models=[card(predictor, name) for name in predictor.models],
    )


@router.get("/models/{name}/card", response_model=ModelCard, responses={**WITH_PROSE, **problems(401, 422, 429, 503)})
async def model_card(
    name: Annotated[str, Path(examples=["kernel_stack"])], request: Request, predictor: ThePredictor
) -> Response:
    """The card of one model; as `text/markdown` in prose: use, limits, data and terms, evaluation, bias, cost."""
    if name not in predictor.models:
        raise ProblemError(Code.UNKNOWN_MODEL, f"the models are {', '.join(predictor.models)}")
    form = negotiate(request.headers.get("accept", ""), (JSON, MARKDOWN)) or JSON
    if form == MARKDOWN:  # not kept: its words may change with the version
        return Response(model_card_text(predictor.bundle, name), media_type=form, headers={"vary": "accept"})
    if (headers := headers_unless_kept(request, predictor, form)) is None:
        return Response(status_code=304)
    return Response(card(predictor, name).model_dump_json(), media_type=JSON, headers=headers)


def card(predictor: Predictor, name: str) -> ModelCard:
    """Card of a model: its entry in the manifest, and the execution provider."""
    entry: dict[str, Any] = dict(predictor.bundle.models[name].card)
    return ModelCard(
        name=name,
        default=name == predictor.bundle.default_model,
        provider=predictor.models[name].decoder.provider,
        metrics=predictor.bundle.manifest["metrics"].get(name, {}),
        measured_as=entry.get("measured_as"),
        calibration=entry["calibration"],
        decision_threshold=entry.get("decision_threshold"),
        regression=entry.get("regression"),
        reliability=entry.get("reliability", {}),
        table_sets=entry.get("inductive", {}).get("table_sets", []),
        config=entry.get("config", {}),
        training=entry.get("training", {}),
    )
