"""A dataset's drug fingerprints computed from its SMILES, so that training and serving read the same bits.

A compound that a user brings has no row in PubChem's table; its bits come from model.molecules. Training on bits of
the same making, instead of on published ones, keeps the two alike.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from model.molecules.faults import MoleculeError
from model.molecules.fingerprints import FINGERPRINT_BITS, Bits, fingerprints
from training.data.schema import DRUG_ID, Dataset, DatasetError, Problem

NOTE = "drug_fingerprints: "


def recompute_fingerprints(dataset: Dataset, file: str = "drugs.parquet") -> Dataset:
    """The dataset with the bits of every drug that has a SMILES recomputed; the others keep theirs, if they have any.

    A note in dataset.json gives both counts. Raises DatasetError naming every drug of `file` whose SMILES gives none.
    """
    drugs = dataset.drugs
    smiles = drugs["smiles"].astype(object)
    has = smiles.map(lambda text: isinstance(text, str) and bool(text.strip())).to_numpy(bool)
    has = has & ~drugs["id"].duplicated().to_numpy(bool)  # validation names the second row
    columns = [f"b{i}" for i in range(FINGERPRINT_BITS)]
    published = dataset.drug_fingerprints
    if published is not None and list(published.columns) != columns:
        return dataset  # validation says what is wrong with this table
    ids = pd.Index(drugs["id"][has], name=DRUG_ID)
    bits = pd.DataFrame(_bits(drugs[has], file), index=ids, columns=columns)
    kept = bits.iloc[:0] if published is None else published[~published.index.isin(ids)]
    parts = [part for part in (bits, kept) if len(part)]
    note = f"{NOTE}{len(bits)} recomputed from SMILES (PubChem keys of parents, MMFF94 aromaticity), "
    note += f"{len(kept)} without SMILES kept as published"
    notes = [text for text in dataset.info.get("notes", []) if not text.startswith(NOTE)]
    return replace(
        dataset,
        drug_fingerprints=pd.concat(parts).rename_axis(DRUG_ID) if parts else None,
        info={**dataset.info, "notes": [*notes, note]},
    )


def _bits(drugs: pd.DataFrame, file: str) -> Bits:
    """Fingerprints of drugs, (n, 881). Raises DatasetError naming every drug whose SMILES gives none."""
    rows, problems = [np.zeros((0, FINGERPRINT_BITS), np.uint8)], []
    for place, drug, smiles in zip(drugs.index, drugs["id"], drugs["smiles"], strict=True):
        try:
            rows.append(fingerprints([smiles]))
        except MoleculeError as fault:
            message = f"{fault}; correct it, or leave it empty to keep a published fingerprint"
            problems.append(Problem(file, str(drug), "smiles", message, position=int(place)))
    if problems:
        raise DatasetError(problems)
    return np.concatenate(rows)
