"""What stands behind the question mark of a list: filters and pages, refused by name like a body's fields."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from generation.api import requests
from generation.api.problems import invalid
from generation.models import Job
from generation.models.job import REF_MAX_LENGTH

LIMIT_DEFAULT, LIMIT_MAX = 20, 100
MODEL_MAX_LENGTH = 64
_Readers = Mapping[str, Callable[[str], Any]]


@dataclass(frozen=True)
class Listing:
    """A page that is asked for; `filters` are of Job."""

    filters: dict[str, Any]
    after: uuid.UUID | None
    limit: int


def read(query: QueryDict) -> Listing:
    """Read a query for runs. Raises: Problem naming every parameter that is unknown or out of bounds."""
    return _read(query, _READERS)


def read_page(query: QueryDict) -> Listing:
    """Read a query for a page of what has no filters. Raises: Problem."""
    return _read(query, _PAGE_READERS)


def _read(query: QueryDict, readers: _Readers) -> Listing:
    values: dict[str, Any] = {}
    errors = requests.unknown(query, readers)
    for name in readers.keys() & query.keys():
        try:
            values[name] = readers[name](_only(query.getlist(name)))
        except ValueError as error:
            errors.append({"param": name, "code": "invalid_value", "message": f"{name} {error}"})
    if errors:
        raise invalid(errors)
    filters = {field: values[name] for name, field in _FILTERS.items() if name in values}
    return Listing(filters, values.get("after"), values.get("limit", LIMIT_DEFAULT))


def _only(values: list[str]) -> str:
    if len(values) != 1:
        raise ValueError("stands in the address more than once.")
    return values[0]


def _limit(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= number <= LIMIT_MAX:
        raise ValueError(f"“{requests.shown(text)}” is not a whole number from 1 to {LIMIT_MAX}.")
    return number


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ValueError(f"“{requests.shown(text)}” is not a valid id; send `next` of the page before.") from None


def _status(text: str) -> str:
    if text not in Job.Status.values:
        raise ValueError(f"“{requests.shown(text)}” is not one of {', '.join(Job.Status.values)}.")
    return text


def _text(limit: int) -> Callable[[str], str]:
    def read_text(text: str) -> str:
        if not 1 <= len(text) <= limit:
            raise ValueError(f"has {len(text)} characters; 1 to {limit} are allowed.")
        if "\x00" in text:
            raise ValueError("holds a null character.")
        return text

    return read_text


def _moment(text: str) -> datetime:
    # A plus that was not written as %2B arrives as a blank.
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"“{requests.shown(text)}” is not a time with a zone, such as 2026-01-31T12:00:00Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if moment.year < 2 else datetime.max.replace(tzinfo=UTC)


_PAGE_READERS: _Readers = {"limit": _limit, "after": _id}
_READERS: _Readers = {
    **_PAGE_READERS,
    "status": _status,
    "model": _text(MODEL_MAX_LENGTH),
    "ref": _text(REF_MAX_LENGTH),
    "createdAfter": _moment,
}
_FILTERS = {"status": "status", "model": "model", "ref": "ref", "createdAfter": "created_at__gt"}
