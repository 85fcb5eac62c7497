"""Explanations of predictions: nearest training lines and drugs, modality weights and, for a new sample, gene effects.

Gene effects come from occlusion. One gene at a time is set to the mean of the training lines, and the sample is
encoded and scored again; the difference is the effect of the measured value. Only the genes that deviate most from the
mean, in standard deviations, are tried: a gene at the mean has no effect. On 25 GDSC lines × 8 drugs they held 98.5 %
of the ten genes that trying all 2,054 finds (docs/explanation/model.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.encoder_inputs import MODALITIES, Feed
from service.prediction.catalogue import Catalogue
from service.prediction.decoder import Decoder
from service.prediction.embeddings import Embeddings, Float
from service.prediction.encoders import Encoders
from service.prediction.new_entities import NewDrugs, NewEntities, NewLines
from service.prediction.prediction_arrays import PredictionArrays
from service.prediction.predictor import Predictor
from service.prediction.stack_decoder import StackDecoder
from service.schemas.catalogue import CellLine, Drug
from service.schemas.explanations import Explanation, GeneEffect, GeneEffects, WeightedNeighbour

MOST_TRIED = {"expression": 120, "copy_number": 40, "mutation": 40}
NEAREST, TOP_GENES = 5, 10
METHOD = "occlusion"


def explain(predictor: Predictor, model: str, predictions: PredictionArrays, new: NewEntities) -> list[Explanation]:
    """Explain each prediction, in their order."""
    part, served = predictor.bundle.models[model], predictor.models[model]
    embeddings = new.append_to(served.embeddings)
    samples = sorted({int(line) - len(predictor.lines) for line in predictions.cells if line >= len(predictor.lines)})
    occlusions = {sample: _occlude(served.encoders, part.population, new.lines, sample) for sample in samples}
    out = []
    drugs = new.bundle_drugs(predictions.drugs, len(predictor.drugs))
    for line, drug in zip(predictions.cells.tolist(), drugs.tolist(), strict=True):
        sample = line - len(predictor.lines)
        without = occlusions.get(sample)
        out.append(
            Explanation(
                cell_lines=_nearest(predictor.lines, new.lines, line, part.population, "line", "closeness"),
                drugs=_nearest(predictor.drugs, new.drugs, drug, part.population, "drug", "similarity"),
                modality_weights=_modality_weights(new.lines, sample, part.population, line),
                genes=None if without is None else _gene_effects(without, served.decoder, embeddings, drug),
            )
        )
    return out


@dataclass(frozen=True)
class Occlusion:
    """Embedding of a new sample as it is, (1, w), and with each of n genes at the training mean, (n, w).

    `genes` are table and symbol of these genes.
    """

    whole: Float
    without: Float
    genes: list[tuple[str, str]]


def _occlude(
    encoders: Encoders | None, population: dict[str, NDArray[Any]], lines: NewLines | None, sample: int
) -> Occlusion | None:
    if encoders is None or lines is None or not population:
        return None
    feed, names = lines.feeds[sample], encoders.entry["genes"]
    tried = [
        (modality, gene)
        for modality in MODALITIES
        for gene in _deviating_genes(modality, feed[modality][0], population)
    ]
    # The sample and its variants go in one run, because the last bits of a row depend on the other rows.
    embeddings = encoders.encode_variants(_variants(feed, tried, population))
    return Occlusion(embeddings[:1], embeddings[1:], [(modality, names[modality][gene]) for modality, gene in tried])


def _gene_effects(
    sample: Occlusion, decoder: Decoder | StackDecoder, embeddings: Embeddings, drug: int
) -> GeneEffects:
    """Genes with the largest effect on the score with a drug, largest first."""
    whole, without = (decoder.without(codes, embeddings, drug) for codes in (sample.whole, sample.without))
    score, probability = (one - other for one, other in zip(whole, without, strict=True))
    top = [i for i in np.argsort(-np.abs(score), kind="stable")[:TOP_GENES].tolist() if score[i]]
    tables = [table for table, _ in sample.genes]
    return GeneEffects(
        method=METHOD,
        tried={modality: tables.count(modality) for modality in MODALITIES},
        top=[
            GeneEffect(
                gene=sample.genes[i][1],
                table=sample.genes[i][0],
                score=score[i].item(),
                probability=probability[i].item(),
            )
            for i in top
        ],
    )


def _deviating_genes(modality: str, values: Float, population: dict[str, NDArray[Any]]) -> Sequence[int]:
    """Genes of a table whose values lie farthest from the training mean; none where the table is not given."""
    if f"{modality}_mean" not in population:
        return []
    apart = np.abs(np.nan_to_num((values - population[f"{modality}_mean"]) / population[f"{modality}_sd"]))
    order = np.argsort(-apart, kind="stable")[: MOST_TRIED[modality]]
    return [gene for gene in order.tolist() if apart[gene] > 0]


def _variants(feed: Feed, tried: Sequence[tuple[str, int]], population: dict[str, NDArray[Any]]) -> Feed:
    """Rows of the sample as it is, then with each gene tried at the training mean."""
    out = {name: np.repeat(row, 1 + len(tried), axis=0) for name, row in feed.items()}
    for place, (modality, gene) in enumerate(tried, 1):
        out[modality][place, gene] = population[f"{modality}_mean"][gene]
    return out


def _nearest(
    catalogue: Catalogue[CellLine] | Catalogue[Drug],
    new: NewLines | NewDrugs | None,
    row: int,
    population: dict[str, NDArray[Any]],
    side: str,
    measure: str,
) -> list[WeightedNeighbour] | None:
    """Nearest training rows of a line or drug, with shares that sum to 1; None where the bundle does not hold them."""
    if new is not None and row >= len(catalogue):
        found = new.neighbours.nearest(row - len(catalogue), NEAREST)
    elif population:
        pairs = zip(
            population[f"{side}_nearest"][row].tolist(), population[f"{side}_{measure}"][row].tolist(), strict=True
        )
        found = list(pairs)[:NEAREST]
    else:
        return None
    total = sum(similarity for _, similarity in found) or 1.0
    return [
        WeightedNeighbour(id=ref.id, name=ref.name, similarity=similarity, share=similarity / total)
        for ref, similarity in ((catalogue.refs[near], similarity) for near, similarity in found)
    ]


def _modality_weights(
    new: NewLines | None, sample: int, population: dict[str, NDArray[Any]], line: int
) -> dict[str, float] | None:
    if new is not None and sample >= 0:
        weights = new.weights[sample]
    elif population:
        weights = population["line_weights"][line]
    else:
        return None
    return dict(zip(MODALITIES, weights.tolist(), strict=True))
