"""Explanations as they are answered. The descriptions here are the API's documentation."""

from typing import Literal

from pydantic import Field, FiniteFloat

from service.schemas.responses import Answer, Neighbour, Prediction, ResponseModel


class WeightedNeighbour(Neighbour):
    """One of the nearest training lines or drugs."""

    share: FiniteFloat = Field(description="Its similarity over the sum of those listed.", examples=[0.22])


class GeneEffect(ResponseModel):
    """Effect of the measured value of one gene on the prediction, compared with the mean of the training lines."""

    gene: str
    table: str = Field(description="expression, copy_number or mutation.", examples=["mutation"])
    score: FiniteFloat = Field(description="Score minus the score without the gene.")
    probability: FiniteFloat = Field(description="Probability minus the probability without the gene.")


class GeneEffects(ResponseModel):
    """The genes of a new sample that change its score with the drug most."""

    method: str = Field(
        description="occlusion: each gene tried is set to the training mean, one by one, and the sample scored again. "
        "Changes of single genes do not add up to the whole.",
        examples=["occlusion"],
    )
    tried: dict[str, int] = Field(
        description="How many genes of each table were tried: those that lie farthest from the training mean."
    )
    top: list[GeneEffect] = Field(description="At most ten, the largest change first.")


class Explanation(ResponseModel):
    """Why the model predicts what it does for one pair: what it looks at, not what causes a response."""

    cell_lines: list[WeightedNeighbour] | None = Field(
        description="Nearest training lines. Of a line that the model knows, its own responses count more than these."
    )
    drugs: list[WeightedNeighbour] | None = Field(description="Nearest training drugs; of a known drug likewise.")
    modality_weights: dict[str, FiniteFloat] | None = Field(
        description="Share that each table has in comparing the line with others; 0 for a table that it lacks."
    )
    genes: GeneEffects | None = Field(
        description="Null for lines of the bundle, which holds no gene's value of theirs: send the line as a sample."
    )


class ExplainedPrediction(Prediction):
    """A prediction and its explanation."""

    explanation: Explanation


class ExplainedPredictions(Answer):
    """One prediction a pair, in the order asked, each with its explanation."""

    detail: Literal["explain"] = "explain"
    predictions: list[ExplainedPrediction]
