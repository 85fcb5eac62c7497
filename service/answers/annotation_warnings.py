"""Warnings of cancer types that few lines have: often general terms, where most lines have a more exact one."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from model.sample import Sample
from service.prediction.predictor import Predictor

FEW_LINES = 5
LISTED = 3


def annotation_warnings(
    predictor: Predictor, samples: Mapping[str, Sample], pointer_to: Callable[[str, Sequence[str]], str]
) -> Iterator[str]:
    """One warning for each sample with a rare cancer type; it names what most lines of the same tissues have."""
    lines = predictor.lines.rows
    counts = Counter(line.cancer_type for line in lines)
    for name, sample in samples.items():
        text = sample.cancer_type
        if not text or not 0 < counts[text] < FEW_LINES:
            continue
        tissues = {line.tissue for line in lines if line.cancer_type == text}
        others = Counter(line.cancer_type for line in lines if line.tissue in tissues and line.cancer_type != text)
        common = ", ".join(f"{other} ({count})" for other, count in others.most_common(LISTED))
        have = "line of the bundle has" if counts[text] == 1 else "lines of the bundle have"
        listed = f"; others of the same tissue: {common}" if common else ""
        yield f"{pointer_to(name, ['cancer_type'])}: {counts[text]} {have} this cancer type{listed}"
