"""The answer to POST /predict as text."""

from service.answers.name_warnings import name_warnings
from service.answers.new_compounds import to_compounds
from service.answers.new_entities import encode_new_entities, to_samples
from service.answers.prediction_text import (
    explained_texts,
    number_text,
    prediction_texts,
    provenance,
    to_json_text,
)
from service.answers.refusals import is_marking, readable_pairs
from service.answers.resolve import model_name, pair_rows
from service.answers.tables.rendering import render
from service.prediction.predictor import Predictor
from service.schemas.explanations import ExplainedPredictions
from service.schemas.requests import ColumnsRequest, PairsRequest
from service.schemas.responses import Predictions, Scores


def answer_predict(predictor: Predictor, request: PairsRequest | ColumnsRequest, form: str) -> str:
    """Answer a request for pairs; `form` is JSON, or CSV for full predictions.

    Raises ProblemError where a name, a sample or a compound cannot be used.
    """
    model = model_name(predictor, request.model, "/model")
    names = pair_rows(predictor, request)
    compounds, samples = to_compounds(request.compounds, request.known_structures), to_samples(request.samples)
    new = encode_new_entities(predictor, model, samples, compounds, marking=is_marking(request))
    known = len(predictor.lines), len(predictor.drugs)
    rows = readable_pairs((names.cell_lines.rows, names.drugs.rows), (list(samples), list(compounds)), new, known)
    arrays = predictor.predict(model, *rows, new)
    source = provenance(predictor, model, new)
    source["warnings"] = [*name_warnings(predictor, request, names.doubtful), *source["warnings"]]
    if request.detail == "scores":
        return to_json_text(Scores(**source, scores=[]), number_text(arrays.score.tolist()), names.text)
    if request.detail == "explain":
        explained = explained_texts(predictor, model, arrays, new)
        return render(ExplainedPredictions(**source, predictions=[]), explained, form, names.text)
    return render(Predictions(**source, predictions=[]), prediction_texts(predictor, arrays, new), form, names.text)
