"""A client that openapi-python-client makes of openapi.yaml calls every route and understands every answer."""

import asyncio
import importlib
import io
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from service.app import create_app

CONTRACT = Path(__file__).parents[3] / "openapi.yaml"
OPERATIONS = {
    operation["operationId"]: (path, operation["tags"][0])
    for path, item in yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["paths"].items()
    for operation in item.values()
}
PACKAGE = "generated_client"
SAMPLE = {"mutation": {"TP53": 1.0, "KRAS": 0.0, "STK11": 0.0}, "tissue": "lung"}
COLUMNS = {"cell_lines": ["A549", "mine"], "drugs": ["JQ1", "Erlotinib"], "samples": {"mine": SAMPLE}}
PAIRS = {
    "pairs": [{"cell_line": "A549", "drug": "JQ1"}, {"cell_line": "A549", "drug": "it"}],
    "compounds": {"it": "CCO"},
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package, generated anew; what the generator warns of is an error."""
    folder = tmp_path_factory.mktemp("generated")
    settings = folder / "config.yaml"
    settings.write_text("post_hooks: []\ncontent_type_overrides:\n  image/svg+xml: application/octet-stream\n")
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    ran = subprocess.run(
        [generator, "generate", "--path", str(CONTRACT), "--output-path", str(folder / PACKAGE), "--meta", "none",
         "--config", str(settings), "--fail-on-warning"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def call(generated, settings, predictor):
    """Call an operation as a program would: its module's `asyncio_detailed`, with models as bodies."""
    app = create_app(settings, predictor)
    called = set()

    async def ask(operation, arguments):
        client = generated.Client(base_url="http://service", raise_on_unexpected_status=True)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://service") as http,
        ):
            client.set_async_httpx_client(http)
            module = importlib.import_module(f"{PACKAGE}.api.{OPERATIONS[operation][1]}.{operation}")
            return await module.asyncio_detailed(client=client, **arguments)

    def call(operation, *path, **arguments):
        called.add(operation)
        names = [name for name in ("cell_line", "drug") if f"{{{name}}}" in OPERATIONS[operation][0]]
        answer = asyncio.run(ask(operation, {**dict(zip(names, path, strict=True)), **arguments}))
        assert answer.status_code == 200, answer.content
        return answer.parsed

    call.called = called
    return call


def model(name, content):
    return getattr(importlib.import_module(f"{PACKAGE}.models"), name).from_dict(content)


def table(text):
    return importlib.import_module(f"{PACKAGE}.types").File(io.BytesIO(text.encode()), "t.csv", "text/csv")


def test_pairs_and_columns_are_two_types_and_the_answer_names_its_detail(call):
    full = call("predict", body=model("PairsRequest", PAIRS))
    assert type(full).__name__ == "Predictions"
    assert [one.drug.name for one in full.predictions] == ["JQ1", "it"]
    scores = call("predict", body=model("ColumnsRequest", {**COLUMNS, "detail": "scores"}))
    assert type(scores).__name__ == "Scores"
    assert len(scores.scores) == 2
    assert scores.samples["mine"]["mutation"].known == 3


def test_an_explained_answer_is_told_apart_from_a_plain_one(call):
    explained = call("predict", body=model("ColumnsRequest", {**COLUMNS, "detail": "explain"}))
    assert type(explained).__name__ == "ExplainedPredictions"
    assert explained.detail == "explain"
    assert explained.predictions[1].explanation.genes.method == "occlusion"


def test_tables_are_uploaded_as_files(call):
    form = importlib.import_module(f"{PACKAGE}.models").TableForm
    body = form(
        mutation=table("name,TP53,KRAS,STK11\nmine,1,0,0\n"), compounds=table("name,smiles\nit,CCO\n"), drugs=["JQ1"]
    )
    answer = call("predict_table", body=body)
    assert [(one.cell_line.name, one.drug.name) for one in answer.predictions] == [("mine", "it"), ("mine", "JQ1")]


@pytest.mark.parametrize(
    ("request_type", "content", "answer_type"),
    [
        ("DrugsOfLineRequest", {"cell_line": "A549", "k": 2}, "DrugRanking"),
        ("DrugsOfSampleRequest", {"sample": SAMPLE, "k": 2}, "DrugRanking"),
        ("LinesOfDrugRequest", {"drug": "JQ1", "k": 2}, "LineRanking"),
        ("LinesOfCompoundRequest", {"compound": "CCO", "k": 2}, "LineRanking"),
    ],
)
def test_each_subject_of_a_ranking_is_a_type(call, request_type, content, answer_type):
    answer = call("rank_new", body=model(request_type, content))
    assert type(answer).__name__ == answer_type


@pytest.mark.parametrize(
    ("operation", "path", "arguments", "answer_type"),
    [
        ("rank", ["A549"], {"k": 2}, "DrugRanking"),
        ("rank_lines", ["JQ1"], {"k": 2}, "LineRanking"),
        ("cell_lines", [], {"q": "549"}, "CellLinePage"),
        ("cell_line", ["A549"], {}, "FoundCellLine"),
        ("drugs", [], {"limit": 3}, "DrugPage"),
        ("drug", ["JQ1"], {}, "FoundDrug"),
        ("facets", [], {}, "Facets"),
        ("genes", [], {}, "GenePanel"),
        ("models", [], {}, "Models"),
        ("model_card", [], {"name": "hgacl"}, "ModelCard"),
        ("bundle_map", [], {}, "BundleMap"),
        ("drug_structure", ["JQ1"], {}, "File"),
        ("structure", [], {"smiles": "CCO"}, "File"),
        ("live", [], {}, "Health"),
        ("ready", [], {}, "Health"),
        ("metrics", [], {}, "str"),
    ],
)
def test_what_is_looked_up_has_the_type_of_the_contract(call, operation, path, arguments, answer_type):
    assert type(call(operation, *path, **arguments)).__name__ == answer_type


def test_every_route_was_called(call):
    assert call.called == OPERATIONS.keys()
