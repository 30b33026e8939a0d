"""What is pointed at is fetched as it is now and applied; who fetched too early fetches again."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from billing import plans, purchases, stripe_events, stripe_follow, stripe_orders, stripe_reads, subscriptions
from billing.errors import NotOurs, PaymentNeedsAction, UnknownInShop
from billing.models import Payment, Plan, Product, StripeEvent, Subscription
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user, make_wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]


@pytest.fixture
def user() -> User:
    return make_user()


def pay_for_a_plan(shop: OpenShop, user: User) -> str:
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(shop, url)
    return till.checkout_id(url)


def cancel_and_refund(user: User) -> None:
    purchases.cancel(user)
    payment = Payment.objects.get()
    stripe_orders.refund(payment.payment_intent_id, key="r")
    stripe_follow.follow_invoice(payment.payment_id)


def test_an_invoice_brings_its_subscription_along(gateway_shop: OpenShop, user: User) -> None:
    checkout = stripe_reads.fetch_checkout(pay_for_a_plan(gateway_shop, user))
    applied = stripe_follow.follow_invoice(checkout.invoice_id)
    assert applied is not None
    assert applied.payment.subscription == Subscription.objects.get()
    assert till.where(user) == ("starter", 3000)


def test_a_checkout_brings_all_that_was_bought(gateway_shop: OpenShop, user: User) -> None:
    checkout_id = pay_for_a_plan(gateway_shop, user)
    applied = stripe_follow.follow_checkout(checkout_id)
    assert applied is not None
    assert (applied.payment.amount_cents, till.where(user)) == (1000, ("starter", 3000))


def test_an_open_checkout_brings_nothing(user: User) -> None:
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    assert stripe_follow.follow_checkout(till.checkout_id(url)) is None
    assert not Subscription.objects.exists()


def test_a_checkout_of_nobody_here_is_not_ours(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_pack(user, till.pack("api-5000"), form_key=uuid4())
    user.customer.delete()
    user.delete()
    with pytest.raises(NotOurs):
        stripe_follow.follow_checkout(till.checkout_id(url))


def test_a_refund_of_a_charge_that_was_never_heard_of_brings_all_at_once(gateway_shop: OpenShop, user: User) -> None:
    url = purchases.start_pack(user, till.pack("api-5000"), form_key=uuid4())
    till.pay(gateway_shop, url)
    intent = till.facts_of(url).payment_intent_id
    back = stripe_orders.refund(intent, key="r")
    applied = stripe_follow.follow_charge(back.charge_id)
    assert applied is not None
    assert (applied.payment.credits, applied.payment.taken_back, applied.payment.wallet.balance) == (5000, 5000, 0)


def test_a_payment_without_an_invoice_is_ours_only_by_its_row(gateway_shop: OpenShop, user: User) -> None:
    till.buy(gateway_shop, user, "api-5000")
    charge = stripe_orders.charge_off_session(
        user.customer.customer_id,
        stripe_reads.card_to_charge(user.customer.customer_id),
        700,
        "usd",
        description="Top-up",
        reference="x",
        key="k",
    )
    with pytest.raises(NotOurs):
        stripe_follow.follow_payment(charge.payment_intent_id)
    wallet = make_wallet(user=user, product=Product.API)
    row = Payment.objects.create(
        wallet=wallet, kind="top_up", payment_id=charge.payment_intent_id, amount_cents=700, paid_at=timezone.now()
    )
    stripe_orders.refund(charge.payment_intent_id, amount_cents=100, key="r")
    stripe_follow.follow_charge(charge.id)
    row.refresh_from_db()
    assert (row.refunded_cents, row.card_fingerprint != "") == (100, True)


def test_a_cancelled_plan_refunded_in_full_is_ended_at_the_shop_too(gateway_shop: OpenShop, user: User) -> None:
    subscription = till.subscribe(gateway_shop, user)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        cancel_and_refund(user)
    assert stripe_reads.fetch_subscription(subscription.subscription_id).status == "canceled"
    assert (till.where(user), subscriptions.running_of(user)) == (("free", 100), None)


def test_who_was_refunded_can_subscribe_again_and_gets_the_month(gateway_shop: OpenShop, user: User) -> None:
    till.subscribe(gateway_shop, user)
    begun = timezone.now()
    with time_machine.travel(begun + timedelta(hours=1)):
        cancel_and_refund(user)
    with time_machine.travel(begun + timedelta(hours=2)):
        till.subscribe(gateway_shop, user)
    assert till.where(user) == ("starter", 3000)


def test_a_row_from_the_future_is_written_anyway(gateway_shop: OpenShop, user: User) -> None:
    subscription = till.subscribe(gateway_shop, user)
    Subscription.objects.update(synced_at=timezone.now() + timedelta(days=1))
    stripe_orders.cancel_at_period_end(subscription.subscription_id)
    assert stripe_follow.follow_subscription(subscription.subscription_id).cancels_at_period_end


@pytest.mark.parametrize("follow", ["follow_subscription", "follow_invoice", "follow_charge", "follow_dispute"])
def test_what_the_shop_does_not_have_is_said_to_be_unknown(follow: str) -> None:
    with pytest.raises(UnknownInShop):
        getattr(stripe_follow, follow)("none")


@pytest.mark.parametrize("in_portal", [False, True])
def test_an_upgrade_that_the_bank_asks_about_takes_back_that_the_plan_was_to_end_once_it_is_paid(
    gateway_shop: OpenShop, user: User, in_portal: bool
) -> None:
    gateway_shop.control("mode", flexible=in_portal)
    before = till.subscribe(gateway_shop, user, card=counter.ALWAYS_ASKS)
    if in_portal:
        gateway_shop.visit(purchases.portal_url(user), do="cancel", subscription=before.subscription_id)
    else:
        purchases.cancel(user)
    with pytest.raises(PaymentNeedsAction) as asked:
        purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    assert Subscription.objects.get().cancels_at_period_end
    till.pay(gateway_shop, asked.value.url, counter.ALWAYS_ASKS)
    till.hear(gateway_shop)
    assert till.where(user) == ("pro", 15000)
    assert not Subscription.objects.get().cancels_at_period_end
    # A cancellation of what was bought then stays, however late the news of the purchase is.
    gateway_shop.advance(days=1)
    purchases.cancel(user)
    for event in StripeEvent.objects.filter(type="customer.subscription.pending_update_applied"):
        stripe_events.process(event.pk)
    assert Subscription.objects.get().cancels_at_period_end


def test_a_renewal_at_a_price_that_was_replaced_is_of_the_plan_that_was_paid(
    gateway_shop: OpenShop, user: User
) -> None:
    till.subscribe(gateway_shop, user)
    Plan.objects.filter(pk="starter").update(month_cents=1200)
    plans.sync()
    gateway_shop.advance(days=32)
    purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    till.hear(gateway_shop)
    renewal = Payment.objects.filter(amount_cents=1000).latest("paid_at")
    assert (renewal.plan_id, renewal.month_credits) == ("starter", 2900)


@pytest.mark.parametrize("heard_first", ["", "subscription_cycle", "subscription_update"])
def test_an_upgrade_while_the_renewal_is_a_draft_brings_what_both_pay_whichever_is_heard_of_first(
    gateway_shop: OpenShop, user: User, heard_first: str
) -> None:
    gateway_shop.control("mode", drafts=True)
    state = stripe_reads.fetch_subscription(till.subscribe(gateway_shop, user).subscription_id)
    gateway_shop.advance(seconds=int((state.period_ends_at - timezone.now()).total_seconds()) + 1200)
    stripe_orders.change_plan_now(state.id, till.plan("pro").price_id("month"), key="u")
    if not heard_first:
        till.hear(gateway_shop)
        assert sum(till.brought(user)) <= 14900
    gateway_shop.advance(seconds=3600)
    invoices = list(stripe_reads.list_invoices(user.customer.customer_id))
    for invoice in [one for one in invoices if one.reason == heard_first]:
        stripe_follow.follow_invoice(invoice.id)
    till.hear(gateway_shop)
    taken = Payment.objects.get(plan="pro").taken_over
    assert 2800 < taken <= 2900
    assert till.brought(user) == [2900, 14900 - taken, taken + 1]
