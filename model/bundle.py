"""The bundle: what training hands to serving. Written once, verified whole, read without pickle.

manifest.json               format, models, dataset, metrics, calibration, sha256 of every file, self-test
cell_lines.json drugs.json  id tables; a row's place is its row in the embeddings
<model>/embeddings.safetensors   cell (N, w), drug (M, w) and, where the model estimates ln IC50 apart from the score,
                                 drug_margin (M, w) float32 codes, see model.scoring
<model>/decoder.onnx             cell (n, w), drug (n, w) -> score (n,), probability (n,)
<model>/<name>.onnx              further graphs, where the model has any
<model>/population.safetensors   where it places new ones: the training population in short, see ModelPart
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from model.bundle_arrays import codes_fault, population_fault
from model.bundle_files import content_hash, parse_json, payload, replaced, sha256, write_json
from model.scoring import calibrated, pair_scores

FORMAT = 2  # 1: no margin codes, no further graphs; still read
MANIFEST = "manifest.json"
TABLES = ("cell_lines.json", "drugs.json")
SELF_TEST_TOLERANCE = 1e-6
DECODER = "decoder"  # the one graph that every model has
POPULATION = "population.safetensors"

Row = dict[str, Any]
Tensors = dict[str, NDArray[Any]]  # by name


class BundleError(Exception):
    """A bundle that must not be served; the message names the file and the reason."""


@dataclass(frozen=True)
class ModelPart:
    """One model of a bundle: its codes, its decoder graph and what the manifest says of it.

    `card["regression"]`, where the model predicts ln IC50, holds slope, intercept and half_width_sd, the half-width of
    the prediction interval in the drug's standard deviations; each drug's row then has ln_ic50_sd. They apply to the
    margin, the inner product of cell and drug_margin codes, which is the score where there are no such codes.
    `graphs` are further ONNX files by name; what they are for is their writer's and reader's matter.
    `population`, where the model has it: line_nearest (N, k) and drug_nearest (M, k) int32, rows of the id tables;
    line_closeness (N, k), drug_similarity (M, k) and line_weights (N, 3), the modality weights, float32; mean and
    deviation of the genes of each panel, (p,).
    """

    name: str
    cell: NDArray[np.float32]  # (N, w)
    drug: NDArray[np.float32]  # (M, w)
    decoder: bytes
    card: Row
    drug_margin: NDArray[np.float32] | None = None  # (M, w)
    graphs: dict[str, bytes] = field(default_factory=dict)
    population: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def calibration(self) -> tuple[float, float]:
        """Slope and intercept of the Platt scaling."""
        return float(self.card["calibration"]["slope"]), float(self.card["calibration"]["intercept"])


@dataclass(frozen=True)
class Bundle:
    """A verified bundle in memory. Row i of `cell_lines` is row i of every model's `cell`, likewise for drugs."""

    manifest: Row
    cell_lines: list[Row]
    drugs: list[Row]
    models: dict[str, ModelPart]

    @property
    def version(self) -> str:
        """Name and content hash: two bundles with the same version give the same answers and the same cards."""
        return f"{self.manifest['name']}@{self.manifest['content_hash'][:12]}"

    @property
    def default_model(self) -> str:
        """The model that answers when the caller names none."""
        return str(self.manifest["default_model"])


def write_bundle(target: Path, bundle: Bundle) -> Row:
    """Write `bundle` to the folder `target` and return its manifest with the hashes filled in.

    Everything goes to a sibling folder first and is read back and verified there, so `target` is either the old
    bundle or the new one. Raises BundleError when the written bundle does not pass its own verification.
    """
    with replaced(target) as staging:
        for name, rows in zip(TABLES, (bundle.cell_lines, bundle.drugs), strict=True):
            write_json(staging / name, rows)
        for part in bundle.models.values():
            folder = staging / part.name
            folder.mkdir()
            codes = {"cell": part.cell, "drug": part.drug, "drug_margin": part.drug_margin}
            given = {key: np.ascontiguousarray(code) for key, code in codes.items() if code is not None}
            (folder / "embeddings.safetensors").write_bytes(save_tensors(given))
            if part.population:
                (folder / POPULATION).write_bytes(save_tensors(part.population))
            for name, graph in {**_further_graphs(part), DECODER: part.decoder}.items():
                (folder / f"{name}.onnx").write_bytes(graph)
        files = {path: sha256((staging / path).read_bytes()) for path in payload(staging)}
        manifest = {
            **bundle.manifest,
            "format": FORMAT,
            "models": {part.name: part.card for part in bundle.models.values()},
            "files": files,
        }
        manifest["content_hash"] = content_hash(manifest)
        write_json(staging / MANIFEST, manifest)
        read_bundle(staging)
    return manifest


