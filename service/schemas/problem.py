"""Every error as it is answered."""

from pydantic import ConfigDict, Field

from service.schemas.responses import Ref, ResponseModel

UNKNOWN = "no drug of the bundle answers to this name; nearest by name: Erlotinib (drug-0)"


class Fault(ResponseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body, or /query/… or /path/… for a parameter.")
    detail: str
    candidates: list[Ref] = Field(default=[], description="The rows meant perhaps: nearest names or several matches.")


class Problem(ResponseModel):
    """An RFC 9457 problem. `code` is stable; `title` and `detail` are for people and may change."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unknown drug",
                    "status": 404,
                    "code": "unknown_drug",
                    "detail": UNKNOWN,
                    "errors": [
                        {
                            "pointer": "/pairs/17/drug",
                            "detail": UNKNOWN,
                            "candidates": [{"id": "drug-0", "name": "Erlotinib"}],
                        }
                    ],
                }
            ]
        },
    )

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] = Field(default=[], description="At most 20; of a list of the wrong form, the first item.")
