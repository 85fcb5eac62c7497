"""The settings of a training run: a preset, a file of its fields, and single changes, each over the one before."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from model.dim2.config import Dim2Config
from model.hgacl.config import HgaclConfig
from model.kernel_stack.config import KernelStackConfig

Config = HgaclConfig | Dim2Config | KernelStackConfig
Value = bool | int | float | str
HGACL, DIM2, KERNEL_STACK = "hgacl", "dim2", "kernel_stack"
MODELS: dict[str, type[HgaclConfig] | type[Dim2Config] | type[KernelStackConfig]] = {
    HGACL: HgaclConfig,
    DIM2: Dim2Config,
    KERNEL_STACK: KernelStackConfig,
}
KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
PRESET = "preset"


class SettingsError(ValueError):
    """An option or a file that says no settings of the model; the message names it, the value and the remedy."""


@dataclass(frozen=True)
class TrainingRequest:
    """What is to be trained: a model's name, its settings, and the seed."""

    model: str
    config: Config
    seed: int


@dataclass(frozen=True)
class SettingsFile:
    """A file of settings, and what it says beside them, where it is a run's."""

    path: Path
    settings: dict[str, Value]
    model: str | None = None
    seed: int | None = None


def training_request(
    model: str | None = None,
    preset: str | None = None,
    path: Path | None = None,
    changes: Sequence[str] = (),
    seed: int | None = None,
) -> TrainingRequest:
    """Put the options of `drp train` together; what is None is the file's, else the usual value.

    Raises SettingsError naming the option or the file, the value and the remedy.
    """
    file = None if path is None else read_settings(path)
    name = _agreed("--model", model, file, file and file.model) or HGACL
    if name not in MODELS:
        raise SettingsError(f"--model {name}: choose {' or '.join(MODELS)}")
    settings = {} if file is None else _of_model(name, file)
    start = _agreed("--preset", preset, file, settings.pop(PRESET, None)) or "default"
    settings |= dict(_change(name, text) for text in changes)
    config = MODELS[name].named(start, **settings)
    return TrainingRequest(name, config, seed if seed is not None else (file and file.seed) or 0)


def read_settings(path: Path) -> SettingsFile:
    """Read a JSON or TOML file: a preset's fields, or a run's `run.json` or `card.json`, which hold them as `config`.

    Raises SettingsError where it cannot be read or holds anything else.
    """
    content = _parsed(path)
    settings = content.get("config", {key: value for key, value in content.items() if key not in ("model", "seed")})
    if not isinstance(settings, dict):
        raise SettingsError(f"{path}: config is no table of settings")
    training = content.get("training")
    model, seed = content.get("model"), training.get("seed") if isinstance(training, dict) else content.get("seed")
    if not isinstance(model, str | None):
        raise SettingsError(f"{path}: model = {model!r} is not one of {', '.join(MODELS)}")
    if type(seed) not in (int, type(None)) or (seed or 0) < 0:
        raise SettingsError(f"{path}: seed = {seed!r} is no whole number of at least 0")
    return SettingsFile(path, settings, model, seed)


def listed_settings() -> list[tuple[str, str, str, str, str]]:
    """One row a setting of every model: model, name, default, the paper's value, and what it sets."""
    return [
        (name, field, _text(getattr(kind(), field)), _text(getattr(kind.paper(), field)), sentence)
        for name, kind in MODELS.items()
        for field, sentence in kind.sentences().items()
        if field != PRESET
    ]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from None
    except ValueError as fault:
        kind = "TOML" if path.suffix == ".toml" else "JSON (a file of TOML is named .toml)"
        raise SettingsError(f"{path}: no {kind}: {fault}") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: no table of settings; give one key per setting")
    return content


def _agreed(option: str, given: str | None, file: SettingsFile | None, stated: Any) -> str | None:  # noqa: ANN401
    """The value that an option or a file gives; where both do, they must agree."""
    if file is not None and None not in (given, stated) and given != stated:
        raise SettingsError(f"{option} {given}: {file.path} says {stated}; leave one of them out")
    return stated if given is None else given


def _of_model(model: str, file: SettingsFile) -> dict[str, Value]:
    """The file's settings, checked by name and type against the fields of the model."""
    usual = _usual(model)
    unknown = [name for name in file.settings if name not in usual]
    if unknown:
        others = [other for other in MODELS if set(file.settings) <= set(_usual(other))]
        remedy = f"they are those of {others[0]}: give --model {others[0]}" if others else _known(model)
        raise SettingsError(f"{file.path}: unknown setting {unknown[0]!r} of {model}; {remedy}")
    return {name: _typed(f"{file.path}: {name}", value, usual[name]) for name, value in file.settings.items()}


def _typed(place: str, value: object, like: Value) -> Value:
    kind = type(like)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise SettingsError(f"{place} = {value!r} is not {KINDS[kind]}")
    return value


def _change(model: str, text: str) -> tuple[str, Value]:
    """Read `name=value` as typed on the command line."""
    name, _, value = text.partition("=")
    usual = _usual(model)
    if name not in usual or name == PRESET:
        raise SettingsError(f"--set {text}: unknown setting {name!r}; {_known(model)}")
    kind = type(usual[name])
    try:
        return name, YES_OR_NO[value.lower()] if kind is bool else kind(value)
    except (KeyError, ValueError):
        raise SettingsError(f"--set {text}: {value!r} is not {KINDS[kind]}") from None


def _usual(model: str) -> Mapping[str, Value]:
    config = MODELS[model]()
    return {field.name: getattr(config, field.name) for field in fields(config)}


def _known(model: str) -> str:
    return f"the known ones are {sorted(name for name in _usual(model) if name != PRESET)}"


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
