"""The bundle that is served by default, with HGACL-DRP to answer where a request names no model."""

from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app
from service.prediction.predictor import Predictor
from service.settings import Settings


def asking_hgacl(bundle: Path) -> TestClient:
    """A client of a service of this bundle."""
    settings = Settings(bundle=bundle)
    predictor = Predictor.load(settings)
    predictor.bundle.manifest["default_model"] = "hgacl"
    return TestClient(create_app(settings, predictor))
