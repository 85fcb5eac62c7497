"""The page /docs: Swagger UI from an installed package, so that it works without internet."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from service.contract.schema import TITLE
from service.errors import ProblemError
from service.schemas.problem_codes import Code

DOCS, OPENAPI = "/docs", "/openapi.json"
_PACKAGE = files("fastapi_offline") / "static"  # only its files are used
_MEDIA_TYPES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
# Swagger UI writes style attributes; scripts come from here alone, and none stands in the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Paths are relative, so that the page also works where a proxy puts the service under a prefix.
_PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{TITLE}</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});\n'

router = APIRouter(include_in_schema=False)


@router.get(DOCS)
async def docs() -> Response:
    """Page to click through."""
    return Response(_PAGE, media_type="text/html", headers={"content-security-policy": _POLICY})


@router.get(f"{DOCS}/{{file}}")
async def asset(file: str) -> Response:
    """What the page loads."""
    if file == "start.js":
        return Response(_START, media_type="text/javascript")
    if file not in _MEDIA_TYPES:
        raise ProblemError(Code.NOT_FOUND, "no such part of the page")
    cached = {"cache-control": "max-age=3600"}
    return FileResponse(str(_PACKAGE / file), media_type=_MEDIA_TYPES[file], headers=cached)
