"""Use of the API as a page shows it: a bar a day, and what it comes to."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.utils import timezone

from accounts.models import ApiKey, User
from generation.spend_caps import Cap, caps_of
from generation.usage import usage_of

DAYS = 30
HEIGHT = 72
_STEP, _WIDTH = 10, 7


@dataclass(frozen=True)
class Bar:
    """One day's pictures; x, y, height and width in the units of the drawing."""

    day: date
    pictures: int
    credits: int
    x: int
    height: int
    width: int = _WIDTH

    @property
    def y(self) -> int:
        """Where the bar begins, counted from the top."""
        return HEIGHT - self.height


@dataclass(frozen=True)
class UseChart:
    """The last days of a person, or of one of their keys; the caps of the key."""

    bars: tuple[Bar, ...]
    caps: tuple[Cap, ...]
    width: int = DAYS * _STEP
    height: int = HEIGHT

    @property
    def pictures(self) -> int:
        """Pictures of all days."""
        return sum(bar.pictures for bar in self.bars)

    @property
    def credits(self) -> int:
        """Credits of all days."""
        return sum(bar.credits for bar in self.bars)


def chart_of(user: User, key: ApiKey | None = None) -> UseChart:
    """Return the chart of the last 30 days (UTC), today included."""
    today = timezone.now().astimezone(UTC).date()
    days = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    uses = {use.day: use for use in usage_of(user, days[0], today, key=key)}
    most = max((use.pictures for use in uses.values()), default=0)
    bars = []
    for number, day in enumerate(days):
        use = uses.get(day)
        pictures, credits = (use.pictures, use.credits) if use else (0, 0)
        # A day with any picture is seen: 3 at least.
        height = max(3, HEIGHT * pictures // most) if pictures else 1
        bars.append(Bar(day, pictures, credits, number * _STEP, height))
    return UseChart(tuple(bars), tuple(caps_of(key)) if key else ())
