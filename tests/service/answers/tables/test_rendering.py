"""A long answer is written in parts, with the same result."""

import pytest

from service.answers.tables.rendering import PREDICTIONS_PER_DUMP, to_json
from service.schemas.responses import Entity, NearestNeighbours, Neighbour, Prediction, Predictions


def prediction(i):
    nearest = (
        NearestNeighbours(cell_line=Neighbour(id="1", name='Ä,"]}', similarity=0.5), drug=None) if i % 3 else None
    )
    interval = (i / 7 - 1, i / 7 + 1) if i % 2 else None
    return Prediction(
        cell_line=Entity(id=None if nearest else "2", name=f"line {i}"),
        drug=Entity(id="3", name="drug"),
        probability=1 / (i + 1),
        score=i / 3,
        ln_ic50=i / 7 if interval else None,
        ln_ic50_interval=interval,
        ic50_um=1.0 if interval else None,
        ic50_um_interval=interval,
        percentile=50.0,
        case="unseen_line" if nearest else "known",
        in_domain=None if i % 5 else True,
        nearest=nearest,
    )


@pytest.mark.parametrize("count", [0, 1, PREDICTIONS_PER_DUMP, PREDICTIONS_PER_DUMP + 1, 3 * PREDICTIONS_PER_DUMP - 1])
def test_the_parts_make_the_json_of_the_whole(count):
    predictions = [prediction(i) for i in range(count)]
    answer = Predictions(model="m", bundle="b@1", samples={}, warnings=["one"], predictions=predictions)
    assert to_json(answer) == answer.model_dump_json()
