"""Money and credits by day: each sum on its day, and what is outstanding as the ledger had it at midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import figures, ledger
from billing.figures import DayFigures
from billing.models import Payment
from tests.billing.books import make_payment, release, settle
from tests.factories import add_lot, make_wallet

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def tell_a_story() -> None:
    """Three days: credits come; some are spent, set aside and taken; the rest of a lot expires."""
    with time_machine.travel(NOW - 2 * DAY, tick=False):
        wallet = make_wallet(100)
        add_lot(wallet, 30, expires_at=NOW - DAY / 2)
        hold = ledger.hold(wallet, 20, key="h1", reason="r", reference="job:1")
        settle(hold, 8, "s1")
        release(hold, "r1")
    with time_machine.travel(NOW - DAY, tick=False):
        ledger.adjust(wallet, -5, key="a1", reason="r")
        ledger.adjust(wallet, 7, key="a2", reason="r")
        ledger.hold(wallet, 9, key="h2", reason="r", reference="job:2")
    with time_machine.travel(NOW, tick=False):
        ledger.expire(NOW)


def test_each_sum_stands_on_its_day() -> None:
    tell_a_story()
    found = figures.figures_of(NOW, 30).days
    assert (len(found), found[0].on, found[-1].on) == (30, date(2027, 2, 14), date(2027, 3, 15))
    moved = [(day.granted, day.spent, day.expired, day.taken_back) for day in found[-3:]]
    # The hold of yesterday took what expires today: 30 - 8 - 5 - 9 were left.
    assert moved == [(130, 8, 0, 0), (7, 0, 0, 5), (0, 0, 8, 0)]


def test_what_is_outstanding_counts_what_is_set_aside() -> None:
    tell_a_story()
    assert [day.outstanding for day in figures.figures_of(NOW, 30).days[-4:]] == [0, 122, 124, 116]


def test_a_shorter_span_says_the_same_of_its_days() -> None:
    tell_a_story()
    assert figures.figures_of(NOW, 90).days[-2:] == figures.figures_of(NOW, 2).days


def test_refunds_and_disputes_are_taken_off_the_payments_day() -> None:
    wallet = make_wallet()
    for facts in (
        {"paid_at": NOW - DAY},
        {"paid_at": NOW, "refunded_cents": 500},
        {"paid_at": NOW, "dispute": "lost", "disputed_cents": 2000, "refunded_cents": 100},
        {"paid_at": NOW, "dispute": "won", "disputed_cents": 2000},
        {"paid_at": NOW, "currency": "eur"},
        {"paid_at": NOW - 40 * DAY},
    ):
        make_payment(wallet, **facts)
    yesterday, today = figures.figures_of(NOW, 30).days[-2:]
    assert (yesterday.revenue_cents, yesterday.lost_cents) == (2000, 0)
    assert (today.revenue_cents, today.lost_cents, today.kept_cents) == (6000, 2500, 3500)
    assert today.lost_cents == sum(p.lost_cents for p in Payment.objects.filter(paid_at=NOW, currency="usd"))
    assert figures.currencies() == ["eur", "usd"]


def test_nothing_at_all_is_a_row_of_zeros() -> None:
    found = figures.figures_of(NOW, 30)
    assert set(found.days) == {DayFigures(day.on, 0, 0, 0, 0, 0, 0, 0) for day in found.days}
    assert figures.currencies() == ["usd"]
    assert len(found.plots) == 6
    assert dict(found.totals)["Revenue"] == "$0.00"


def test_the_database_makes_the_sums_in_four_statements() -> None:
    tell_a_story()
    with CaptureQueriesContext(connection) as queries:
        figures.figures_of(NOW, 365)
    assert len([query for query in queries if "SELECT" in query["sql"]]) == 4
