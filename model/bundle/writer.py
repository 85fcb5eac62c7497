"""Writing a bundle: as a whole, and only when it passes its own verification."""

import re
from pathlib import Path

import numpy as np
from safetensors.numpy import save as save_tensors

from model.bundle.bundle import DECODER, EMBEDDINGS, POPULATION, STACK, TABLES, Bundle, ModelPart
from model.bundle.card import Manifest
from model.bundle.files import content_hash, payload, replace_folder, sha256, write_json
from model.bundle.fixed_point import pack
from model.bundle.identifiers import NAME, write_identifiers
from model.bundle.manifest import FORMAT, MANIFEST, BundleError
from model.bundle.model_card import model_card_text
from model.bundle.reader import read_bundle

MODEL_CARD = "MODEL_CARD.md"


def write_bundle(target: Path, bundle: Bundle) -> Manifest:
    """Write `bundle` to the folder `target` and return its manifest with the hashes filled in.

    Everything goes to a sibling folder first and is read back and verified there, so `target` is either the old
    bundle or the new one. Raises BundleError when the written bundle does not pass its own verification.
    """
    with replace_folder(target) as staging:
        for name, rows in zip(TABLES, (bundle.cell_lines, bundle.drugs), strict=True):
            write_json(staging / name, rows)
        for part in bundle.models.values():
            _refuse_names(part)
            folder = staging / part.name
            folder.mkdir()
            if part.population:
                (folder / POPULATION).write_bytes(save_tensors(part.population))
            if part.stack:
                (folder / STACK).write_bytes(save_tensors(part.stack))
                continue
            codes = {"cell": part.cell, "drug": part.drug, "drug_margin": part.drug_margin}
            given = {key: np.ascontiguousarray(code) for key, code in codes.items() if code is not None}
            (folder / EMBEDDINGS).write_bytes(save_tensors(pack(given)))
            for name, graph in {**part.graphs, DECODER: part.decoder}.items():
                (folder / f"{name}.onnx").write_bytes(graph)
        write_identifiers(staging, bundle.identifiers)
        cards = {part.name: part.card for part in bundle.models.values()}
        return finish_bundle(staging, {**bundle.manifest, "format": FORMAT, "models": cards})


def finish_bundle(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest as `write_manifest` does, verify the folder, and write the default model's card in prose.

    The card is no part of the bundle and has no hash. Raises BundleError.
    """
    hashed = write_manifest(folder, manifest)
    bundle = read_bundle(folder)
    (folder / MODEL_CARD).write_text(model_card_text(bundle, bundle.default_model), encoding="utf-8")
    return hashed


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the hashes of all other files of the folder and of itself, and return it."""
    unlisted = {MANIFEST, MODEL_CARD}
    files = {path: sha256((folder / path).read_bytes()) for path in payload(folder) if path not in unlisted}
    hashed: Manifest = {**manifest, "files": files}
    hashed["content_hash"] = content_hash(hashed)
    write_json(folder / MANIFEST, hashed)
    return hashed


def _refuse_names(part: ModelPart) -> None:
    if not re.fullmatch(NAME, part.name):
        raise BundleError(f"a model cannot be called {part.name!r}; use a-z, 0-9 and _")
    for name in part.graphs:
        if name == DECODER or not re.fullmatch(NAME, name):
            raise BundleError(f"{part.name}: a graph cannot be called {name!r}; use a-z, 0-9 and _, not {DECODER!r}")
