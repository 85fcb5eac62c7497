"""What a dataset holds, counted by hand on three lines and two drugs, and drawn."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from training.data.describe import describe
from training.data.describe_plot import averaged, draw
from training.sources.layouts.demo import demo_dataset


def test_coverage_of_every_table(tiny):
    table = describe(tiny).coverage
    counted = [(r.table, r.things, r.rows, r.of) for r in table.itertuples()]
    assert counted == [
        ("response", "cell lines", 3, 3),
        ("response", "drugs", 2, 2),
        ("expression", "cell lines", 2, 3),
        ("copy_number", "cell lines", 2, 3),
        ("mutation", "cell lines", 3, 3),
        ("drug_fingerprints", "drugs", 2, 2),
    ]
    expression = table.iloc[2]
    assert (expression["features"], expression["low"], expression["high"]) == (2, 0.0, 4.0)
    assert expression["unit"] == "log2(TPM + 1)"


def test_every_line_stands_in_one_combination_of_tables(tiny):
    table = describe(tiny).overlaps
    combined = {tuple(r.tables): r.lines for r in table.itertuples()}
    assert combined == {
        ("expression", "mutation"): 1,
        ("copy_number", "mutation"): 1,
        ("expression", "copy_number", "mutation"): 1,
    }


def test_drugs_and_tissues_are_counted(tiny):
    found = describe(tiny)
    assert found.drugs[["id", "measured", "sensitive"]].to_numpy().tolist() == [["5", 2, 1], ["7", 2, 1]]
    assert found.drugs["share"].tolist() == [0.5, 0.5]
    assert (found.measured, found.sensitive) == (4, 2)
    assert dict(zip(found.tissues["tissue"], found.tissues["measured"], strict=True)) == {
        "lung": 1, "not known": 2, "skin": 1
    }  # fmt: skip


def test_the_response_is_laid_out_with_the_most_measured_first(tiny):
    expected = [[1, 0, np.nan], [1, np.nan, 0]]  # drugs 5, 7 × lines 3, 20, 100
    assert np.array_equal(describe(tiny).response, expected, equal_nan=True)


def test_a_dataset_without_omics_can_be_described(tiny):
    bare = replace(tiny, expression=None, copy_number=None, mutation=None, drug_fingerprints=None)
    assert describe(bare).overlaps.to_dict("records") == [{"tables": [], "lines": 3}]


def test_lines_that_share_a_pixel_are_averaged():
    pixels = np.array([[[0.0]], [[1.0]], [[1.0]], [[1.0]], [[0.0]]])
    assert averaged(pixels, 2).ravel().tolist() == [0.5, pytest.approx(2 / 3)]
    assert averaged(pixels, 5) is pixels


@pytest.mark.parametrize("drugs", [6, 60])
def test_the_page_is_drawn_at_print_size(tmp_path, drugs):
    path = tmp_path / "page.png"
    draw(describe(demo_dataset(40, drugs)), "demo", "SYNTHETIC " * 30, path)
    page = imread(path)
    assert page.shape[:2] == (1328, 1872)  # 8.3 × 11.7 inches at 160 dpi
    assert page[..., :3].std() > 0.05


def test_a_page_without_omics_is_drawn(tmp_path, tiny):
    bare = replace(tiny, expression=None, copy_number=None, mutation=None, drug_fingerprints=None)
    draw(describe(bare), "bare", "tiny", tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 10_000
