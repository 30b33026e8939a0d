"""The shop's invoices: bought for real, listed with their pages; a shop that is down is no error of the page."""

from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.utils import timezone

from billing import ledger, plans, purchases, receipts, top_ups
from billing.invoice_lines import invoice_lines
from billing.models import Customer, Payment, Product
from billing.money import amount
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_who_never_bought_has_none_and_the_shop_is_not_asked(settings: LazySettings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert invoice_lines(make_user()) == []


def test_what_was_bought_is_listed_with_its_page_and_file(gateway_shop: OpenShop) -> None:
    plans.sync()
    [pack, *_] = plans.offered_packs(Product.API)
    user = make_user()
    gateway_shop.pay(purchases.start_pack(user, pack, form_key=uuid4()))
    found = invoice_lines(user)
    assert found is not None
    [line] = found
    assert (line.total, line.state, line.is_open) == (amount(pack.price_cents, "usd", exact=True), "Paid", False)
    assert line.number
    assert gateway_shop.visit(line.url).status == 200
    assert gateway_shop.visit(line.pdf_url).text.startswith("%PDF")


def test_an_automatic_top_up_is_listed_with_the_shops_receipt(gateway_shop: OpenShop) -> None:
    user = make_user()
    bought = till.buy(gateway_shop, user, "api-5000")
    wallet = ledger.wallet_of(user, Product.API)
    top_ups.set_terms(wallet, till.pack("api-5000"), is_on=True, below_credits=5000, month_cents=9000)
    ledger.adjust(wallet, -1, key="spent", reason="Spent")
    assert top_ups.run_due(timezone.now()) == 1
    gateway_shop.v1.refunds.create({"payment_intent": bought.payment_intent_id})  # a charge with an invoice
    payment = Payment.objects.get(kind="top_up")

    found = invoice_lines(user)

    assert found is not None
    [line] = [line for line in found if "top-up" in line.state]
    assert (len(found), line.number, line.total) == (2, receipts.number_of(payment), "$45.00")
    assert "$45.00" in gateway_shop.visit(line.url).text
    page = words(visitor(user).get("/settings/billing/invoices/"))
    assert line.url in page


def test_a_shop_that_is_down_is_said(gateway_shop: OpenShop, settings: LazySettings) -> None:
    user = make_user()
    Customer.objects.create(user=user, customer_id="cus_1")
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert invoice_lines(user) is None
