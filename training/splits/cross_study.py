"""Train on one study, test on another: GDSC → CCLE and the like.

Both studies are laid out as one set of arrays. Every line of the second study is a node of its own, with that study's
own features, even where the first study has the line too: it enters as a new sample would. Drugs are the same when
their InChIKey skeleton is. Features are those that both studies name alike, in the same units.
"""

from dataclasses import dataclass, replace

import numpy as np

from model.encoder_inputs import MODALITIES
from training.data.arrays import Arrays, Floats
from training.data.schema import Dataset
from training.splits.splits import Split, SplitName, training_split

PROTOCOL = "transfer"


@dataclass(frozen=True)
class StudyPair:
    """Both studies over the first one's drugs; the first `n_first` lines are the first study's.

    `left_out` counts, by study, lines without any of the shared tables: nothing could be said of them.
    """

    arrays: Arrays
    n_first: int
    shared_drugs: int
    left_out: tuple[int, int]


def join_studies(first: Arrays, second: Arrays) -> StudyPair:
    """Lay both studies out as one; ids of the second study's lines are marked "2:".

    Raises ValueError when the studies share no drug or no omics table.
    """
    column = {group: j for j, group in reversed(list(enumerate(first.drug_groups))) if not _is_private(group)}
    shared = [(column[group], j) for j, group in enumerate(second.drug_groups) if group in column]
    if not shared:
        raise ValueError("transfer: the two datasets share no drug (InChIKey skeleton); give their SMILES at import")
    modalities = [m for m in first.features if m in second.features]
    names = {m: sorted(set(first.feature_names[m]) & set(second.feature_names[m])) for m in modalities}
    names = {m: genes for m, genes in names.items() if genes}
    if not names:
        raise ValueError("transfer: the two datasets share no omics table with the same genes")
    before = len(first.cell_line_ids), len(second.cell_line_ids)
    first, second = (_with_tables(study, list(names)) for study in (first, second))
    n, m = len(second.cell_line_ids), len(first.drug_ids)
    values = {key: np.full((n, m), np.nan, np.float32) for key in ("ln_ic50", "sensitive")}
    for into, source in shared:
        for key, matrix in values.items():
            more = getattr(second, key)[:, source]  # of two salts of a drug, the first that was measured
            matrix[:, into] = np.where(np.isnan(matrix[:, into]), more, matrix[:, into])
    both = replace(
        first,
        cell_line_ids=[*first.cell_line_ids, *(f"2:{i}" for i in second.cell_line_ids)],
        ln_ic50=np.concatenate([first.ln_ic50, values["ln_ic50"]]),
        sensitive=np.concatenate([first.sensitive, values["sensitive"]]),
        features={m: np.concatenate([_columns(a, m, genes) for a in (first, second)]) for m, genes in names.items()},
        feature_names=names,
        present={m: np.concatenate([first.present[m], second.present[m]]) for m in names},
        tissue=[*first.tissue, *second.tissue],
        cancer_type=[*first.cancer_type, *second.cancer_type],
        medium=[*first.medium, *second.medium],
        line_groups=[*first.line_groups, *_groups_there(first, second)],
        authority_ids=(*first.authority_ids, *second.authority_ids),
        dataset_hash=f"{first.dataset_hash}+{second.dataset_hash}",
    )
    left_out = before[0] - len(first.cell_line_ids), before[1] - n
    return StudyPair(both, len(first.cell_line_ids), len({into for into, _ in shared}), left_out)


def cross_study_splits(both: Arrays, n_first: int, seed: int) -> dict[str, Split]:
    """Train and validate on the first `n_first` lines (validation leaves lines out), test on the second study.

    "all-lines": every pair of the second study. "new-lines": only pairs of lines that the first study does not have.
    """
    groups = set(both.line_groups[:n_first])
    second = np.arange(len(both.cell_line_ids)) >= n_first
    new = second & np.array([group not in groups for group in both.line_groups])
    learnt = replace(both, ln_ic50=np.where(second[:, None], np.nan, both.ln_ic50))
    within = training_split(learnt, SplitName.LCO, seed)
    tests = {"all-lines": second, "new-lines": new}
    return {
        name: Split(within.train, within.validation, both.measured & rows[:, None], within.development)
        for name, rows in tests.items()
        if (both.measured & rows[:, None]).any()
    }


def refuse_other_units(first: Dataset, second: Dataset) -> None:
    """Raise ValueError for a table that both studies have in different units, naming it and both units."""
    units = [study.info.get("units", {}) for study in (first, second)]
    for table in ("response", *MODALITIES):
        one, other = (unit.get(table) for unit in units)
        if one and other and one != other:
            raise ValueError(f"transfer: {table} is {one!r} here and {other!r} there; import both in the same units")


def _with_tables(study: Arrays, modalities: list[str]) -> Arrays:
    """The lines that have one of the tables."""
    rows = np.flatnonzero(np.any([study.present[m] for m in modalities], axis=0))

    def of_rows(values: list[str]) -> list[str]:
        return [values[i] for i in rows]

    return replace(
        study,
        cell_line_ids=of_rows(study.cell_line_ids),
        tissue=of_rows(study.tissue),
        cancer_type=of_rows(study.cancer_type),
        medium=of_rows(study.medium),
        line_groups=of_rows(study.line_groups),
        authority_ids=tuple(study.authority_ids[i] for i in rows),
        ln_ic50=study.ln_ic50[rows],
        sensitive=study.sensitive[rows],
        features={m: study.features[m][rows] for m in modalities},
        present={m: study.present[m][rows] for m in modalities},
    )


def _groups_there(first: Arrays, second: Arrays) -> list[str]:
    """Groups of the second study's lines: that of a line of the first with which one shares any authority id."""
    known = {i: group for ids, group in zip(first.authority_ids, first.line_groups, strict=True) for i in ids}
    return [
        next((known[i] for i in sorted(ids) if i in known), f"2:{group}" if _is_private(group) else group)
        for ids, group in zip(second.authority_ids, second.line_groups, strict=True)
    ]


def _is_private(group: str) -> bool:
    """Whether a group is a row's own id alone, which means nothing in another study."""
    return group.startswith("id:")


def _columns(arrays: Arrays, modality: str, genes: list[str]) -> Floats:
    place = {name: i for i, name in enumerate(arrays.feature_names[modality])}
    return arrays.features[modality][:, [place[gene] for gene in genes]]
