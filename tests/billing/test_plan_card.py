"""What the plan card says in each state of a subscription."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing import ledger, plan_card, plans
from billing.models import Subscription
from billing.plan_card import PlanState
from tests.billing.subscribers import make_subscription, plan
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(settings: LazySettings) -> User:
    settings.STRIPE_SECRET_KEY = "sk_test_of_a_shop_not_asked"
    return make_user()


def test_who_pays_for_nothing_can_choose(user: User) -> None:
    card = plan_card.of(user)
    assert (card.state, card.plan.pk, card.paid_plan) == (PlanState.FREE, "free", None)
    assert card.can_choose
    assert (card.can_change, card.can_cancel, card.can_resume, card.must_pay, card.has_portal) == (False,) * 5


def test_nothing_can_be_chosen_where_payments_are_not_set_up(user: User, settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert not plan_card.of(user).can_choose


def test_a_plan_from_the_team_costs_nothing(user: User) -> None:
    plans.put_on(ledger.wallet_of(user), plan("pro"))
    card = plan_card.of(user)
    assert (card.state, card.plan.pk, card.price_cents, card.can_cancel) == (PlanState.GIVEN, "pro", None, False)


def test_a_running_plan_renews_and_can_be_changed_and_cancelled(user: User) -> None:
    subscription = make_subscription(user, "pro", "year", card="Visa ending in 4242")
    card = plan_card.of(user)
    assert (card.state, card.paid_plan, card.interval) == (PlanState.ACTIVE, subscription.plan, "year")
    assert (card.price_cents, card.renews_at, card.ends_at) == (30000, subscription.period_ends_at, None)
    assert card.card == "Visa ending in 4242"
    assert card.can_change
    assert card.can_cancel
    assert card.has_portal
    assert (card.can_choose, card.can_resume, card.must_pay) == (False, False, False)


def test_a_price_that_is_no_longer_offered_is_not_told_as_ones_own(user: User) -> None:
    make_subscription(user, "pro", price_id="price_of_last_year")
    assert plan_card.of(user).price_cents is None


def test_a_cancelled_plan_ends_and_can_be_kept(user: User) -> None:
    subscription = make_subscription(user, "pro", cancels_at_period_end=True)
    card = plan_card.of(user)
    assert (card.state, card.ends_at, card.renews_at) == (PlanState.ENDING, subscription.period_ends_at, None)
    assert card.pictures_kept_until == subscription.period_ends_at + timedelta(days=180)
    assert card.can_resume
    assert card.can_change
    assert not card.can_cancel


def test_a_plan_that_was_paid_back_is_over_before_its_time(user: User) -> None:
    make_subscription(user, "pro", cancels_at_period_end=True)
    plans.turn_to(ledger.wallet_of(user), plans.free(), timezone.now())
    assert plan_card.of(user).state == PlanState.FREE


def test_what_follows_is_told_with_its_price(user: User) -> None:
    make_subscription(user, "pro", next_plan=plan("starter"), next_interval="month")
    card = plan_card.of(user)
    assert (card.state, card.next_plan, card.next_cents) == (PlanState.CHANGING, plan("starter"), 1000)
    assert card.can_resume


def test_a_payment_that_failed_comes_before_everything_else(user: User, settings: LazySettings) -> None:
    settings.PAYMENT_GRACE_DAYS = 7
    since = timezone.now() - timedelta(days=1)
    make_subscription(user, "pro", status=Subscription.Status.PAST_DUE, past_due_since=since)
    card = plan_card.of(user)
    assert (card.state, card.past_due_since) == (PlanState.PAST_DUE, since)
    assert card.grace_ends_at == since + timedelta(days=7)
    assert card.must_pay
    assert card.can_cancel
    assert not card.can_change


def test_after_the_grace_the_plan_is_paused(user: User) -> None:
    make_subscription(user, "pro", status=Subscription.Status.PAST_DUE, past_due_since=timezone.now())
    plans.turn_to(ledger.wallet_of(user), plans.free(), timezone.now())
    card = plan_card.of(user)
    assert (card.state, card.plan.pk, card.paid_plan) == (PlanState.LAPSED, "free", plan("pro"))
    assert card.must_pay
    assert card.pictures_kept_until == user.wallets.get().pictures_kept_until


def test_a_change_that_waits_for_the_bank_is_not_changed_again(user: User) -> None:
    until = timezone.now() + timedelta(hours=5)
    make_subscription(user, "starter", pending_until=until)
    card = plan_card.of(user)
    assert (card.state, card.waits_until, card.can_change) == (PlanState.WAITING, until, False)


def test_the_bar_knows_whose_payment_failed_and_until_when(user: User, settings: LazySettings) -> None:
    settings.PAYMENT_GRACE_DAYS = 7
    wallet = ledger.wallet_of(user)
    assert plan_card.overdue_of(wallet, None) is None
    late = make_subscription(user, "pro", status=Subscription.Status.PAST_DUE, past_due_since=timezone.now())
    overdue = plan_card.overdue_of(wallet, late)
    assert overdue is not None
    assert (overdue.plan, overdue.is_lapsed) == (plan("pro"), False)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert overdue.is_lapsed
    plans.turn_to(wallet, plans.free(), timezone.now())
    assert plan_card.overdue_of(ledger.wallet_of(user), None) == overdue


def test_the_bar_asks_nothing_about_who_never_had_a_plan(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    wallet = ledger.wallet_of(user)
    with django_assert_num_queries(0):
        assert plan_card.overdue_of(wallet, None) is None
