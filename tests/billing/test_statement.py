"""What a person reads: lots in spending order, the next grant, lines by page, links to what they are for."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import grants, ledger, statement
from billing.models import FREE, Plan, Product, Subscription
from billing.statement import NextGrant
from tests.billing.books import make_payment, make_subscription
from tests.factories import add_lot, make_user, make_wallet
from tests.invites import PAID, befriend, change, make_referrer, pay, sweep

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@time_machine.travel(NOW, tick=False)
def test_lots_stand_in_the_order_in_which_they_are_spent() -> None:
    wallet = make_wallet(50)
    add_lot(wallet, 20, expires_at=NOW + 2 * DAY)
    add_lot(wallet, 10, expires_at=NOW + DAY)
    add_lot(wallet, 7, expires_at=NOW)
    ledger.hold(wallet, 12, key="h", reason="r", reference="job:1")
    shown = statement.statement_of(wallet)
    assert [(lot.name, lot.credits, lot.remaining, lot.expires_at) for lot in shown.lots] == [
        ("Credit pack", 20, 18, NOW + 2 * DAY),
        ("Credit pack", 50, 50, None),
    ]
    assert (shown.balance, shown.on_hold, shown.next_grant) == (68, 12, None)


@time_machine.travel(NOW, tick=False)
def test_the_balance_shown_leaves_out_what_has_expired_before_the_sweep_came() -> None:
    wallet = make_wallet(7, expires_at=NOW)
    assert statement.statement_of(wallet).balance == 0


@time_machine.travel(NOW, tick=False)
def test_the_next_grant_has_its_date_where_the_person_lives() -> None:
    user = make_user(time_zone="America/New_York")
    grants.start_monthly_credits(user)
    wallet = ledger.wallet_of(user)
    shown = statement.next_grant_of(wallet)
    assert shown == NextGrant(100, date(2027, 4, 15), "Free")
    Plan.objects.filter(pk=FREE).update(monthly_credits=0)
    assert statement.next_grant_of(ledger.wallet_of(user)) is None


def test_lines_are_the_newest_first_and_come_in_pages() -> None:
    wallet, other = make_wallet(), make_wallet(3)
    for number in range(1, 6):
        ledger.adjust(wallet, number, key=f"{number}", reason=f"Reason {number}")
    first = statement.ledger_lines(wallet, limit=2)
    second = statement.ledger_lines(wallet, after=first.next_after, limit=2)
    third = statement.ledger_lines(wallet, after=second.next_after, limit=2)
    assert [[line.delta for line in page.lines] for page in (first, second, third)] == [[5, 4], [3, 2], [1]]
    assert third.next_after is None
    assert first.lines[0].balance_after == 15
    assert [line.delta for line in statement.ledger_lines(other).lines] == [3]


def test_a_page_that_is_just_full_is_the_last() -> None:
    wallet = make_wallet(1)
    add_lot(wallet, 1)
    assert statement.ledger_lines(wallet, limit=2).next_after is None


def test_a_page_costs_one_statement_without_count_or_offset() -> None:
    wallet = make_wallet(1)
    with CaptureQueriesContext(connection) as queries:
        statement.ledger_lines(wallet, after=10**9)
    [query] = queries
    assert "OFFSET" not in query["sql"]
    assert "COUNT" not in query["sql"]


def test_a_line_says_what_it_was_for() -> None:
    wallet = make_wallet(10)
    job_id = uuid4()
    hold = ledger.hold(wallet, 4, key="h", reason="4 pictures", reference=f"job:{job_id}")
    ledger.settle(hold, 4, key="s", reason="4 pictures")
    spent, set_aside, _ = statement.ledger_lines(wallet).lines
    assert (spent.name, spent.credits, spent.delta, spent.balance_after) == ("Spent", 4, 0, 6)
    assert (set_aside.name, set_aside.credits, set_aside.delta, set_aside.reason) == ("Set aside", 4, -4, "4 pictures")
    assert str(job_id) in set_aside.url
    assert set_aside.url == spent.url


@pytest.mark.parametrize("reference", ["", "job:", "job:no-uuid", "unknown:7", "7"])
def test_a_reference_that_leads_nowhere_has_no_address(reference: str) -> None:
    assert statement.url_of(reference) == ""


def test_balance_of_somebody_without_a_wallet_is_zero() -> None:
    user = make_user()
    make_wallet(5, user=user)
    assert (statement.balance_of(user), statement.balance_of(user, Product.API)) == (5, 0)


@time_machine.travel(NOW, tick=False)
def test_what_comes_next_may_wait_for_a_payment_or_come_before_the_plans() -> None:
    user = make_user()
    grants.start_monthly_credits(user)
    subscription = make_subscription(ledger.wallet_of(user), period_ends_at=NOW + 31 * DAY)
    shown = statement.next_grant_of(ledger.wallet_of(user))
    assert shown == NextGrant(3000, date(2027, 4, 15), "Starter", is_paid=True)
    Subscription.objects.filter(pk=subscription.pk).update(
        period_starts_at=NOW + 5 * DAY, period_ends_at=NOW + 36 * DAY, started_at=NOW + 5 * DAY
    )
    shown = statement.next_grant_of(ledger.wallet_of(user))
    later = NextGrant(3000, date(2027, 5, 15), "Starter", is_paid=True)
    assert shown == NextGrant(100, date(2027, 4, 15), "Free", later=later)
    Subscription.objects.filter(pk=subscription.pk).update(cancels_at_period_end=True)
    shown = statement.next_grant_of(ledger.wallet_of(user))
    assert shown == NextGrant(100, date(2027, 4, 15), "Free")


def test_credits_owed_are_summed() -> None:
    wallet = make_wallet()
    for _ in range(2):
        make_payment(wallet, refunded_cents=500, taken_back=1000, owed=250)
    make_payment(make_wallet(), owed=1)
    assert statement.statement_of(wallet).owed == 500


def test_rewards_of_invites_that_are_owed_back_stand_apart() -> None:
    ada = make_referrer()
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - 60 * DAY)
    sweep()
    wallet = ledger.wallet_of(ada)
    ledger.adjust(wallet, 40 - ledger.available(wallet), key="spent", reason="Spent")
    change(payment, refunded_cents=1000)
    sweep()
    shown = statement.statement_of(wallet)
    assert (shown.balance, shown.owed, shown.owed_rewards) == (0, 0, PAID - 40)
