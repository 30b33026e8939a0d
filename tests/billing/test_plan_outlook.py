"""What a change or an end will mean: what is said before is what then happens."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from billing import grants, ledger, plan_outlook, purchases
from billing.errors import AlreadyOnPlan, NotSubscribed, PaymentOverdue
from billing.models import Subscription, Wallet
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import add_lot, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]


@pytest.fixture
def user() -> User:
    user = make_user()
    grants.start_monthly_credits(user)
    return user


def test_an_upgrade_tells_what_is_due_and_how_many_credits_come(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "starter")
    change = plan_outlook.change_of(user, till.plan("pro"), "month")
    assert (change.is_upgrade, change.is_kept, change.before.pk) == (True, False, "starter")
    assert (change.due_cents, change.cents, change.credits_at_once) == (2000, 3000, 12000)
    before = till.where(user)[1]
    changed = purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    assert till.where(user) == ("pro", before + change.credits_at_once)
    assert (change.renews_at, changed.period_starts_at > change.takes_effect_at - timedelta(minutes=1)) == (None, True)


def test_a_year_instead_of_a_month_begins_today(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "starter", "month")
    change = plan_outlook.change_of(user, till.plan("starter"), "year")
    assert (change.is_upgrade, change.due_cents, change.credits_at_once) == (True, 9000, 0)
    assert change.renews_at is None


def test_a_cheaper_plan_follows_for_nothing(gateway_shop: OpenShop, user: User) -> None:
    subscription = till.subscribe(gateway_shop, user, "pro")
    change = plan_outlook.change_of(user, till.plan("starter"), "month")
    assert (change.is_upgrade, change.due_cents, change.credits_at_once) == (False, 0, 0)
    assert change.takes_effect_at == subscription.period_ends_at


def test_the_plan_one_has_can_only_be_kept(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "pro")
    with pytest.raises(AlreadyOnPlan):
        plan_outlook.change_of(user, till.plan("pro"), "month")
    purchases.cancel(user)
    change = plan_outlook.change_of(user, till.plan("pro"), "month")
    assert (change.is_kept, change.is_upgrade, change.due_cents) == (True, False, 0)


def test_a_payment_that_failed_comes_before_a_change(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "starter")
    Subscription.objects.update(status=Subscription.Status.PAST_DUE)
    with pytest.raises(PaymentOverdue):
        plan_outlook.change_of(user, till.plan("pro"), "month")


def test_the_end_tells_what_stays(gateway_shop: OpenShop, user: User) -> None:
    subscription = till.subscribe(gateway_shop, user, "starter")
    till.buy(gateway_shop, user, "site-1000")
    ending = plan_outlook.ending_of(user)
    assert (ending.plan.pk, ending.after.pk) == ("starter", "free")
    assert ending.ends_at == subscription.period_ends_at
    assert ending.pictures_kept_until == subscription.period_ends_at + timedelta(days=90)
    assert ending.bought_credits == 1000


def test_pictures_stay_as_long_as_the_plan_that_follows_lasts(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user, "starter")
    Wallet.objects.filter(user=user).update(given_plan="pro")
    assert plan_outlook.ending_of(user).pictures_kept_until is None


def test_without_a_plan_there_is_nothing_to_change_or_end(user: User) -> None:
    add_lot(ledger.wallet_of(user), 5)
    assert not Subscription.objects.exists()
    with pytest.raises(NotSubscribed):
        plan_outlook.ending_of(user)
    with pytest.raises(NotSubscribed):
        plan_outlook.change_of(user, till.plan("pro"), "month")
