"""Monthly credits: on the right day where the person lives, once a cycle, whatever happens."""

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts import closing
from accounts.models import User
from billing import cycle_sweep, grants, ledger, plans, subscriptions, tasks
from billing.audit import audit
from billing.models import FREE, CreditLot, LedgerEntry, Plan, Subscription, Wallet
from tests.billing import told
from tests.factories import add_lot, make_user

pytestmark = pytest.mark.django_db

JOINED = datetime(2027, 1, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(JOINED, tick=False) as traveller:
        yield traveller


def sign_up(**fields: Any) -> Wallet:
    user = make_user(**fields)
    grants.start_monthly_credits(user)
    return ledger.wallet_of(user)


def cycles_of(wallet: Wallet) -> list[date | None]:
    return list(
        wallet.lots.filter(source=CreditLot.Source.MONTHLY).order_by("cycle_on").values_list("cycle_on", flat=True)
    )


def lines(wallet: Wallet) -> list[tuple[str, int, int]]:
    return list(wallet.entries.order_by("id").values_list("kind", "delta", "balance_after"))


# --- The first grant ----------------------------------------------------------------------------------------


def test_the_first_credits_are_for_the_day_of_sign_up(clock: time_machine.Traveller) -> None:
    wallet = sign_up(time_zone="Europe/Berlin")
    lot = wallet.lots.get()
    assert (lot.source, lot.credits, lot.cycle_on) == ("monthly", 100, date(2027, 1, 31))
    assert lot.expires_at == datetime(2027, 2, 27, 23, tzinfo=UTC) == wallet.next_grant_at
    assert wallet.next_cycle_on == date(2027, 2, 28)


def test_the_first_credits_come_once(clock: time_machine.Traveller) -> None:
    user = make_user()
    first, second = grants.start_monthly_credits(user), grants.start_monthly_credits(user)
    assert first is not None
    assert second is None
    assert lines(ledger.wallet_of(user)) == [("grant", 100, 100)]


@pytest.mark.parametrize(("days", "at_once"), [(0, 0), (27, 0), (28, 100)])
def test_who_erased_an_account_within_the_month_begins_with_the_next_cycle(
    clock: time_machine.Traveller, days: int, at_once: int
) -> None:
    gone = make_user(email="ada@example.com")
    EmailAddress.objects.create(user=gone, email=gone.email, primary=True, verified=True)
    closing.make_nobodys(gone, gone.email)
    clock.shift(timedelta(days=days, minutes=1))
    wallet = sign_up(email="ada+2@example.com", date_joined=datetime.now(UTC))
    assert wallet.balance == at_once
    assert wallet.next_grant_at is not None
    grants.grant_due(wallet.next_grant_at)
    wallet.refresh_from_db()
    assert wallet.balance == 100


def test_a_plan_given_to_who_erased_an_account_begins_their_cycle_with_the_whole(clock: time_machine.Traveller) -> None:
    gone = make_user(email="ada@example.com")
    EmailAddress.objects.create(user=gone, email=gone.email, primary=True, verified=True)
    closing.make_nobodys(gone, gone.email)
    wallet = sign_up(email="ada+2@example.com")

    plans.put_on(wallet, plans.free())
    assert (wallet.balance, list(audit())) == (0, [])  # what was withheld does not come by this door

    plans.put_on(wallet, Plan.objects.get(slug="pro"))
    assert wallet.lots.get().source == CreditLot.Source.MONTHLY
    assert (wallet.balance, list(audit())) == (15_000, [])


def test_who_confirms_in_a_later_cycle_gets_that_cycle_and_keeps_the_day_of_sign_up(
    clock: time_machine.Traveller,
) -> None:
    user = make_user()
    clock.move_to(datetime(2027, 4, 10, tzinfo=UTC))
    grants.start_monthly_credits(user)
    wallet = ledger.wallet_of(user)
    assert (wallet.cycle_day, wallet.next_cycle_on, cycles_of(wallet)) == (31, date(2027, 4, 30), [date(2027, 3, 31)])


@pytest.mark.parametrize("zone", ["Pacific/Midway", "Pacific/Kiritimati"])
def test_who_moves_before_confirming_gets_the_cycle_of_sign_up(clock: time_machine.Traveller, zone: str) -> None:
    user = make_user()
    ledger.wallet_of(user)
    user.time_zone = zone
    user.save()
    grants.start_monthly_credits(user)
    assert cycles_of(ledger.wallet_of(user)) == [date(2027, 1, 31)]


def test_without_monthly_credits_the_cycle_runs_and_nothing_comes(clock: time_machine.Traveller) -> None:
    Plan.objects.filter(pk=FREE).update(monthly_credits=0)
    wallet = sign_up()
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
    assert grants.grant_due(timezone.now()) == 0
    wallet.refresh_from_db()
    assert (wallet.next_cycle_on, lines(wallet)) == (date(2027, 3, 31), [])


# --- The sweep ----------------------------------------------------------------------------------------------


def test_a_new_cycle_expires_what_is_left_and_brings_the_next(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    ledger.hold(wallet, 30, key="h", reason="r", reference="job:1")
    clock.move_to(datetime(2027, 2, 28, tzinfo=UTC))
    assert grants.grant_due(timezone.now()) == 1
    assert lines(wallet) == [("grant", 100, 100), ("hold", -30, 70), ("expire", -70, 0), ("grant", 100, 100)]
    assert cycles_of(wallet) == [date(2027, 1, 31), date(2027, 2, 28)]
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.next_cycle_on) == (100, date(2027, 3, 31))
    assert list(audit()) == []


def test_nothing_comes_before_the_cycle_begins(clock: time_machine.Traveller) -> None:
    wallet = sign_up(time_zone="Europe/Berlin")
    clock.move_to(datetime(2027, 2, 27, 22, 59, 59, tzinfo=UTC))
    assert grants.grant_due(timezone.now()) == 0
    clock.shift(1)
    assert grants.grant_due(timezone.now()) == 1
    assert cycles_of(wallet)[-1] == date(2027, 2, 28)


def test_a_second_sweep_adds_no_row(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
    assert [grants.grant_due(timezone.now()) for _ in range(2)] == [1, 0]
    assert len(lines(wallet)) == 3


def test_credits_that_do_not_expire_stay(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    add_lot(wallet, 500)
    add_lot(wallet, 7, expires_at=JOINED + 3 * DAY)
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
    grants.grant_due(timezone.now())
    # In the order in which they end.
    assert lines(wallet)[3:] == [("expire", -7, 600), ("expire", -100, 500), ("grant", 100, 600)]
    assert list(audit()) == []


def test_after_downtime_each_missed_cycle_comes_once_and_in_order(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    clock.move_to(datetime(2027, 5, 15, tzinfo=UTC))
    assert grants.grant_due(timezone.now()) == 3
    assert cycles_of(wallet) == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    assert lines(wallet) == [("grant", 100, 100)] + 3 * [("expire", -100, 0), ("grant", 100, 100)]
    assert list(audit()) == []


def test_a_clock_set_back_brings_nothing_twice(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    for moment in (datetime(2027, 3, 1, tzinfo=UTC), JOINED, datetime(2027, 3, 1, tzinfo=UTC)):
        clock.move_to(moment)
        grants.grant_due(timezone.now())
        ledger.expire(timezone.now())
        grants.start_monthly_credits(wallet.user)
    assert cycles_of(wallet) == [date(2027, 1, 31), date(2027, 2, 28)]


def test_a_cycle_that_was_granted_by_hand_is_not_granted_again(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    ledger.grant(wallet, 100, source=CreditLot.Source.MONTHLY, key="by hand", reason="r", cycle_on=date(2027, 2, 28))
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
    assert grants.grant_due(timezone.now()) == 0
    wallet.refresh_from_db()
    assert wallet.next_cycle_on == date(2027, 3, 31)
    assert list(audit()) == []


@pytest.mark.parametrize(("before", "after"), [("UTC", "Pacific/Kiritimati"), ("Pacific/Kiritimati", "Pacific/Midway")])
def test_a_change_of_zone_counts_from_the_next_cycle_and_never_grants_twice(
    clock: time_machine.Traveller, before: str, after: str
) -> None:
    wallet = sign_up(time_zone=before)
    due = wallet.next_grant_at
    assert due is not None
    User.objects.filter(pk=wallet.user_id).update(time_zone=after)
    clock.move_to(due - timedelta(seconds=1))
    assert grants.grant_due(timezone.now()) == 0
    while timezone.now() < due + 3 * DAY:
        clock.shift(timedelta(hours=1))
        grants.grant_due(timezone.now())
    wallet.refresh_from_db()
    assert cycles_of(wallet) == [date(2027, 1, 31), date(2027, 2, 28)]
    assert wallet.next_grant_at == datetime.combine(date(2027, 3, 31), time.min, ZoneInfo(after))


def test_a_zone_that_is_no_longer_known_stops_nobody(clock: time_machine.Traveller) -> None:
    wallets = [sign_up() for _ in range(2)]
    User.objects.filter(pk=wallets[0].user_id).update(time_zone="Atlantis/Poseidonis")
    clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
    assert grants.grant_due(timezone.now()) == 2


# --- A plan that was given, and one that was paid ----------------------------------------------------------------


def lapse(wallet: Wallet, clock: time_machine.Traveller) -> None:
    """Let somebody with a given Pro pay for Starter until a payment fails and its grace is over."""
    subscriptions.give(wallet, Plan.objects.get(pk="pro"))
    state = told.subscription(wallet.user, created_at=JOINED, period_starts_at=JOINED, period_ends_at=JOINED + 20 * DAY)
    subscriptions.apply(state)
    clock.move_to(JOINED + 20 * DAY)
    later = replace(state, period_starts_at=JOINED + 20 * DAY, period_ends_at=JOINED + 50 * DAY)
    subscriptions.apply(replace(later, status="past_due"))
    clock.shift(timedelta(days=settings.PAYMENT_GRACE_DAYS))
    tasks.sweep()
    wallet.refresh_from_db()
    assert wallet.plan_id == "pro"


def test_a_given_plan_brings_its_cycles_after_the_grace_of_a_paid_one(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    lapse(wallet, clock)
    clock.move_to(datetime(2027, 2, 28, tzinfo=UTC))
    tasks.sweep()
    assert wallet.lots.get(source=CreditLot.Source.MONTHLY, cycle_on=date(2027, 2, 28)).credits == 15000


def test_a_given_plan_that_is_changed_after_the_grace_brings_what_lacks(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    lapse(wallet, clock)
    subscriptions.give(wallet, Plan.objects.get(pk="studio"))
    brought = wallet.lots.filter(cycle_on=date(2027, 1, 31)).aggregate(credits=Sum("credits"))["credits"]
    assert brought == 35000


def test_within_the_grace_a_cycle_brings_the_free_credits(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    lapse(wallet, clock)
    Subscription.objects.update(past_due_since=datetime(2027, 2, 27, tzinfo=UTC))
    clock.move_to(datetime(2027, 2, 28, tzinfo=UTC))
    grants.grant_due(timezone.now())
    assert wallet.lots.get(source=CreditLot.Source.MONTHLY, cycle_on=date(2027, 2, 28)).credits == 100


# --- A year for everybody -----------------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "America/Havana", "Africa/Cairo", "Asia/Kathmandu")
FIRST_DAY = date(2027, 3, 1)
# Who lives there is on a paid plan from the first day: the same dates, other credits.
PAYING = {"America/Havana": "starter", "Asia/Kathmandu": "studio"}
CREDITS = {"starter": 3000, "studio": 35000}
EVERY = timedelta(hours=12)
# Counted from the first day: the whole of March 2027, and the 31 days that end with 29 February 2028.
MARCH_AND_LEAP_DAY = {*range(31), *range(335, 366)}


def expected_cycles(joined_on: date) -> list[date]:
    """Return the dates of a year's cycles, found by looking at every day of it."""
    year = [joined_on + days * DAY for days in range(366)]
    wanted = [min(joined_on.day, calendar.monthrange(day.year, day.month)[1]) == day.day for day in year]
    return [day for day, is_wanted in zip(year, wanted, strict=True) if is_wanted][:12]


def sweep_cycles() -> None:
    """Begin the cycles that are due and expire what is."""
    now = timezone.now()
    cycle_sweep.run(now)
    ledger.expire(now)


# Committed for real, as the sweeps are: thousands of them in one transaction would slow each other down.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sign_up_days", "sweep"),
    [
        # The two steps of the sweep that have to do with it; what the others cost goes by the number of sweeps.
        (MARCH_AND_LEAP_DAY, sweep_cycles),
        pytest.param(set(range(366)), tasks.sweep, marks=pytest.mark.long),
    ],
    ids=["march-and-leap-day", "every-day"],
)
def test_a_year_for_every_day_of_sign_up_has_twelve_grants_on_the_right_days(
    sign_up_days: set[int], sweep: Callable[[], object]
) -> None:
    joined: dict[UUID, date] = {}
    with time_machine.travel(datetime.combine(FIRST_DAY, time.min, UTC), tick=False) as clock:
        for step in range(2 * 366 * (DAY // EVERY)):
            clock.move_to(datetime.combine(FIRST_DAY, time.min, UTC) + step * EVERY)
            today, half = divmod(step, DAY // EVERY)
            if half and today in sign_up_days:
                for zone in ZONES:
                    wallet = sign_up(time_zone=zone)
                    if zone in PAYING:
                        plans.put_on(wallet, Plan.objects.get(slug=PAYING[zone]))
                    joined[wallet.pk] = timezone.now().astimezone(ZoneInfo(zone)).date()
            if step % 64 == 0:
                # The tables grow from nothing within seconds; the planner would take them for empty.
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
            sweep()
    found: dict[UUID, list[date]] = defaultdict(list)
    granted = LedgerEntry.objects.filter(kind="grant", lot__source=CreditLot.Source.MONTHLY).order_by("id")
    for pk, zone, cycle_on, at, credits in granted.values_list(
        "wallet_id", "wallet__user__time_zone", "lot__cycle_on", "created_at", "credits"
    ):
        assert credits == (100 if cycle_on == joined[pk] else CREDITS.get(PAYING.get(zone, ""), 100))
        assert cycle_on is not None
        found[pk].append(cycle_on)
        local = at.astimezone(ZoneInfo(zone))
        assert local.date() == cycle_on
        assert (
            cycle_on == joined[pk] or at - datetime.combine(cycle_on, time.min, ZoneInfo(zone)).astimezone(UTC) < EVERY
        )
    assert len(found) == len(sign_up_days) * len(ZONES)
    wrong = {pk: dates for pk, dates in found.items() if dates[:12] != expected_cycles(joined[pk])}
    assert wrong == {}
    assert all(len(set(dates)) == len(dates) for dates in found.values())
