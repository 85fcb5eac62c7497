"""The answer to POST /predict as JSON text."""

from pydantic import TypeAdapter

from service.answers.new_entities import encode_new_entities, to_compounds, to_samples
from service.answers.prediction_objects import provenance, to_predictions
from service.answers.resolve import model_name, pair_rows
from service.prediction.explain import explain
from service.prediction.predictor import Predictor
from service.schemas.explanations import ExplainedPrediction, ExplainedPredictions
from service.schemas.requests import ColumnsRequest, PairsRequest
from service.schemas.responses import Prediction, Predictions, Scores

PREDICTIONS_PER_DUMP = 250
_list_of_predictions = TypeAdapter(list[Prediction])


def answer_predict(predictor: Predictor, request: PairsRequest | ColumnsRequest) -> str:
    """Answer a request for pairs. Raises ProblemError where a name, a sample or a compound cannot be used."""
    model = model_name(predictor, request.model, "/model")
    rows = pair_rows(predictor, request)
    new = encode_new_entities(predictor, model, to_samples(request.samples), to_compounds(request.compounds))
    arrays = predictor.predict(model, *rows, new)
    source = provenance(predictor, model, new)
    if request.detail == "scores":
        return Scores(**source, scores=arrays.score.tolist()).model_dump_json()
    predictions = to_predictions(predictor, arrays, new)
    if request.detail == "explain":
        explanations = explain(predictor, model, arrays, new)
        explained = [
            ExplainedPrediction(**dict(prediction), explanation=explanation)
            for prediction, explanation in zip(predictions, explanations, strict=True)
        ]
        return ExplainedPredictions(**source, predictions=explained).model_dump_json()
    return to_json(Predictions(**source, predictions=predictions))


def to_json(answer: Predictions) -> str:
    """JSON of the answer, written in parts: 10,000 predictions in one call would hold the interpreter for 20 ms."""
    head = answer.model_copy(update={"predictions": []}).model_dump_json().removesuffix("]}")
    starts = range(0, len(answer.predictions), PREDICTIONS_PER_DUMP)
    parts = (_list_of_predictions.dump_json(answer.predictions[i : i + PREDICTIONS_PER_DUMP]) for i in starts)
    return f"{head}{','.join(part[1:-1].decode() for part in parts)}]}}"
