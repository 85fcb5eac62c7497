"""Two bundles as one: the models of a further bundle beside those of the first, whose tables and names stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Final

import numpy as np

from model.bundle.bundle import TABLES, Bundle
from model.bundle.card import Manifest, Row
from model.bundle.manifest import MANIFEST, BundleError
from model.bundle.reader import read_bundle

SCALES = ("threshold_ln_um", "ln_ic50_sd")  # of a drug: ln IC50 follows from them, so both bundles must mean the same
SAME = 1e-5  # relative
OTHER_ASSAY: Final = "other_assay_half_width_ln_um"


def read_bundles(folder: Path, further: Path | None) -> Bundle:
    """The bundle in `folder`, with the models of the one in `further` beside its own where one is given.

    Raises BundleError where either is refused (model.bundle.reader), or where they do not go together.
    """
    bundle = read_bundle(folder)
    return bundle if further is None else merged(bundle, read_bundle(further), further)


def merged(bundle: Bundle, further: Bundle, folder: Path) -> Bundle:
    """`bundle` with the models of `further`, which lies in `folder`, beside its own.

    Tables and the default model stay those of `bundle`, and its names of genes, lines and drugs come before the
    other's; the version names both. Raises BundleError where the datasets, rows of the tables, thresholds or
    deviations of the drugs or what another assay adds differ, or a model of this name is in both.
    """
    for name, rows, others in zip(
        TABLES, (bundle.cell_lines, bundle.drugs), (further.cell_lines, further.drugs), strict=True
    ):
        if fault := _rows_fault(rows, others):
            raise BundleError(f"{folder / name}: {fault}; export both bundles from runs on one dataset")
    ours, theirs = (one.manifest["dataset"].get("content_hash") for one in (bundle, further))
    if ours is None or ours != theirs:
        raise BundleError(
            f"{folder / MANIFEST}: of dataset {str(theirs)[:12]}, the first bundle of {str(ours)[:12]}; export both "
            "bundles from runs on one dataset"
        )
    if both := sorted(bundle.models.keys() & further.models.keys()):
        raise BundleError(f"{folder / MANIFEST}: model {both[0]!r} is in both bundles; export one of them without it")
    widths = {one.manifest[OTHER_ASSAY] for one in (bundle, further) if OTHER_ASSAY in one.manifest}
    if len(widths) > 1:
        raise BundleError(
            f"{folder / MANIFEST}: {OTHER_ASSAY} is {further.manifest[OTHER_ASSAY]}, in the first bundle "
            f"{bundle.manifest[OTHER_ASSAY]}; export both bundles with one version"
        )
    return replace(
        bundle,
        manifest=_manifest(bundle.manifest, further.manifest),
        models=bundle.models | further.models,
        identifiers=_identifiers(bundle.identifiers, further.identifiers),
        further_version=further.version,
    )


def _rows_fault(rows: Sequence[Row], others: Sequence[Row]) -> str:
    """How the other bundle's rows differ from the first's; empty where they do not."""
    for i, (row, other) in enumerate(zip_longest(rows, others, fillvalue=Row())):
        if row.get("id") != other.get("id"):
            return f"row {i} has id {other.get('id')!r}, in the first bundle {row.get('id')!r}"
        for key in SCALES:
            try:
                one, two = (float("nan" if one.get(key) is None else one[key]) for one in (row, other))
            except (TypeError, ValueError) as fault:
                return f"{row['id']!r} has no number as {key} ({fault})"
            if not np.isclose(one, two, rtol=SAME, atol=0, equal_nan=True):
                return f"{row['id']!r} has {key} {two}, in the first bundle {one}"
    return ""


def _manifest(first: Manifest, further: Manifest) -> Manifest:
    """The first's manifest with models, metrics and files of the other; its files stand under its name."""
    metrics = {
        name: one["metrics"][name] for one in (first, further) for name in one["models"] if name in one["metrics"]
    }
    metrics["baselines"] = {**further["metrics"].get("baselines", {}), **first["metrics"].get("baselines", {})}
    files = {f"{further['name']}/{path}": sha256 for path, sha256 in further["files"].items()}
    return {
        **further,
        **first,
        "models": {**first["models"], **further["models"]},
        "metrics": metrics,
        "files": {**first["files"], **files},
    }


def _identifiers(first: Mapping[str, list[Row]], further: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """The first's tables and those that it lacks; a gene that the first lacks joins its table, by symbol."""
    tables = {**further, **first}
    if "genes" in tables:
        genes = [row for one in (further, first) for row in one.get("genes", [])]
        tables["genes"] = list({str(row.get("symbol")).upper(): row for row in genes}.values())
    return tables
