"""What methods read of drugs: structure by two fingerprints, targets as genes, pathway; and kernels of them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.estimators.kernels import DrugViews, jaccard, structural
from model.molecules.faults import MoleculeError
from model.molecules.fingerprints import ECFP_BITS, PROPERTIES, ecfp4, properties
from model.targets import own_pathway, target_genes
from training.data.arrays import Arrays, Floats
from training.features.names import known_names, many_hot, one_hot, one_hot_of
from training.features.table_fit import Rows, fit_table


def fingerprint_bits(arrays: Arrays) -> Tensor:
    """PubChem bits, (M, 881); a drug without has zeros."""
    return torch.from_numpy(np.nan_to_num(arrays.fingerprints))


def ecfp_bits(arrays: Arrays) -> Tensor:
    """ECFP4 bits, (M, 1024); a drug without a SMILES that can be read has zeros."""
    return torch.from_numpy(np.stack([_ecfp(text) for text in arrays.smiles]))


def _ecfp(smiles: str) -> NDArray[np.float32]:
    try:
        return np.asarray(ecfp4([smiles])[0], np.float32)
    except MoleculeError:
        return np.zeros(ECFP_BITS, np.float32)


def drug_properties(arrays: Arrays) -> Floats:
    """Properties of the drugs (model.molecules.fingerprints), (M, 6); NaN without a SMILES that can be read."""
    return np.array([_properties(text) for text in arrays.smiles])


def _properties(smiles: str) -> NDArray[np.float64]:
    try:
        (found,) = properties([smiles])
        return np.asarray(found, np.float64)
    except MoleculeError:
        return np.full(len(PROPERTIES), np.nan)


def targets_of(arrays: Arrays) -> list[list[str]]:
    """Gene symbols of each drug's targets."""
    return [target_genes(names) for names in arrays.targets]


def pathways_of(arrays: Arrays) -> list[str]:
    """Pathway of each drug; "" for one that is not known or has none of its own."""
    return [own_pathway(name) for name in arrays.drug_pathway]


def drug_views(arrays: Arrays) -> DrugViews:
    """What model.estimators.kernels.drug_similarity compares, of every drug."""
    targets, pathway = many_hot(targets_of(arrays)), one_hot(pathways_of(arrays))
    return DrugViews(fingerprint_bits(arrays), ecfp_bits(arrays), targets, pathway)


def drug_kernels(arrays: Arrays) -> dict[str, Floats]:
    """Similarity of structure, Jaccard of targets and same pathway, each (M, M) in [0, 1]; an unknown one is 0."""
    bits, ecfp, targets, pathway = drug_views(arrays)
    return {
        "structure": structural(bits, ecfp, bits, ecfp).double().numpy(),
        "target": jaccard(targets, targets).double().numpy(),
        "pathway": (pathway @ pathway.T).double().numpy(),
    }


def drug_kernel(arrays: Arrays) -> Floats:
    """Mean of the three `drug_kernels`, (M, M) in [0, 1]."""
    structure, target, pathway = drug_kernels(arrays).values()
    return (structure + target + pathway) / 3


def drug_blocks(arrays: Arrays, fit: Rows, width: int) -> dict[str, Floats]:
    """The first `width` fingerprint components, targets that two drugs of `fit` share, and pathway, each (M, …)."""
    bits = fingerprint_bits(arrays)
    targets = many_hot(targets_of(arrays)).numpy()
    everyone = torch.ones(len(bits), dtype=torch.bool)
    return {
        "fingerprint": fit_table(bits, torch.from_numpy(fit), scale=False).block(bits, everyone, width),
        "target": targets[:, targets[fit].sum(0) >= 2],
        "pathway": one_hot_of(pathways_of(arrays), known_names(pathways_of(arrays), fit)),
    }
