"""Settings of a run from presets, files and changes: what wins, what is refused, and what the list says."""

import json
from dataclasses import asdict, fields

import pytest

from model.dim2.config import Dim2Config
from model.hgacl.config import HgaclConfig
from model.kernel_stack.config import KernelStackConfig
from training.cli.settings import SettingsError, TrainingRequest, listed_settings, training_request


@pytest.fixture
def file(tmp_path):
    def write(content, name="settings.json"):
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return tmp_path / name

    return write


def test_without_options_it_is_the_default_of_hgacl():
    assert training_request() == TrainingRequest("hgacl", HgaclConfig(), 0)


def test_a_change_wins_over_the_file_and_the_file_over_the_preset(file):
    path = file({"preset": "paper", "epochs": 7, "dropout": 0.25})
    request = training_request(path=path, changes=["epochs=9"], seed=3)
    assert request == TrainingRequest("hgacl", HgaclConfig.named("paper", epochs=9, dropout=0.25), 3)


def test_toml_is_read_like_json(file):
    path = file('model = "dim2"\nseed = 5\npreset = "paper"\nbatch = 64\noffset = true\nlearning_rate = 1\n', "s.toml")
    expected = Dim2Config.named("paper", batch=64, offset=True, learning_rate=1.0)
    assert training_request(path=path) == TrainingRequest("dim2", expected, 5)


@pytest.mark.parametrize("name", ["run.json", "card.json"])
def test_the_files_that_a_run_saves_give_the_same_run(run_folder, name):
    saved = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    request = training_request(path=run_folder / name)
    assert asdict(request.config) == saved["config"]
    assert (request.model, request.seed) == ("hgacl", saved["seed"])


@pytest.mark.parametrize("config", [HgaclConfig.named("paper", epochs=3), Dim2Config.named("default", heads=2)])
def test_what_a_configuration_writes_is_read_back(file, config):
    model = "dim2" if isinstance(config, Dim2Config) else "hgacl"
    assert training_request(model=model, path=file(config.to_json())).config == config


def test_the_seed_of_a_run_gives_way_to_the_option(file):
    path = file({"config": {"epochs": 3}, "seed": 8})
    assert training_request(path=path).seed == 8
    assert training_request(path=path, seed=0).seed == 0


REFUSED = [
    ({"epoch": 3}, {}, r"settings.json: unknown setting 'epoch' of hgacl; the known ones are \[.*'epochs'"),
    ({"token_size": 3}, {}, "unknown setting 'token_size' of hgacl; they are those of dim2: give --model dim2"),
    ({"epochs": "many"}, {}, "settings.json: epochs = 'many' is not a whole number"),
    ({"epochs": 3.5}, {}, "settings.json: epochs = 3.5 is not a whole number"),
    ({"epochs": True}, {}, "settings.json: epochs = True is not a whole number"),
    ({"dropout": None}, {}, "settings.json: dropout = None is not a number"),
    ({"gate_edges": 1}, {}, "settings.json: gate_edges = 1 is not true or false"),
    ({"dropout": 2}, {}, "dropout = 2.0: give a share"),
    ({"preset": "best"}, {}, "preset 'best': choose 'default' or 'paper'"),
    (
        {"preset": "paper"},
        {"preset": "default"},
        "--preset default: .* says paper; leave one of them out",
    ),
    ({"model": "dim2", "config": {}}, {"model": "hgacl"}, "--model hgacl: .*says dim2; leave one of them out"),
    ({"model": "gcn"}, {}, "--model gcn: choose hgacl or dim2"),
    ({"model": 3}, {}, "model = 3 is not one of hgacl, dim2"),
    ({"seed": -1}, {}, "seed = -1 is no whole number of at least 0"),
    ({"seed": "a"}, {}, "seed = 'a' is no whole number"),
    ({"config": [1]}, {}, "config is no table of settings"),
    ("[1]", {}, "no table of settings; give one key per setting"),
    ("epochs = 3", {}, r"no JSON \(a file of TOML is named .toml\)"),
]


@pytest.mark.parametrize(("content", "options", "says"), REFUSED, ids=[str(content) for content, _, _ in REFUSED])
def test_a_file_that_holds_anything_else_is_refused_by_name(file, content, options, says):
    with pytest.raises(ValueError, match=says):
        training_request(path=file(content), **options)


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path, file):
    with pytest.raises(SettingsError, match=r"none.json: No such file"):
        training_request(path=tmp_path / "none.json")
    with pytest.raises(SettingsError, match=r"s.toml: no TOML:"):
        training_request(path=file("epochs: 3", "s.toml"))


def test_the_list_has_every_setting_with_both_values_and_its_sentence():
    rows = {(model, name): (default, paper, text) for model, name, default, paper, text in listed_settings()}
    kinds = HgaclConfig, Dim2Config, KernelStackConfig
    count = sum(len(fields(kind)) - 1 for kind in kinds)  # the preset's own name is no setting
    assert len(rows) == len(listed_settings()) == count
    assert rows["hgacl", "gaussian_sigma"][:2] == ("0.0", "2.0")
    assert rows["dim2", "offset"][:2] == ("true", "false")
    assert all(text.endswith(".") for *_, text in rows.values())