def read_bundle(folder: Path) -> Bundle:
    """Read and verify the bundle in `folder`.

    The manifest is compared with its content hash and every file's sha256 with the manifest, every table and array is
    checked (shape, finite, no constant row, unique ids), and the self-test pairs are scored again.
    Raises BundleError naming the file and the reason.
    """
    manifest = _manifest(folder)
    content = dict(_verified_files(folder, manifest["files"]))
    tables = [_table(name, content[name]) for name in TABLES]
    models = {
        name: _model_part(name, card, content, rows=(len(tables[0]), len(tables[1])))
        for name, card in manifest["models"].items()
    }
    if manifest["default_model"] not in models:
        raise BundleError(f"{MANIFEST}: default_model {manifest['default_model']!r} is not among {sorted(models)}")
    bundle = Bundle(manifest, tables[0], tables[1], models)
    for part in models.values():
        _self_test(bundle, part)
    return bundle


def _manifest(folder: Path) -> Row:
    path = folder / MANIFEST
    try:
        manifest = parse_json(path.read_bytes())
    except OSError as fault:
        raise BundleError(f"{path}: {fault.strerror}; give the folder that `drp export` wrote") from None
    except ValueError as fault:
        raise BundleError(f"{path}: not JSON ({fault})") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise BundleError(f"{path}: no integer field 'format'; this is not a bundle's manifest")
    if manifest["format"] > FORMAT:
        raise BundleError(
            f"{path}: format {manifest['format']} is newer than {FORMAT}, the newest this version reads; update it"
        )
    needed = {"name", "content_hash", "default_model", "models", "files", "dataset", "metrics"}
    if missing := sorted(needed - manifest.keys()):
        raise BundleError(f"{path}: missing fields {missing}")
    if manifest["content_hash"] != content_hash(manifest):
        raise BundleError(f"{path}: content_hash does not match; the file is damaged or edited by hand")
    if unlisted := sorted(set(TABLES) - manifest["files"].keys()):
        raise BundleError(f"{path}: files {unlisted} have no sha256")
    return manifest


def _verified_files(folder: Path, files: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, expected in files.items():
        try:
            content = (folder / name).read_bytes()
        except OSError as fault:
            raise BundleError(f"{folder / name}: cannot be read ({fault.strerror})") from None
        if sha256(content) != expected:
            raise BundleError(f"{folder / name}: sha256 differs from the manifest; the file is damaged, copy it again")
        yield name, content


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


def _model_part(name: str, card: Row, content: dict[str, bytes], rows: tuple[int, int]) -> ModelPart:
    for needed in ("embeddings.safetensors", "decoder.onnx"):
        if f"{name}/{needed}" not in content:
            raise BundleError(f"{name}/{needed}: listed nowhere in the manifest")
    codes = _tensors(f"{name}/embeddings.safetensors", content, codes_fault, rows)
    prefix, suffix = f"{name}/", ".onnx"
    graphs = {
        file.removeprefix(prefix).removesuffix(suffix): graph
        for file, graph in content.items()
        if file.startswith(prefix) and file.endswith(suffix)
    }
    decoder = graphs.pop(DECODER)
    population: Tensors = {}
    if (path := f"{name}/{POPULATION}") in content:
        population = _tensors(path, content, population_fault, rows)
    return ModelPart(name, codes["cell"], codes["drug"], decoder, card, codes.get("drug_margin"), graphs, population)


def _tensors(
    path: str, content: dict[str, bytes], fault_of: Callable[[Tensors, tuple[int, int]], str], rows: tuple[int, int]
) -> Tensors:
    try:
        tensors: Tensors = load_tensors(content[path])
    except SafetensorError as fault:
        raise BundleError(f"{path}: not a safetensors file ({fault})") from None
    if wrong := fault_of(tensors, rows):
        raise BundleError(f"{path}: {wrong}")
    return tensors


def _further_graphs(part: ModelPart) -> dict[str, bytes]:
    for name in part.graphs:
        if name == DECODER or not re.fullmatch(r"[a-z0-9_]+", name):
            raise BundleError(f"{part.name}: a graph cannot be called {name!r}; use a-z, 0-9 and _, not {DECODER!r}")
    return part.graphs


def _self_test(bundle: Bundle, part: ModelPart) -> None:
    """Score the manifest's pairs again in numpy: right hashes over wrong content (rows shuffled, say) stop here."""
    tests = part.card["self_test"]
    cells = {row["id"]: i for i, row in enumerate(bundle.cell_lines)}
    drugs = {row["id"]: i for i, row in enumerate(bundle.drugs)}
    try:
        rows = np.array([(cells[t["cell_line"]], drugs[t["drug"]]) for t in tests])
    except KeyError as fault:
        raise BundleError(f"{MANIFEST}: self-test of {part.name} names the unknown id {fault}") from None
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
