"""What a caller accepts: media types, by the Accept header, and nothing where it has kept the answer."""

from typing import Any

from fastapi import Request

from service.answers.tables.media_types import CSV, JSON, negotiate
from service.prediction.predictor import Predictor

CSV_CONTENT: dict[str, Any] = {CSV: {"schema": {"type": "string"}}}
WITH_CSV: dict[int | str, dict[str, Any]] = {200: {"content": CSV_CONTENT}}


def json_or_csv(request: Request) -> str:
    """CSV where the caller prefers it; JSON else, also where the caller accepts neither."""
    return negotiate(request.headers.get("accept", ""), (JSON, CSV)) or JSON


def headers_unless_kept(request: Request, predictor: Predictor, form: str = "") -> dict[str, str] | None:
    """Headers by which a browser keeps what a bundle fixes; None where it has this bundle's answer already.

    `form` tells the media types of one address apart.
    """
    tag = f'"{predictor.bundle.version}{form and f"-{form}"}"'
    kept = tag in request.headers.get("if-none-match", "")  # one of several, or made weak by a proxy that compresses
    return None if kept else {"cache-control": "no-cache", "etag": tag} | ({"vary": "accept"} if form else {})
