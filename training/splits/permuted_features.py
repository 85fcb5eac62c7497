"""Features dealt out at random: a method that does not lose by it is not using them."""

from dataclasses import replace
from enum import StrEnum

import numpy as np

from training.data.arrays import Arrays


class FeaturePermutation(StrEnum):
    """Whose features are shuffled among them."""

    NONE = "none"
    LINES = "lines"
    DRUGS = "drugs"


def permute_features(arrays: Arrays, what: FeaturePermutation, seed: int) -> Arrays:
    """The same responses and ids, with all features of lines (or of drugs) moved together to other lines (drugs).

    Omics tables, tissue, cancer type and medium of a line stay together, as do fingerprint, SMILES, targets and
    pathway of a drug, so that only the link to the responses is lost.
    """
    rng = np.random.default_rng(seed)
    if what is FeaturePermutation.LINES:
        order = rng.permutation(len(arrays.cell_line_ids))
        return replace(
            arrays,
            features={name: table[order] for name, table in arrays.features.items()},
            present={name: has[order] for name, has in arrays.present.items()},
            tissue=[arrays.tissue[i] for i in order],
            cancer_type=[arrays.cancer_type[i] for i in order],
            medium=[arrays.medium[i] for i in order],
        )
    if what is FeaturePermutation.DRUGS:
        order = rng.permutation(len(arrays.drug_ids))
        return replace(
            arrays,
            fingerprints=arrays.fingerprints[order],
            targets=[arrays.targets[i] for i in order],
            drug_pathway=[arrays.drug_pathway[i] for i in order],
            smiles=[arrays.smiles[i] for i in order],
        )
    return arrays
