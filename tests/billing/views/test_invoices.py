"""The part with the shop's invoices: one's own, and a word where the shop does not answer."""

from uuid import uuid4

import pytest
from django.conf import LazySettings

from billing import plans, purchases
from billing.models import Customer, Product
from billing.money import amount
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/billing/invoices/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_people_see_their_own_invoices_alone(gateway_shop: OpenShop) -> None:
    plans.sync()
    [pack, *_] = plans.offered_packs(Product.API)
    user, stranger = make_user(), make_user()
    gateway_shop.pay(purchases.start_pack(user, pack, form_key=uuid4()))
    page = words(visitor(user).get(PAGE, headers=HTMX))
    assert amount(pack.price_cents, "usd", exact=True) in page
    assert "PDF" in page
    assert "<html" not in page
    assert "No invoices yet" in words(visitor(stranger).get(PAGE, headers=HTMX))


def test_a_shop_that_is_down_breaks_nothing(gateway_shop: OpenShop, settings: LazySettings) -> None:
    user = make_user()
    Customer.objects.create(user=user, customer_id="cus_1")
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    client = visitor(user)
    assert client.get("/settings/billing/").status_code == 200
    response = client.get(PAGE, headers=HTMX)
    assert response.status_code == 200
    assert "can&#x27;t be fetched" in words(response) or "can't be fetched" in words(response)
