"""An answer as the text of a media type: JSON, or CSV with a row for each prediction."""

from collections.abc import Sequence

from service.answers.prediction_text import NO_NAMES, to_json_text, to_predictions
from service.answers.tables.media_types import CSV
from service.answers.tables.prediction_table import to_csv
from service.schemas.responses import Answer


def render(answer: Answer, predictions: Sequence[str], form: str, names: str = NO_NAMES) -> str:
    """Text of the answer, whose last field is an empty list, with these predictions and names, given as JSON."""
    if form == CSV:
        return to_csv(answer, to_predictions(predictions))
    return to_json_text(answer, ",".join(predictions), names)
