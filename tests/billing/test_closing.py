"""The end of an account at the shop and in the books."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from billing import audit, closing, cycle_sweep, grants, ledger, subscriptions
from billing.errors import ShopUnavailable
from billing.models import LedgerEntry, Payment, Plan, Product, StripeEvent, Subscription, Wallet
from tests.billing.paying import DAY, buy, came, joined, pay_renewal, renew, sweep_until
from tests.billing.test_shop.counter import OpenShop
from tests.billing.till import hear, subscribe
from tests.billing.told import NOW
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db


def test_a_subscription_ends_now_and_the_shop_forgets_its_customer(gateway_shop: OpenShop) -> None:
    user = make_user(email="ada@example.com")
    grants.start_monthly_credits(user)
    subscribe(gateway_shop, user, interval="year")

    closing.end_purchases(user)
    closing.give_up_credits(user)
    closing.end_purchases(user)

    assert Subscription.objects.get().status == Subscription.Status.CANCELED
    wallet = Wallet.objects.get(user=user, product=Product.SITE)
    assert (wallet.plan_id, wallet.balance) == ("free", 0)
    cycle_sweep.run(timezone.now() + timedelta(days=100))
    assert ledger.wallet_of(user).balance == 0
    assert list(audit.audit()) == []


def test_what_the_shop_has_told_names_nobody_afterwards(gateway_shop: OpenShop) -> None:
    user = make_user(email="ada@example.com")
    subscribe(gateway_shop, user)
    hear(gateway_shop)
    closing.end_purchases(user)
    assert any("ada@example.com" in str(event.payload) for event in StripeEvent.objects.all())

    assert closing.forget_events(user)

    assert not [event for event in StripeEvent.objects.all() if "ada@example.com" in str(event.payload)]
    assert closing.forget_events(user) == 0


def test_while_the_shop_is_away_nothing_is_taken_for_done(gateway_shop: OpenShop, settings: LazySettings) -> None:
    user = make_user()
    subscribe(gateway_shop, user)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # nobody listens there

    with pytest.raises(ShopUnavailable):
        closing.end_purchases(user)


def test_what_is_left_is_given_up_in_a_line_of_its_own() -> None:
    user = make_user()
    make_wallet(70, user=user)
    make_wallet(30, user=user, product=Product.API)

    assert closing.give_up_credits(user) == 100
    assert closing.give_up_credits(user) == 0

    lines = LedgerEntry.objects.filter(reason=closing.FORFEITED).values_list("delta", flat=True)
    assert sorted(lines) == [-70, -30]
    assert list(audit.audit()) == []


@pytest.mark.parametrize("refunded", [0, 500])
def test_a_paid_month_that_waits_is_given_up(refunded: int) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        user = joined(NOW - 5 * DAY)
        state, _ = buy(user)
        sweep_until(clock, state.period_ends_at)
        again = renew(user, state)
        pay_renewal(user)
        clock.move_to(NOW + 41 * DAY)  # the renewal's month comes on 5 May

        closing.give_up_credits(user)

        subscriptions.apply(replace(again, status="canceled", ended_at=NOW + 41 * DAY))
        pay_renewal(user, refunded)  # told late
        sweep_until(clock, NOW + 80 * DAY)
        assert (ledger.wallet_of(user).balance, came(user)) == (0, 2900)
        assert not Payment.objects.filter(next_month_at__isnull=False).exists()


def test_no_monthly_credits_come_any_more() -> None:
    user = make_user()
    grants.start_monthly_credits(user)

    wallet = ledger.wallet_of(user)
    subscriptions.give(wallet, Plan.objects.get(pk="pro"))

    closing.give_up_credits(user)
    cycle_sweep.run(timezone.now() + timedelta(days=40))
    subscriptions.settle(wallet, timezone.now())  # the shop's late news
    cycle_sweep.run_for(wallet)

    assert (wallet.balance, wallet.plan_id) == (0, "free")
