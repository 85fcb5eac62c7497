"""Export of a trained DiM2-DRP network as ONNX graphs that need no torch, with a manifest that says what to feed them.

Factors, offset and scale of the dataset's lines and drugs are written to offset.safetensors. The pair network weights
what it adds to the offset with the run's share, so that its answer is that of `Dim2Fit.ln_ic50`, which was trained
without the validation tenth of the pairs.
"""

from pathlib import Path
from typing import Any

from safetensors.numpy import save as save_arrays

from model.bundle.files import replace_folder, sha256, write_json
from training.data.schema import Dataset
from training.export.network_graphs import PAIR_GRAPH, network_graphs, offset_tables
from training.export.network_manifest import manifest_of
from training.export.network_parity import check_parity
from training.export.trained_network import read_trained_network
from training.runs.folder import RunError

OFFSET, MANIFEST = "offset.safetensors", "manifest.json"


def export_network(dataset: Dataset, run: Path, target: Path) -> dict[str, Any]:
    """Write the folder `target` and return its manifest.

    Raises RunError for a run that is not DiM2-DRP's, not finished or not of this dataset, and ParityError where ONNX
    Runtime and torch differ by more than TOLERANCE in a code or in ln IC50; nothing is written then.
    """
    refuse_other_folder(target)
    trained = read_trained_network(dataset, run)
    offset = offset_tables(trained.inputs) if trained.config.offset else {}
    graphs = network_graphs(trained)
    manifest = manifest_of(
        graphs, dataset.info, trained.arrays, trained.config, trained.training, trained.lines.columns
    )
    manifest["drugs_without_geometry"] = {
        identifier: graph.fault
        for identifier, graph in zip(trained.arrays.drug_ids, trained.graphs, strict=True)
        if graph.fault and trained.config.drug_3d
    }
    manifest["parity"] = check_parity(graphs, trained, offset)
    files = {f"{name}.onnx": graph for name, graph in graphs.items()}
    files |= {OFFSET: save_arrays(offset)} if offset else {}
    manifest["files"] = {name: sha256(content) for name, content in files.items()}
    with replace_folder(target) as staging:
        for name, content in files.items():
            (staging / name).write_bytes(content)
        write_json(staging / MANIFEST, manifest)
    return manifest


def refuse_other_folder(target: Path) -> None:
    """Raise RunError where `target` is there and is no earlier export, which alone is replaced."""
    if target.is_file() or (
        target.exists() and any(target.iterdir()) and not (target / f"{PAIR_GRAPH}.onnx").exists()
    ):
        raise RunError(f"{target}: holds something else; give another folder")
