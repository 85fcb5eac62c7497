"""What a token of a code is called."""

import pytest

from model.dim2.cell import CellEncoder
from model.dim2.drug import DrugEncoder
from model.dim2.fusion import Tokens
from model.dim2.token_labels import token_labels
from tests.helpers.dim2_arrays import small_dim2

PARTS = [("pathways", 3), ("mutation code", 0), ("tissue code", 2)]


@pytest.mark.parametrize(
    ("size", "names", "labels"),
    [
        (1, ("WNT", "P53", "MAPK"), ["WNT", "P53", "MAPK", "tissue code 1", "tissue code 2"]),
        (1, (), ["pathways 1", "pathways 2", "pathways 3", "tissue code 1", "tissue code 2"]),
        (2, ("WNT", "P53", "MAPK"), ["pathways 1–2", "pathways 3, tissue code 1", "tissue code 2"]),
        (9, (), ["pathways 1–3, tissue code 1–2"]),
    ],
)
def test_a_token_is_called_by_the_numbers_that_it_carries(size, names, labels):
    assert token_labels(PARTS, size, names) == ["class token", *labels]


@pytest.mark.parametrize(
    "changes", [{}, {"pathways": False}, {"mutations": False, "tissue": False}, {"drug_3d": False}]
)
@pytest.mark.parametrize("size", [1, 4])
def test_every_token_of_both_sides_has_a_label(changes, size):
    config = small_dim2(token_size=size, **changes)
    for encoder in (CellEncoder(8, 20, 5, 3, config), DrugEncoder(config)):
        assert sum(length for _, length in encoder.parts) == encoder.width
        assert len(token_labels(encoder.parts, size)) == Tokens(encoder.width, size, 4).count + 1
