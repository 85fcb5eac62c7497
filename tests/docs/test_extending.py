"""Each block of docs/how-to/extending.md runs as it stands, and what it adds works like what is there."""

import re
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.prediction.predictor import Predictor
from service.settings import Settings
from training.baselines.registry import BASELINES
from training.data.arrays import align
from training.sources.import_dataset import PATTERNS, READERS, import_dataset
from training.sources.layouts.demo import demo_dataset
from training.splits.splits import SplitName, make_split

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "extending.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^## (.*?)\n.*?^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def arrays():
    return align(demo_dataset(60, 12, 0))


def run(title):
    names = {}
    exec(compile(BLOCKS[title], f"docs/how-to/extending.md: {title}", "exec"), names)  # noqa: S102  the document's own
    return names


def test_every_part_of_the_page_has_a_block():
    assert list(BLOCKS) == ["A data source", "A baseline", "A network", "A route"]


def test_a_data_source_is_imported_as_any_other(tmp_path):
    (tmp_path / "raw").mkdir()
    rows = [f"{line},{drug},{i - j},{int(i < j)}" for i, line in enumerate("ABC") for j, drug in enumerate("XY")]
    (tmp_path / "raw" / "screen.csv").write_text("line,drug,ln_ic50,sensitive\n" + "\n".join(rows))
    try:
        run("A data source")
        done = import_dataset("lab", tmp_path / "raw", tmp_path / "out", name="lab")
    finally:
        READERS.pop("lab", None)
        PATTERNS.pop("lab", None)
    assert done.dataset.info["counts"]["measured"] == 6


@pytest.mark.parametrize(("title", "name"), [("A baseline", "median_line"), ("A network", "bilinear")])
def test_a_method_predicts_every_pair_better_than_chance(arrays, title, name):
    lpo = make_split(arrays, SplitName.LPO, 0, 4)
    try:
        found = run(title)[name](arrays, lpo, 0)
    finally:
        BASELINES.pop(name, None)
    assert found.score.shape == arrays.ln_ic50.shape
    assert np.isfinite(found.score).all()
    of_its_drug = arrays.ln_ic50 - np.nanmean(arrays.ln_ic50, axis=0)
    assert np.corrcoef(of_its_drug[lpo.test], -found.score[lpo.test])[0, 1] > 0.1


def test_a_route_answers_from_the_bundle(bundle_folder):
    settings = Settings(bundle=bundle_folder)
    app = create_app(settings, Predictor.load(settings))
    app.include_router(run("A route")["router"])
    with TestClient(app) as client:
        assert client.get("/size").json() == {"cell_lines": 30, "drugs": 12}
