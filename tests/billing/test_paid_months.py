"""What a plan's payment brings, and when: its months, each once, none in advance, whatever becomes of the plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from billing import ledger, payments, subscriptions, tasks
from billing.models import CreditLot, Payment, Subscription
from tests.billing import told
from tests.billing.paying import DAY, buy, came, days_of, joined, paid, pay, pay_renewal, renew, sub_of, sweep_until
from tests.billing.told import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    """Return somebody whose cycle began five days ago."""
    return joined(NOW - 5 * DAY)


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
