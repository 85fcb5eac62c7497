"""Fixtures that several rooms' tests share."""

import os
from pathlib import Path

import pytest

from tests.helpers.made_once import made_once

REPOSITORY = Path(__file__).resolve().parent.parent
BUNDLED = REPOSITORY / "bundles" / "gdsc"


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Folder of the real data, from DRP_DATA; without it such tests skip, or fail where DRP_REQUIRE_DATA=1."""
    folder = Path(os.environ.get("DRP_DATA") or REPOSITORY / "../shared/data")
    if not (folder / "gdsc").is_dir():
        reason = f"no real data in {folder}: set DRP_DATA to a folder that has gdsc/ and raw/gdsc/"
        if os.environ.get("DRP_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def gdsc_folder(data_root, tmp_path_factory) -> Path:
    """The real GDSC data as an imported dataset folder (RNA-seq expression)."""
    from training.data.folder import write_dataset
    from training.sources.layouts.datapack import read_datapack

    def make(folder: Path) -> None:
        write_dataset(read_datapack(data_root / "gdsc").dataset, folder)

    return made_once(tmp_path_factory, "gdsc", make)


@pytest.fixture(scope="session")
def gdsc_dataset(gdsc_folder):
    """The real GDSC data as it is read back from disk. Do not change it: all tests of the session share it."""
    from training.data.folder import read_dataset

    return read_dataset(gdsc_folder)


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory) -> Path:
    """The demo bundle: thirty lines, a few drugs, graphs of new samples and compounds."""
    from tests.helpers.demo_bundle import build_bundle

    return build_bundle(tmp_path_factory.mktemp("bundles") / "demo")


@pytest.fixture(scope="session")
def bundled_predictor():
    """The bundle that is served by default, read once: two seconds. Do not change it."""
    from service.prediction.predictor import Predictor
    from service.settings import Settings

    return Predictor.load(Settings(bundle=BUNDLED))


@pytest.fixture(scope="session")
def bundled(bundled_predictor):
    """A client of a service of the bundle that is served by default."""
    from starlette.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    with TestClient(create_app(Settings(bundle=BUNDLED), bundled_predictor)) as client:
        yield client


@pytest.fixture
def bundle_read_once(bundled_predictor, monkeypatch):
    """Whoever opens the bundle that is served by default gets the predictor that has read it already."""
    from service.prediction.predictor import Predictor

    read = Predictor.load

    def load(settings):
        return bundled_predictor if settings.bundle.resolve() == BUNDLED else read(settings)

    monkeypatch.setattr(Predictor, "load", load)


def pytest_make_parametrize_id(config, val, argname):
    """Name a value of bytes by its argument: gzip holds the time, and workers must collect the same names."""
    return argname if isinstance(val, bytes) else None
