"""Names that stand in a path, as every route takes them."""

from typing import Annotated

from fastapi import Path

from service.schemas.new_entities import MAX_NAME_CHARS

CellLineName = Annotated[
    str, Path(description="Id, name or synonym of a cell line.", max_length=MAX_NAME_CHARS, examples=["A549"])
]
DrugName = Annotated[
    str, Path(description="Id, name or synonym of a drug.", max_length=MAX_NAME_CHARS, examples=["Erlotinib"])
]
