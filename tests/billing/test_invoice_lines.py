"""The shop's invoices: bought for real, listed with their pages; a shop that is down is no error of the page."""

from uuid import uuid4

import pytest
from django.conf import LazySettings

from billing import plans, purchases
from billing.invoice_lines import invoice_lines
from billing.models import Customer, Product
from billing.money import amount
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user

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


def test_a_shop_that_is_down_is_said(gateway_shop: OpenShop, settings: LazySettings) -> None:
    user = make_user()
    Customer.objects.create(user=user, customer_id="cus_1")
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert invoice_lines(user) is None
