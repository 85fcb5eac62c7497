"""Paths that are treated apart, and names that every route takes or has: those in its path, and its own."""

from typing import Annotated

from fastapi import Path
from fastapi.routing import APIRoute

from service.schemas.new_entities import MAX_NAME_CHARS

HEALTH = {"/health/live", "/health/ready"}
METRICS = "/metrics"
TABLES, GENES = "/predict/table", "/genes"

CellLineName = Annotated[
    str, Path(description="Id, name or synonym of a cell line.", max_length=MAX_NAME_CHARS, examples=["A549"])
]
DrugName = Annotated[
    str, Path(description="Id, name or synonym of a drug.", max_length=MAX_NAME_CHARS, examples=["Erlotinib"])
]


def route_name(route: APIRoute) -> str:
    """Name of a route's function, which is its operation's id in the schema."""
    return route.name
