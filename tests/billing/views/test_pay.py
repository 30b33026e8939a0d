"""Paying what is open."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages

from billing import purchases
from billing.errors import PaymentNeedsAction
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/pay/"


def test_it_is_sent_never_only_opened() -> None:
    assert visitor(make_user()).get(PAGE).status_code == 405
    assert visitor().post(PAGE)["Location"].startswith("/accounts/login/")


def test_a_renewal_that_failed_is_paid_on_the_shops_page(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.FAILS_LATER)
    gateway_shop.advance(days=32)
    response = visitor(user).post(PAGE)
    assert response.status_code == 303
    assert "Pay $10" in gateway_shop.visit(response["Location"]).text


def test_a_change_that_waits_is_confirmed_there(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.ALWAYS_ASKS)
    with pytest.raises(PaymentNeedsAction):
        purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    assert visitor(user).post(PAGE)["Location"].startswith(f"{gateway_shop.url}/invoice/")


def test_where_nothing_is_open_it_is_said(gateway_shop: OpenShop) -> None:
    owner, stranger = make_user(), make_user()
    till.subscribe(gateway_shop, owner, "starter", card=counter.FAILS_LATER)
    gateway_shop.advance(days=32)
    response = visitor(stranger).post(PAGE)
    assert response["Location"] == "/settings/billing/"
    assert "everything is paid" in str(next(iter(get_messages(response.wsgi_request))))


def test_while_the_shop_is_away_it_is_said(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    gateway_shop.control("weather", down=True)
    response = visitor(user).post(PAGE)
    assert "can’t be reached" in str(next(iter(get_messages(response.wsgi_request))))
