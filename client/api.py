"""Asking a drug-response service from Python: typed answers, errors with their code, patience when it is busy.

    from client.api import Client

    with Client("http://localhost:8000") as service:
        for found in service.rank("A549", k=5).drugs:
            print(found.drug.name, found.probability)

It needs httpx2 and pydantic alone. Answers are the service's own schemas.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from client.errors import RefusedError as RefusedError
from client.errors import ServiceError as ServiceError
from client.parts import marked_parts, merged_fields, pair_bodies, path_segment, with_pairs, without_none
from service.schemas.catalogue import CellLinePage, DrugPage, FoundCellLine, FoundDrug, GenePanel, Models
from service.schemas.explanations import ExplainedPredictions
from service.schemas.new_entities import KnownStructures, OnError
from service.schemas.problem import Problem
from service.schemas.responses import Answer, DrugRanking, LineRanking, Order, Predictions, Scores

Response = TypeVar("Response", bound=BaseModel)
Parts = TypeVar("Parts", bound=Answer)
Pairs = Sequence[tuple[str, str]]
# As the API takes them: {"expression": {…}, "mutation": […], …}, and SMILES or {"smiles": …, "targets": […]}.
Sample = Mapping[str, Any]
Compound = str | Mapping[str, Any]

RETRIED_STATUS = {429, 503}
FIRST_WAIT_S, JITTER_S = 0.5, 0.25


class Client:
    """A service at a URL. Keeps its connections; close it, or use it in a `with`.

    A 429 or 503 is asked again after its Retry-After, a connection that fails after half a second, then one, two and
    so on; at most `retries` times and for `patience_s` of waiting. No request changes anything.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        key: str | None = None,
        timeout_s: float = 60,
        retries: int = 5,
        patience_s: float = 60,
        pairs_per_request: int = 10_000,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        headers = without_none({"X-API-Key": key})
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=timeout_s, transport=transport)
        self._retries, self._patience_s = retries, patience_s
        self._pairs_per_request = pairs_per_request
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def predict(
        self,
        pairs: Pairs,
        model: str | None = None,
        *,
        samples: Mapping[str, Sample] | None = None,
        compounds: Mapping[str, Compound] | None = None,
        known_structures: KnownStructures | None = None,
        on_error: OnError = "refuse",
    ) -> Predictions:
        """One prediction a pair (cell line, drug), in their order; many pairs go in several requests.

        Pairs may name `samples` and `compounds`; each request takes along those of its pairs, the first also those of
        another spelling. A compound that is a drug of the bundle is answered as it, unless `known_structures` is
        "as_new". With `on_error="mark"` pairs of what cannot be read are left out, and `refused` says why.
        """
        parts = self._in_parts(Predictions, pairs, model, "full", samples, compounds, known_structures, on_error)
        predictions = [one for part in parts for one in part.predictions]
        return parts[0].model_copy(update={"predictions": predictions, **merged_fields(parts)})

    def explain(
        self,
        pairs: Pairs,
        model: str | None = None,
        *,
        samples: Mapping[str, Sample] | None = None,
        compounds: Mapping[str, Compound] | None = None,
        known_structures: KnownStructures | None = None,
    ) -> ExplainedPredictions:
        """Predictions with what carried them, in one request; the service limits how many."""
        if len(pairs) > self._pairs_per_request:
            raise ValueError(f"{len(pairs)} pairs; one request explains {self._pairs_per_request} at most")
        return self._in_parts(ExplainedPredictions, pairs, model, "explain", samples, compounds, known_structures)[0]

    def scores(
        self,
        pairs: Pairs,
        model: str | None = None,
        *,
        samples: Mapping[str, Sample] | None = None,
        compounds: Mapping[str, Compound] | None = None,
        known_structures: KnownStructures | None = None,
    ) -> Scores:
        """One raw score a pair (cell line, drug), in their order: the fast form."""
        parts = self._in_parts(Scores, pairs, model, "scores", samples, compounds, known_structures)
        scores = [one for part in parts for one in part.scores]
        return parts[0].model_copy(update={"scores": scores, **merged_fields(parts)})

    def predict_tables(  # noqa: PLR0913 -- the fields of one form
        self,
        tables: Mapping[str, Path | bytes],
        *,
        cell_lines: Sequence[str] = (),
        drugs: Sequence[str] = (),
        expression_unit: str = "log2(TPM+1)",
        copy_number_unit: str | None = None,
        model: str | None = None,
        top_k: int | None = None,
        order: Order | None = None,
        smiles_column: str | None = None,
        known_structures: KnownStructures | None = None,
        on_error: OnError | None = None,
    ) -> Predictions:
        """Every sample of tables with every drug; `tables` are files or bytes by the form's fields.

        With `top_k` the best drugs of each sample alone, by `order`. `smiles_column` names that of `compounds`.
        What cannot be read is in `refused` of the answer; `on_error="refuse"` raises RefusedError instead.
        """
        options: dict[str, Any] = {"expression_unit": expression_unit, "copy_number_unit": copy_number_unit}
        options |= {"smiles_column": smiles_column, "known_structures": known_structures, "on_error": on_error}
        options |= {"cell_lines": list(cell_lines), "drugs": list(drugs)}
        options |= {"model": model, "top_k": top_k, "order": order}
        files = {
            name: (name, one) if isinstance(one, bytes) else (one.name, one.read_bytes())
            for name, one in tables.items()
        }
        return self._ask(Predictions, "POST", "/predict/table", data=without_none(options), files=files)

    def rank(
        self,
        cell_line: str,
        k: int = 10,
        *,
        model: str | None = None,
        target: str | None = None,
        pathway: str | None = None,
        order: Order | None = None,
    ) -> DrugRanking:
        """K drugs that the line should respond to best, best first by `order`: the score unless it says otherwise."""
        query = {"k": k, "model": model, "target": target, "pathway": pathway, "order": order}
        return self._get(DrugRanking, f"/rank/{path_segment(cell_line)}", query)

    def rank_sample(
        self,
        sample: Sample,
        k: int = 10,
        *,
        compounds: Mapping[str, Compound] | None = None,
        known_structures: KnownStructures | None = None,
        model: str | None = None,
        target: str | None = None,
        pathway: str | None = None,
        order: Order | None = None,
    ) -> DrugRanking:
        """K drugs, of the bundle and of `compounds`, that a new sample should respond to best, best first."""
        body = {"sample": sample, "k": k, "compounds": compounds, "model": model, "target": target, "pathway": pathway}
        body |= {"known_structures": known_structures, "order": order}
        return self._ask(DrugRanking, "POST", "/rank", json=without_none(body))

    def rank_lines(
        self, drug: str, k: int = 10, *, model: str | None = None, order: Order | None = None
    ) -> LineRanking:
        """K cell lines that should respond best to the drug, best first."""
        query = {"k": k, "model": model, "order": order}
        return self._get(LineRanking, f"/drugs/{path_segment(drug)}/cell-lines", query)

    def rank_lines_of_compound(
        self,
        compound: Compound,
        k: int = 10,
        *,
        samples: Mapping[str, Sample] | None = None,
        known_structures: KnownStructures | None = None,
        model: str | None = None,
        order: Order | None = None,
    ) -> LineRanking:
        """K cell lines, of the bundle and of `samples`, that should respond best to a new compound, best first."""
        body = {"compound": compound, "k": k, "samples": samples, "model": model, "order": order}
        body |= {"known_structures": known_structures}
        return self._ask(LineRanking, "POST", "/rank", json=without_none(body))

    def cell_line(self, name: str) -> FoundCellLine:
        """One cell line by any of its names."""
        return self._get(FoundCellLine, f"/cell-lines/{path_segment(name)}")

    def drug(self, name: str) -> FoundDrug:
        """One drug by any of its names."""
        return self._get(FoundDrug, f"/drugs/{path_segment(name)}")

    def cell_lines(self, q: str | None = None, limit: int = 50, offset: int = 0) -> CellLinePage:
        """A page of cell lines, searched with `q`."""
        return self._get(CellLinePage, "/cell-lines", {"q": q, "limit": limit, "offset": offset})

    def drugs(self, q: str | None = None, limit: int = 50, offset: int = 0) -> DrugPage:
        """A page of drugs, searched with `q`."""
        return self._get(DrugPage, "/drugs", {"q": q, "limit": limit, "offset": offset})

    def known_pair(self) -> tuple[str, str]:
        """Ids of the first cell line and drug of the bundle."""
        return self.cell_lines(limit=1).cell_lines[0].id, self.drugs(limit=1).drugs[0].id

    def genes(self, model: str | None = None) -> GenePanel:
        """Genes that a model reads of a new sample, table by table."""
        return self._get(GenePanel, "/genes", {"model": model})

    def models(self) -> Models:
        """Which models answer, how good they were found to be, and on what data."""
        return self._get(Models, "/models")

    def _in_parts(
        self,
        response_type: type[Parts],
        pairs: Pairs,
        model: str | None,
        detail: str,
        samples: Mapping[str, Sample] | None,
        compounds: Mapping[str, Compound] | None,
        known_structures: KnownStructures | None,
        on_error: OnError = "refuse",
    ) -> list[Parts]:
        if not pairs:
            raise ValueError("no pairs; give at least one (cell line, drug)")
        shared = {"detail": detail, "model": model, "known_structures": known_structures if compounds else None}
        shared["on_error"] = on_error if samples or compounds else None
        parts = list(enumerate(pair_bodies(pairs, samples, compounds, self._pairs_per_request, without_none(shared))))

        def ask(part: tuple[int, dict[str, Any]], further: Pairs) -> Parts:
            try:
                return self._ask(response_type, "POST", "/predict", json=with_pairs(part[1], further))
            except RefusedError as refused:
                raise refused.with_shifted_places(part[0] * self._pairs_per_request) from None

        marked = on_error == "mark"
        return list(marked_parts(parts, ask, self.known_pair) if marked else (ask(part, []) for part in parts))

    def _get(self, response_type: type[Response], path: str, query: dict[str, Any] | None = None) -> Response:
        return self._ask(response_type, "GET", path, params=without_none(query or {}))

    def _ask(self, response_type: type[Response], method: str, path: str, **content: Any) -> Response:  # noqa: ANN401 -- httpx2's own
        response = self._request_with_retries(method, path, content)
        try:
            if response.status_code == httpx2.codes.OK:
                return response_type.model_validate_json(response.content)
            problem = Problem.model_validate_json(response.content)
        except ValidationError:
            raise ServiceError(
                f"{self._http.base_url} answered {response.status_code} in a form that is not the service's; "
                "is it the right address, and of the same version?"
            ) from None
        raise RefusedError(response.status_code, problem.code, problem.detail, problem.errors)

    def _request_with_retries(self, method: str, path: str, content: dict[str, Any]) -> httpx2.Response:
        waited = 0.0
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                response = self._http.request(method, path, **content)
            except httpx2.TransportError as fault:
                wait_s = FIRST_WAIT_S * 2**attempt
                if last or waited + wait_s > self._patience_s:
                    raise ServiceError(f"{self._http.base_url} does not answer ({fault})") from None
            else:
                wait_s = _retry_after(response, FIRST_WAIT_S * 2**attempt)
                if response.status_code not in RETRIED_STATUS or last or waited + wait_s > self._patience_s:
                    return response
            # Callers that were refused together should not come back together.
            wait_s += random.uniform(0, JITTER_S)  # noqa: S311 -- no secret
            self._sleep(wait_s)
            waited += wait_s
        raise AssertionError("the last attempt returns or raises")


def _retry_after(response: httpx2.Response, otherwise: float) -> float:
    header = response.headers.get("retry-after", "")
    return float(header) if header.isdecimal() else otherwise
