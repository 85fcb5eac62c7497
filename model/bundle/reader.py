"""Reading a bundle: everything is verified before it is served, and nothing is unpickled."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from model.bundle.arrays import codes_fault, population_fault, stack_fault
from model.bundle.bundle import DECODER, EMBEDDINGS, POPULATION, STACK, TABLES, Bundle, ModelPart
from model.bundle.card import ModelCard, Row
from model.bundle.files import parse_json
from model.bundle.fixed_point import unpack
from model.bundle.identifiers import identifiers
from model.bundle.manifest import MANIFEST, BundleError, read_files, read_manifest
from model.scoring import calibrated, pair_scores

SELF_TEST_TOLERANCE = 1e-6

Tensors = dict[str, NDArray[Any]]  # by name


def read_bundle(folder: Path) -> Bundle:
    """Read and verify the bundle in `folder`.

    The manifest is compared with its content hash and every file's sha256 with the manifest, every table and array is
    checked (shape, finite, no constant row, unique ids), and the self-test pairs are scored again.
    Raises BundleError naming the file and the reason.
    """
    manifest = read_manifest(folder)
    content = read_files(folder, manifest)
    tables = [_table(name, content[name]) for name in TABLES]
    models = {
        name: _model_part(name, card, content, rows=(len(tables[0]), len(tables[1])))
        for name, card in manifest["models"].items()
    }
    if manifest["default_model"] not in models:
        raise BundleError(f"{MANIFEST}: default_model {manifest['default_model']!r} is not among {sorted(models)}")
    bundle = Bundle(manifest, tables[0], tables[1], models, identifiers(content))
    for part in models.values():
        _self_test(bundle, part)
    return bundle


def _table(name: str, content: bytes) -> list[Row]:
    try:
        rows: list[Row] = parse_json(content)
    except ValueError as fault:
        raise BundleError(f"{name}: not JSON ({fault})") from None
    ids = [row["id"] for row in rows]
    if not ids:
        raise BundleError(f"{name}: no rows")
    if len(set(ids)) != len(ids):
        raise BundleError(f"{name}: an id stands twice")
    return rows


def _model_part(name: str, card: ModelCard, content: dict[str, bytes], rows: tuple[int, int]) -> ModelPart:
    if (path := f"{name}/{STACK}") in content:
        stack = _checked(path, _tensors(path, content), stack_fault, rows)
        none = np.zeros((rows[0], 0), np.float32), np.zeros((rows[1], 0), np.float32)
        return ModelPart(name, *none, b"", card, population=_population(name, content, rows), stack=stack)
    for needed in (EMBEDDINGS, f"{DECODER}.onnx"):
        if f"{name}/{needed}" not in content:
            raise BundleError(f"{name}/{needed}: listed nowhere in the manifest")
    path = f"{name}/{EMBEDDINGS}"
    codes = _checked(path, unpack(_tensors(path, content)), codes_fault, rows)
    prefix, suffix = f"{name}/", ".onnx"
    graphs = {
        file.removeprefix(prefix).removesuffix(suffix): graph
        for file, graph in content.items()
        if file.startswith(prefix) and file.endswith(suffix)
    }
    decoder = graphs.pop(DECODER)
    population = _population(name, content, rows)
    return ModelPart(name, codes["cell"], codes["drug"], decoder, card, codes.get("drug_margin"), graphs, population)


def _population(name: str, content: dict[str, bytes], rows: tuple[int, int]) -> Tensors:
    path = f"{name}/{POPULATION}"
    return _checked(path, _tensors(path, content), population_fault, rows) if path in content else {}


def _tensors(path: str, content: dict[str, bytes]) -> Tensors:
    try:
        tensors: Tensors = load_tensors(content[path])
    except SafetensorError as fault:
        raise BundleError(f"{path}: not a safetensors file ({fault})") from None
    return tensors


def _checked(
    path: str, tensors: Tensors, fault_of: Callable[[Tensors, tuple[int, int]], str], rows: tuple[int, int]
) -> Tensors:
    if wrong := fault_of(tensors, rows):
        raise BundleError(f"{path}: {wrong}")
    return tensors


def _self_test(bundle: Bundle, part: ModelPart) -> None:
    """Score the manifest's pairs again in numpy; this finds wrong content with right hashes, such as shuffled rows."""
    tests: Sequence[Mapping[str, Any]] = part.card["self_test"]
    cells = {row["id"]: i for i, row in enumerate(bundle.cell_lines)}
    drugs = {row["id"]: i for i, row in enumerate(bundle.drugs)}
    try:
        rows = np.array([(cells[t["cell_line"]], drugs[t["drug"]]) for t in tests])
    except KeyError as fault:
        raise BundleError(f"{MANIFEST}: self-test of {part.name} names the unknown id {fault}") from None
    if part.stack:  # scored again by what serves it
        return
    scores = pair_scores(part.cell[rows[:, 0]], part.drug[rows[:, 1]])
    answers = {"score": scores, "probability": calibrated(scores, *part.calibration)}
    if part.drug_margin is not None:
        answers["margin"] = pair_scores(part.cell[rows[:, 0]], part.drug_margin[rows[:, 1]])
    for key, got in answers.items():
        if not all(key in test for test in tests):
            raise BundleError(f"{MANIFEST}: self-test of {part.name} has a pair without {key}")
        gap = float(np.abs(got - np.array([t[key] for t in tests])).max())
        if not gap <= SELF_TEST_TOLERANCE:
            raise BundleError(f"{MANIFEST}: self-test of {part.name} fails: {key} is off by {gap:.2g}")
