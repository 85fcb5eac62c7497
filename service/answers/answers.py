"""From a request that has been read to its answer: names to rows, the predictor's arrays to objects, JSON."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from model.encoder_inputs import MODALITIES, Sample
from service.answers.new_entities import (
    COMPOUND,
    SAMPLE,
    alone,
    compounds_of,
    gene_counts,
    newcomers,
    samples_of,
    warnings_of,
)
from service.answers.resolve import listed_rows, model_name, own_rows, pair_rows, row
from service.errors import pointer
from service.prediction.catalogue import Catalogue
from service.prediction.encoders import NOBODY, Compound, Newcomers, NewDrugs, NewLines
from service.prediction.explain import explanations
from service.prediction.predictor import Answers, Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.explanations import Explained, ExplainedPrediction
from service.schemas.requests import PredictRequest, RankRequest
from service.schemas.responses import (
    Case,
    DrugRanking,
    LineRanking,
    Near,
    Nearest,
    Prediction,
    Predictions,
    Scores,
    Subject,
)

# e to the 700th is a double still; nothing that is measured in µM comes near.
MOST_LN = 700.0
# What is said of a line or drug that is not new: no neighbour, inside the domain.
KNOWN: tuple[Near | None, bool | None] = (None, True)
WRITTEN_AT_ONCE = 250
_some = TypeAdapter(list[Prediction])
CASES: dict[tuple[bool, bool], Case] = {
    (False, False): "known",
    (True, False): "unseen_line",
    (False, True): "unseen_drug",
    (True, True): "unseen_both",
}


def answered(predictor: Predictor, asked: PredictRequest) -> str:
    """Answer to /predict as JSON: written here, a long one does not hold up the other requests."""
    model = model_name(predictor, asked.model, "/model")
    rows = pair_rows(predictor, asked)
    new = newcomers(predictor, model, samples_of(asked.samples), compounds_of(asked.compounds))
    answers = predictor.predict(model, *rows, new)
    source = _source(predictor, model, new)
    if asked.detail == "scores":
        scores = answers.score.tolist()
        return Scores(**source, scores=scores).model_dump_json()
    predictions = shown(predictor, answers, new)
    if asked.detail == "explain":
        told = zip(predictions, explanations(predictor, model, answers, new), strict=True)
        explained = [ExplainedPrediction(**dict(one), explanation=why) for one, why in told]
        return Explained(**source, predictions=explained).model_dump_json()
    return written(Predictions(**source, predictions=predictions))


def written(answer: Predictions) -> str:
    """JSON of the answer, some predictions at a time: of 10,000, one call would keep the interpreter for 20 ms."""
    head = answer.model_copy(update={"predictions": []}).model_dump_json().removesuffix("]}")
    steps = range(0, len(answer.predictions), WRITTEN_AT_ONCE)
    parts = (_some.dump_json(answer.predictions[i : i + WRITTEN_AT_ONCE])[1:-1].decode() for i in steps)
    return f"{head}{','.join(parts)}]}}"


def ranked_drugs(predictor: Predictor, model: str, asked: RankRequest, rows: list[int]) -> str:
    """Answer to a ranking of drugs as JSON: of a line or a sample, the bundle's drugs `rows` and the compounds."""
    samples = {} if asked.sample is None else {SAMPLE: asked.sample}
    line = len(predictor.lines)
    if asked.cell_line is not None:
        line = row(predictor.lines, "cell_line", asked.cell_line, "/cell_line")
    lines = newcomers(predictor, model, samples_of(samples), {}, alone).lines
    new = Newcomers(lines, newcomers(predictor, model, {}, compounds_of(asked.compounds)).drugs)
    every = [*rows, *own_rows(predictor.drugs, asked.compounds).values()]
    answers = predictor.rank_drugs(model, line, every, asked.k, new)
    return DrugRanking(
        **_source(predictor, model, new),
        cell_line=subjects(predictor.lines, lines)[line],
        drugs=shown(predictor, answers, new),
    ).model_dump_json()


def ranked_lines(predictor: Predictor, model: str, asked: RankRequest) -> str:
    """Answer to a ranking of lines as JSON: of a drug or a compound, the bundle's lines and the samples."""
    compounds = {} if asked.compound is None else {COMPOUND: asked.compound}
    drug = len(predictor.drugs)
    if asked.drug is not None:
        drug = row(predictor.drugs, "drug", asked.drug, "/drug")
    drugs = newcomers(predictor, model, {}, compounds_of(compounds), alone).drugs
    new = Newcomers(newcomers(predictor, model, samples_of(asked.samples), {}).lines, drugs)
    every = [*range(len(predictor.lines)), *own_rows(predictor.lines, asked.samples).values()]
    answers = predictor.rank_lines(model, drug, asked.k, every, new)
    return LineRanking(
        **_source(predictor, model, new),
        drug=subjects(predictor.drugs, drugs)[drug],
        cell_lines=shown(predictor, answers, new),
    ).model_dump_json()


