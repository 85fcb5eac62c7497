"""The aligned arrays that training takes from a dataset: row by row one cell line, column by column one drug."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.encoder_inputs import MODALITIES
from model.molecules.fingerprints import FINGERPRINT_BITS
from training.data.content_hash import content_hash
from training.data.schema import LINE_ID, WIDE, Dataset, id_order

Floats = NDArray[np.floating]
AUTHORITY_IDS = ("sanger_model_id", "cellosaurus_id", "depmap_id", "cosmic_id")  # the first that a line has
Float = NDArray[np.float32]


@dataclass(frozen=True)
class Arrays:
    """Everything by row: cell lines in the order of their ids (N), drugs in the order of theirs (M)."""

    cell_line_ids: list[str]
    drug_ids: list[str]
    ln_ic50: Float  # (N, M) ln µM, NaN = not measured
    sensitive: Float  # (N, M) 1 / 0, NaN = not measured
    threshold: Float  # (M,) ln µM
    features: dict[str, Float]  # modality -> (N, features); rows of lines without it are all NaN
    feature_names: dict[str, list[str]]  # modality -> its columns' gene symbols
    present: dict[str, NDArray[np.bool_]]  # modality -> (N,)
    fingerprints: Float  # (M, 881) 0 / 1, NaN row = none
    tissue: list[str]  # (N,) "" = not known
    cancer_type: list[str]  # (N,) "" = not known
    medium: list[str]  # (N,) growth medium; "" = not known
    line_groups: list[str]  # (N,) lines with one authority id share a group, which no split may cut
    drug_groups: list[str]  # (M,) drugs with one InChIKey skeleton (connectivity) share a group
    targets: list[list[str]]  # (M,) gene symbols or free text, [] = not known
    drug_pathway: list[str]  # (M,) "" = not known
    smiles: list[str]  # (M,) "" = not known
    concentration: Float  # (M,) highest tested one in µM, NaN = not known
    dataset_hash: str
    structures: Path | None = None  # folder that keeps molecule graphs; None: they are made anew each time
    further_drug_ids: frozenset[str] = frozenset()  # drugs beside the published ones, with figures of their own
    authority_ids: tuple[frozenset[str], ...] = ()  # (N,) all ids by which a line is known in other studies

    @property
    def measured(self) -> NDArray[np.bool_]:
        """The pairs with a response, (N, M)."""
        return ~np.isnan(self.ln_ic50)

    @property
    def further(self) -> NDArray[np.bool_]:
        """The drugs beside the published ones, (M,): no fold leaves them out as unseen drugs."""
        return np.array([drug in self.further_drug_ids for drug in self.drug_ids], bool)

    @property
    def bare_lines(self) -> list[str]:
        """Ids of the lines that have none of the three omics tables."""
        tables = [self.present[modality] for modality in MODALITIES if modality in self.present]
        described = np.any(tables, axis=0) if tables else np.zeros(len(self.cell_line_ids), bool)
        return [self.cell_line_ids[i] for i in np.flatnonzero(~described)]


def align(dataset: Dataset) -> Arrays:
    """Lay the tables out as arrays whose rows agree; a modality that the dataset lacks has no entry.

    Takes a dataset that passed `validate`; ids must be unique and known.
    """
    lines = sorted(dataset.cell_lines["id"], key=id_order)
    drugs = sorted(dataset.drugs["id"], key=id_order)
    cells = dataset.cell_lines.set_index("id").loc[lines]
    named = [name for name, key in WIDE.items() if key == LINE_ID]
    tables = {name: table for name in named if (table := getattr(dataset, name)) is not None}
    features = {name: _rows(table, lines) for name, table in tables.items()}
    compounds = dataset.drugs.set_index("id").loc[drugs]
    bits = dataset.drug_fingerprints
    return Arrays(
        cell_line_ids=lines,
        drug_ids=drugs,
        ln_ic50=_matrix(dataset.response, "ln_ic50", lines, drugs),
        sensitive=_matrix(dataset.response, "sensitive", lines, drugs),
        threshold=compounds["threshold_ln_um"].to_numpy(np.float32),
        features=features,
        feature_names={name: list(table.columns) for name, table in tables.items()},
        present={name: pd.Index(lines).isin(table.index) for name, table in tables.items()},
        fingerprints=_rows(pd.DataFrame(columns=range(FINGERPRINT_BITS)) if bits is None else bits, drugs),
        tissue=_texts(cells, "tissue"),
        cancer_type=_texts(cells, "cancer_type"),
        medium=_texts(cells, "medium"),
        line_groups=_groups(cells, AUTHORITY_IDS),
        drug_groups=_groups(compounds.assign(skeleton=compounds["inchikey"].str[:14]), ("skeleton",)),
        targets=[list(names) for names in compounds["targets"]],
        drug_pathway=_texts(compounds, "pathway"),
        smiles=_texts(compounds, "smiles"),
        concentration=_rows(
            pd.DataFrame(columns=[0]) if dataset.concentration is None else dataset.concentration, drugs
        )[:, 0],
        dataset_hash=dataset.info.get("content_hash") or content_hash(dataset),
        further_drug_ids=frozenset(dataset.info.get("further_drugs", ())),
        authority_ids=_authority_ids(cells),
    )


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    return table[column].fillna("").astype(str).tolist()


def _groups(table: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Name of each row's group: its first id among `columns`, else its own id; kinds of ids never meet."""
    groups = pd.Series([f"id:{i}" for i in table.index], table.index, dtype=object)
    for column in reversed(columns):
        known = table[column].notna() & (table[column].astype(str) != "")
        groups[known] = column + ":" + table.loc[known, column].astype(str)
    return groups.tolist()


def _authority_ids(cells: pd.DataFrame) -> tuple[frozenset[str], ...]:
    """Every authority id of each line, named as `_groups` names its first."""
    columns = [[text and f"{column}:{text}" for text in _texts(cells, column)] for column in AUTHORITY_IDS]
    return tuple(frozenset(filter(None, ids)) for ids in zip(*columns, strict=True))


def _rows(table: pd.DataFrame, ids: list[str]) -> Float:
    """Take the table's rows in the order of `ids`, (len(ids), features); an id that the table lacks becomes NaN."""
    place = table.index.get_indexer(pd.Index(ids))
    rows = np.full((len(ids), table.shape[1]), np.nan, np.float32)
    rows[place >= 0] = table.to_numpy()[place[place >= 0]]
    return rows


def _matrix(response: pd.DataFrame, column: str, lines: list[str], drugs: list[str]) -> Float:
    row = pd.Index(lines).get_indexer(pd.Index(response["cell_line_id"]))
    col = pd.Index(drugs).get_indexer(pd.Index(response["drug_id"]))
    matrix = np.full((len(lines), len(drugs)), np.nan, np.float32)
    matrix[row, col] = response[column].to_numpy(np.float32)
    return matrix
