"""The stable names of the problems, with their status and title."""

from enum import StrEnum


class Code(StrEnum):
    """Stable names of the problems."""

    MALFORMED_JSON = "malformed_json"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN_CELL_LINE = "unknown_cell_line"
    UNKNOWN_DRUG = "unknown_drug"
    AMBIGUOUS_NAME = "ambiguous_name"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_FILTER = "unknown_filter"
    INVALID_SAMPLE = "invalid_sample"
    INVALID_COMPOUND = "invalid_compound"
    TOO_COMPLEX = "too_complex"
    CANNOT_PLACE = "cannot_place"
    INVALID_TABLE = "invalid_table"
    NOT_ACCEPTABLE = "not_acceptable"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TIMEOUT = "body_timeout"
    TOO_MANY_PAIRS = "too_many_pairs"
    TOO_MANY_NEW = "too_many_new"
    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    NOT_READY = "not_ready"
    TIMED_OUT = "timed_out"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    INTERNAL = "internal_error"


STATUS_AND_TITLE: dict[Code, tuple[int, str]] = {
    Code.MALFORMED_JSON: (422, "The body is not JSON"),
    Code.INVALID_REQUEST: (422, "The request does not have the documented form"),
    Code.UNKNOWN_CELL_LINE: (404, "Unknown cell line"),
    Code.UNKNOWN_DRUG: (404, "Unknown drug"),
    Code.AMBIGUOUS_NAME: (422, "A name stands for several rows"),
    Code.UNKNOWN_MODEL: (422, "Unknown model"),
    Code.UNKNOWN_FILTER: (422, "No drug has this target or pathway"),
    Code.INVALID_SAMPLE: (422, "A sample cannot be read"),
    Code.INVALID_COMPOUND: (422, "A compound cannot be read"),
    Code.TOO_COMPLEX: (422, "A compound is too complex"),
    Code.CANNOT_PLACE: (422, "This model cannot place new samples and compounds"),
    Code.INVALID_TABLE: (422, "An uploaded table cannot be read"),
    Code.NOT_ACCEPTABLE: (406, "The answer has no such form"),
    Code.BODY_TOO_LARGE: (413, "The body is too large"),
    Code.BODY_TIMEOUT: (408, "The body did not arrive in time"),
    Code.TOO_MANY_PAIRS: (413, "Too many pairs in one request"),
    Code.TOO_MANY_NEW: (413, "Too many samples or compounds in one request"),
    Code.UNAUTHORIZED: (401, "No valid API key"),
    Code.RATE_LIMITED: (429, "The key has used up its pairs of this minute"),
    Code.BUSY: (429, "The service has its hands full"),
    Code.NOT_READY: (503, "Not ready to answer"),
    Code.TIMED_OUT: (503, "The answer took too long"),
    Code.NOT_FOUND: (404, "No such path"),
    Code.METHOD_NOT_ALLOWED: (405, "This path has no such method"),
    Code.INTERNAL: (500, "The service failed"),
}
