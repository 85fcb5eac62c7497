"""Media types that a route answers in, by the Accept header."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from service.answers.tables.csv_text import to_csv_text
from service.answers.tables.media_types import CSV, JSON, negotiate

CSV_CONTENT: dict[str, Any] = {CSV: {"schema": {"type": "string"}}}
WITH_CSV: dict[int | str, dict[str, Any]] = {200: {"content": CSV_CONTENT}}


async def json_or_csv(request: Request) -> str:
    """CSV where the caller prefers it; JSON else, also where the caller accepts neither."""
    return negotiate(request.headers.get("accept", ""), (JSON, CSV)) or JSON


TheForm = Annotated[str, Depends(json_or_csv)]


def csv_response(columns: list[str], rows: list[list[object]]) -> Response:
    """CSV of a small table."""
    return Response(to_csv_text(columns, rows), media_type=CSV)
