"""The explorer at `/`: the files of the page, as they lie in `service/web`."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.staticfiles import StaticFiles

PAGE: Final = "/page"
# Scripts and styles come from here alone; drawings are images that the page makes itself.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES: Final = StaticFiles(directory=Path(__file__).resolve().parent.parent / "web")

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index(request: Request) -> Response:
    """The page; everything it shows comes from the API."""
    return await part("index.html", request)


@router.get(f"{PAGE}/{{file:path}}")
async def part(file: str, request: Request) -> Response:
    """One file of the page; 304 where the browser has it already."""
    response = await _FILES.get_response(file, request.scope)
    response.headers["cache-control"] = "no-cache"
    response.headers["content-security-policy"] = POLICY
    return response
