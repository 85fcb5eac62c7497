"""Search in the bundle's cell lines and drugs: by a text, by tissue or cancer type, by target or pathway."""

from collections.abc import Sequence

from model.names import plain
from service.answers.catalogue.drug_filters import choose_drugs, match_pathways, match_targets
from service.errors import ProblemError
from service.prediction.predictor import Predictor
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.requests import DrugPageQuery, LinePageQuery


def search_lines(predictor: Predictor, query: LinePageQuery) -> Sequence[int]:
    """Rows of the lines that match. Raises ProblemError where no line at all has the tissue or the cancer type."""
    lines = predictor.lines.rows
    found = predictor.lines.matching(query.q)
    for field in ("tissue", "cancer_type"):
        text = getattr(query, field)
        if text is None:
            continue
        having = {row for row, line in enumerate(lines) if plain(getattr(line, field) or "") == plain(text)}
        if not having:
            detail = f"no cell line of the bundle has this {field}; GET /facets lists all"
            raise ProblemError(Code.UNKNOWN_FILTER, detail, [Fault(pointer=f"/query/{field}", detail=detail)])
        found = [row for row in found if row in having]
    return found


def search_drugs(predictor: Predictor, query: DrugPageQuery) -> Sequence[int]:
    """Rows of the drugs that match; `q` finds targets and pathways too. Raises ProblemError as `choose_drugs` does."""
    found = predictor.drugs.matching(query.q)
    if query.q is not None:
        by_name, by_label = set(found), set(_rows_by_label(predictor, query.q))
        found = sorted(by_name | by_label)
    if query.target is not None or query.pathway is not None:
        chosen = set(choose_drugs(predictor, query.target, query.pathway).rows)
        found = [row for row in found if row in chosen]
    return found


def _rows_by_label(predictor: Predictor, text: str) -> list[int]:
    drugs = predictor.drugs.rows
    targets = set(match_targets(sorted({target for drug in drugs for target in drug.targets}), text))
    pathways = set(match_pathways(sorted({drug.pathway for drug in drugs if drug.pathway}), text))
    return [
        row
        for row, drug in enumerate(drugs)
        if not targets.isdisjoint(drug.targets) or (drug.pathway is not None and drug.pathway in pathways)
    ]
