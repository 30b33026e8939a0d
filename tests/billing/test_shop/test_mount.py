"""The shop inside the site."""

from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from billing import stripe_gateway
from billing.test_shop import mount

FORM = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.django_db


def test_without_test_shop_there_is_nothing(client: Client, settings: LazySettings) -> None:
    settings.TEST_SHOP = False
    for path in ("/test-shop/", "/test-shop/v1/customers", "/test-shop/pay/cs_test_x"):
        assert client.get(path).status_code == 404


def test_the_api_wants_the_key_and_no_token_of_a_form(embedded: None, settings: LazySettings) -> None:
    client = Client(enforce_csrf_checks=True)
    path = "/test-shop/v1/customers"
    assert client.post(path, "name=Ada", content_type=FORM).status_code == 401
    headers = {"authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
    answer = client.post(path, "name=Ada", content_type=FORM, headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (200, "Ada")


def test_a_checkout_is_paid_on_the_sites_own_address(embedded: None, client: Client, settings: LazySettings) -> None:
    v1 = stripe_gateway.v1()
    product = v1.products.create({"name": "Plan"}).id
    price = v1.prices.create({"product": product, "currency": "usd", "unit_amount": 1000}).id
    customer = v1.customers.create({"email": "ada@example.com"}).id
    session = v1.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": customer,
            "line_items": [{"price": price}],
            "success_url": f"{settings.SITE_URL}/done/",
        }
    )
    assert session.url is not None
    assert session.url.startswith(f"{settings.SITE_URL}/test-shop/pay/")
    path = session.url.removeprefix(settings.SITE_URL)
    page = client.get(path)
    assert "/test-shop/assets/css/test_shop.css" in page.content.decode()
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    card = {"do": "pay", "number": "4242424242424242", "expiry": "12/40", "cvc": "123"}
    assert client.post(path, urlencode(card), content_type=FORM).headers["Location"] == f"{settings.SITE_URL}/done/"
    assert v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_the_desk_is_for_staff(embedded: None, client: Client, django_user_model: type[User]) -> None:
    assert client.get("/test-shop/").status_code == 302
    client.force_login(django_user_model.objects.create_user(email="ada@example.com", password="x"))
    assert client.post("/test-shop/", "step=day", content_type=FORM).status_code == 404
    client.force_login(django_user_model.objects.create_superuser(email="root@example.com", password="x"))
    assert client.post("/test-shop/", "step=day", content_type=FORM).status_code == 303
    assert "1 day ahead" in client.get("/test-shop/").content.decode()


def test_the_site_is_told_at_its_own_webhook(embedded: None, settings: LazySettings) -> None:
    (endpoint,) = stripe_gateway.v1().webhook_endpoints.list().data
    assert endpoint.url == f"http://127.0.0.1:{settings.PORT}/{settings.STRIPE_WEBHOOK_PATH}"
    mount.embedded_shop.cache_clear()
    mount.embedded_shop()
    assert len(stripe_gateway.v1().webhook_endpoints.list().data) == 1
