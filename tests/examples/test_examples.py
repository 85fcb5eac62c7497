"""Each file of examples/ works as it stands: tables are answered, configurations name what there is."""

import hashlib
import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from model.version import VERSION
from service.keys import parse
from service.limits.admission import Admission
from service.metrics import Metrics
from service.settings import Settings, unknown_variables
from tests.helpers.typed_commands import check

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ROUTES = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))["paths"]


def ask(bundled, field, path, **form):
    answer = bundled.post("/predict/table", files={field: (path.name, path.read_bytes())}, data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_sample_of_the_rna_seq_table_is_ranked_without_a_warning(bundled):
    table = EXAMPLES / "samples" / "salmon.merged.gene_tpm.tsv"
    answer = ask(bundled, "expression", table, expression_unit="TPM", top_k="3", order="percentile")
    assert answer["warnings"] == answer["refused"] == []
    assert list(answer["samples"]) == ["sample_1", "sample_2", "sample_3"]
    assert len(answer["predictions"]) == 9
    assert all(one["in_domain"] for one in answer["predictions"])


@pytest.mark.parametrize("name", ["compounds.smi", "compounds.csv"])
def test_all_twenty_compounds_are_answered_some_as_drugs_of_the_bundle(bundled, name):
    answer = ask(bundled, "compounds", EXAMPLES / "compounds" / name, cell_lines="A549")
    assert answer["refused"] == []
    assert len(answer["predictions"]) == len(answer["compounds"]) == 20
    assert {one["case"] for one in answer["predictions"]} == {"known", "unseen_drug"}


def test_the_keys_are_those_that_the_comment_names():
    keys, faults = parse(EXAMPLES / "keys" / "keys.txt")
    assert faults == []
    assert [key.digest for key in keys] == [
        hashlib.sha256(f"drp_example-of-a-{key.name}".encode()).digest() for key in keys
    ]


def test_prometheus_asks_where_the_service_listens():
    (job,) = yaml.safe_load((EXAMPLES / "monitoring" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"localhost:{Settings().port}"]}]
    assert job.get("metrics_path", "/metrics") in ROUTES


def test_the_dashboard_shows_every_metric_by_labels_that_it_has():
    board = json.loads((EXAMPLES / "monitoring" / "grafana.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    registry = Metrics(Admission(1), lambda: 0)._registry
    ours = [one for one in registry._collector_to_names if isinstance(one, MetricWrapperBase)]
    metrics = {one._name: set(one._labelnames) for one in ours}
    for text in shown:
        (name,) = set(re.findall(r"drp_\w+", text))
        base = re.sub(r"_(bucket|total)$", "", name)
        assert base in metrics, name
        by = set(re.findall(r"\w+", "".join(re.findall(r"by \(([^)]*)\)", text)))) - {"le", "instance"}
        assert by <= metrics[base], text


def test_kubernetes_sets_what_there_is_to_set():
    path = EXAMPLES / "kubernetes" / "drug-response.yaml"
    deployment, service = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    assert unknown_variables(variables) == []
    settings = Settings(**{name.removeprefix("DRP_").lower(): value for name, value in variables.items()})
    assert pod["terminationGracePeriodSeconds"] > settings.drain_s + settings.shutdown_timeout_s
    assert container["image"] == f"drug-response:{VERSION}-cpu"
    assert {container[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")} <= set(ROUTES)
    assert container["ports"] == [{"name": "http", "containerPort": settings.port}]
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert {volume["name"] for volume in pod["volumes"]} == set(mounted)
    assert settings.keys_file.parent == Path(mounted["keys"])


def test_nextflow_calls_the_command_as_it_is():
    text = (EXAMPLES / "nextflow" / "main.nf").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ +(drp .*)$", text, re.MULTILINE)
    check(shlex.split(re.sub(r"\$\{[^}]*\}", "x", command.partition(">")[0])))
    (default,) = re.findall(r'"\$\{projectDir\}/(.*?)"', text)
    assert (EXAMPLES / "nextflow" / default).is_file()
