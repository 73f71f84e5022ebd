"""One tree of errors; the edge alone turns them into HTTP answers.

DomainError (400)
├── Invalid      422  what was sent cannot be used; `field` names where
├── NotSignedIn  401
├── NotAllowed   403
├── NotFound     404
├── Conflict     409  somebody was faster, or a rule refuses; `details` says which
└── TooMany      429  `retry_after_s`
DeliveryError         a message could not leave; `permanent` says whether to try again
"""

from typing import Any


class DomainError(Exception):
    """A refusal with one clear sentence for the person (already translated) and a stable code."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, *, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or []  # Any: JSON for the API's error body


class Invalid(DomainError):
    """Input that cannot be used: what, where, how to mend it."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message, details=[{"field": field, "message": message}] if field else None)
        self.field = field


class NotSignedIn(DomainError):
    status = 401
    code = "not_signed_in"


class NotAllowed(DomainError):
    status = 403
    code = "not_allowed"


class NotFound(DomainError):
    status = 404
    code = "not_found"


class Conflict(DomainError):
    status = 409
    code = "conflict"


class TooMany(DomainError):
    """Asked too often; `retry_after_s` seconds from now it may work."""

    status = 429
    code = "too_many"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class DeliveryError(Exception):
    """An outgoing message did not leave; `permanent` ones are never tried again by themselves."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
