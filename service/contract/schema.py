"""Text and security of the contract, which the signatures of the routes do not hold."""

from typing import Any

from service.contract.csv_examples import CSV_EXAMPLES
from service.contract.examples import ANSWERS, BODIES, MARKDOWN_EXAMPLES, PARQUET_EXAMPLES, to_openapi_examples
from service.errors import MEDIA_TYPE
from service.schemas.problem import Problem

TITLE = "Cancer drug-response prediction"
DESCRIPTION = """\
How likely is a cancer cell line to be sensitive to a drug? Answers come from models trained on public drug screens.

**For research use only.** The numbers describe cell lines in a dish, not patients: they must not be used for
clinical decisions.

- `probability` is the calibrated probability that the line counts as sensitive in the screen, that is that its
  ln IC50 lies below the drug's threshold.
- `score` is the decoder's raw output; rankings go by it, because in float32 many scores share one probability.
- `percentile` is the share of the bundle's lines predicted less sensitive to the same drug.

- `case` says whether the model knew the line and the drug, `in_domain` whether what is new resembles what it knew.
  Outside the domain, and for new drugs altogether, take the numbers as a hint for the next experiment at most.

Cell lines and drugs are found by id, name or synonym; case and punctuation do not matter. A request may bring its own:
`samples` (expression, mutation, copy number) and `compounds` (SMILES) by names of the caller's choice. Errors are
RFC 9457 problems: `code` is stable, `errors` says where (at most 20), and no value of the request is repeated.
"""
WHEN = {
    401: "No valid API key; where the service runs without keys this does not happen.",
    404: "No such cell line or drug; `candidates` holds the nearest names.",
    406: "None of the media types of `Accept` is one that the answer can have.",
    408: "The body did not arrive in time.",
    413: "The body, or the number of pairs, samples or compounds, is over the limit.",
    422: "The request does not have the documented form, a name in it is ambiguous, a sample or compound unreadable.",
    429: "Too much in flight (`busy`), or the key has used up its minute (`rate_limited`); see `Retry-After`.",
    503: "Loading, shutting down, or a worker was lost; `Retry-After` says when to come again.",
}
API_KEY = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "Asked for where the operator gave the service a file of keys.",
}
FURTHER_FORMS = {
    "text/csv": CSV_EXAMPLES,
    "text/markdown": MARKDOWN_EXAMPLES,
    "application/vnd.apache.parquet": PARQUET_EXAMPLES,
}
BEARER = {"type": "http", "scheme": "bearer", "description": "The same key in another header."}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem answers of a route, for its `responses`."""
    return {
        status: {
            "model": Problem,
            "description": WHEN[status],
            **({"headers": RETRY_AFTER} if status in {429, 503} else {}),
        }
        for status in statuses
    }


def complete_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Complete FastAPI's schema: the keys, the examples, and the media type of problems."""
    schema["components"]["securitySchemes"] = {"ApiKey": API_KEY, "Bearer": BEARER}
    _complete_form(schema)
    paths = schema["paths"]
    for path in [path for path in paths if path.startswith(("/health", "/metrics"))]:
        paths[path] = paths.pop(path)  # matched first, and read last
    for path in paths.values():
        for operation in path.values():
            operation["security"] = [{}, {"ApiKey": []}, {"Bearer": []}] if "401" in operation["responses"] else []
            name = operation["operationId"]
            content = operation["responses"]["200"]["content"]
            next(iter(content.values()))["examples"] = to_openapi_examples(ANSWERS[name])
            for media_type, examples in FURTHER_FORMS.items():
                if name in examples:
                    content[media_type]["examples"] = to_openapi_examples(examples[name])
            if name in BODIES:
                next(iter(operation["requestBody"]["content"].values()))["examples"] = to_openapi_examples(
                    BODIES[name]
                )
            for status, response in operation["responses"].items():
                if status >= "400":
                    response["content"] = {MEDIA_TYPE: next(iter(response["content"].values()))}
    return schema


def _complete_form(schema: dict[str, Any]) -> None:
    """Describe the form of tables as OpenAPI has forms: files are binary strings, and no part can be null."""
    components = schema["components"]["schemas"]
    form = components.pop("Body_predict_table")
    for name, part in form["properties"].items():
        variants = part.pop("anyOf", [{}])
        part.update(variants[0])
        if part.pop("contentMediaType", None) is not None:
            part["format"] = "binary"
        form["properties"][name] = part
    components["TableForm"] = {**form, "title": "TableForm", "additionalProperties": False}
    body = schema["paths"]["/predict/table"]["post"]["requestBody"]
    body["required"] = True
    body["content"]["multipart/form-data"]["schema"] = {"$ref": "#/components/schemas/TableForm"}
