"""What a client raises."""

from collections.abc import Sequence
from typing import Self

from service.schemas.problem import Fault


class ServiceError(Exception):
    """No usable answer: the service cannot be reached, or what answers is not the service."""


class RefusedError(ServiceError):
    """The service refused the request. `code` is stable; `errors` says where and offers candidates."""

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[Fault] = ()) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)

    def with_shifted_places(self, start: int) -> Self:
        """Fault of a part as one of the whole: /drugs/3 of the part from pair 10,000 on is /drugs/10003."""
        errors = []
        for fault in self.errors:
            head, _, place = fault.pointer.rpartition("/")
            pointer = f"{head}/{int(place) + start}" if place.isdecimal() else fault.pointer
            errors.append(fault.model_copy(update={"pointer": pointer}))
        return type(self)(self.status, self.code, self.detail, errors)
