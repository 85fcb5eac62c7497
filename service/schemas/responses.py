"""Predictions and rankings as they are answered. The descriptions here are the API's documentation."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat


class ResponseModel(BaseModel):
    """Base of every object that the service answers."""

    # An answer has every field, so the contract says that all are required.
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Ref(ResponseModel):
    """A cell line or a drug in short: its id and its name in the bundle."""

    id: str
    name: str


class Entity(ResponseModel):
    """The cell line or drug of a prediction. A sample or compound of the request has no id."""

    id: str | None
    name: str


class Neighbour(Ref):
    """The nearest cell line or drug of the training population."""

    similarity: FiniteFloat = Field(
        description="1 for the same profile. Lines: Gaussian kernel of expression, copy number, mutation, tissue, "
        "cancer type and growth medium. Drugs: mean of the Jaccard similarities of structure, targets and pathway, "
        "as far as given.",
        examples=[0.71],
    )


class NearestNeighbours(ResponseModel):
    """Of what is new in a pair, the nearest of the training population; null for the part that is known."""

    cell_line: Neighbour | None
    drug: Neighbour | None


class GeneCounts(ResponseModel):
    """Genes of one table of a sample."""

    known: int = Field(description="Given and of the model.")
    unknown: int = Field(description="Given, but not of the model, and not read.")
    missing: int = Field(
        description="Of the model, but not given: they count as what the others let expect, or as the training mean."
    )
    unread: list[str] = Field(
        default=[],
        description="Of mutations, the first 20 entries that name no gene of the model.",
        examples=[["TTN"]],
    )
    notes: list[str] = Field(
        default=[], description="What was read otherwise than written, as protein changes and older names of genes."
    )


GENE_TABLES = ("expression", "copy_number", "mutation")  # of a sample; here without numpy, for the client
Order = Literal["score", "probability", "percentile", "ln_ic50"]


COLUMNS = "Of a table, the columns of its row that the model does not read, as they are."


class CompoundReading(ResponseModel):
    """How a compound of the request was read."""

    drug: Ref | None = Field(
        description="The drug of the bundle that the compound is, and as which it is answered; else null."
    )
    matched_by: Literal["structure"] | None = Field(
        description="structure: the parent (without counter-ions, neutral) has the InChIKey of the drug's parent."
    )
    targets: list[str] = Field(description="Targets that training drugs have, by gene.", examples=[["EGFR"]])
    other_targets: list[str] = Field(description="Targets that no training drug has; they are no likeness to any.")
    pathway: str | None = Field(description="Pathway, as the model names it.", examples=["EGFR signaling"])
    columns: dict[str, str] = Field(default={}, description=COLUMNS, examples=[{"vendor": "acme"}])


MatchedBy = Literal["id", "name", "synonym", "structure", "spelling"]
MATCHED_BY = (
    "id, name, synonym, structure (SMILES): as the bundle writes it; ids are also those of COSMIC, Sanger, DepMap, "
    "Cellosaurus, PubChem and the like. spelling: otherwise."
)


class NameReading(ResponseModel):
    """Which line or drug of the bundle a name of the request was read as."""

    id: str
    matched_by: MatchedBy = Field(description=MATCHED_BY)


class NameReadings(ResponseModel):
    """Each name of a request that means a line or a drug of the bundle, once."""

    cell_lines: dict[str, NameReading] = Field(
        default={}, examples=[{"a-549": {"id": "905949", "matched_by": "spelling"}}]
    )
    drugs: dict[str, NameReading] = Field(default={}, examples=[{"Erlotinib": {"id": "176870", "matched_by": "name"}}])


class Refusal(ResponseModel):
    """A sample or compound that cannot be read, while the others of the request are answered."""

    kind: Literal["sample", "compound"]
    name: str = Field(description="Name in the request, or its row where it has none that can be used.")
    pointer: str = Field(description="Place of the fault, as in a problem.", examples=["/compounds/compound 3"])
    code: str = Field(description="Stable name of the fault, as in a problem.", examples=["invalid_compound"])
    detail: str
    columns: dict[str, str] = Field(default={}, description=COLUMNS)


Case = Literal["known", "unseen_line", "unseen_drug", "unseen_both"]


class Prediction(ResponseModel):
    """What the model says of one pair. For research only; it must not guide the treatment of a patient."""

    cell_line: Entity
    drug: Entity
    probability: FiniteFloat = Field(
        ge=0, le=1, description="Calibrated probability that the line is sensitive to the drug.", examples=[0.8312]
    )
    score: FiniteFloat = Field(
        description="Raw score of the decoder, without unit; higher is more sensitive. Rankings go by it.",
        examples=[0.5214],
    )
    ln_ic50: FiniteFloat | None = Field(
        description="Predicted ln IC50 (natural logarithm, µM); null where the model predicts labels alone.",
        examples=[1.207],
    )
    ln_ic50_interval: tuple[FiniteFloat, FiniteFloat] | None = Field(
        description="Prediction interval of ln IC50 for a repeat in the same screen; its coverage stands in the "
        "model's card under regression. It is wider for an unseen line and much wider for an unseen drug, whose pairs "
        "share one error of potency; null also where the bundle has no such measure.",
        examples=[[-0.412, 2.826]],
    )
    ln_ic50_interval_other_assay: tuple[FiniteFloat, FiniteFloat] | None = Field(
        default=None,
        description="The same for a new measurement in another assay, which may shift a whole drug; by GDSC1 and "
        "GDSC2. Null where the bundle does not say how far assays differ.",
        examples=[[-1.771, 4.185]],
    )
    ic50_um: FiniteFloat | None = Field(description="Predicted IC50 in µM, e to the ln_ic50.", examples=[3.343])
    ic50_um_interval: tuple[FiniteFloat, FiniteFloat] | None = Field(
        description="The interval for a repeat, in µM.", examples=[[0.662, 16.88]]
    )
    percentile: FiniteFloat = Field(
        ge=0,
        le=100,
        description="Share (%) of the bundle's lines predicted less sensitive to this drug.",
        examples=[94.1],
    )
    case: Case = Field(
        description="known: the model was built with this line and this drug; the others say what of the two is new. "
        "Expect less of them: the card has metrics for each under LCO (unseen line), LDO (unseen drug) and LCDO."
    )
    in_domain: bool | None = Field(
        description="Whether what is new has a training neighbour as near as 95 % of the training population have. "
        "Outside, the numbers are extrapolation. True for known pairs, null where the bundle states no limit."
    )
    nearest: NearestNeighbours | None = Field(description="Null for a known pair.")


class Answer(ResponseModel):
    """Base of every answer with predictions: the same model of the same bundle gives the same numbers."""

    model: str = Field(examples=["kernel_stack"])
    bundle: str = Field(description="Name and content hash of the bundle.", examples=["gdsc@5f1c0e9a7b32"])
    names: NameReadings = Field(
        default=NameReadings(), description="Of every name of the request that means a line or drug, how it was read."
    )
    samples: dict[str, dict[str, GeneCounts]] = Field(
        default={}, description="Of every sample of the request, which genes of its tables were read."
    )
    compounds: dict[str, CompoundReading] = Field(
        default={},
        description="Of every compound of the request, how it was read, and which drug of the bundle it is.",
    )
    refused: list[Refusal] = Field(
        default=[],
        description="Samples and compounds of the request that cannot be read, and why; they have no prediction.",
    )
    warnings: list[str] = Field(
        default=[],
        description="What to know of the samples' numbers: units that look like others, what was decided while tables "
        "were read, and where the model reads something that a sample lacks, how well it is made up for.",
    )


class Predictions(Answer):
    """One prediction a pair, in the order asked."""

    detail: Literal["full"] = "full"
    predictions: list[Prediction]


class Scores(Answer):
    """One raw score a pair, in the order asked."""

    detail: Literal["scores"] = "scores"
    scores: list[FiniteFloat]


class DrugRanking(Answer):
    """The drugs a line should respond to best, best first."""

    order: Order = Field(description="What is ranked by.", examples=["score"])
    cell_line: Entity
    drugs: list[Prediction]


class LineRanking(Answer):
    """The cell lines that should respond best to a drug, best first."""

    order: Order = Field(description="What is ranked by.", examples=["score"])
    drug: Entity
    cell_lines: list[Prediction]
