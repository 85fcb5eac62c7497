"""Media types that a route answers in, by the Accept header."""

from typing import Annotated, Any

from fastapi import Depends, Request

from service.answers.tables.media_types import CSV, JSON, negotiate

CSV_CONTENT: dict[str, Any] = {CSV: {"schema": {"type": "string"}}}
WITH_CSV: dict[int | str, dict[str, Any]] = {200: {"content": CSV_CONTENT}}


async def json_or_csv(request: Request) -> str:
    """CSV where the caller prefers it; JSON else, also where the caller accepts neither."""
    return negotiate(request.headers.get("accept", ""), (JSON, CSV)) or JSON


TheForm = Annotated[str, Depends(json_or_csv)]
