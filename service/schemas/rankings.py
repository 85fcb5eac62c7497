"""Requests for rankings: the drugs of a cell line or a sample, the cell lines of a drug or a compound."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from service.schemas.drug_filters import PATHWAY, TARGET
from service.schemas.new_entities import (
    KNOWN_STRUCTURES,
    CompoundOrSmiles,
    Compounds,
    KnownStructures,
    Name,
    OnError,
    RequestModel,
    SampleInput,
    Samples,
)
from service.schemas.responses import Order

SUBJECTS = ("cell_line", "sample", "drug", "compound")
# Pydantic puts the tag into the place of an error, `errors.pointer` takes it out.
SUBJECT_TAGS = {subject: f"({subject})" for subject in SUBJECTS}


ORDER = (
    "What to rank by, most sensitive first: the raw score, the probability, the percentile (which compares each drug "
    "with itself on other lines, so selective drugs come first) or the predicted ln IC50, lowest first. Ties go by "
    "score."
)


ON_ERROR_IN_RANKING = (
    "What becomes of `samples` or `compounds` that cannot be read: `mark` ranks the others and lists these in "
    "`refused`, `refuse` refuses the request. By default `mark` for several, `refuse` for one."
)


class RankOptions(RequestModel):
    """What every ranking takes."""

    k: int = Field(default=10, ge=1, description="How many to list; more than there are lists all.", examples=[1])
    model: Name | None = Field(
        default=None, description="A model of GET /models; else the default.", examples=["kernel_stack"]
    )
    order: Order = Field(default="score", description=ORDER, examples=["score"])


class DrugFilter(RankOptions):
    """What a ranking of drugs takes."""

    target: Name | None = Field(default=None, description=TARGET, examples=["EGFR"])
    pathway: Name | None = Field(default=None, description=PATHWAY, examples=["EGFR signaling"])


class DrugRankingOptions(DrugFilter):
    """What a ranking of drugs in a body may hold beside its subject."""

    compounds: Compounds = Field(
        default_factory=dict,
        description="Rank these as well, beside the bundle's drugs; `target` and `pathway` choose among the latter.",
    )
    known_structures: KnownStructures = Field(default="as_drug", description=KNOWN_STRUCTURES)
    on_error: OnError | None = Field(default=None, description=ON_ERROR_IN_RANKING)


class LineRankingOptions(RankOptions):
    """What a ranking of cell lines in a body may hold beside its subject."""

    samples: Samples = Field(default_factory=dict, description="Rank these as well, beside the bundle's cell lines.")
    on_error: OnError | None = Field(default=None, description=ON_ERROR_IN_RANKING)


class DrugsOfLineRequest(DrugRankingOptions):
    """Rank the drugs of a cell line of the bundle."""

    cell_line: Name = Field(description="Rank the drugs of this line.", examples=["A549"])


class DrugsOfSampleRequest(DrugRankingOptions):
    """Rank the drugs of a new sample."""

    sample: SampleInput = Field(description="Rank the drugs of this new sample.")


class LinesOfDrugRequest(LineRankingOptions):
    """Rank the cell lines of a drug of the bundle."""

    drug: Name = Field(description="Rank the cell lines of this drug.", examples=["Erlotinib"])


class LinesOfCompoundRequest(LineRankingOptions):
    """Rank the cell lines of a new compound."""

    compound: CompoundOrSmiles = Field(description="Rank the cell lines of this new compound.")
    known_structures: KnownStructures = Field(default="as_drug", description=KNOWN_STRUCTURES)


DrugRankRequest = DrugsOfLineRequest | DrugsOfSampleRequest
LineRankRequest = LinesOfDrugRequest | LinesOfCompoundRequest


def _without_null_subjects(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Leave out subjects that are null: they count as not given."""
    if not isinstance(value, dict):
        return value
    return {field: item for field, item in value.items() if item is not None or field not in SUBJECTS}


def _subject(value: object) -> str | None:
    """Tag of the one subject of a body; None where it has none or several."""
    if not isinstance(value, dict):
        return SUBJECT_TAGS["cell_line"]  # which says that an object is needed
    given = [subject for subject in SUBJECTS if subject in value]
    return SUBJECT_TAGS[given[0]] if len(given) == 1 else None


RankRequest = Annotated[
    Annotated[DrugsOfLineRequest, Tag(SUBJECT_TAGS["cell_line"])]
    | Annotated[DrugsOfSampleRequest, Tag(SUBJECT_TAGS["sample"])]
    | Annotated[LinesOfDrugRequest, Tag(SUBJECT_TAGS["drug"])]
    | Annotated[LinesOfCompoundRequest, Tag(SUBJECT_TAGS["compound"])],
    Discriminator(
        _subject,
        custom_error_type="subject",
        custom_error_message="give exactly one of cell_line, sample, drug and compound",
    ),
    BeforeValidator(_without_null_subjects),
]
