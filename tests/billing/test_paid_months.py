"""What a plan's payment brings, and when: its months, each once, none in advance, whatever becomes of the plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from billing import grants, ledger, paid_months, payments, subscriptions, tasks
from billing.audit import audit
from billing.models import CreditLot, Payment, Plan, Subscription
from billing.payment_facts import InvoiceFacts, SubscriptionState
from tests.billing import told
from tests.billing.told import NOW
from tests.factories import make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    """Return somebody whose cycle began five days ago."""
    return joined(NOW - 5 * DAY)


def joined(when: datetime, zone: str = "UTC") -> User:
    user = make_user(date_joined=when, time_zone=zone)
    grants.start_monthly_credits(user)
    return user


def buy(
    user: User, slug: str = "starter", interval: str = "month", days: int = 31
) -> tuple[SubscriptionState, Payment]:
    """Let somebody buy a plan now, as the shop tells it."""
    now = datetime.now(UTC)
    state = told.subscription(
        user,
        slug,
        interval,
        id=sub_of(user),
        period_starts_at=now,
        period_ends_at=now + days * DAY,
        created_at=now,
    )
    subscriptions.apply(state)
    return state, pay(paid(user, slug, interval, now, days))


def sub_of(user: User) -> str:
    return f"sub_{user.pk.hex}"


def paid(user: User, slug: str, interval: str, begins: datetime, days: int, number: int = 1) -> InvoiceFacts:
    named = {"id": f"in_{user.pk.hex}_{number}", "subscription_id": sub_of(user), "paid_at": begins}
    invoice = told.plan_invoice(user, slug, interval, **named)
    return replace(invoice, lines=(replace(invoice.lines[0], starts_at=begins, ends_at=begins + days * DAY),))


def pay(invoice: InvoiceFacts, refunded: int = 0) -> Payment:
    applied = payments.apply_invoice(invoice, told.charge(invoice.paid_cents, refunded))
    assert applied is not None
    return applied.payment


def came(user: User) -> int:
    """Return how many credits plans brought somebody, all told."""
    assert list(audit(ledger.wallet_of(user).pk)) == []
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN)
    return sum(lots.values_list("credits", flat=True))


def sweep_until(clock: time_machine.Traveller, until: datetime) -> None:
    """Let the days pass, with a sweep now and then."""
    while (now := datetime.now(UTC)) < until:
        clock.move_to(min(now + 9 * DAY, until))
        tasks.sweep()


# --- One month for one payment --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_one_paid_month_brings_one_month_on_whatever_day_it_is_bought_and_cancelled(
    clock: time_machine.Traveller, zone: str
) -> None:
    people: dict[int, User] = {}
    for day in range(31):
        clock.move_to(datetime(2027, 1, 31, 23, 30, tzinfo=UTC))
        people[day] = joined(datetime(2027, 1, 31, 23, 30, tzinfo=UTC), zone)
    for day, user in people.items():
        clock.move_to(datetime(2027, 1, 31, 23, 30, tzinfo=UTC) + day * DAY)
        tasks.sweep()
        buy(user)
        assert came(user) == 2900  # at once
    for day, user in people.items():
        clock.move_to(datetime(2027, 3, 4, tzinfo=UTC) + day * HOUR)
        state = told.subscription(user, id=sub_of(user), period_starts_at=NOW, period_ends_at=NOW, created_at=NOW)
        row = Subscription.objects.get(user=user)
        state = replace(state, period_starts_at=row.period_starts_at, period_ends_at=row.period_ends_at)
        subscriptions.apply(replace(state, cancels_at_period_end=True))
        tasks.sweep()
        subscriptions.apply(replace(state, status="canceled", ended_at=row.period_ends_at))
    clock.move_to(datetime(2027, 5, 4, tzinfo=UTC))
    tasks.sweep()
    assert {came(user) for user in people.values()} == {2900}


def test_a_renewal_brings_its_month_when_it_is_paid(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    assert came(user) == 2900
    subscriptions.apply(replace(state, period_starts_at=NOW + 31 * DAY, period_ends_at=NOW + 61 * DAY))
    second = pay(paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2))
    assert (came(user), second.credits) == (5800, 2900)


def test_a_failed_renewal_brings_nothing_and_what_makes_it_good_a_month(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    again = replace(state, period_starts_at=NOW + 31 * DAY, period_ends_at=NOW + 61 * DAY)
    subscriptions.apply(replace(again, status="past_due"))
    sweep_until(clock, NOW + 36 * DAY)
    assert came(user) == 2900
    subscriptions.apply(again)
    pay(replace(paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2), paid_at=NOW + 36 * DAY))
    assert came(user) == 5800


@pytest.mark.parametrize("seconds", [-90, -1, 1, 90])
def test_a_clock_beside_the_shops_changes_nothing(user: User, seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    state = told.subscription(user, id=sub_of(user), created_at=at)
    subscriptions.apply(replace(state, period_starts_at=at, period_ends_at=at + 31 * DAY))
    invoice = paid(user, "starter", "month", at, 31)
    assert pay(invoice).credits == 2900
    payment = pay(invoice, refunded=1000)
    assert (payment.credits, payment.taken_back) == (2900, 2900)
    assert ledger.wallet_of(user).balance == 100


def test_a_renewals_refund_takes_back_what_the_renewal_brought(user: User, clock: time_machine.Traveller) -> None:
    state, first = buy(user)
    sweep_until(clock, state.period_ends_at)
    subscriptions.apply(replace(state, period_starts_at=NOW + 31 * DAY, period_ends_at=NOW + 61 * DAY))
    renewal = paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2)
    pay(renewal)
    assert ledger.wallet_of(user).balance == 100 + 2900 + 2900
    second = pay(renewal, refunded=1000)
    first.refresh_from_db()
    assert (first.taken_back, second.taken_back) == (0, 2900)
    assert ledger.wallet_of(user).balance == 100 + 2900


# --- A year -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [1, 14, 15, 16, 28, 31])
def test_a_year_brings_twelve_months_on_the_days_of_the_cycle(clock: time_machine.Traveller, day: int) -> None:
    clock.move_to(datetime(2027, 1, 15, 9, tzinfo=UTC))
    user = joined(datetime(2027, 1, 15, 9, tzinfo=UTC), "Europe/Berlin")
    clock.move_to(datetime(2027, 3, day, 12, tzinfo=UTC))
    tasks.sweep()
    state, payment = buy(user, "starter", "year", days=366)
    sweep_until(clock, state.period_ends_at + 40 * DAY)
    assert came(user) == 12 * 2900
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN).order_by("created_at")
    assert [lot.created_at.date() >= lot.cycle_on for lot in lots if lot.cycle_on] == [True] * 12
    assert len({lot.cycle_on for lot in lots}) == 12
    payment.refresh_from_db()
    assert (payment.credits, payment.next_month_at) == (12 * 2900, None)


def test_months_missed_while_nobody_swept_come_once(user: User, clock: time_machine.Traveller) -> None:
    buy(user, "starter", "year", days=365)
    clock.shift(100 * DAY)
    for _ in range(2):
        tasks.sweep()
    assert came(user) == 4 * 2900


def test_a_year_that_is_refunded_brings_no_further_month(user: User, clock: time_machine.Traveller) -> None:
    _, payment = buy(user, "starter", "year", days=365)
    pay(paid(user, "starter", "year", NOW, 365), refunded=payment.amount_cents)
    sweep_until(clock, NOW + 70 * DAY)
    assert came(user) == 2900
    payment.refresh_from_db()
    assert payment.taken_back == 2900


def test_half_a_years_refund_takes_half_of_every_month(user: User, clock: time_machine.Traveller) -> None:
    _, payment = buy(user, "starter", "year", days=365)
    pay(paid(user, "starter", "year", NOW, 365), refunded=payment.amount_cents // 2)
    sweep_until(clock, NOW + 70 * DAY)
    payment.refresh_from_db()
    assert (payment.credits, payment.taken_back) == (3 * 2900, 3 * 1450)


def test_a_year_that_ends_early_brings_no_more(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user, "starter", "year", days=365)
    sweep_until(clock, NOW + 40 * DAY)
    subscriptions.apply(replace(state, status="canceled", ended_at=NOW + 40 * DAY))
    sweep_until(clock, NOW + 100 * DAY)
    assert came(user) == 2 * 2900


# --- Changes of plan --------------------------------------------------------------------------------------------


def change(user: User, state: SubscriptionState, slug: str, interval: str, days: int) -> Payment:
    now = datetime.now(UTC)
    changed = replace(
        state, price_id=told.price(slug, interval), key=f"{slug}:{interval}", interval=interval,
        period_starts_at=now, period_ends_at=now + days * DAY,
    )  # fmt: skip
    subscriptions.apply(changed)
    return pay(replace(paid(user, slug, interval, now, days, number=2), reason="subscription_update"))


@pytest.mark.parametrize("day", [0, 1, 10, 26, 30])
def test_an_upgrade_brings_what_the_money_of_both_makes(user: User, clock: time_machine.Traveller, day: int) -> None:
    state, first = buy(user)
    sweep_until(clock, NOW + day * DAY)
    subscription = Subscription.objects.get()
    told_before = paid_months.would_bring(subscription, told_plan("pro"), NOW + day * DAY)
    second = change(user, state, "pro", "month", 30)
    # The rest of the first month was paid back, so what it had brought counts towards the second.
    used = 2900 * day // 31
    assert (first.credits, second.credits) == (2900, 14900 - (2900 - used))
    assert second.credits == told_before
    sweep_until(clock, NOW + (day + 29) * DAY)
    assert came(user) == used + 14900


def test_an_upgrade_of_a_year_carries_over_what_came_too_early(user: User, clock: time_machine.Traveller) -> None:
    state, first = buy(user, "starter", "year", days=365)
    sweep_until(clock, NOW + 28 * DAY)  # two months came, of 28 days that are paid
    first.refresh_from_db()
    assert first.credits == 5800
    change(user, state, "pro", "year", 365)
    assert came(user) == 5800 + 14900 - (5800 - 12 * 2900 * 28 // 365)
    sweep_until(clock, NOW + 420 * DAY)
    assert came(user) == 12 * 2900 * 28 // 365 + 12 * 14900


def test_the_same_plan_by_the_year_brings_the_months_that_follow(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, NOW + 10 * DAY)
    change(user, state, "starter", "year", 365)
    sweep_until(clock, NOW + 400 * DAY)
    assert came(user) == 2900 * 10 // 31 + 12 * 2900


def test_a_second_plan_by_mistake_brings_nothing(user: User) -> None:
    buy(user)
    other = told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(seconds=5))
    assert subscriptions.apply(other).is_duplicate
    assert pay(replace(paid(user, "pro", "month", NOW, 31, number=9), subscription_id="sub_2")).credits == 0
    assert came(user) == 2900


def told_plan(slug: str) -> Plan:
    return Plan.objects.get(pk=slug)
