"""What a caller may send, field by field. The descriptions here are the API's documentation."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from service.schemas.new_entities import (
    MAX_NAME_CHARS,
    CompoundOrSmiles,
    Compounds,
    Name,
    RequestModel,
    SampleInput,
    Samples,
)


class Pair(RequestModel):
    """A cell line and a drug, each by id, name or synonym, or by the name of a sample or compound of this request."""

    cell_line: Name = Field(description="Id, name or synonym; case and punctuation do not matter.", examples=["A549"])
    drug: Name = Field(
        description="Id, name, synonym, PubChem CID, InChIKey or SMILES as in the bundle.", examples=["Erlotinib"]
    )


class PredictRequest(RequestModel):
    """Pairs as objects, or as two columns of equal length, which is the fast form. Exactly one of the two.

    `samples` and `compounds` bring new things. A name in a pair that is written exactly like one of theirs means that
    one, also where the bundle has the name as well.
    """

    # A list that is not given is empty, and one that is given must not be. Each stops at its first wrong item:
    # listing 50,000 of them takes seconds.
    pairs: list[Pair] = Field(default_factory=list, min_length=1, fail_fast=True)
    cell_lines: list[Name] = Field(
        default_factory=list, min_length=1, fail_fast=True, description="Aligned with `drugs`."
    )
    drugs: list[Name] = Field(
        default_factory=list, min_length=1, fail_fast=True, description="Aligned with `cell_lines`."
    )
    samples: Samples = Field(default_factory=dict)
    compounds: Compounds = Field(default_factory=dict)
    model: Name | None = Field(default=None, description="A model of GET /models; else the default.")
    detail: Literal["full", "scores", "explain"] = Field(
        default="full",
        description="`scores` answers one list of raw scores instead of objects; `explain` adds to each object what "
        "carried the prediction, for a few pairs.",
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


class ModelChoice(RequestModel):
    """Query parameters of every ranking."""

    k: int = Field(default=10, ge=1, description="How many to list; more than there are lists all.", examples=[1])
    model: Name | None = Field(
        default=None, description="A model of GET /models; else the default.", examples=["hgacl"]
    )


class RankQuery(ModelChoice):
    """Query parameters of a ranking of drugs."""

    target: Name | None = Field(default=None, description="Only drugs with this target.", examples=["EGFR"])
    pathway: Name | None = Field(default=None, description="Only drugs on this pathway.", examples=["EGFR signaling"])


class RankRequest(RankQuery):
    """What to rank: the drugs of a line or of a new sample, or the cell lines of a drug or of a new compound.

    Exactly one of `cell_line`, `sample`, `drug` and `compound`.
    """

    cell_line: Name | None = Field(default=None, description="Rank the drugs of this line.", examples=["A549"])
    sample: SampleInput | None = Field(default=None, description="Rank the drugs of this new sample.")
    drug: Name | None = Field(default=None, description="Rank the cell lines of this drug.", examples=["Erlotinib"])
    compound: CompoundOrSmiles | None = Field(default=None, description="Rank the cell lines of this new compound.")
    compounds: Compounds = Field(
        default_factory=dict,
        description="Rank these as well, beside the bundle's drugs; `target` and `pathway` choose among the latter.",
    )
    samples: Samples = Field(default_factory=dict, description="Rank these as well, beside the bundle's cell lines.")

    @model_validator(mode="after")
    def one_side(self) -> Self:
        """Refuse none or several subjects, and fields of the other side."""
        of_a_line = self.cell_line is not None or self.sample is not None
        if sum(one is not None for one in (self.cell_line, self.sample, self.drug, self.compound)) != 1:
            raise PydanticCustomError("subject", "give exactly one of cell_line, sample, drug and compound")
        if of_a_line and self.samples:
            raise PydanticCustomError("side", "samples are ranked for a drug or a compound, not for a line")
        if not of_a_line and (self.compounds or self.target is not None or self.pathway is not None):
            raise PydanticCustomError("side", "compounds, target and pathway go with cell_line or sample")
        return self


class PageQuery(RequestModel):
    """Query parameters of a list."""

    q: Annotated[str, StringConstraints(max_length=MAX_NAME_CHARS)] | None = Field(
        default=None,
        description="Part of an id, a name or a synonym; case and punctuation do not matter.",
        examples=["ku-"],
    )
    limit: int = Field(default=50, ge=1, le=1000, description="Rows of a page.", examples=[50])
    offset: int = Field(default=0, ge=0, le=10**9, description="Rows to skip.", examples=[0])
