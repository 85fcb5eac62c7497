"""An answer as the text of a media type: JSON, or CSV with a row for each prediction."""

from pydantic import TypeAdapter

from service.answers.tables.media_types import CSV
from service.answers.tables.prediction_table import to_csv
from service.schemas.responses import DrugRanking, LineRanking, Prediction, Predictions

PREDICTIONS_PER_DUMP = 250
_list_of_predictions = TypeAdapter(list[Prediction])


def render(answer: Predictions | DrugRanking | LineRanking, form: str) -> str:
    """Text of the answer in the media type `form`."""
    match answer:
        case Predictions():
            return to_csv(answer, answer.predictions) if form == CSV else to_json(answer)
        case DrugRanking():
            return to_csv(answer, answer.drugs) if form == CSV else answer.model_dump_json()
        case LineRanking():
            return to_csv(answer, answer.cell_lines) if form == CSV else answer.model_dump_json()


def to_json(answer: Predictions) -> str:
    """JSON of the answer, written in parts: 10,000 predictions in one call would hold the interpreter for 20 ms."""
    head = answer.model_copy(update={"predictions": []}).model_dump_json().removesuffix("]}")
    starts = range(0, len(answer.predictions), PREDICTIONS_PER_DUMP)
    parts = (_list_of_predictions.dump_json(answer.predictions[i : i + PREDICTIONS_PER_DUMP]) for i in starts)
    return f"{head}{','.join(part[1:-1].decode() for part in parts)}]}}"
