"""What a key may spend in a UTC day and a UTC month, in credits, and what it has.

Nothing is counted up: what a key has spent is the sum over its runs, those under way at their full price, the ended
ones at what they were charged. So it is right whatever became of a run, and only keys with a cap cost a query.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Case, F, Q, Sum, When
from django.utils import timezone

from accounts.models import ApiKey
from generation.errors import SpendCapReached
from generation.models import Job

_SPENT = Case(
    When(status__in=Job.ACTIVE, then=F("num_images") * F("credits_per_image")),
    default=F("images_stored") * F("credits_per_image"),
)


@dataclass(frozen=True)
class Cap:
    """One bound of a key: how much is spent of how much, and when it begins anew."""

    period: str
    credits: int
    spent: int
    resets_at: datetime

    @property
    def left(self) -> int:
        """Credits that the key may still spend."""
        return max(0, self.credits - self.spent)


def refuse_over_cap(key: ApiKey, credits: int) -> None:
    """Raise SpendCapReached where a run of this price would take its key over a cap.

    Called where a run is made, behind the wallet's lock and before the run's row is written, so that two requests
    at once cannot both be the last that fits.
    """
    for cap in caps_of(key):
        if credits > cap.left:
            raise SpendCapReached(cap.period, credits, cap.left, cap.credits, cap.resets_at)


def caps_of(key: ApiKey) -> list[Cap]:
    """Return the key's caps as they stand, the day's first; none, and no query, for a key without."""
    if key.daily_cap is None and key.monthly_cap is None:
        return []
    day = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    runs = Job.objects.filter(api_key=key, created_at__gte=day if key.monthly_cap is None else month)
    sums = runs.aggregate(day=Sum(_SPENT, filter=Q(created_at__gte=day)), month=Sum(_SPENT))
    next_month = (month + timedelta(days=32)).replace(day=1)
    caps = []
    if key.daily_cap is not None:
        caps.append(Cap("day", key.daily_cap, sums["day"] or 0, day + timedelta(days=1)))
    if key.monthly_cap is not None:
        caps.append(Cap("month", key.monthly_cap, sums["month"] or 0, next_month))
    return caps
