"""What the explorer shows beside predictions. The descriptions here are the API's documentation."""

from pydantic import Field, FiniteFloat

from service.schemas.responses import ResponseModel


class MapPoint(ResponseModel):
    """Where a line or a drug lies on the map."""

    id: str
    x: FiniteFloat = Field(ge=-1, le=1)
    y: FiniteFloat = Field(ge=-1, le=1)


class BundleMap(ResponseModel):
    """All lines and all drugs in two dimensions; only nearness means something, the axes do not."""

    bundle: str
    method: str
    cell_lines: list[MapPoint]
    drugs: list[MapPoint]
