"""The page of a checkout."""

import pytest

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_the_page_says_what_is_bought_and_that_no_money_moves(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", cancel_url="http://localhost/back/")
    page = shop.visit(session.url)
    assert page.status == 200
    for text in ("Test shop. No real money.", "$10.00", "each month", "ada@example.com", "http://localhost/back/"):
        assert text in page.text
    assert "form-action 'self' http://localhost:8000" in page.headers["Content-Security-Policy"]


def test_what_was_typed_stays_beside_what_was_wrong_with_it_but_for_the_code_of_the_card(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    session = journeys.checkout(shop, customer, catalog.basic, "subscription")
    page = shop.pay(session.url, counter.DECLINED, name='"><script>alert(1)</script>')
    assert page.status == 402
    assert "4000 0000 0000 0002" in page.text
    assert 'value="123"' not in page.text
    assert "<script" not in page.text


def test_a_code_is_shown_before_it_is_paid_with(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.v1.coupons.create({"id": "half", "percent_off": 50})
    shop.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "half"}, "code": "HALF"})
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", allow_promotion_codes=True)
    assert "-$5.00" in shop.visit(session.url, do="code", code="half").text
    refused = shop.visit(session.url, do="code", code="none")
    assert refused.problem == "This code is invalid."
    assert '<input type="hidden" name="code"' not in refused.text  # or the card would bring it again


def test_a_card_kept_from_before_pays_without_being_typed(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    journeys.subscribe(shop, customer, catalog.basic)
    session = journeys.checkout(shop, customer, catalog.pack, "payment")
    (method,) = shop.v1.customers.payment_methods.list(customer).data
    assert "Visa ending in 4242" in shop.visit(session.url).text
    assert shop.visit(session.url, do="pay", card=method.id).status == 303


def test_a_card_of_somebody_else_does_not_pay(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    stranger = shop.v1.customers.create({"email": "b@example.com"}).id
    theirs = shop.v1.payment_methods.attach("pm_card_visa", {"customer": stranger}).id
    session = journeys.checkout(shop, customer, catalog.pack, "payment")
    assert shop.visit(session.url, do="pay", card=theirs).problem == "This card is not yours."


@pytest.mark.parametrize("path", ["/pay/cs_test_none", "/authenticate/pi_none", "/portal/bps_none", "/receipt/ch_none"])
def test_an_address_that_leads_nowhere_says_so(shop: OpenShop, path: str) -> None:
    page = shop.visit(shop.url + path)
    assert page.status == 404
    assert "Test shop. No real money." in page.text
