"""Subscriptions as they were told, in whichever order, and the plan that follows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
import time_machine
from django.conf import LazySettings

from accounts.models import User
from billing import ledger, payments, plans, subscriptions
from billing.audit import audit
from billing.errors import NotOurs, Outdated
from billing.models import DueNotice, Plan, Subscription
from tests.billing import told
from tests.billing.told import MONTH, NOW
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    return make_user(date_joined=NOW - timedelta(days=5))


def plan_of(user: User) -> str:
    return plans.plan_of(user).pk


def ends_mailed() -> int:
    return DueNotice.objects.filter(kind="plan_ended").count()


def test_an_active_subscription_puts_its_person_on_the_plan(user: User) -> None:
    row = subscriptions.apply(told.subscription(user))
    assert (row.plan_id, row.interval, row.card, row.card_fingerprint) == (
        "starter",
        "month",
        "Visa ending in 4242",
        "fp_4242",
    )
    assert plan_of(user) == "starter"
    assert ledger.wallet_of(user).balance == 100  # the plan's come with its payment
    assert subscriptions.running_of(user) == row


def test_the_same_again_changes_nothing(user: User) -> None:
    for _ in range(3):
        subscriptions.apply(told.subscription(user))
    assert Subscription.objects.count() == 1
    assert ledger.wallet_of(user).balance == 100
    assert ledger.wallet_of(user).spells.count() == 1


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired", "unpaid", "paused", "canceled"])
def test_what_is_not_paid_grants_nothing(user: User, status: str) -> None:
    subscriptions.apply(told.subscription(user, status=status))
    assert plan_of(user) == "free"
    assert ledger.wallet_of(user).balance == 0


def test_the_end_puts_its_person_on_the_free_plan_and_leaves_the_credits(user: User) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    subscriptions.apply(replace(state, status="canceled", ended_at=NOW))
    assert plan_of(user) == "free"
    assert ledger.wallet_of(user).balance == 100
    assert subscriptions.running_of(user) is None


def test_a_failing_payment_keeps_the_plan_through_the_grace(
    user: User, clock: time_machine.Traveller, settings: LazySettings
) -> None:
    settings.PAYMENT_GRACE_DAYS = 7
    late = told.subscription(user, status="past_due")
    row = subscriptions.apply(late)
    assert (plan_of(user), row.past_due_since) == ("starter", NOW)
    clock.move_to(NOW + timedelta(days=6, hours=23))
    assert subscriptions.end_graces(NOW + timedelta(days=6, hours=23)) == 0
    clock.move_to(NOW + timedelta(days=7))
    assert subscriptions.end_graces(NOW + timedelta(days=7)) == 1
    assert subscriptions.end_graces(NOW + timedelta(days=7)) == 0
    assert plan_of(user) == "free"
    subscriptions.apply(late)
    assert plan_of(user) == "free"
    subscriptions.apply(replace(late, status="active"))
    assert plan_of(user) == "starter"
    assert ledger.wallet_of(user).balance == 100


def test_a_price_that_is_none_of_ours_is_refused(user: User) -> None:
    state = told.subscription(user, price_id="price_other", key="", metadata={})
    with pytest.raises(NotOurs, match="price_other"):
        subscriptions.apply(state)
    assert not Subscription.objects.exists()


def test_a_price_that_was_replaced_while_it_was_paid_is_known_by_the_reference(user: User) -> None:
    row = subscriptions.apply(told.subscription(user, price_id="price_old", key=""))
    assert (row.plan_id, row.price_id) == ("starter", "price_old")


def test_a_price_that_was_replaced_later_keeps_its_plan(user: User) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    Plan.objects.filter(pk="starter").update(month_price_id="price_new")
    row = subscriptions.apply(replace(state, key="", period_ends_at=NOW + 2 * MONTH))
    assert (row.plan_id, row.period_ends_at) == ("starter", NOW + 2 * MONTH)


def test_a_person_whom_we_do_not_know_is_refused(user: User) -> None:
    with pytest.raises(NotOurs, match="cus_gone"):
        subscriptions.apply(told.subscription(user, customer_id="cus_gone", metadata={}))


def test_a_person_is_known_by_the_reference_where_the_customer_is_not(user: User) -> None:
    assert subscriptions.apply(told.subscription(user, customer_id="cus_new")).user == user


def test_a_reference_to_somebody_who_is_gone_is_refused(user: User) -> None:
    gone = make_user()
    state = told.subscription(user, customer_id="cus_new", metadata={"reference": f"{gone.pk.hex}_starter-month"})
    gone.delete()
    with pytest.raises(NotOurs):
        subscriptions.apply(state)


def test_what_waits_for_the_end_of_the_period_is_noted_and_taken_back(user: User) -> None:
    later = told.price("starter")
    state = told.subscription(user, "pro", next_price_id=later, next_key="starter:month", cancels_at_period_end=True)
    row = subscriptions.apply(state)
    assert (row.plan_id, row.next_plan_id, row.next_interval, row.cancels_at_period_end) == (
        "pro",
        "starter",
        "month",
        True,
    )
    row = subscriptions.apply(replace(state, next_price_id="", next_key="", cancels_at_period_end=False))
    assert (row.next_plan_id, row.next_interval, row.cancels_at_period_end) == (None, "", False)


def test_what_was_fetched_before_the_row_was_written_is_outdated(user: User, clock: time_machine.Traveller) -> None:
    state = told.subscription(user)
    subscriptions.apply(state, asked_at=NOW)
    with pytest.raises(Outdated):
        subscriptions.apply(state, asked_at=NOW - timedelta(seconds=1))
    subscriptions.apply(state, asked_at=NOW)


def test_of_two_that_run_at_the_same_time_the_older_counts_in_every_order(user: User) -> None:
    older = told.subscription(user)
    younger = told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(minutes=1))
    expired = told.subscription(user, "pro", id="sub_3", created_at=NOW - MONTH, status="incomplete_expired")
    for order in permutations([older, younger, expired]):
        Subscription.objects.all().delete()
        for state in order:
            subscriptions.apply(state)
        marked = Subscription.objects.filter(is_duplicate=True)
        assert [row.subscription_id for row in marked] == ["sub_2"]
        assert subscriptions.must_end(marked[0], NOW)
        assert plan_of(user) == "starter"


@pytest.mark.parametrize("late", ["sub_1", "sub_2"])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_one_that_is_paid_after_the_banks_question_beside_another_is_caught(user: User, late: str, turn: int) -> None:
    older = told.subscription(user)
    younger = told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(minutes=1))
    other, paid = (younger, older) if late == "sub_1" else (older, younger)
    order = [replace(paid, status="incomplete"), paid]
    order.insert(turn, other)
    for state in order:
        subscriptions.apply(state)
    assert [row.subscription_id for row in Subscription.objects.filter(is_duplicate=True)] == ["sub_2"]
    assert plan_of(user) == "starter"


def test_who_pays_for_a_lost_plan_again_beside_a_new_one_loses_neither(user: User) -> None:
    older = told.subscription(user)
    younger = told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(days=40))
    for state in (replace(older, status="unpaid"), younger, older):
        subscriptions.apply(state)
    assert not Subscription.objects.filter(is_duplicate=True).exists()


def test_one_that_ended_before_another_began_to_run_again_is_no_duplicate(user: User) -> None:
    older = told.subscription(user)
    younger = told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(minutes=1))
    ended = replace(younger, status="canceled", ended_at=NOW + timedelta(days=1))
    for state in (replace(older, status="unpaid"), younger, ended, older):
        subscriptions.apply(state)
    assert not Subscription.objects.filter(is_duplicate=True).exists()
    assert plan_of(user) == "starter"


def test_who_subscribes_again_after_the_end_has_no_duplicate(user: User) -> None:
    subscriptions.apply(told.subscription(user, status="canceled", ended_at=NOW))
    row = subscriptions.apply(told.subscription(user, "pro", id="sub_2", created_at=NOW + timedelta(minutes=1)))
    assert not row.is_duplicate
    assert plan_of(user) == "pro"


def test_a_cancelled_plan_that_is_refunded_in_full_ends_at_once(user: User) -> None:
    state = told.subscription(user)
    row = subscriptions.apply(state)
    payments.apply_invoice(told.plan_invoice(user), told.charge(1000, refunded=1000))
    row.refresh_from_db()
    assert not subscriptions.must_end(row, NOW)
    assert plan_of(user) == "starter"
    row = subscriptions.apply(replace(state, cancels_at_period_end=True))
    assert subscriptions.must_end(row, NOW)
    assert plan_of(user) == "free"


def test_what_stands_as_told_is_known(user: User) -> None:
    state = told.subscription(user)
    assert not subscriptions.is_as_told(state, NOW)
    subscriptions.apply(state)
    assert subscriptions.is_as_told(state, NOW)
    assert not subscriptions.is_as_told(replace(state, cancels_at_period_end=True), NOW)
    plans.turn_to(ledger.wallet_of(user), plans.free(), NOW)
    assert not subscriptions.is_as_told(state, NOW)


def test_what_was_refunded_of_a_period_that_is_over_ends_nothing(user: User) -> None:
    state = told.subscription(user, cancels_at_period_end=True, period_starts_at=NOW + told.MONTH)
    row = subscriptions.apply(replace(state, period_ends_at=NOW + 2 * told.MONTH))
    payments.apply_invoice(told.plan_invoice(user), told.charge(1000, 1000))
    assert not subscriptions.must_end(row, NOW + told.MONTH)
    assert plan_of(user) == "starter"


def test_a_given_plan_outlives_purchases_and_rests_while_another_is_paid(user: User) -> None:
    wallet = ledger.wallet_of(user)
    subscriptions.give(wallet, Plan.objects.get(pk="pro"))
    assert wallet.balance == 15000
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    assert (plan_of(user), ends_mailed()) == ("pro", 0)

    state = told.subscription(user)
    subscriptions.apply(state)
    assert plan_of(user) == "starter"
    subscriptions.apply(replace(state, status="canceled", ended_at=NOW))
    assert (plan_of(user), ends_mailed()) == ("pro", 1)

    subscriptions.give(wallet, plans.free())
    payments.apply_invoice(told.pack_invoice(user, id="in_3"), told.charge(500))
    assert plan_of(user) == "free"
    assert list(audit(wallet.pk)) == []


def test_a_plan_given_to_somebody_who_pays_waits_until_they_pay_no_more(user: User) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    subscriptions.give(ledger.wallet_of(user), Plan.objects.get(pk="pro"))
    assert (plan_of(user), ledger.wallet_of(user).balance) == ("starter", 100)
    subscriptions.apply(replace(state, status="canceled", ended_at=NOW))
    assert plan_of(user) == "pro"
