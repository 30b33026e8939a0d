"""What the shop knows, read as it is now."""

from datetime import UTC, datetime, timedelta

import pytest

from billing import stripe_reads
from billing.errors import ShopUnavailable
from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


@pytest.fixture
def catalog(gateway_shop: OpenShop) -> Catalog:
    return journeys.stock(gateway_shop)


@pytest.fixture
def customer(gateway_shop: OpenShop) -> str:
    return str(gateway_shop.v1.customers.create({"email": "ada@example.com"}).id)


def test_an_invoice_with_discount_and_tax(gateway_shop: OpenShop, catalog: Catalog, customer: str) -> None:
    coupon = gateway_shop.v1.coupons.create({"percent_off": 20, "duration": "once"}).id
    words = {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
    session = journeys.checkout(
        gateway_shop, customer, catalog.basic, "subscription", discounts=[{"coupon": coupon}], **words
    )
    gateway_shop.pay(session.url, country="DE")
    invoice = stripe_reads.fetch_invoice(stripe_reads.fetch_checkout(session.id).invoice_id)
    sums = (invoice.subtotal_cents, invoice.discount_cents, invoice.tax_cents, invoice.total_cents, invoice.paid_cents)
    assert sums == (1000, 200, 80, 880, 880)
    assert (invoice.is_paid, invoice.reason, invoice.customer_id) == (True, "subscription_create", customer)
    assert invoice.paid_at is not None
    assert stripe_reads.fetch_payment(invoice.payment_intent_id) is not None
    (line,) = invoice.lines
    assert (line.price_id, line.amount_cents, line.is_proration) == (catalog.basic, 800, False)
    assert invoice.url
    assert invoice.pdf_url


def test_lists_go_on_past_their_first_page(gateway_shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(gateway_shop, customer, catalog.basic).id
    gateway_shop.advance(days=366 * 9)
    invoices = list(stripe_reads.list_invoices(customer))
    assert len(invoices) == 109
    assert {invoice.subscription_id for invoice in invoices} == {subscription}
    assert [invoice.number for invoice in invoices] == sorted((one.number for one in invoices), reverse=True)


def test_all_subscriptions_can_be_walked_the_ended_too(gateway_shop: OpenShop, catalog: Catalog, customer: str) -> None:
    ended = journeys.subscribe(gateway_shop, customer, catalog.basic).id
    gateway_shop.v1.subscriptions.cancel(ended)
    stranger = gateway_shop.v1.customers.create({"email": "b@example.com"}).id
    running = journeys.subscribe(gateway_shop, stranger, catalog.pro).id
    assert [(one.id, one.is_running) for one in stripe_reads.list_subscriptions()] == [(running, True), (ended, False)]
    assert [one.id for one in stripe_reads.list_subscriptions(customer)] == [ended]


def test_checkouts_and_events_since_a_moment(gateway_shop: OpenShop, catalog: Catalog, customer: str) -> None:
    journeys.checkout(gateway_shop, customer, catalog.pack, "payment")
    now = datetime.fromtimestamp(gateway_shop.advance(days=1), UTC)
    late = journeys.checkout(gateway_shop, customer, catalog.pack, "payment")
    gateway_shop.pay(late.url)
    assert [one.id for one in stripe_reads.list_checkouts(now)] == [late.id]
    types = ["checkout.session.completed", "checkout.session.expired"]
    (event,) = stripe_reads.list_events_since(now, ["checkout.session.completed"])
    assert (event.object_id, event.customer_id) == (late.id, customer)
    assert len(list(stripe_reads.list_events_since(now - timedelta(days=30), types))) == 2


def test_a_dispute_and_its_charge(gateway_shop: OpenShop, catalog: Catalog, customer: str) -> None:
    session = journeys.checkout(gateway_shop, customer, catalog.pack, "payment")
    gateway_shop.pay(session.url, counter.DISPUTED)
    charge = stripe_reads.fetch_payment(stripe_reads.fetch_checkout(session.id).payment_intent_id)
    assert charge is not None
    assert charge.is_disputed
    (dispute,) = stripe_reads.list_disputes(charge.id)
    assert (dispute.charge_id, dispute.amount_cents, dispute.is_lost, dispute.is_won) == (charge.id, 1500, False, False)
    gateway_shop.control("close", dispute=dispute.id, verdict="lost")
    assert stripe_reads.fetch_dispute(dispute.id).is_lost


def test_a_payment_that_was_declined_and_one_that_was_never_tried(
    gateway_shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    session = journeys.checkout(gateway_shop, customer, catalog.pack, "payment")
    gateway_shop.pay(session.url, counter.DECLINED)
    intent = gateway_shop.v1.payment_intents.list({"customer": customer}).data[0].id
    charge = stripe_reads.fetch_payment(intent)
    assert charge is not None
    assert (charge.is_paid, charge.failure) == (False, "Your card was declined.")
    assert stripe_reads.invoice_of_payment(intent) == ""
    waiting = gateway_shop.v1.payment_intents.create({"amount": 500, "currency": "usd", "customer": customer}).id
    assert stripe_reads.fetch_payment(waiting) is None


def test_a_list_breaks_off_as_unavailable(gateway_shop: OpenShop, customer: str) -> None:
    gateway_shop.control("weather", down=True)
    with pytest.raises(ShopUnavailable):
        list(stripe_reads.list_invoices(customer))
