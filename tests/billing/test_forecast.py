"""What comes, by date: the grants of a year, what expires, and what the plan's next turn makes of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing import forecast, grants, ledger, plans, subscriptions
from billing.forecast import Fact, Kind
from billing.models import Payment, Plan, Product, Wallet
from tests.billing.books import make_subscription
from tests.billing.paying import buy
from tests.factories import add_lot, make_user, make_wallet

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 31, 20, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def wallet() -> Wallet:
    """A wallet of somebody in Berlin who joined on 31 January and has their first credits."""
    with time_machine.travel(NOW, tick=False):
        return joined(make_user(time_zone="Europe/Berlin"))


def joined(user: User) -> Wallet:
    grants.start_monthly_credits(user)
    return ledger.wallet_of(user)


def of(wallet: Wallet, kind: Kind, **options: Any) -> list[Fact]:
    fresh = Wallet.objects.select_related("plan", "user").get(pk=wallet.pk)
    return [fact for fact in forecast.facts_of(fresh, NOW, **options) if fact.kind == kind]


def test_a_year_has_twelve_grants_each_on_the_original_day_or_the_months_last(wallet: Wallet) -> None:
    dates = [fact.on for fact in of(wallet, Kind.GRANT)]
    assert dates == [
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
        date(2027, 6, 30),
        date(2027, 7, 31),
        date(2027, 8, 31),
        date(2027, 9, 30),
        date(2027, 10, 31),
        date(2027, 11, 30),
        date(2027, 12, 31),
        date(2028, 1, 31),
    ]


def test_what_is_forecast_is_what_the_sweep_gives(wallet: Wallet) -> None:
    told = [(fact.on, fact.credits) for fact in of(wallet, Kind.GRANT)]
    with time_machine.travel(NOW + 366 * DAY, tick=False):
        grants.grant_due(NOW + 366 * DAY)
    given = wallet.lots.filter(source="monthly").order_by("cycle_on").values_list("cycle_on", "credits")
    assert told == list(given)[1:]


def test_what_is_left_expires_on_its_day_where_the_person_lives(wallet: Wallet) -> None:
    add_lot(wallet, 20, expires_at=datetime(2027, 2, 10, 23, 30, tzinfo=UTC))
    add_lot(wallet, 1, expires_at=NOW + 3 * DAY)
    add_lot(wallet, 7)
    found = [(fact.on, fact.title) for fact in of(wallet, Kind.EXPIRY)]
    assert found == [
        (date(2027, 2, 3), "1 credit expires"),
        (date(2027, 2, 11), "20 credits expire"),
        (date(2027, 2, 28), "100 credits expire"),
    ]


def test_of_a_cancelled_plan_nothing_is_paid_any_more(wallet: Wallet) -> None:
    make_subscription(wallet, period_ends_at=NOW + 40 * DAY, cancels_at_period_end=True)
    assert {fact.credits for fact in of(wallet, Kind.GRANT)} == {100}
    [turn] = of(wallet, Kind.PLAN)
    assert (turn.on, turn.title) == (date(2027, 3, 12), "Starter ends")


def test_a_plan_by_the_month_brings_its_credits_on_the_day_of_the_cycle(wallet: Wallet) -> None:
    make_subscription(wallet, "pro", period_starts_at=NOW - 21 * DAY, period_ends_at=NOW + 10 * DAY)
    found = [(fact.on, fact.credits, fact.is_paid) for fact in of(wallet, Kind.GRANT, months=3)]
    assert found == [
        (date(2027, 2, 28), 15000, True),
        (date(2027, 3, 31), 15000, True),
        (date(2027, 4, 30), 15000, True),
    ]


def test_a_month_that_is_paid_and_still_to_come_is_told_with_its_day(wallet: Wallet) -> None:
    month = make_subscription(wallet, "pro", period_starts_at=NOW - 21 * DAY, period_ends_at=NOW + 10 * DAY,
                              cancels_at_period_end=True)  # fmt: skip
    Payment.objects.create(
        wallet=wallet, kind="plan", payment_id="in_1", subscription=month, plan=month.plan, interval="month", months=1,
        amount_cents=3000, paid_at=NOW - 21 * DAY, covers_from=NOW - 21 * DAY, covers_until=NOW + 10 * DAY,
        month_credits=14900, first_cycle_on=date(2027, 2, 28), next_month_at=datetime(2027, 2, 27, 23, tzinfo=UTC),
    )  # fmt: skip
    found = [(fact.on, fact.credits, fact.is_paid) for fact in of(wallet, Kind.GRANT, months=2)]
    assert found == [(date(2027, 2, 28), 100, False), (date(2027, 3, 31), 100, False)]
    # Its own time holds the day.
    Payment.objects.update(covers_until=NOW + 40 * DAY)
    assert of(wallet, Kind.GRANT, months=2)[0].credits == 15000


def test_renewals_of_a_months_last_days_keep_their_day(wallet: Wallet) -> None:
    starts, ends = datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2027, 2, 28, 12, tzinfo=UTC)
    make_subscription(wallet, "pro", period_starts_at=starts, period_ends_at=ends, started_at=starts)
    found = [fact.on for fact in of(wallet, Kind.GRANT, months=3) if fact.is_paid]
    assert found == [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


def test_a_downgrade_brings_the_smaller_plans_credits_from_its_day_on(wallet: Wallet) -> None:
    starter = Plan.objects.get(slug="starter")
    make_subscription(wallet, "pro", period_ends_at=NOW + 10 * DAY, next_plan=starter, next_interval="month")
    assert [fact.credits for fact in of(wallet, Kind.GRANT)] == [3000] * 12
    assert of(wallet, Kind.PLAN)[0].title == "Starter begins"


def test_a_plan_that_is_not_paid_promises_nothing_beyond_its_grace(wallet: Wallet) -> None:
    make_subscription(wallet, status="past_due", past_due_since=NOW)
    assert of(wallet, Kind.GRANT)[0].credits == 100
    assert of(wallet, Kind.PLAN)[0].on == date(2027, 2, 7)


def test_a_plan_that_goes_on_says_when_it_is_paid_next(wallet: Wallet) -> None:
    begun = NOW - 165 * DAY
    year = make_subscription(
        wallet, "pro", interval="year", started_at=begun, period_starts_at=begun, period_ends_at=NOW + 200 * DAY
    )
    Payment.objects.create(
        wallet=wallet, kind="plan", payment_id="in_1", subscription=year, plan=year.plan, interval="year", months=12,
        amount_cents=30000, paid_at=NOW, covers_from=begun, covers_until=year.period_ends_at, credits=6 * 14900,
        month_credits=14900, first_cycle_on=date(2026, 8, 31), next_month_at=NOW + 28 * DAY,
    )  # fmt: skip
    # Six of twelve months are still to come; then the next year is paid, and its first month comes at once.
    found = [fact.credits for fact in of(wallet, Kind.GRANT)]
    assert found == [15000] * 6 + [14900] + [15000] * 6
    [renewal] = of(wallet, Kind.PLAN)
    assert (renewal.title, renewal.note) == ("Pro renews", "The next year is paid.")


def test_a_plan_from_the_team_stays(wallet: Wallet) -> None:
    plans.put_on(wallet, Plan.objects.get(slug="pro"))
    assert [fact.credits for fact in of(wallet, Kind.GRANT, months=2)] == [15000, 15000]
    assert of(wallet, Kind.PLAN) == []


def test_a_plan_from_the_team_follows_one_that_is_paid_no_more(wallet: Wallet) -> None:
    make_subscription(wallet, cancels_at_period_end=True, period_ends_at=datetime(2027, 3, 10, tzinfo=UTC))
    plans.put_on(wallet, Plan.objects.get(slug="pro"))
    found = [(fact.credits, fact.plan) for fact in of(wallet, Kind.GRANT, months=2)]
    assert found == [(100, forecast.FREE_NAME), (15000, "Pro")]
    [end] = of(wallet, Kind.PLAN, months=2)
    assert end.note == "From then on you are on Pro. Bought credits stay."


def test_a_second_subscription_that_is_paid_back_counts_for_nothing(wallet: Wallet) -> None:
    make_subscription(wallet, cancels_at_period_end=True, is_duplicate=True)
    assert forecast.outlook_of(Wallet.objects.get(pk=wallet.pk)).subscription is None


def test_who_has_not_confirmed_an_address_and_the_api_have_nothing_to_come() -> None:
    waiting, api = make_wallet(), make_wallet(product=Product.API)
    assert forecast.facts_of(waiting, NOW) == []
    assert forecast.facts_of(api, NOW) == []


def test_names_of_facts_stay_the_same_from_day_to_day(wallet: Wallet) -> None:
    make_subscription(wallet)
    fresh = Wallet.objects.select_related("plan", "user").get(pk=wallet.pk)
    today = {fact.uid for fact in forecast.facts_of(fresh, NOW)}
    tomorrow = {fact.uid for fact in forecast.facts_of(fresh, NOW + DAY)}
    assert today == tomorrow
    assert len(today) == len(forecast.facts_of(fresh, NOW))


@pytest.mark.parametrize("interval", ["", "month", "year"])
@time_machine.travel(NOW, tick=False)
def test_what_one_query_brings_says_the_same_as_what_is_asked_for(interval: str) -> None:
    user = make_user(date_joined=NOW)
    assert forecast.wallet_of(user) is None
    grants.start_monthly_credits(user)
    if interval:
        buy(user, "pro", interval, 31 if interval == "month" else 365)
        buy(make_user(), "pro", "year", 365)
    found = forecast.wallet_of(user)
    assert found is not None
    wallet, known = found
    until = wallet.next_cycle_on + 400 * DAY
    asked = list(forecast.grants_of(wallet, forecast.outlook_of(wallet), until))
    assert list(forecast.grants_of(wallet, forecast.outlook_of(wallet, known), until)) == asked
    assert asked
    assert len(known.unfinished) == (interval == "year")
    assert known.running == subscriptions.running_of(user)


@time_machine.travel(NOW, tick=False)
def test_of_two_subscriptions_one_query_brings_the_older_and_each_payment_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user(date_joined=NOW)
    grants.start_monthly_credits(user)
    buy(user, "pro", "year", 365)
    make_subscription(ledger.wallet_of(user), started_at=NOW - DAY)
    with django_assert_num_queries(1):
        found = forecast.wallet_of(user)
        assert found is not None
        wallet, known = found
        outlook = forecast.outlook_of(wallet, known)
    assert user.subscriptions.count() == 2
    assert len(known.unfinished) == 1
    assert outlook.subscription == subscriptions.running_of(user)
    assert outlook.subscription is not None
    assert outlook.subscription.started_at == NOW - DAY
