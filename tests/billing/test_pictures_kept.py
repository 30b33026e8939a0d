"""The day before which no picture of somebody goes who leaves a plan."""

from datetime import UTC, datetime, timedelta

import pytest

from billing import pictures_kept
from billing.models import Plan, Wallet

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
FREE, KEEPS_ALL = Plan(slug="free", retention_days=90), Plan(slug="pro", kept_days_after=180)


def in_days(days: int) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("kept_days_after", "promised", "days"), [(180, None, 180), (0, None, 90), (30, None, 90), (180, 400, 400)]
)
def test_a_plan_that_ends_leaves_the_longest_of_what_was_promised(
    kept_days_after: int, promised: int | None, days: int
) -> None:
    wallet = Wallet(pictures_kept_until=in_days(promised) if promised else None)
    plan = Plan(slug="pro", kept_days_after=kept_days_after)

    assert pictures_kept.after(wallet, plan, FREE, NOW) == in_days(days)


def test_a_plan_that_keeps_all_has_no_such_day() -> None:
    assert pictures_kept.after(Wallet(), FREE, KEEPS_ALL, NOW) is None
    assert pictures_kept.now(Wallet(plan=KEEPS_ALL, plan_since=NOW), NOW) is None


@pytest.mark.parametrize(
    ("since", "promised", "days"),
    [(-10, None, 80), (-10, 170, 170), (-100, None, None), (-100, 5, 5), (None, None, None)],
)
def test_who_has_left_one_knows_the_day_until_it_is_past(
    since: int | None, promised: int | None, days: int | None
) -> None:
    wallet = Wallet(
        plan=FREE,
        plan_since=None if since is None else in_days(since),
        pictures_kept_until=None if promised is None else in_days(promised),
    )

    assert pictures_kept.now(wallet, NOW) == (None if days is None else in_days(days))
