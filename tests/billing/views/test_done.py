"""Coming back from the checkout."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages

from billing import purchases
from billing.models import Pack, Payment
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/done/"


def said(response: object) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))  # type: ignore[attr-defined]


def test_anonymous_people_log_in_and_come_back() -> None:
    assert_sent_to_login(visitor().get(PAGE, {"checkout": "cs_1"}), "/settings/billing/done/%3Fcheckout%3Dcs_1")


def test_what_was_bought_is_here_and_said(gateway_shop: OpenShop) -> None:
    user = make_user()
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(gateway_shop, url)
    client = visitor(user)
    response = client.get(PAGE, {"checkout": till.checkout_id(url)})
    assert (response.status_code, response["Location"]) == (302, "/settings/billing/")
    assert said(response) == "Welcome to Starter: 3,000 credits a month, the free ones among them."
    assert till.where(user) == ("starter", 3000)
    client.get(PAGE, {"checkout": till.checkout_id(url)})  # the back button
    assert till.where(user) == ("starter", 3000)
    assert Payment.objects.count() == 1


def test_api_credits_are_seen_where_they_are(gateway_shop: OpenShop) -> None:
    user, pack = make_user(), Pack.objects.filter(product="api").first()
    assert pack is not None
    url = purchases.start_pack(user, pack, form_key=uuid4())
    till.pay(gateway_shop, url)
    response = visitor(user).get(PAGE, {"checkout": till.checkout_id(url)})
    assert response["Location"] == "/pricing/api/"
    assert f"{pack.credits:,} credits" in said(response)


def test_a_strangers_checkout_gives_nothing(gateway_shop: OpenShop) -> None:
    owner, stranger = make_user(), make_user()
    url = purchases.start_plan(owner, till.plan("starter"), "month", form_key=uuid4())
    till.pay(gateway_shop, url)
    response = visitor(stranger).get(PAGE, {"checkout": till.checkout_id(url)})
    assert said(response) == "We know no such purchase of yours."
    assert till.where(stranger)[0] == "free"


@pytest.mark.parametrize("checkout", ["", "cs_nowhere", "../v1/customers", "x" * 500])
def test_a_checkout_that_never_was_is_said_so(checkout: str) -> None:
    response = visitor(make_user()).get(PAGE, {"checkout": checkout})
    assert (response.status_code, response["Location"]) == (302, "/settings/billing/")
    assert said(response) == "We know no such purchase of yours."


def test_a_checkout_that_was_not_paid_leads_back(gateway_shop: OpenShop) -> None:
    user = make_user()
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(gateway_shop, url, counter.DECLINED)
    response = visitor(user).get(PAGE, {"checkout": till.checkout_id(url)})
    assert (response["Location"], said(response)) == ("/pricing/", "Nothing was charged.")
    assert till.where(user)[0] == "free"


def test_while_the_shop_is_away_nothing_is_lost(gateway_shop: OpenShop) -> None:
    user = make_user()
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(gateway_shop, url)
    gateway_shop.control("weather", down=True)
    response = visitor(user).get(PAGE, {"checkout": till.checkout_id(url)})
    assert response.status_code == 503
    assert "nothing is lost" in words(response)
    assert till.checkout_id(url) in words(response)
