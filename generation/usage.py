"""What was made through the API and what it cost, by day, model and key. Days are UTC."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import ApiKey, User
from generation.models import Job

DAY, MODEL, KEY = "day", "model", "key"
GROUPS = (DAY, MODEL, KEY)

_COLUMNS = {DAY: "day", MODEL: "model", KEY: "api_key"}
_CHARGED = Case(When(status__in=Job.ACTIVE, then=0), default=F("images_stored") * F("credits_per_image"))
_ON_HOLD = Case(When(status__in=Job.ACTIVE, then=F("num_images") * F("credits_per_image")), default=0)
_SUMS = {
    "requests": Count("pk"),
    "pictures": Coalesce(Sum("images_stored"), 0),
    "credits": Coalesce(Sum(_CHARGED), 0),
    "on_hold": Coalesce(Sum(_ON_HOLD), 0),
}


@dataclass(frozen=True)
class Use:
    """One line: what it is about (only what was grouped by), how many requests, pictures that arrived, credits."""

    requests: int
    pictures: int
    credits: int
    on_hold: int
    day: date | None = None
    model: str | None = None
    key: ApiKey | None = None


def usage_of(
    user: User,
    since: date,
    until: date,
    by: Collection[str] = (DAY,),
    *,
    key: ApiKey | None = None,
    is_test: bool | None = None,
) -> list[Use]:
    """Return the lines of a person's API runs from `since` to `until`, both included, in the order of `GROUPS`.

    `by` names at least one group of `GROUPS`; `key` leaves all others out, `is_test` those of the other kind (None:
    neither; runs with test keys count at 0 credits). A run belongs to the day on which it was ordered; credits are
    what it was charged, `on_hold` what may yet be.
    """
    of_kind = ApiKey.objects.filter(user=user, **({} if is_test is None else {"is_test": is_test}))
    keys = {one.pk: one for one in ([key] if key else of_kind)}
    ordered = Q(created_at__gte=_at(since, time.min), created_at__lte=_at(until, time.max))
    columns = [_COLUMNS[group] for group in GROUPS if group in by]
    # By key, not by person: the index on runs is by key and time.
    runs = Job.objects.filter(ordered, api_key__in=keys).annotate(day=TruncDate("created_at", tzinfo=UTC))
    rows = runs.values(*columns).annotate(**_SUMS).order_by(*columns)
    return [_use(row, keys) for row in rows]


def _use(row: dict[str, Any], keys: dict[UUID, ApiKey]) -> Use:
    api_key = row.pop("api_key", None)
    return Use(**row, key=keys[api_key] if api_key else None)


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, UTC)
