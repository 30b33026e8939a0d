"""What a plan's payment brings, and when: its months, each once, none in advance, whatever becomes of the plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

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
    named: dict[str, Any] = {"id": f"in_{user.pk.hex}_{number}", "subscription_id": sub_of(user), "paid_at": begins}
    if number > 1:
        named["reason"] = "subscription_cycle"
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


def renew(user: User, state: SubscriptionState, status: str = "active") -> SubscriptionState:
    """Let the second month of what was bought at NOW begin, from 10 April to 10 May; the cycle begins on the 5th."""
    again = replace(state, period_starts_at=NOW + 31 * DAY, period_ends_at=NOW + 61 * DAY, status=status)
    subscriptions.apply(again)
    return again


def pay_renewal(user: User, refunded: int = 0, **facts: Any) -> Payment:
    return pay(replace(paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2), **facts), refunded)


def days_of(user: User) -> list[date]:
    """Return the days on which plans brought somebody credits, where they live."""
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN).order_by("created_at", "id")
    return [lot.created_at.astimezone(user.zone).date() for lot in lots]


def test_a_renewal_brings_its_month_on_the_next_billing_cycle_day(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    assert came(user) == 2900
    renew(user, state)
    second = pay_renewal(user)
    assert (came(user), second.credits) == (2900, 0)
    assert second.next_month_at == datetime(2027, 5, 5, tzinfo=UTC)
    clock.move_to(datetime(2027, 5, 4, 23, 59, tzinfo=UTC))
    tasks.sweep()
    assert came(user) == 2900
    clock.move_to(datetime(2027, 5, 5, tzinfo=UTC))
    for _ in range(2):
        tasks.sweep()
    assert came(user) == 5800
    assert days_of(user) == [date(2027, 3, 10), date(2027, 5, 5)]


def test_who_bought_on_the_day_of_the_cycle_has_each_month_on_that_day(clock: time_machine.Traveller) -> None:
    user = joined(NOW)
    state, _ = buy(user)
    clock.move_to(NOW + 31 * DAY)
    tasks.sweep()
    renew(user, state)
    assert pay_renewal(user).credits == 2900
    assert days_of(user) == [date(2027, 3, 10), date(2027, 4, 10)]
    reasons = [entry.reason for entry in ledger.wallet_of(user).entries.filter(lot__source="plan").order_by("id")]
    assert reasons == [
        "Starter plan: 2,900 credits for 10 March – 9 April",
        "Starter plan: 2,900 credits for 10 April – 9 May",
    ]


def test_lines_say_which_days_the_credits_are_for(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    renew(user, state)
    pay_renewal(user)
    sweep_until(clock, NOW + 60 * DAY)
    lines = ledger.wallet_of(user).entries.filter(kind="grant").order_by("id").values_list("reason", flat=True)
    assert list(lines) == [
        "Monthly credits for 5 March – 4 April",
        # Until the next paid month comes.
        "Starter plan: 2,900 credits for 10 March – 4 May",
        "Monthly credits for 5 April – 4 May",
        "Monthly credits for 5 May – 4 June",
        "Starter plan: 2,900 credits for 5 May – 4 June",
    ]


def test_a_cancelled_plans_last_month_is_handed_out_all_the_same(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    again = renew(user, state)
    pay_renewal(user)
    subscriptions.apply(replace(again, cancels_at_period_end=True))
    ended = NOW + 32 * DAY
    clock.move_to(ended)
    subscriptions.apply(replace(again, status="canceled", ended_at=ended))  # even by the operator, at once
    sweep_until(clock, NOW + 120 * DAY)
    assert came(user) == 5800
    assert days_of(user)[-1] >= date(2027, 5, 5)


def test_a_month_that_is_refunded_before_its_day_never_comes(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    renew(user, state)
    pay_renewal(user)
    second = pay_renewal(user, refunded=1000)
    assert second.next_month_at is None
    sweep_until(clock, NOW + 120 * DAY)
    second.refresh_from_db()
    assert (came(user), second.credits, second.taken_back) == (2900, 0, 0)


def test_half_a_month_that_is_refunded_before_its_day_leaves_the_other_half(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    renew(user, state)
    pay_renewal(user)
    pay_renewal(user, refunded=500)
    sweep_until(clock, NOW + 57 * DAY)
    second = Payment.objects.order_by("paid_at").last()
    assert second is not None
    assert (second.credits, second.taken_back) == (2900, 1450)


def test_a_month_disputed_on_its_day_comes_when_the_dispute_is_won(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    renew(user, state)
    pay_renewal(user)
    invoice = paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2)
    payments.apply_invoice(invoice, told.charge(1000, is_disputed=True), [told.dispute(1000)])
    sweep_until(clock, NOW + 90 * DAY)
    assert came(user) == 2900
    payments.apply_invoice(invoice, told.charge(1000, is_disputed=True), [told.dispute(1000, "won")])
    assert came(user) == 5800


@pytest.mark.parametrize("clock_back", [timedelta(hours=1), 40 * DAY])
def test_a_clock_set_back_hands_out_nothing_twice(
    user: User, clock: time_machine.Traveller, clock_back: timedelta
) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    renew(user, state)
    pay_renewal(user)
    for _ in range(3):
        clock.move_to(datetime(2027, 5, 5, 1, tzinfo=UTC))
        tasks.sweep()
        clock.move_to(datetime(2027, 5, 5, 1, tzinfo=UTC) - clock_back)
        tasks.sweep()
        pay_renewal(user)
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN)
    assert sum(lots.values_list("credits", flat=True)) == 5800


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
    pay_renewal(user, paid_at=NOW + 36 * DAY)
    sweep_until(clock, datetime(2027, 5, 5, tzinfo=UTC))
    assert came(user) == 5800


def test_a_renewal_that_is_paid_after_its_day_comes_at_once(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    again = renew(user, state, "past_due")
    sweep_until(clock, datetime(2027, 5, 7, tzinfo=UTC))  # its day was the 5th, the grace is long over
    assert ledger.wallet_of(user).plan_id == "free"
    subscriptions.apply(replace(again, status="active"))
    assert pay_renewal(user, paid_at=datetime(2027, 5, 7, tzinfo=UTC)).credits == 2900
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
    renew(user, state)
    pay_renewal(user)
    sweep_until(clock, datetime(2027, 5, 5, tzinfo=UTC))
    assert ledger.wallet_of(user).balance == 100 + 2900  # the first month's were good until now
    second = pay_renewal(user, refunded=1000)
    first.refresh_from_db()
    assert (first.taken_back, second.taken_back) == (0, 2900)
    assert ledger.wallet_of(user).balance == 100


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


def test_of_a_year_that_ends_early_all_months_come_that_were_not_paid_back(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user, "starter", "year", days=365)
    sweep_until(clock, NOW + 40 * DAY)
    subscriptions.apply(replace(state, status="canceled", ended_at=NOW + 40 * DAY))
    sweep_until(clock, NOW + 100 * DAY)
    assert came(user) == 4 * 2900
    pay(paid(user, "starter", "year", NOW, 365), refunded=10000)
    sweep_until(clock, NOW + 200 * DAY)
    assert came(user) == 4 * 2900
    assert Payment.objects.get().taken_back == 2 * 2900  # the rest had expired unspent


# --- Changes of plan --------------------------------------------------------------------------------------------


def change(user: User, state: SubscriptionState, slug: str, interval: str, days: int, number: int = 2) -> Payment:
    now = datetime.now(UTC)
    changed = replace(
        state, price_id=told.price(slug, interval), key=f"{slug}:{interval}", interval=interval,
        period_starts_at=now, period_ends_at=now + days * DAY,
    )  # fmt: skip
    subscriptions.apply(changed)
    return pay(replace(paid(user, slug, interval, now, days, number=number), reason="subscription_update"))


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


def test_an_upgrade_before_a_renewals_day_brings_what_was_used_of_it_too(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    again = renew(user, state)
    pay_renewal(user)
    clock.move_to(NOW + 41 * DAY)  # ten days of thirty, its month comes on 5 May
    would_come = paid_months.would_bring(Subscription.objects.get(), told_plan("pro"), NOW + 41 * DAY)
    third = change(user, again, "pro", "month", 30, number=3)
    assert third.credits == 14900
    assert came(user) == 2900 + 14900 + 2900 * 10 // 30 == 2900 + would_come
    entry = ledger.wallet_of(user).entries.get(credits=2900 * 10 // 30)
    assert entry.reason == "Starter plan: 966 credits for 10 April – 19 April"
    sweep_until(clock, NOW + 70 * DAY)
    assert came(user) == 2900 + 14900 + 2900 * 10 // 30


def test_after_a_year_the_months_come_with_each_cycle_when_it_goes_on_by_the_month(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user, "starter", "year", days=365)
    sweep_until(clock, NOW + 365 * DAY)
    assert came(user) == 12 * 2900
    later = {"key": "starter:month", "price_id": told.price("starter"), "interval": "month"}
    at = NOW + 365 * DAY
    subscriptions.apply(replace(state, period_starts_at=at, period_ends_at=at + 31 * DAY, **later))
    second = pay(paid(user, "starter", "month", at, 31, number=2))
    assert (second.months, second.first_cycle_on) == (1, date(2028, 4, 5))
    sweep_until(clock, NOW + 420 * DAY)
    assert came(user) == 13 * 2900


def test_a_year_that_is_renewed_begins_at_once(user: User, clock: time_machine.Traveller) -> None:
    state, _ = buy(user, "starter", "year", days=365)
    sweep_until(clock, NOW + 365 * DAY)
    at = NOW + 365 * DAY
    subscriptions.apply(replace(state, period_starts_at=at, period_ends_at=at + 366 * DAY))
    pay(paid(user, "starter", "year", at, 366, number=2))
    assert came(user) == 13 * 2900
    sweep_until(clock, at + 400 * DAY)
    assert came(user) == 24 * 2900


def test_who_subscribes_again_has_the_last_month_of_the_old_and_the_first_of_the_new(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    again = renew(user, state)
    pay_renewal(user)
    subscriptions.apply(replace(again, status="canceled", ended_at=NOW + 40 * DAY))
    clock.move_to(NOW + 41 * DAY)
    new = told.subscription(user, id="sub_2", created_at=NOW + 41 * DAY)
    subscriptions.apply(replace(new, period_starts_at=NOW + 41 * DAY, period_ends_at=NOW + 71 * DAY))
    first = paid(user, "starter", "month", NOW + 41 * DAY, 30)
    assert pay(replace(first, id="in_new", subscription_id="sub_2")).credits == 2900
    assert came(user) == 5800
    sweep_until(clock, NOW + 120 * DAY)
    assert came(user) == 8700


def test_a_second_plan_by_mistake_brings_nothing(user: User) -> None:
    buy(user)
    other = told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(seconds=5))
    assert subscriptions.apply(other).is_duplicate
    assert pay(replace(paid(user, "pro", "month", NOW, 31, number=9), subscription_id="sub_2")).credits == 0
    assert came(user) == 2900


def told_plan(slug: str) -> Plan:
    return Plan.objects.get(pk=slug)
