"""What a caller may send, field by field. The descriptions here are the API's documentation."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

MAX_NAME_CHARS = 500
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_CHARS)]


class Asked(BaseModel):
    """Something a caller sends: a field that is not known is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Pair(Asked):
    """A cell line and a drug, each by id, name or synonym."""

    cell_line: Name = Field(description="Id, name or synonym; case and punctuation do not matter.", examples=["A549"])
    drug: Name = Field(
        description="Id, name, synonym, PubChem CID, InChIKey or SMILES as in the bundle.", examples=["Erlotinib"]
    )


class PredictRequest(Asked):
    """Pairs as objects, or as two columns of equal length, which is the fast form. Exactly one of the two."""

    # A list that is not given is empty, and one that is given must not be. Each stops at its first wrong item:
    # listing 50,000 of them takes seconds.
    pairs: list[Pair] = Field(default_factory=list, min_length=1, fail_fast=True)
    cell_lines: list[Name] = Field(
        default_factory=list, min_length=1, fail_fast=True, description="Aligned with `drugs`."
    )
    drugs: list[Name] = Field(
        default_factory=list, min_length=1, fail_fast=True, description="Aligned with `cell_lines`."
    )
    model: Name | None = Field(default=None, description="A model of GET /models; else the default.")
    detail: Literal["full", "scores"] = Field(
        default="full", description="`scores` answers one list of raw scores instead of objects."
    )

    @model_validator(mode="after")
    def exactly_one_form(self) -> Self:
        """Refuse both forms, neither, half of the columns, and columns of different length."""
        if bool(self.pairs) == bool(self.cell_lines or self.drugs):
            raise PydanticCustomError("form", "give either pairs, or cell_lines and drugs")
        if len(self.cell_lines) != len(self.drugs):
            raise PydanticCustomError("columns", "cell_lines and drugs must have the same length")
        return self

    def columns(self) -> tuple[list[str], list[str]]:
        """Names of the cell lines and those of the drugs, aligned, in whichever form they came."""
        if self.pairs:
            return [pair.cell_line for pair in self.pairs], [pair.drug for pair in self.pairs]
        return self.cell_lines, self.drugs

    def pointer(self, place: int, side: Literal["cell_line", "drug"]) -> str:
        """JSON pointer to one name of the body."""
        return f"/pairs/{place}/{side}" if self.pairs else f"/{side}s/{place}"


class ModelChoice(Asked):
    """Query parameters of every ranking."""

    k: int = Field(default=10, ge=1, description="How many to list; more than there are lists all.", examples=[1])
    model: Name | None = Field(
        default=None, description="A model of GET /models; else the default.", examples=["hgacl"]
    )


class RankQuery(ModelChoice):
    """Query parameters of a ranking of drugs."""

    target: Name | None = Field(default=None, description="Only drugs with this target.", examples=["EGFR"])
    pathway: Name | None = Field(default=None, description="Only drugs on this pathway.", examples=["EGFR signaling"])


class PageQuery(Asked):
    """Query parameters of a list."""

    q: Annotated[str, StringConstraints(max_length=MAX_NAME_CHARS)] | None = Field(
        default=None,
        description="Part of an id, a name or a synonym; case and punctuation do not matter.",
        examples=["ku-"],
    )
    limit: int = Field(default=50, ge=1, le=1000, description="Rows of a page.", examples=[50])
    offset: int = Field(default=0, ge=0, le=10**9, description="Rows to skip.", examples=[0])