def crossed(
    predictor: Predictor,
    model: str,
    samples: Mapping[str, Sample],
    compounds: Mapping[str, Compound],
    cell_lines: Sequence[str],
    drugs: Sequence[str],
) -> Predictions:
    """Every sample and line with every compound and drug; without any of a side, all that the bundle has of it."""
    known_lines, known_drugs = listed_rows(predictor, cell_lines, drugs)
    new = newcomers(predictor, model, samples, compounds, in_table)
    lines = [*own_rows(predictor.lines, samples).values(), *known_lines] or range(len(predictor.lines))
    columns = [*own_rows(predictor.drugs, compounds).values(), *known_drugs] or range(len(predictor.drugs))
    answers = predictor.predict(model, np.repeat(lines, len(columns)), np.tile(columns, len(lines)), new)
    return Predictions(**_source(predictor, model, new), predictions=shown(predictor, answers, new))


def in_table(kind: str, name: str, place: Sequence[str]) -> str:
    """Place of a fault in an uploaded table: /expression/<sample>/<gene>, /compounds/<name>."""
    field, rest = (place[0], place[1:]) if place and place[0] in MODALITIES else (f"{kind}s", place)
    return pointer((field, name, *rest))


def shown(predictor: Predictor, answers: Answers, new: Newcomers = NOBODY) -> list[Prediction]:
    """Answers as objects, each number as wide as it was computed."""
    lines, drugs = subjects(predictor.lines, new.lines), subjects(predictor.drugs, new.drugs)
    near_lines, near_drugs = _near(predictor.lines, new.lines), _near(predictor.drugs, new.drugs)
    known_lines, known_drugs = len(predictor.lines), len(predictor.drugs)
    out = []
    for c, d, score, probability, share, ln_ic50, half in zip(
        *(column.tolist() for column in vars(answers).values()), strict=True
    ):
        near_line = near_lines[c - known_lines] if c >= known_lines else KNOWN
        near_drug = near_drugs[d - known_drugs] if d >= known_drugs else KNOWN
        case = CASES[c >= known_lines, d >= known_drugs]
        interval = None if math.isnan(ln_ic50 + half) else (ln_ic50 - half, ln_ic50 + half)
        out.append(
            Prediction(
                cell_line=lines[c],
                drug=drugs[d],
                probability=probability,
                score=score,
                ln_ic50=None if math.isnan(ln_ic50) else ln_ic50,
                ln_ic50_interval=interval,
                ic50_um=None if math.isnan(ln_ic50) else exp(ln_ic50),
                ic50_um_interval=None if interval is None else (exp(interval[0]), exp(interval[1])),
                percentile=share,
                case=case,
                in_domain=_both(near_line[1], near_drug[1]),
                nearest=None if case == "known" else Nearest(cell_line=near_line[0], drug=near_drug[0]),
            )
        )
    return out


def subjects(catalogue: Catalogue[CellLine] | Catalogue[Drug], new: NewLines | NewDrugs | None) -> list[Subject]:
    """Short form of every row: the bundle's, then those of the request."""
    return [*catalogue.subjects, *(Subject(id=None, name=name) for name in (new.names if new else ()))]


def exp(ln_um: float) -> float:
    """µM of ln µM; what would overflow stops at e to the 700th."""
    return math.exp(max(-MOST_LN, min(MOST_LN, ln_um)))


def _source(predictor: Predictor, model: str, new: Newcomers) -> dict[str, Any]:
    """Fields of service.schemas.responses.Answer."""
    bundle = predictor.bundle.version
    return {"model": model, "bundle": bundle, "samples": gene_counts(new), "warnings": warnings_of(new)}


def _near(
    catalogue: Catalogue[CellLine] | Catalogue[Drug], new: NewLines | NewDrugs | None
) -> Sequence[tuple[Near | None, bool | None]]:
    """Nearest training row of each new thing, and whether the thing is in the domain."""
    out: list[tuple[Near | None, bool | None]] = []
    if new is None:
        return out
    for place in range(len(new.names)):
        ((row, similarity),) = new.around.nearest(place, 1)
        ref = catalogue.refs[row]
        out.append((Near(id=ref.id, name=ref.name, similarity=similarity), new.around.inside(place)))
    return out


def _both(line: bool | None, drug: bool | None) -> bool | None:
    """Whether both lie inside; one that does not decides, one that is not known leaves it open."""
    if line is False or drug is False:
        return False
    return None if line is None or drug is None else True
