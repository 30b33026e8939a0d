"""What a change of plan brings: what the money of both makes, and no month of either is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from billing import ledger, paid_months, subscriptions, tasks
from billing.models import Subscription
from billing.payment_facts import LineFacts, SubscriptionState
from tests.billing import told
from tests.billing.paying import DAY, buy, came, change, joined, paid, pay, pay_renewal, renew, sweep_until, told_plan
from tests.billing.told import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    """Return somebody whose cycle began five days ago."""
    return joined(NOW - 5 * DAY)


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


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("UTC", datetime(2027, 5, 5, 0, 0, 30, tzinfo=UTC)),  # before the minute's sweep
        ("Asia/Tokyo", datetime(2027, 5, 4, 18, tzinfo=UTC)),  # after a move: the 5th there, and not yet in UTC
    ],
)
def test_an_upgrade_on_a_renewals_day_before_its_cycle_begins_leaves_the_month_whole(
    user: User, clock: time_machine.Traveller, zone: str, moment: datetime
) -> None:
    again, used = _renewed(user, clock, moment)
    User.objects.update(time_zone=zone)
    third = change(user, again, "pro", "month", 30, number=3)
    assert (third.credits, came(user)) == (14900 - (2900 - used), 2900 + third.credits)
    clock.move_to(datetime(2027, 5, 5, 0, 1, tzinfo=UTC))
    for _ in range(2):
        tasks.sweep()
    assert came(user) == 2900 + 2900 + third.credits


def test_who_moves_after_an_upgrade_has_what_was_used_of_the_month_and_no_more(
    user: User, clock: time_machine.Traveller
) -> None:
    again, used = _renewed(user, clock, datetime(2027, 5, 4, 18, tzinfo=UTC))
    third = change(user, again, "pro", "month", 30, number=3)
    assert (third.credits, came(user)) == (14900, 2900 + 14900 + used)
    User.objects.update(time_zone="Asia/Tokyo")
    subscriptions.settle(ledger.wallet_of(user), datetime.now(UTC))
    clock.move_to(datetime(2027, 5, 5, 0, 1, tzinfo=UTC))
    tasks.sweep()
    assert came(user) == 2900 + 14900 + used


def _renewed(user: User, clock: time_machine.Traveller, moment: datetime) -> tuple[SubscriptionState, int]:
    """Return the state of a plan that was renewed on 10 April, and what was used of its month by a moment in May."""
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    again = renew(user, state)
    pay_renewal(user)
    clock.move_to(moment)
    return again, int(2900 * ((moment - again.period_starts_at) / (30 * DAY)))


def test_after_a_year_the_months_come_with_each_cycle_when_it_goes_on_by_the_month(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user, "starter", "year", days=365)
    sweep_until(clock, NOW + 365 * DAY)
    assert came(user) == 12 * 2900
    later: dict[str, Any] = {"key": "starter:month", "price_id": told.price("starter"), "interval": "month"}
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


@pytest.mark.parametrize(("minutes", "used"), [(20, 1), (14400, 966)])
def test_a_renewal_paid_after_the_upgrade_that_cut_it_short_brings_what_was_used_of_it(
    clock: time_machine.Traveller, minutes: int, used: int
) -> None:
    user = joined(NOW)
    state, _ = buy(user)
    sweep_until(clock, NOW + 31 * DAY)
    state = renew(user, state)
    clock.shift(timedelta(minutes=minutes))
    change(user, state, "pro", "month", 30, number=3)
    clock.shift(timedelta(minutes=40))
    pay_renewal(user, paid_at=datetime.now(UTC))
    sweep_until(clock, NOW + 59 * DAY)
    assert came(user) == 2900 + 14900 + used


def test_an_upgrade_that_takes_off_what_is_not_paid_yet_brings_less_until_it_is(clock: time_machine.Traveller) -> None:
    user = joined(NOW)
    state, _ = buy(user)
    sweep_until(clock, NOW + 31 * DAY)
    state = renew(user, state)
    clock.shift(timedelta(minutes=20))
    would_come = paid_months.would_bring(Subscription.objects.get(), told_plan("pro"), datetime.now(UTC))
    change(user, state, "pro", "month", 30, number=3, unpaid="starter")
    assert came(user) == 2900 + would_come == 2900 + 14900 - 2900
    clock.shift(timedelta(minutes=40))
    pay_renewal(user, paid_at=datetime.now(UTC))
    assert came(user) == 2900 + 14900 + 1


def test_a_year_that_is_paid_after_the_upgrade_that_takes_it_off_brings_a_month_of_it(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user, "starter", "year", days=365)
    begins = NOW + 365 * DAY
    sweep_until(clock, begins)
    before = came(user)
    state = replace(state, period_starts_at=begins, period_ends_at=begins + 366 * DAY)
    subscriptions.apply(state)
    clock.shift(timedelta(minutes=20))
    would_come = paid_months.would_bring(Subscription.objects.get(), told_plan("pro"), datetime.now(UTC))
    change(user, state, "pro", "year", 365, number=3, unpaid="starter")
    assert (came(user) - before, would_come) == (0, 0)
    clock.shift(timedelta(minutes=40))

    renewal = pay(replace(paid(user, "starter", "year", begins, 366, number=2), paid_at=datetime.now(UTC)))

    assert (renewal.credits, came(user) - before) == (2900 + 1, 14900 + 1)
    sweep_until(clock, begins + 32 * DAY)
    assert came(user) - before == 2 * 14900 + 1
    sweep_until(clock, begins + 420 * DAY)
    assert came(user) - before == 12 * 14900 + 1


def test_a_renewal_brings_all_of_its_month_where_its_invoice_takes_off_time_of_the_one_before(
    user: User, clock: time_machine.Traveller
) -> None:
    state, _ = buy(user)
    sweep_until(clock, state.period_ends_at)
    renew(user, state)
    renewal = paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2)
    unused = LineFacts(told.price("pro"), "", 1, -5000, "Unused time", True, NOW + 20 * DAY, NOW + 31 * DAY)
    pay(replace(renewal, lines=(unused, *renewal.lines)))
    sweep_until(clock, NOW + 60 * DAY)
    assert came(user) == 2 * 2900
