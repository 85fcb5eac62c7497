"""A setting is a name, a default and a sentence, and .env.example lists every one."""

import re
from pathlib import Path

import pytest
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase
from pydantic import ValidationError

from service.limits.admission import Admission
from service.metrics import Metrics
from service.schemas.problem_codes import Code
from service.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = ("reference/api.md", "how-to/operate.md")
DOCS = "".join((ROOT / "docs" / page).read_text(encoding="utf-8") for page in PAGES)
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
VARIABLES = dict(re.findall(r"^# (DRP_\w+)=(.*)$", EXAMPLE, re.MULTILINE))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_of_a_file_of_settings_has_every_one_with_its_sentence(name):
    assert f"\n\n# {Settings.model_fields[name].description}\n# DRP_{name.upper()}=" in EXAMPLE


def test_the_example_names_no_other_setting_and_sets_none():
    assert [name.removeprefix("DRP_").lower() for name in VARIABLES] == list(Settings.model_fields)
    assert all(line.startswith("# ") for line in EXAMPLE.splitlines() if line)


def test_the_example_uncommented_is_the_defaults(monkeypatch):
    monkeypatch.chdir(ROOT)
    defaults = Settings()
    for name, text in VARIABLES.items():
        if getattr(defaults, name.removeprefix("DRP_").lower()) is None:
            assert text == ""
        else:
            monkeypatch.setenv(name, text)
    read = Settings()
    assert read.model_copy(update={"bundle": read.bundle.resolve()}) == defaults


def test_every_metric_is_documented_with_its_labels():
    registry = Metrics(Admission(1), lambda: 0)._registry
    ours = [collector for collector in registry._collector_to_names if isinstance(collector, MetricWrapperBase)]
    assert len(ours) > 5
    for collector in ours:
        name = collector._name + "_total" * isinstance(collector, Counter)
        assert f"| `{name}` | {', '.join(collector._labelnames)} | {collector._documentation} |" in DOCS


@pytest.mark.parametrize("code", Code)
def test_every_code_is_documented(code):
    assert f"`{code}`" in DOCS


def test_the_environment_sets_them(monkeypatch):
    monkeypatch.setenv("DRP_MAX_BODY_BYTES", "10")
    assert Settings().max_body_bytes == 10


def test_an_empty_second_bundle_is_none(monkeypatch):
    monkeypatch.setenv("DRP_FURTHER_BUNDLE", "")
    assert Settings().further_bundle is None


def test_origins_come_comma_separated(monkeypatch):
    monkeypatch.setenv("DRP_CORS_ORIGINS", "https://a.org, http://localhost:3000")
    assert Settings().cors_origins == ("https://a.org", "http://localhost:3000")


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70_000},
        {"device": "tpu"},
        {"max_pairs_in_flight": 1},
        {"max_body_bytes": 0},
        {"key_pairs_per_minute": 0},
        {"metrics": "yes"},
        {"keys_file": ""},
        {"bundle": ""},
        {"cors_origins": "*"},
        {"cors_origins": "https://a.org/"},
        {"cors_origins": "a.org"},
    ],
)
def test_wrong_values_are_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)
