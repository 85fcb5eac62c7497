"""What goes in and out, field by field. The descriptions here are the API's documentation."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Asked(BaseModel):
    """Something a caller sends: a field that is not known is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """Something the service answers."""

    model_config = ConfigDict(frozen=True)


class Pair(Asked):
    """A cell line and a drug, each by id, name or synonym."""

    cell_line: Name = Field(description="Id, name or synonym; case and punctuation do not matter.")
    drug: Name = Field(description="Id, name, synonym, PubChem CID, InChIKey or SMILES as in the bundle.")


class PredictRequest(Asked):
    """Pairs as objects, or as two columns of equal length, which is the fast form. Exactly one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"pairs": [{"cell_line": "A549", "drug": "Erlotinib"}]},
                {"cell_lines": ["A549", "MCF7"], "drugs": ["Erlotinib", "Lapatinib"], "detail": "scores"},
            ]
        }
    )

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

    k: int = Field(default=10, ge=1, description="How many to list; more than there are lists all.")
    model: Name | None = Field(default=None, description="A model of GET /models; else the default.")


class RankQuery(ModelChoice):
    """Query parameters of a ranking of drugs."""

    target: Name | None = Field(default=None, description="Only drugs with this target.")
    pathway: Name | None = Field(default=None, description="Only drugs on this pathway.")


class PageQuery(Asked):
    """Query parameters of a list."""

    q: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        default=None, description="Part of an id, a name or a synonym; case and punctuation do not matter."
    )
    limit: int = Field(default=50, ge=1, le=1000, description="Rows of a page.")
    offset: int = Field(default=0, ge=0, le=10**9, description="Rows to skip.")


class Ref(Shown):
    """A cell line or a drug in short: its id and its name in the bundle."""

    id: str
    name: str


class Prediction(Shown):
    """What the model says of one pair. For research only; it must not guide the treatment of a patient."""

    cell_line: Ref
    drug: Ref
    probability: FiniteFloat = Field(
        ge=0, le=1, description="Calibrated probability that the line is sensitive to the drug.", examples=[0.8312]
    )
    score: FiniteFloat = Field(
        description="Raw score of the decoder, without unit; higher is more sensitive. Rankings go by it.",
        examples=[0.5214],
    )
    percentile: FiniteFloat = Field(
        ge=0,
        le=100,
        description="Share (%) of the bundle's lines predicted less sensitive to this drug.",
        examples=[94.1],
    )
    case: Literal["known"] = Field(description="known: the model was built with this line and this drug.")


class Answer(Shown):
    """Where an answer comes from: the same model of the same bundle gives the same numbers."""

    model: str = Field(examples=["hgacl"])
    bundle: str = Field(description="Name and content hash of the bundle.", examples=["gdsc@5f1c0e9a7b32"])


class Predictions(Answer):
    """One prediction a pair, in the order asked."""

    predictions: list[Prediction]


class Scores(Answer):
    """One raw score a pair, in the order asked."""

    scores: list[FiniteFloat]


class DrugRanking(Answer):
    """The drugs a line should respond to best, best first."""

    cell_line: Ref
    drugs: list[Prediction]


class LineRanking(Answer):
    """The cell lines that should respond best to a drug, best first."""

    drug: Ref
    cell_lines: list[Prediction]


class Row(Shown):
    """A row of an id table; numbers used as ids are text."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    id: str
    name: str
    synonyms: list[str] = []


class CellLine(Row):
    """A cell line of the bundle; what is not known is null."""

    cosmic_id: str | None = None
    sanger_model_id: str | None = None
    depmap_id: str | None = None
    cellosaurus_id: str | None = None
    ccle_name: str | None = None
    tissue: str | None = None
    cancer_type: str | None = None


class Drug(Row):
    """A drug of the bundle; what is not known is null."""

    pubchem_cid: str | None = None
    inchikey: str | None = None
    smiles: str | None = None
    targets: list[str] = []
    pathway: str | None = None
    threshold_ln_um: FiniteFloat | None = Field(
        default=None, description="A line counts as sensitive where ln IC50 (µM) is below this."
    )
    gdsc_drug_ids: list[str] = []


class Page(Shown):
    """Where a page stands in the whole."""

    total: int = Field(description="Rows that match, on all pages.")
    limit: int
    offset: int


class CellLinePage(Page):
    """A page of cell lines in the bundle's order."""

    cell_lines: list[CellLine]


class DrugPage(Page):
    """A page of drugs in the bundle's order."""

    drugs: list[Drug]


class ModelCard(Shown):
    """What the manifest says of a model, as it stands there."""

    name: str
    default: bool = Field(description="Whether this model answers when none is named.")
    provider: str = Field(description="Execution provider that the session really has.")
    metrics: dict[str, Any] = Field(description="Metrics by split (LPO, LCO, LDO, …) and name: mean, sd, ci.")
    calibration: dict[str, Any] = Field(description="probability = σ(slope · score + intercept).")
    decision_threshold: FiniteFloat | None
    config: dict[str, Any]
    training: dict[str, Any]


class Models(Shown):
    """The bundle in use: its models, the data they come from, the sha256 of every file."""

    bundle: str
    content_hash: str
    created: str | None
    dataset: dict[str, Any]
    baselines: dict[str, Any]
    files: dict[str, str]
    models: list[ModelCard]


class Health(Shown):
    """Whether the service runs, or whether it takes requests."""

    status: Literal["ok"] = "ok"


class Fault(Shown):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body, or /query/… or /path/… for a parameter.")
    detail: str
    candidates: list[Ref] = Field(default=[], description="The rows meant perhaps: nearest names or several matches.")


class Problem(Shown):
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
                    "detail": "no drug of the bundle answers to this name; nearest: Erlotinib (drug-0)",
                    "errors": [
                        {
                            "pointer": "/pairs/17/drug",
                            "detail": "no drug of the bundle answers to this name; nearest: Erlotinib (drug-0)",
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
