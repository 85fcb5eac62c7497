"""The routes that list what the bundle knows: cell lines, drugs, models."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from service.answers.resolve import find_row
from service.contract.schema import problems
from service.prediction.predictor import Predictor
from service.routes.paths import CellLineName, DrugName
from service.schemas.catalogue import CellLine, CellLinePage, Drug, DrugPage, ModelCard, Models
from service.schemas.requests import PageQuery
from service.state import ThePredictor

router = APIRouter(tags=["catalogue"])


@router.get("/cell-lines", responses=problems(401, 413, 422, 429, 503))
async def cell_lines(query: Annotated[PageQuery, Query()], predictor: ThePredictor) -> CellLinePage:
    """Cell lines of the bundle, searched with `q` and paged."""
    found = predictor.lines.matching(query.q)
    page = [predictor.lines.rows[i] for i in found[query.offset : query.offset + query.limit]]
    return CellLinePage(total=len(found), limit=query.limit, offset=query.offset, cell_lines=page)


@router.get("/cell-lines/{cell_line:path}", responses=problems(401, 404, 413, 422, 429, 503))
async def cell_line(cell_line: CellLineName, predictor: ThePredictor) -> CellLine:
    """One cell line with its identifiers."""
    return predictor.lines.rows[find_row(predictor.lines, "cell_line", cell_line)]


@router.get("/drugs", responses=problems(401, 413, 422, 429, 503))
async def drugs(query: Annotated[PageQuery, Query()], predictor: ThePredictor) -> DrugPage:
    """Drugs of the bundle, searched with `q` and paged."""
    found = predictor.drugs.matching(query.q)
    page = [predictor.drugs.rows[i] for i in found[query.offset : query.offset + query.limit]]
    return DrugPage(total=len(found), limit=query.limit, offset=query.offset, drugs=page)


@router.get("/drugs/{drug:path}", responses=problems(401, 404, 413, 422, 429, 503))
async def drug(drug: DrugName, predictor: ThePredictor) -> Drug:
    """One drug with its identifiers, targets and pathway."""
    return predictor.drugs.rows[find_row(predictor.drugs, "drug", drug)]


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


def card(predictor: Predictor, name: str) -> ModelCard:
    """Card of a model: its entry in the manifest, and the execution provider."""
    entry: dict[str, Any] = dict(predictor.bundle.models[name].card)
    return ModelCard(
        name=name,
        default=name == predictor.bundle.default_model,
        provider=predictor.models[name].decoder.provider,
        metrics=predictor.bundle.manifest["metrics"].get(name, {}),
        calibration=entry["calibration"],
        decision_threshold=entry.get("decision_threshold"),
        regression=entry.get("regression"),
        config=entry.get("config", {}),
        training=entry.get("training", {}),
    )
