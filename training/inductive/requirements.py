"""What a dataset must have so that new samples and compounds can get predictions."""

import numpy as np
from numpy.typing import NDArray

from model.encoder_inputs import MODALITIES
from training.data.arrays import Arrays

PLACED_PLATFORM = "rnaseq_log2_tpm1"  # what the service reads, and checks the range of, in a new sample


class NotPlaceableError(ValueError):
    """New samples and compounds have no graphs with these settings or this data; the message says which."""


def refuse_no_tables(arrays: Arrays, lines: NDArray[np.bool_]) -> None:
    """Raise NotPlaceableError where no training line has any of the three omics tables; one of them is enough."""
    if not any((arrays.present[m] & lines).any() for m in MODALITIES if m in arrays.present):
        raise NotPlaceableError(f"no training line has any of {list(MODALITIES)}; new samples are placed by these")


def refuse_other_platform(platform: str | None) -> None:
    """Raise NotPlaceableError where the dataset's expression is not what a new sample brings; None is no expression.

    A sample's log2(TPM+1) would stand beside z-scores as if both were one scale.
    """
    if platform not in (PLACED_PLATFORM, None):
        raise NotPlaceableError(
            f"expression_platform {platform!r}: trained on expression of another unit than the log2(TPM+1) that new "
            "samples bring; import the dataset with RNA-seq expression as log2(TPM+1) and train again"
        )
