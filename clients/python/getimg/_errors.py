"""What the API refuses, and what can go wrong on the way to it."""

from __future__ import annotations

from typing import Any


class APIError(Exception):
    """The API answered with an error; the fields are those of its problem document."""

    def __init__(
        self, status: int, body: dict[str, Any], retry_after: float | None = None, request_id: str | None = None
    ) -> None:
        error = body.get("error") or {}
        self.status = status
        self.type: str = error.get("type", "")
        self.code: str = error.get("code", "")
        self.message: str = error.get("message") or body.get("detail") or body.get("title") or f"HTTP {status}"
        self.param: str | None = error.get("param")
        self.doc_url: str | None = error.get("docUrl")
        self.retry_after = retry_after
        # What to name when asking about it.
        self.request_id = request_id
        self.body = body
        super().__init__(f"{status} {self.code}: {self.message}" if self.code else f"{status}: {self.message}")


class InvalidRequest(APIError):
    """400, 411, 413, 415, 422: something in the request is wrong; `param` names it."""


class AuthenticationError(APIError):
    """401: the key is missing, wrong, expired or revoked."""


class InsufficientCredits(APIError):
    """402: the account has too few API credits, or the key has reached its cap."""


class PermissionDenied(APIError):
    """403: the key may not do this."""


class NotFound(APIError):
    """404: there is nothing with this id for this key."""


class ConflictError(APIError):
    """409: the Idempotency-Key was used for another request, or the thing is in another state."""


class RateLimited(APIError):
    """429: too many requests, or too much waiting; `retry_after` says for how many seconds."""


class ServerError(APIError):
    """5xx, after all retries."""


class ConnectionFailed(Exception):
    """The API could not be reached, after all retries."""


class WaitTimeout(Exception):
    """A picture was not ready within the time given to `wait`; it goes on being made."""

    def __init__(self, id: str, seconds: float) -> None:
        self.id = id
        super().__init__(f"{id} was not ready after {seconds:g} s")


_BY_STATUS: dict[int, type[APIError]] = {
    401: AuthenticationError,
    402: InsufficientCredits,
    403: PermissionDenied,
    404: NotFound,
    409: ConflictError,
    429: RateLimited,
}


def error_of(status: int, body: dict[str, Any], retry_after: float | None, request_id: str | None) -> APIError:
    """Return the error that an answer means."""
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else InvalidRequest)
    return kind(status, body, retry_after, request_id)
