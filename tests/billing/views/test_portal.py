"""The way to the shop's own pages."""

import pytest
from django.contrib.messages import get_messages

from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/portal/"


def test_it_is_sent_never_only_opened() -> None:
    assert visitor(make_user()).get(PAGE).status_code == 405
    assert visitor().post(PAGE)["Location"].startswith("/accounts/login/")


def test_it_shows_ones_own_card_and_plan(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    response = visitor(user).post(PAGE)
    assert response.status_code == 303
    page = gateway_shop.visit(response["Location"]).text
    assert user.email in page
    assert "4242" in page


def test_a_stranger_has_none(gateway_shop: OpenShop) -> None:
    till.subscribe(gateway_shop, make_user(), "starter")
    response = visitor(make_user()).post(PAGE)
    assert response["Location"] == "/settings/billing/"
    assert "bought nothing yet" in str(next(iter(get_messages(response.wsgi_request))))


def test_while_the_shop_is_away_it_is_said(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    gateway_shop.control("weather", down=True)
    response = visitor(user).post(PAGE)
    assert "can’t be reached" in str(next(iter(get_messages(response.wsgi_request))))
