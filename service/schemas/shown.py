"""Predictions and rankings as they are answered. The descriptions here are the API's documentation."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat


class Shown(BaseModel):
    """Something the service answers."""

    model_config = ConfigDict(frozen=True)


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
    ln_ic50: FiniteFloat | None = Field(
        description="Predicted ln IC50 (natural logarithm, µM); null where the model predicts labels alone.",
        examples=[1.207],
    )
    ln_ic50_interval: tuple[FiniteFloat, FiniteFloat] | None = Field(
        description="Prediction interval of ln IC50; its coverage stands in the model's card under regression.",
        examples=[[-0.412, 2.826]],
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
