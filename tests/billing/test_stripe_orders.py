"""Buying, changing and giving back through the gateway, at the project's own shop over real HTTP."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from billing import stripe_catalog, stripe_orders, stripe_reads
from billing.errors import (
    PaymentDeclined,
    PaymentNeedsAction,
    ShopRefused,
    ShopUnavailable,
    UnknownInShop,
    UnknownPrice,
)
from billing.payment_facts import CatalogItem, ChargeFacts, CheckoutLink, SubscriptionState
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop

ITEMS = [
    CatalogItem("basic:month", "basic", "Basic", 1000, "month"),
    CatalogItem("pro:month", "pro", "Pro", 3000, "month"),
    CatalogItem("pro:year", "pro", "Pro", 30000, "year"),
    CatalogItem("pack:5000", "pack", "5,000 credits", 1500),
]


@pytest.fixture
def prices(gateway_shop: OpenShop) -> dict[str, str]:
    return stripe_catalog.sync_catalog(ITEMS)


@pytest.fixture
def customer(gateway_shop: OpenShop) -> str:
    return stripe_orders.ensure_customer("7", "ada@example.com", "Ada")


def charge_while_away(customer: str) -> ChargeFacts:
    card = stripe_reads.card_to_charge(customer)
    return stripe_orders.charge_off_session(customer, card, 2000, "usd", description="x", reference="x", key="k")


def open_checkout(customer: str, price: str, key: str = "first") -> CheckoutLink:
    urls = {"success_url": "http://localhost/done/", "cancel_url": "http://localhost/"}
    return stripe_orders.start_subscription_checkout(customer, price, reference="order-1", key=key, **urls)


def open_pack_checkout(customer: str, price: str, key: str = "pack") -> CheckoutLink:
    urls = {"success_url": "http://localhost/done/", "cancel_url": "http://localhost/"}
    return stripe_orders.start_pack_checkout(customer, price, reference="order-2", key=key, keep_card=True, **urls)


def subscribe(shop: OpenShop, customer: str, price: str, card: str = counter.VISA) -> SubscriptionState:
    link = open_checkout(customer, price)
    answer = shop.pay(link.url, card)
    if "/authenticate/" in answer.location:
        shop.visit(answer.location, do="yes")
    return stripe_reads.fetch_subscription(stripe_reads.fetch_checkout(link.id).subscription_id)


def test_a_customer_is_made_once_and_kept_up_to_date(gateway_shop: OpenShop) -> None:
    first = stripe_orders.ensure_customer("7", "ada@example.com")
    assert stripe_orders.ensure_customer("7", "ada@example.com") == first
    assert stripe_orders.ensure_customer("7", "lovelace@example.com", "Ada", first) == first
    there = gateway_shop.v1.customers.retrieve(first)
    assert (there.email, there.name, there.metadata.user) == ("lovelace@example.com", "Ada", "7")


@pytest.mark.parametrize("name", ["Zoë", "Иван", "王小明", "🦊", "x" * 30])
def test_a_customer_may_have_any_name(gateway_shop: OpenShop, name: str) -> None:
    email = f"{'x' * 200}@example.com"
    made = stripe_orders.ensure_customer("7", email, name)
    assert gateway_shop.v1.customers.retrieve(made).name == name
    assert stripe_orders.ensure_customer("7", email, name) == made


def test_a_customer_deleted_at_the_shop_is_made_anew(gateway_shop: OpenShop, customer: str) -> None:
    stripe_orders.delete_customer(customer)
    stripe_orders.delete_customer(customer)
    assert stripe_orders.ensure_customer("7", "ada@example.com", "Ada", customer) != customer


def test_a_customer_of_another_shop_is_made_anew(gateway_shop: OpenShop) -> None:
    assert stripe_orders.ensure_customer("7", "ada@example.com", "Ada", "cus_of_another_shop").startswith("cus_")


def test_a_plan_is_bought_at_the_checkout(gateway_shop: OpenShop, prices: dict[str, str], customer: str) -> None:
    link = open_checkout(customer, prices["basic:month"])
    assert not stripe_reads.fetch_checkout(link.id).is_paid
    gateway_shop.pay(link.url)
    bought = stripe_reads.fetch_checkout(link.id)
    assert (bought.is_paid, bought.mode, bought.client_reference_id) == (True, "subscription", "order-1")
    assert [(line.key, line.amount_cents) for line in bought.lines] == [("basic:month", 1000)]
    state = stripe_reads.fetch_subscription(bought.subscription_id)
    assert (state.status, state.key, state.interval, state.is_running) == ("active", "basic:month", "month", True)
    assert timedelta(days=27) < state.period_ends_at - state.period_starts_at < timedelta(days=32)
    assert state.card is not None
    assert state.card.text == "Visa ending in 4242"
    assert state.metadata == {"reference": "order-1"}


def test_the_same_key_opens_the_same_checkout(prices: dict[str, str], customer: str) -> None:
    first = open_checkout(customer, prices["basic:month"])
    assert open_checkout(customer, prices["basic:month"]) == first
    assert open_checkout(customer, prices["basic:month"], key="second").id != first.id
    with pytest.raises(ShopRefused):
        open_checkout(customer, prices["pro:month"])


def test_a_pack_is_bought_and_its_card_charged_later(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    link = open_pack_checkout(customer, prices["pack:5000"])
    gateway_shop.pay(link.url)
    bought = stripe_reads.fetch_checkout(link.id)
    assert (bought.is_paid, bought.amount_cents, bought.lines[0].key) == (True, 1500, "pack:5000")
    charge = stripe_reads.fetch_payment(bought.payment_intent_id)
    assert charge is not None
    assert (charge.is_paid, charge.metadata) == (True, {"reference": "order-2"})
    assert stripe_reads.invoice_of_payment(bought.payment_intent_id) == bought.invoice_id
    later = charge_while_away(customer)
    again = charge_while_away(customer)
    assert later == again
    assert (later.is_paid, later.amount_cents, later.metadata) == (True, 2000, {"reference": "x"})
    assert later.card is not None
    assert charge.card is not None
    assert later.card.fingerprint == charge.card.fingerprint


def test_a_charge_without_a_card_is_declined(gateway_shop: OpenShop, customer: str) -> None:
    with pytest.raises(PaymentDeclined, match="no card"):
        charge_while_away(customer)


@pytest.mark.parametrize(
    ("card", "error"), [(counter.FAILS_LATER, PaymentDeclined), (counter.ALWAYS_ASKS, PaymentNeedsAction)]
)
def test_a_card_that_fails_or_asks_off_session_says_so(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str, card: str, error: type[Exception]
) -> None:
    answer = gateway_shop.pay(open_pack_checkout(customer, prices["pack:5000"]).url, card)
    if "/authenticate/" in answer.location:
        gateway_shop.visit(answer.location, do="yes")
    with pytest.raises(error):
        charge_while_away(customer)


def test_a_checkout_can_be_closed_unless_it_was_paid(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    left, paid = (open_checkout(customer, prices["basic:month"], key) for key in ("a", "b"))
    gateway_shop.pay(paid.url)
    assert stripe_orders.expire_checkout(left.id).status == "expired"
    assert stripe_orders.expire_checkout(left.id).status == "expired"
    assert stripe_orders.expire_checkout(paid.id).is_paid


def test_an_upgrade_is_paid_and_in_force_at_once(gateway_shop: OpenShop, prices: dict[str, str], customer: str) -> None:
    state = subscribe(gateway_shop, customer, prices["basic:month"])
    gateway_shop.advance(days=10)
    preview = stripe_orders.preview_change(state.id, prices["pro:month"])
    changed = stripe_orders.change_plan_now(state.id, prices["pro:month"], key="up")
    invoice = stripe_reads.fetch_invoice(changed.latest_invoice_id)
    assert (changed.key, changed.status, changed.pending_until) == ("pro:month", "active", None)
    # The shop's clock goes on while it works.
    assert timedelta(days=10) <= changed.period_starts_at - state.period_starts_at < timedelta(days=10, minutes=5)
    assert invoice.is_paid
    assert abs(invoice.paid_cents - preview.due_cents) <= 1
    # A whole month of the new plan, without what was left of the old one.
    assert 2200 < invoice.paid_cents < 2500
    assert [line.is_proration for line in invoice.lines] == [True, False]
    assert stripe_orders.change_plan_now(state.id, prices["pro:month"], key="up") == changed


def test_an_upgrade_to_a_year_begins_a_new_period(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    state = subscribe(gateway_shop, customer, prices["basic:month"])
    gateway_shop.advance(days=15)
    changed = stripe_orders.change_plan_now(state.id, prices["pro:year"], key="up")
    assert changed.interval == "year"
    assert changed.period_ends_at - changed.period_starts_at >= timedelta(days=365)
    assert 29000 < stripe_reads.fetch_invoice(changed.latest_invoice_id).paid_cents < 30000


def test_an_upgrade_that_is_declined_changes_nothing(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    state = subscribe(gateway_shop, customer, prices["basic:month"], counter.FAILS_LATER)
    with pytest.raises(PaymentDeclined, match="declined"):
        stripe_orders.change_plan_now(state.id, prices["pro:month"], key="up")
    after = stripe_reads.fetch_subscription(state.id)
    assert (after.key, after.status, after.pending_until) == ("basic:month", "active", None)
    assert stripe_reads.fetch_invoice(after.latest_invoice_id).status == "void"


def test_an_upgrade_that_the_bank_asks_about_waits_for_the_answer(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    state = subscribe(gateway_shop, customer, prices["basic:month"], counter.ALWAYS_ASKS)
    with pytest.raises(PaymentNeedsAction) as asked:
        stripe_orders.change_plan_now(state.id, prices["pro:month"], key="up")
    waiting = stripe_reads.fetch_subscription(state.id)
    assert waiting.key == "basic:month"
    assert waiting.pending_until is not None
    question = gateway_shop.pay(asked.value.url, counter.ALWAYS_ASKS)
    gateway_shop.visit(question.location, do="yes")
    assert stripe_reads.fetch_subscription(state.id).key == "pro:month"


def test_a_downgrade_waits_for_the_end_of_the_period(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    state = subscribe(gateway_shop, customer, prices["pro:month"])
    waiting = stripe_orders.change_plan_at_period_end(state.id, prices["basic:month"], key="down")
    assert (waiting.key, waiting.next_key) == ("pro:month", "basic:month")
    gateway_shop.advance(days=32)
    after = stripe_reads.fetch_subscription(state.id)
    assert (after.key, after.next_key, after.status) == ("basic:month", "", "active")
    assert stripe_reads.fetch_invoice(after.latest_invoice_id).paid_cents == 1000
    gateway_shop.advance(days=32)
    assert gateway_shop.v1.subscriptions.retrieve(state.id).schedule is None


def test_a_year_goes_over_into_months_when_it_ends(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    state = subscribe(gateway_shop, customer, prices["pro:year"])
    stripe_orders.change_plan_at_period_end(state.id, prices["basic:month"], key="down")
    gateway_shop.advance(days=367)
    after = stripe_reads.fetch_subscription(state.id)
    assert (after.key, after.period_starts_at) == ("basic:month", state.period_ends_at)
    assert after.period_ends_at - after.period_starts_at < timedelta(days=32)


def test_cancel_and_resume(gateway_shop: OpenShop, prices: dict[str, str], customer: str) -> None:
    state = subscribe(gateway_shop, customer, prices["pro:month"])
    stripe_orders.change_plan_at_period_end(state.id, prices["basic:month"], key="down")
    ending = stripe_orders.cancel_at_period_end(state.id)
    assert (ending.cancels_at_period_end, ending.next_key, ending.is_running) == (True, "", True)
    assert not stripe_orders.resume(state.id).cancels_at_period_end
    stripe_orders.cancel_at_period_end(state.id)
    gateway_shop.advance(days=32)
    ended = stripe_reads.fetch_subscription(state.id)
    assert (ended.status, ended.ended_at) == ("canceled", state.period_ends_at)
    assert stripe_orders.cancel_now(state.id) == ended


@pytest.fixture
def portal_cancelled(gateway_shop: OpenShop, prices: dict[str, str], customer: str) -> SubscriptionState:
    """A subscription that its person cancelled in the portal, under flexible billing: by a moment alone."""
    gateway_shop.control("mode", flexible=True)
    state = subscribe(gateway_shop, customer, prices["basic:month"])
    portal = stripe_orders.open_portal(customer, "http://localhost/settings/billing/")
    gateway_shop.visit(portal.url, do="cancel", subscription=state.id)
    there = gateway_shop.v1.subscriptions.retrieve(state.id)
    assert (there.cancel_at_period_end, there.cancel_at) == (False, int(state.period_ends_at.timestamp()))
    return state


def test_what_was_cancelled_in_the_portal_ends(gateway_shop: OpenShop, portal_cancelled: SubscriptionState) -> None:
    assert stripe_reads.fetch_subscription(portal_cancelled.id).cancels_at_period_end
    assert stripe_orders.cancel_at_period_end(portal_cancelled.id).cancels_at_period_end
    gateway_shop.advance(days=32)
    assert stripe_reads.fetch_subscription(portal_cancelled.id).status == "canceled"


@pytest.mark.parametrize(
    ("verb", "key"), [("resume", ""), ("change_plan_now", "pro:month"), ("change_plan_at_period_end", "pro:year")]
)
def test_what_was_cancelled_in_the_portal_goes_on(
    gateway_shop: OpenShop, prices: dict[str, str], portal_cancelled: SubscriptionState, verb: str, key: str
) -> None:
    change = getattr(stripe_orders, verb)
    after = change(portal_cancelled.id, prices[key], key="k") if key else change(portal_cancelled.id)
    there = gateway_shop.v1.subscriptions.retrieve(portal_cancelled.id)
    assert (after.cancels_at_period_end, there.cancel_at, there.cancel_at_period_end) == (False, None, False)


def test_what_was_cancelled_in_the_portal_ends_still_while_the_bank_asks_about_an_upgrade(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str, portal_cancelled: SubscriptionState
) -> None:
    portal = stripe_orders.open_portal(customer, "http://localhost/settings/billing/")
    gateway_shop.pay(portal.url, counter.ALWAYS_ASKS, do="card")
    with pytest.raises(PaymentNeedsAction):
        stripe_orders.change_plan_now(portal_cancelled.id, prices["pro:month"], key="up")
    assert stripe_reads.fetch_subscription(portal_cancelled.id).cancels_at_period_end


def test_a_refund_in_parts_and_no_more_than_was_paid(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    link = open_pack_checkout(customer, prices["pack:5000"])
    gateway_shop.pay(link.url)
    intent = stripe_reads.fetch_checkout(link.id).payment_intent_id
    part = stripe_orders.refund(intent, amount_cents=500, key="r1")
    assert stripe_orders.refund(intent, amount_cents=500, key="r1") == part
    rest = stripe_orders.refund(intent, key="r2")
    assert (part.amount_cents, rest.amount_cents, rest.status) == (500, 1000, "succeeded")
    charge = stripe_reads.fetch_charge(part.charge_id)
    assert charge.refunded_cents == charge.amount_cents == 1500
    assert [one.id for one in gateway_shop.v1.refunds.list({"charge": charge.id}).data] == [rest.id, part.id]
    with pytest.raises(ShopRefused, match="already been refunded"):
        stripe_orders.refund(intent, key="r3")


def test_the_portal_opens_for_a_customer(gateway_shop: OpenShop, prices: dict[str, str], customer: str) -> None:
    page = gateway_shop.visit(stripe_orders.open_portal(customer, "http://localhost/settings/billing/").url)
    assert page.status == 200
    assert "Test shop. No real money." in page.text


def test_an_unknown_or_withdrawn_price_is_said_to_be_that(gateway_shop: OpenShop, customer: str) -> None:
    prices = stripe_catalog.sync_catalog(ITEMS)
    stripe_catalog.sync_catalog(ITEMS[1:])
    for price in ("price_none", prices["basic:month"]):
        with pytest.raises(UnknownPrice) as error:
            open_checkout(customer, price, key=price)
        assert error.value.price_id == price


def test_what_the_shop_does_not_know_is_said_to_be_unknown(gateway_shop: OpenShop) -> None:
    for fetch in (stripe_reads.fetch_subscription, stripe_reads.fetch_invoice, stripe_reads.fetch_charge):
        with pytest.raises(UnknownInShop):
            fetch("none")


@pytest.mark.parametrize("weather", [{"down": True}, {"limit_next": 5}, {"break_next": 5}])
def test_a_shop_that_is_down_is_unavailable(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str, weather: dict[str, int]
) -> None:
    gateway_shop.control("weather", **weather)
    with pytest.raises(ShopUnavailable):
        open_checkout(customer, prices["basic:month"])


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_done_twice(
    gateway_shop: OpenShop, prices: dict[str, str], customer: str
) -> None:
    gateway_shop.pay(open_pack_checkout(customer, prices["pack:5000"]).url)
    gateway_shop.control("weather", lose_next=2)
    charge = charge_while_away(customer)
    assert charge.is_paid
    intents = gateway_shop.v1.payment_intents.list({"customer": customer}).data
    assert [intent.amount for intent in intents] == [2000, 1500]


def test_without_a_key_nothing_is_for_sale(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(ShopUnavailable, match="not set up"):
        stripe_orders.ensure_customer("7", "ada@example.com")
