"""Molecule graphs of a dataset's drugs, made in parallel once and kept on disk.

A cache file holds arrays alone (npz, read without pickle) and is named by the InChIKey and a hash of everything else
that shapes the arrays: standard SMILES, number of conformers, seed, RDKit's version and the format below. So nothing
stale is ever read, and a folder may serve several datasets at once.
"""

import hashlib
import os
import zipfile
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import rdBase

from model.molecule_graphs import CONFORMERS, MoleculeGraph, molecule_graph
from model.molecules.faults import MoleculeError
from model.molecules.standard import Standard, standardised

FEW = 32  # molecules that take less time than other processes take to start
FORMAT = 1  # raise it when model.molecule_graphs gives other arrays for the same molecule


class StructureError(ValueError):
    """Drugs whose SMILES gives no graph; the message names each."""


def molecule_graphs(
    smiles: Sequence[str],
    names: Sequence[str],
    cache: Path | None = None,
    conformers: int = CONFORMERS,
    seed: int = 0,
    workers: int | None = None,
) -> list[MoleculeGraph]:
    """Graphs of the drugs called `names`, in their order.

    `workers` processes (default: one a core, of a few molecules this one alone) make what `cache` does not hold. A
    seed gives the same arrays whatever the number of processes. Raises StructureError naming every drug whose SMILES
    is missing or cannot be read; a molecule without conformers is none of these, see `MoleculeGraph.fault`.
    """
    standards = _standards(smiles, names)
    jobs = [(standard, conformers, seed, cache) for standard in standards]
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
    missing = [job for job in jobs if cache is None or not _path(*job).exists()]
    count = min(workers or (os.cpu_count() if len(missing) > FEW else 1) or 1, len(missing))
    if count > 1 and cache is not None:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:  # fork after threads may hang
            deque(pool.map(_fill_cache, missing, chunksize=1), maxlen=0)
    return [_read_or_make(*job) for job in jobs]


def _standards(smiles: Sequence[str], names: Sequence[str]) -> list[Standard]:
    standards, faults = [], []
    for text, name in zip(smiles, names, strict=True):
        try:
            standards.append(standardised(text))
        except MoleculeError as fault:
            faults.append(f"{name}: {fault}")
    if faults:
        listed = "; ".join(faults[:20]) + (f"; and {len(faults) - 20} more" if len(faults) > 20 else "")
        raise StructureError(f"drugs without a structure: {listed}; give their SMILES or leave the drugs out")
    return standards


def _fill_cache(job: tuple[Standard, int, int, Path | None]) -> None:
    """Make one graph in a worker process; the result goes to disk, not through a pipe."""
    _read_or_make(*job)


def _read_or_make(standard: Standard, conformers: int, seed: int, cache: Path | None) -> MoleculeGraph:
    """Read from the cache, or make and put there; a damaged file is made again."""
    if cache is None:
        return molecule_graph(standard.smiles, conformers, seed)
    path = _path(standard, conformers, seed, cache)
    if path.exists():
        try:
            return _read(path)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
    graph = molecule_graph(standard.smiles, conformers, seed)
    _write(graph, path)
    return graph


def _path(standard: Standard, conformers: int, seed: int, cache: Path | None) -> Path:
    settings = f"{FORMAT}/{rdBase.rdkitVersion}/{standard.smiles}/{conformers}/{seed}"
    name = f"{standard.inchikey}-{hashlib.sha256(settings.encode()).hexdigest()[:12]}.npz"
    return (cache or Path()) / name


def _write(graph: MoleculeGraph, path: Path) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.writing")  # two processes may make one molecule at once
    with temporary.open("wb") as file:
        arrays: dict[str, Any] = {field.name: np.asarray(getattr(graph, field.name)) for field in fields(graph)}
        np.savez_compressed(file, **arrays)
    temporary.replace(path)


def _read(path: Path) -> MoleculeGraph:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
        arrays = {field.name: content[field.name] for field in fields(MoleculeGraph)}
    return MoleculeGraph(**{**arrays, "fault": str(arrays["fault"])})
