"""Facets: tissues, cancer types, media, targets and pathways of the bundle, with how many lines or drugs have each."""

from collections import Counter
from collections.abc import Iterable, Iterator

from service.prediction.predictor import Predictor
from service.schemas.catalogue import Facet, Facets

FACET_COLUMNS = ("facet", "name", "count")


def facets_of(predictor: Predictor) -> Facets:
    """Facets of the bundle's lines and drugs, each in alphabetical order."""
    lines, drugs = predictor.lines.rows, predictor.drugs.rows
    return Facets(
        bundle=predictor.bundle.version,
        tissues=_counted(line.tissue for line in lines),
        cancer_types=_counted(line.cancer_type for line in lines),
        media=_counted(line.medium for line in lines),
        targets=_counted(target for drug in drugs for target in drug.targets),
        pathways=_counted(drug.pathway for drug in drugs),
    )


def facet_rows(facets: Facets) -> Iterator[tuple[str, str, int]]:
    """Rows of the facets as one table."""
    for name in ("tissues", "cancer_types", "media", "targets", "pathways"):
        yield from ((name, facet.name, facet.count) for facet in getattr(facets, name))


def _counted(names: Iterable[str | None]) -> list[Facet]:
    counts = Counter(name for name in names if name)
    return [Facet(name=name, count=counts[name]) for name in sorted(counts, key=str.casefold)]
