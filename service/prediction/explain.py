"""What carried a prediction: nearest training lines and drugs, modality weights, and of a new sample the genes.

Genes by occlusion: one gene at a time is set to missing, which is the mean of the training lines, and the sample is
placed and scored again; the difference is what the measured value adds. Tried are the genes that deviate most from
that mean, in the training lines' deviations: a gene at the mean adds exactly nothing. On 25 GDSC lines × 8 drugs they
held 98.5 % of the ten genes that trying all 2,054 finds (docs/model.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.encoder_inputs import MODALITIES, Feed
from model.scoring import calibrated, pair_scores
from service.prediction.catalogue import Catalogue
from service.prediction.embeddings import Float
from service.prediction.encoders import Encoders, Newcomers, NewDrugs, NewLines
from service.prediction.predictor import Answers, Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.explanations import Explanation, GeneChange, Genes, Share

MOST_TRIED = {"expression": 120, "copy_number": 40, "mutation": 40}
NEAREST, TOP_GENES = 5, 10
METHOD = "occlusion"


def explanations(predictor: Predictor, model: str, answers: Answers, new: Newcomers) -> list[Explanation]:
    """One of every answer."""
    part, served = predictor.bundle.models[model], predictor.models[model]
    drug_codes = new.beside(served.codes).drug
    samples = sorted({int(line) - len(predictor.lines) for line in answers.cells if line >= len(predictor.lines)})
    occluded = {sample: _occluded(served.encoders, part.population, new.lines, sample) for sample in samples}
    out = []
    for line, drug in zip(answers.cells.tolist(), answers.drugs.tolist(), strict=True):
        sample = line - len(predictor.lines)
        without = occluded.get(sample)
        out.append(
            Explanation(
                cell_lines=_nearest(predictor.lines, new.lines, line, part.population, "line", "closeness"),
                drugs=_nearest(predictor.drugs, new.drugs, drug, part.population, "drug", "similarity"),
                modality_weights=_weights(new.lines, sample, part.population, line),
                genes=None if without is None else _genes(without, drug_codes[drug], part.calibration),
            )
        )
    return out


@dataclass(frozen=True)
class Occluded:
    """A new sample's code, (1, w), its codes without one gene each, (n, w), and table and symbol of these genes."""

    own: Float
    codes: Float
    genes: list[tuple[str, str]]


def _occluded(
    encoders: Encoders | None, told: dict[str, NDArray[Any]], lines: NewLines | None, sample: int
) -> Occluded | None:
    if encoders is None or lines is None or not told:
        return None
    feed, names = lines.feeds[sample], encoders.entry["genes"]
    tried = [(modality, gene) for modality in MODALITIES for gene in _deviating(modality, feed[modality][0], told)]
    # The sample and its variants in one run: the last bits of a row depend on its company.
    codes = encoders.line_codes(_variants(feed, tried))
    return Occluded(codes[:1], codes[1:], [(modality, names[modality][gene]) for modality, gene in tried])


def _genes(sample: Occluded, drug: Float, calibration: tuple[float, float]) -> Genes:
    """The genes that change the score with a drug most, most first. Shape: drug (w,)."""
    own, without = (pair_scores(codes, drug[None, :]) for codes in (sample.own, sample.codes))
    score, probability = own - without, calibrated(own, *calibration) - calibrated(without, *calibration)
    top = [i for i in np.argsort(-np.abs(score), kind="stable")[:TOP_GENES].tolist() if score[i]]
    tables = [table for table, _ in sample.genes]
    return Genes(
        method=METHOD,
        tried={modality: tables.count(modality) for modality in MODALITIES},
        top=[
            GeneChange(
                gene=sample.genes[i][1],
                table=sample.genes[i][0],
                score=score[i].item(),
                probability=probability[i].item(),
            )
            for i in top
        ],
    )


def _deviating(modality: str, values: Float, told: dict[str, NDArray[Any]]) -> Sequence[int]:
    """Genes of a table whose values lie farthest from the training mean; none where the table is not given."""
    if f"{modality}_mean" not in told:
        return []
    apart = np.abs(np.nan_to_num((values - told[f"{modality}_mean"]) / told[f"{modality}_sd"]))
    order = np.argsort(-apart, kind="stable")[: MOST_TRIED[modality]]
    return [gene for gene in order.tolist() if apart[gene] > 0]


def _variants(feed: Feed, tried: Sequence[tuple[str, int]]) -> Feed:
    """The sample as it is, then once for every gene tried, without that gene."""
    out = {name: np.repeat(row, 1 + len(tried), axis=0) for name, row in feed.items()}
    for place, (modality, gene) in enumerate(tried, 1):
        out[modality][place, gene] = np.nan
    return out


def _nearest(
    catalogue: Catalogue[CellLine] | Catalogue[Drug],
    new: NewLines | NewDrugs | None,
    row: int,
    told: dict[str, NDArray[Any]],
    side: str,
    measure: str,
) -> list[Share] | None:
    """Nearest training rows of one thing, with shares that sum to 1; None where the bundle does not hold them."""
    if new is not None and row >= len(catalogue):
        found = new.around.nearest(row - len(catalogue), NEAREST)
    elif told:
        pairs = zip(told[f"{side}_nearest"][row].tolist(), told[f"{side}_{measure}"][row].tolist(), strict=True)
        found = list(pairs)[:NEAREST]
    else:
        return None
    total = sum(similarity for _, similarity in found) or 1.0
    return [
        Share(id=ref.id, name=ref.name, similarity=similarity, share=similarity / total)
        for ref, similarity in ((catalogue.refs[near], similarity) for near, similarity in found)
    ]


def _weights(new: NewLines | None, sample: int, told: dict[str, NDArray[Any]], line: int) -> dict[str, float] | None:
    if new is not None and sample >= 0:
        weights = new.weights[sample]
    elif told:
        weights = told["line_weights"][line]
    else:
        return None
    return dict(zip(MODALITIES, weights.tolist(), strict=True))
