"""Requests for predictions, and the query of lists. The descriptions here are the API's documentation."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from service.schemas.drug_filters import PATHWAY, TARGET
from service.schemas.new_entities import (
    KNOWN_STRUCTURES,
    MAX_NAME_CHARS,
    ON_ERROR,
    Compounds,
    KnownStructures,
    Name,
    OnError,
    RequestModel,
    Samples,
)

# Tags of the two forms of pairs. Pydantic puts a tag into the place of an error, and `errors.pointer` takes it out.
PAIRS_FORM, COLUMNS_FORM = "(pairs)", "(columns)"
Side = Literal["cell_line", "drug"]


class Pair(RequestModel):
    """A cell line and a drug, each by id, name or synonym, or by the name of a sample or compound of this request."""

    cell_line: Name = Field(description="Id, name or synonym; case and punctuation do not matter.", examples=["A549"])
    drug: Name = Field(
        description="Id, name, synonym, PubChem CID, InChIKey or SMILES as in the bundle.", examples=["Erlotinib"]
    )


class PredictOptions(RequestModel):
    """What both forms of a request for pairs may hold beside the pairs.

    `samples` and `compounds` bring new things. A name in a pair that is written exactly like one of theirs means that
    one, also where the bundle has the name as well.
    """

    samples: Samples = Field(default_factory=dict)
    compounds: Compounds = Field(default_factory=dict)
    known_structures: KnownStructures = Field(default="as_drug", description=KNOWN_STRUCTURES)
    on_error: OnError | None = Field(
        default=None,
        description=f"{ON_ERROR} Pairs that name one of these are left out, so `mark` does not go with `scores`. By "
        "default `mark` for several samples or several compounds, `refuse` for one and for `scores`.",
    )
    model: Name | None = Field(default=None, description="A model of GET /models; else the default.")
    detail: Literal["full", "scores", "explain"] = Field(
        default="full",
        description="`scores` answers one list of raw scores instead of objects; `explain` adds to each object what "
        "carried the prediction, for a few pairs.",
    )


# Each list stops at its first wrong item: listing 50,000 of them takes seconds.
class PairsRequest(PredictOptions):
    """Pairs as objects."""

    pairs: list[Pair] = Field(min_length=1, fail_fast=True)

    def columns(self) -> tuple[list[str], list[str]]:
        """Names of the cell lines and those of the drugs, aligned."""
        return [pair.cell_line for pair in self.pairs], [pair.drug for pair in self.pairs]

    def pointer(self, place: int, side: Side) -> str:
        """JSON pointer to one name of the body."""
        return f"/pairs/{place}/{side}"


class ColumnsRequest(PredictOptions):
    """Pairs as two columns of equal length, which is the fast form."""

    cell_lines: list[Name] = Field(min_length=1, fail_fast=True, description="Aligned with `drugs`.")
    drugs: list[Name] = Field(min_length=1, fail_fast=True, description="Aligned with `cell_lines`.")

    @model_validator(mode="after")
    def equal_length(self) -> Self:
        """Refuse columns of different length."""
        if len(self.cell_lines) != len(self.drugs):
            raise PydanticCustomError("columns", "cell_lines and drugs must have the same length")
        return self

    def columns(self) -> tuple[list[str], list[str]]:
        """Names of the cell lines and those of the drugs, aligned."""
        return self.cell_lines, self.drugs

    def pointer(self, place: int, side: Side) -> str:
        """JSON pointer to one name of the body."""
        return f"/{side}s/{place}"


def _form(value: object) -> str | None:
    """Tag of the form that a body has; None where it has both, or half of one."""
    if not isinstance(value, dict):
        return PAIRS_FORM  # which says that an object is needed
    given = [field for field in ("pairs", "cell_lines", "drugs") if field in value]
    return {("pairs",): PAIRS_FORM, ("cell_lines", "drugs"): COLUMNS_FORM}.get(tuple(given))


PredictRequest = Annotated[
    Annotated[PairsRequest, Tag(PAIRS_FORM)] | Annotated[ColumnsRequest, Tag(COLUMNS_FORM)],
    Discriminator(_form, custom_error_type="form", custom_error_message="give either pairs, or cell_lines and drugs"),
]


class PageQuery(RequestModel):
    """What every list takes."""

    q: Annotated[str, StringConstraints(max_length=MAX_NAME_CHARS)] | None = Field(
        default=None,
        description="Part of an id, a name or a synonym; of drugs also a target or a pathway. Case and punctuation do "
        "not matter.",
        examples=["ku-"],
    )
    limit: int = Field(default=50, ge=1, le=1000, description="Rows of a page.", examples=[50])
    offset: int = Field(default=0, ge=0, le=10**9, description="Rows to skip.", examples=[0])

    def page_of(self, rows: Sequence[int], *, whole: bool) -> Sequence[int]:
        """Rows of the page; `whole` has no last row unless a limit was given."""
        end = None if whole and "limit" not in self.model_fields_set else self.offset + self.limit
        return rows[self.offset : end]


class LinePageQuery(PageQuery):
    """Query parameters of the list of cell lines."""

    tissue: Name | None = Field(default=None, description="Only lines of this tissue.", examples=["urogenital_system"])
    cancer_type: Name | None = Field(default=None, description="Only lines of this cancer type.", examples=["BLCA"])


class DrugPageQuery(PageQuery):
    """Query parameters of the list of drugs."""

    target: Name | None = Field(default=None, description=TARGET, examples=["ATM"])
    pathway: Name | None = Field(default=None, description=PATHWAY, examples=["Genome integrity"])


class GeneQuery(RequestModel):
    """Query parameters of the list of genes."""

    model: Name | None = Field(
        default=None, description="A model of GET /models; else the default.", examples=["kernel_stack"]
    )
    table: Literal["expression", "copy_number", "mutation"] | None = Field(
        default=None, description="Only genes of this table.", examples=["mutation"]
    )
