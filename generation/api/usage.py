"""`/v1/usage`: what was made and what it cost, by day, model and key."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from generation import usage
from generation.api.account_shapes import DAY as DAY_SHAPE
from generation.api.account_shapes import GROUP_BY
from generation.api.openapi import describe, in_query
from generation.api.problems import invalid
from generation.api.resource import Resource
from generation.usage import DAY, GROUPS, Use

_USUAL_DAYS = 30
_NAMES = ("from", "to", "groupBy")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PARAMETERS = [
    in_query("from", "The first day (UTC); 29 days before the last. After the last, nothing is found.", DAY_SHAPE),
    in_query("to", "The last day (UTC), which counts too; today.", DAY_SHAPE),
    in_query("groupBy", "One line for each of these: day, model, key, with commas between them.", GROUP_BY),
]


class Usage(Resource):
    """An account's use of the API: all live keys together, or all test keys."""

    @describe("getUsage", "Sum up what was made", answers={200: "Usage"}, parameters=_PARAMETERS)
    def get(self, request: Request) -> Response:
        """Sum up the days `from` … `to` (UTC, both included; the last 30), grouped by `groupBy` (day,model,key).

        A live key sums up what live keys made, a test key what test keys made.
        """
        since, until, groups = read(request.query_params)
        lines = usage.usage_of(self.user_of(request), since, until, groups, is_test=self.key_of(request).is_test)
        return Response(
            {
                "from": since.isoformat(),
                "to": until.isoformat(),
                "groupBy": groups,
                "total": _sums(total_of(lines)),
                "usage": [{**_about(line, groups), **_sums(line)} for line in lines],
            }
        )


def read(query: Mapping[str, str]) -> tuple[date, date, list[str]]:
    """Return first day, last day and groups of a query. Raises: Problem, which names each refused field."""
    errors = [
        _error(name, f"There is no parameter “{name[:64]}”; there are {', '.join(_NAMES)}.", "unknown_parameter")
        for name in query
        if name not in _NAMES
    ]
    until = _day(query, "to", timezone.now().astimezone(UTC).date(), errors)
    first = date.fromordinal(max(1, until.toordinal() - _USUAL_DAYS + 1))
    since = _day(query, "from", first, errors)
    named = query.get("groupBy", DAY).split(",")
    if unknown := [group for group in named if group not in GROUPS]:
        errors.append(_error("groupBy", f"“{unknown[0][:64]}” is not a group; choose from {', '.join(GROUPS)}."))
    if errors:
        raise invalid(errors)
    return since, until, [group for group in GROUPS if group in named]


def total_of(lines: list[Use]) -> Use:
    """Return the sum of all lines."""
    total = Use(0, 0, 0, 0)
    for line in lines:
        total = replace(
            total,
            requests=total.requests + line.requests,
            pictures=total.pictures + line.pictures,
            credits=total.credits + line.credits,
            on_hold=total.on_hold + line.on_hold,
        )
    return total


def _day(query: Mapping[str, str], name: str, usual: date, errors: list[dict[str, str]]) -> date:
    text = query.get(name)
    if text is None:
        return usual
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        errors.append(_error(name, f"“{text[:64]}” is not a valid day; write it like 2026-11-21."))
    return day or usual


def _error(param: str, message: str, code: str = "invalid_value") -> dict[str, str]:
    return {"param": param, "code": code, "message": message}


def _sums(line: Use) -> dict[str, int]:
    return {
        "requests": line.requests,
        "pictures": line.pictures,
        "credits": line.credits,
        "creditsOnHold": line.on_hold,
    }


def _about(line: Use, groups: list[str]) -> dict[str, Any]:
    key = {"id": str(line.key.pk), "name": line.key.name, "isTest": line.key.is_test} if line.key else None
    facts = {"day": line.day.isoformat() if line.day else None, "model": line.model, "key": key}
    return {group: facts[group] for group in groups}
