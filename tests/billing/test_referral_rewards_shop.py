"""Invites of friends who buy at the shop: what its events bring to the referrer, and take back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing.models import Payment
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.invites import BOTH, PAID, balance, befriend, fate, make_referrer, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

WINDOW = timedelta(days=14, minutes=1)
MASTERCARD = "5555 5555 5555 4444"


@pytest.fixture
def ada() -> User:
    return make_referrer()


@pytest.fixture
def friend(ada: User) -> User:
    return befriend(ada, "bob@example.com")


def after_the_window() -> None:
    sweep(timezone.now() + WINDOW)


def test_a_subscription_is_rewarded_and_its_refund_takes_it_back(
    gateway_shop: OpenShop, ada: User, friend: User
) -> None:
    till.subscribe(gateway_shop, friend)
    sweep()
    assert balance(ada) == BOTH
    after_the_window()
    assert balance(ada) == BOTH + PAID
    payment = Payment.objects.get(wallet__user=friend)
    gateway_shop.v1.refunds.create({"payment_intent": payment.payment_intent_id})
    till.hear(gateway_shop)
    sweep()
    assert balance(ada) == BOTH
    assert payment.referral_rewards.get().taken_back == PAID


def test_a_disputed_payment_brings_nothing(gateway_shop: OpenShop, ada: User, friend: User) -> None:
    till.subscribe(gateway_shop, friend, card=counter.DISPUTED)
    till.hear(gateway_shop)
    assert Payment.objects.get(wallet__user=friend).dispute == "open"
    after_the_window()
    assert balance(ada) == BOTH


def test_a_friend_with_the_referrers_card_brings_nothing_and_costs_what_came(
    gateway_shop: OpenShop, ada: User, friend: User
) -> None:
    till.subscribe(gateway_shop, ada)
    before = balance(ada)
    till.subscribe(gateway_shop, friend)
    after_the_window()
    assert fate(friend) == ("refused", "card")
    assert balance(ada) == before - BOTH


def test_a_card_of_their_own_is_fine(gateway_shop: OpenShop, ada: User, friend: User) -> None:
    till.subscribe(gateway_shop, ada)
    before = balance(ada)
    till.subscribe(gateway_shop, friend, card=MASTERCARD)
    after_the_window()
    assert balance(ada) == before + PAID
