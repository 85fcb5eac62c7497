"""The contract: as written in openapi.yaml, as served, and as kept under generated requests."""

import subprocess
import sys
from pathlib import Path

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from service.openapi import contract

FILE = Path(__file__).parents[3] / "openapi.yaml"
WRITTEN = yaml.safe_load(FILE.read_text(encoding="utf-8"))
load_all_checks()


def test_the_file_is_what_the_app_says():
    assert FILE.read_text(encoding="utf-8") == contract(), "run `make openapi` and commit openapi.yaml"


def test_it_is_printed_without_a_bundle(tmp_path):
    printed = subprocess.run(
        [sys.executable, "-m", "service.openapi"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert printed.stdout == FILE.read_text(encoding="utf-8")


def test_the_served_schema_is_the_file(client):
    assert client.get("/openapi.json").json() == WRITTEN
    assert client.get("/docs").status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/predict", "post", {"200", "401", "404", "408", "413", "422", "429", "503"}),
        ("/rank", "post", {"200", "401", "404", "408", "413", "422", "429", "503"}),
        ("/predict/table", "post", {"200", "401", "404", "406", "408", "413", "422", "429", "503"}),
        ("/rank/{cell_line}", "get", {"200", "401", "404", "413", "422", "429", "503"}),
        ("/drugs/{drug}/cell-lines", "get", {"200", "401", "404", "413", "422", "429", "503"}),
        ("/facets", "get", {"200", "401", "413", "429", "503"}),
        ("/genes", "get", {"200", "401", "413", "422", "429", "503"}),
        ("/models", "get", {"200", "401", "413", "429", "503"}),
        ("/metrics", "get", {"200", "401", "404", "413"}),
        ("/health/live", "get", {"200", "413"}),
    ],
)
def test_each_route_documents_its_problems(path, method, statuses):
    responses = WRITTEN["paths"][path][method]["responses"]
    assert responses.keys() == statuses
    assert all(list(responses[s]["content"]) == ["application/problem+json"] for s in statuses - {"200"})


def test_every_route_but_health_may_ask_for_a_key():
    assert WRITTEN["components"]["securitySchemes"]["ApiKey"]["name"] == "X-API-Key"
    for path, operations in WRITTEN["paths"].items():
        for operation in operations.values():
            assert operation["security"] == (
                [] if path.startswith("/health/") else [{}, {"ApiKey": []}, {"Bearer": []}]
            )


def test_it_says_that_the_numbers_are_for_research():
    assert "must not be used for\nclinical decisions" in WRITTEN["info"]["description"]


@pytest.fixture(scope="module")
def app(settings, predictor):
    return create_app(settings, predictor)


# Parts of a form that break the schema are left out: schemathesis cannot check those beside a file ("Unsupported type:
# 'Binary'"); test_tables.py sends them.
schema = schemathesis.openapi.from_dict(
    WRITTEN,
    config=SchemathesisConfig.from_dict(
        {"operations": [{"include-path": "/predict/table", "generation": {"mode": "positive"}}]}
    ),
)


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_requests_are_answered_as_documented(case, app):
    answer = case.call(app=app, base_url="http://testserver")
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    if answer.status_code != 405:  # the router's answer to another method belongs to no route
        checks.append(status_code_conformance)
    case.validate_response(answer, checks=checks)
