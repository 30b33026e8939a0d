"""Every refusal as an RFC 9457 problem document, which also says what a program needs under `error`.

What is raised anywhere below becomes an answer here and nowhere else; nothing of an unforeseen error leaves the server.
"""

import logging
import math
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.errors import FeatureOff, TestAllowanceUsedUp
from billing.errors import InsufficientCredits
from generation.api.names import camel_case
from generation.errors import (
    ContentRefused,
    InvalidParams,
    ModelUnavailable,
    ModelUnknown,
    QueueFull,
    SourceGone,
    SpendCapReached,
    TaskOff,
)

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# What a request names by its id and is not there for this account.
_GONE = frozenset({"picture_gone", "model_not_yours"})
# What a form comes to that can't be read, or that has far more in it than anybody asks for.
_BAD_FORMS = (exceptions.ParseError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
# When to come back where nothing tells: a place in the queue is free as soon as a run has started.
_QUEUE_RETRY_SECONDS = 5
_SWITCH_RETRY_SECONDS = 300
# What the database raises that is no fault of the request's: it is away, or its connection is gone (PEP 249).
DATABASE_AWAY = (OperationalError, InterfaceError)
DATABASE_RETRY_SECONDS = 30

# error.type and the title, by status.
KINDS = {
    400: ("invalid_request", "The request is invalid"),
    401: ("authentication", "Who are you?"),
    402: ("insufficient_credits", "Too few credits"),
    403: ("permission", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("invalid_request", "Method not allowed"),
    409: ("conflict", "Conflict"),
    411: ("invalid_request", "Length required"),
    413: ("invalid_request", "Body too large"),
    422: ("generation_failed", "No picture could be made"),
    429: ("rate_limit", "Too many requests"),
    500: ("server_error", "Something went wrong here"),
    501: ("server_error", "Not available here"),
    503: ("server_error", "Try again soon"),
    504: ("server_error", "It takes too long"),
}


class Problem(exceptions.APIException):
    """A refusal with all that its document says."""

    def __init__(
        self,
        status: int,
        type: str,  # noqa: A002 (the document's word)
        title: str,
        detail: str,
        code: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code, self.type, self.title = status, type, title
        self.code, self.param, self.headers, self.errors = code, param, headers or {}, errors

    @property
    def document(self) -> dict[str, Any]:
        """The body."""
        url = doc_url(self.code)
        error = {"type": self.type, "code": self.code, "message": str(self.detail), "param": self.param, "docUrl": url}
        document = {"type": url, "title": self.title, "status": self.status_code, "detail": str(self.detail)}
        return {**document, "error": error, **({"errors": self.errors} if self.errors else {})}


def problem(
    status: int, code: str, detail: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
) -> Problem:
    """Return a problem with its status's usual type and title."""
    kind, title = KINDS[status]
    return Problem(status, kind, title, detail, code, param, headers)


def not_found() -> Problem:
    """Return the one answer for what is not there and for what is another's."""
    return problem(404, "not_found", "There is nothing here: check the id, and that it was made by your account.")


def database_away() -> Problem:
    """Return what to say while the database is away: whether the request was carried out is not known."""
    detail = (
        "The database does not answer right now. Send it again in half a minute, an order under the same "
        "Idempotency-Key: whatever arrived the first time is not ordered twice."
    )
    return problem(503, "database_away", detail, headers={"Retry-After": str(DATABASE_RETRY_SECONDS)})


def invalid(errors: list[dict[str, str]]) -> Problem:
    """Return a 400 that names each refused field: `param`, `code`, `message`."""
    kind, title = KINDS[400]
    first = errors[0]
    detail = " ".join(error["message"] for error in errors)
    return Problem(400, kind, title, detail, first["code"], first["param"], errors=errors)


def doc_url(code: str) -> str:
    """Return where a code is explained."""
    return f"{settings.SITE_URL}/docs/errors/#{code}"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Answer with a problem document, whatever was raised (DRF's hook)."""
    found = translate(error)
    if found is None or isinstance(error, DATABASE_AWAY):
        view = type(context.get("view")).__name__
        logger.error("api request failed", exc_info=error, extra={"view": view})
    found = found or problem(500, "internal_error", "Something went wrong on our side. Nothing was charged; try again.")
    response = Response(found.document, found.status_code, headers=found.headers, content_type=CONTENT_TYPE)
    if found.code == FeatureOff.code:
        response._has_been_logged = True  # type: ignore[attr-defined]  # it is meant so: no error of the site's
    return response


def translate(error: Exception) -> Problem | None:
    """Return what to say about an error; None where nobody foresaw it."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return not_found()
    if isinstance(error, PermissionDenied):
        return problem(403, "permission_denied", "This is not allowed.")
    if isinstance(error, _BAD_FORMS):
        detail = "This form can't be read, or holds too much. Send multipart/form-data with the picture as “file”."
        return problem(400, "invalid_form", detail)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, DATABASE_AWAY):
        return database_away()
    return _of_product(error)


def _of_product(error: Exception) -> Problem | None:
    if isinstance(error, ContentRefused):
        return _refused_content(error)
    if isinstance(error, TaskOff):
        return _switched_off(error.errors[0].code, error.errors[0].message)
    if isinstance(error, FeatureOff):
        return _switched_off(error.code, str(error))
    if isinstance(error, InvalidParams):
        gone = next((one for one in error.errors if one.code in _GONE), None)
        if gone:
            return problem(404, gone.code, gone.message, param=camel_case(gone.field))
        return invalid(
            [{"param": camel_case(one.field), "code": one.code, "message": one.message} for one in error.errors]
        )
    if isinstance(error, (ModelUnknown, ModelUnavailable)):
        return problem(400, error.code, str(error), param="model")
    if isinstance(error, InsufficientCredits):
        noun = "API credit" if error.required == 1 else "API credits"
        detail = (
            f"This costs {error.required:,} {noun} and you have {error.available:,}. Nothing was charged. "
            f"Buy credits at {settings.SITE_URL}/pricing/api/."
        )
        return problem(402, "insufficient_credits", detail)
    if isinstance(error, SpendCapReached):
        return problem(402, "spend_cap_reached", str(error))
    if isinstance(error, SourceGone):
        return problem(404, "picture_gone", str(error))
    if isinstance(error, QueueFull):
        headers = {"Retry-After": str(_QUEUE_RETRY_SECONDS)}
        return problem(429, "queue_full", str(error), headers=headers)
    if isinstance(error, TestAllowanceUsedUp):
        return problem(429, "test_allowance_used_up", str(error), headers={"Retry-After": str(_until_midnight())})
    return None


def _switched_off(code: str, words: str) -> Problem:
    """Say what an operator has turned off; it may be back soon."""
    return problem(503, code, words, headers={"Retry-After": str(_SWITCH_RETRY_SECONDS)})


def _refused_content(error: ContentRefused) -> Problem:
    """Say which words the policy does not allow, and where their sender may appeal."""
    first = error.errors[0]
    detail = f"{first.message} If that is wrong, appeal at {settings.SITE_URL}{first.link}"
    return Problem(400, KINDS[400][0], "Not allowed by the content policy", detail, first.code, camel_case(first.field))


def _until_midnight() -> int:
    """Return the seconds until the next day's test pictures come."""
    now = timezone.now().astimezone(UTC)
    return 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)


def _of_framework(error: exceptions.APIException) -> Problem:
    status = error.status_code if error.status_code in KINDS else 400
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid_request"
    detail = str(error.detail)
    headers = dict(getattr(error, "headers", None) or {})
    if isinstance(error, exceptions.NotAuthenticated):
        code, detail = "missing_api_key", "Send your API key as “Authorization: Bearer KEY”."
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        seconds = math.ceil(wait)
        headers.setdefault("Retry-After", str(seconds))
        detail = f"Too many requests. Try again in {seconds} {'second' if seconds == 1 else 'seconds'}."
    return problem(status, code, detail, headers=headers)
