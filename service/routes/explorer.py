"""Routes that the explorer needs beside predictions: drawings of structures, the map."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from model.bundle.map import DRUG_MAP, LINE_MAP, METHOD
from model.molecules.drawing import drawing
from model.molecules.faults import MoleculeError
from service.answers.resolve import find_row
from service.contract.schema import problems
from service.errors import ProblemError
from service.routes.accept import headers_unless_kept
from service.routes.paths import DrugName, route_name
from service.schemas.explorer import BundleMap, MapPoint
from service.schemas.new_entities import MAX_SMILES_CHARS
from service.schemas.problem_codes import Code
from service.state import ThePredictor

router = APIRouter(tags=["explorer"], generate_unique_id_function=route_name)
SVG = "image/svg+xml"
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {SVG: {"schema": {"type": "string", "format": "binary"}}}, "description": "The drawing."}
}


@router.get(
    "/drugs/{drug:path}/structure.svg", response_class=Response, responses=DRAWN | problems(401, 404, 422, 429, 503)
)
async def drug_structure(drug: DrugName, request: Request, predictor: ThePredictor) -> Response:
    """Draw a drug of the bundle."""
    row = predictor.drugs.rows[find_row(predictor.drugs, "drug", drug).row]
    if row.smiles is None:
        raise ProblemError(Code.NOT_FOUND, f"the bundle holds no structure of {row.name}")
    if (headers := headers_unless_kept(request, predictor)) is None:
        return Response(status_code=304)
    return await drawn(row.smiles, headers)


@router.get("/structure.svg", response_class=Response, responses=DRAWN | problems(401, 422, 429, 503))
async def structure(
    smiles: Annotated[str, Query(min_length=1, max_length=MAX_SMILES_CHARS, examples=["CCO"])],
) -> Response:
    """Draw a compound."""
    return await drawn(smiles, {})


@router.get("/map", response_model=BundleMap, responses=problems(401, 404, 429, 503))
async def bundle_map(request: Request, predictor: ThePredictor) -> Response:
    """All cell lines and drugs in two dimensions."""
    tables, version = predictor.bundle.identifiers, predictor.bundle.version
    if LINE_MAP not in tables or DRUG_MAP not in tables:
        raise ProblemError(Code.NOT_FOUND, "this bundle has no map; `drp annotate BUNDLE` adds one")
    if (headers := headers_unless_kept(request, predictor)) is None:
        return Response(status_code=304)
    lines, drugs = ([MapPoint.model_validate(row) for row in tables[name]] for name in (LINE_MAP, DRUG_MAP))
    content = BundleMap(bundle=version, method=METHOD, cell_lines=lines, drugs=drugs).model_dump_json()
    return Response(content, media_type="application/json", headers=headers)


async def drawn(smiles: str, headers: dict[str, str]) -> Response:
    """The drawing of a SMILES. Raises ProblemError where it is none."""
    try:
        return Response(await run_in_threadpool(drawing, smiles), media_type=SVG, headers=headers)
    except MoleculeError as fault:
        raise ProblemError(Code.INVALID_COMPOUND, str(fault)) from None
