"""Choosing a plan: the page it lands on, the way to the shop, everything that can stand in between."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.contrib.messages import get_messages

from billing import plans, subscriptions
from billing.models import Plan, Subscription
from tests.billing import till
from tests.billing.subscribers import make_subscription
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/billing/plan/"
CHOICE = {"plan": "pro", "interval": "year"}


def form(**changes: str) -> dict[str, str]:
    return {**CHOICE, "form_key": str(uuid4()), **changes}


def test_anonymous_people_come_back_to_their_choice() -> None:
    assert_sent_to_login(visitor().get(PAGE, CHOICE), "/settings/billing/plan/%3Fplan%3Dpro%26interval%3Dyear")
    assert visitor().post(PAGE, form())["Location"].startswith("/accounts/login/")


def test_the_choice_says_what_is_due(gateway_shop: OpenShop) -> None:
    page = words(visitor(make_user()).get(PAGE, CHOICE))
    assert "Choose Pro" in page
    assert "$300" in page
    assert "Continue to payment" in page


def test_the_form_leads_to_the_shop_and_a_second_click_to_the_same_checkout(gateway_shop: OpenShop) -> None:
    client, sent = visitor(make_user()), form()
    first, second = client.post(PAGE, sent), client.post(PAGE, sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert first["Location"].startswith(f"{gateway_shop.url}/pay/")
    assert "Pro" in gateway_shop.visit(first["Location"]).text


@pytest.mark.parametrize("wrong", [{"plan": "gold"}, {"plan": "free"}, {"interval": "week"}, {"form_key": "x"}])
def test_what_is_not_for_sale_leads_back_to_what_is(gateway_shop: OpenShop, wrong: dict[str, str]) -> None:
    response = visitor(make_user()).post(PAGE, form(**wrong))
    assert (response.status_code, response["Location"]) == (302, "/pricing/")
    assert "can’t be bought" in str(next(iter(get_messages(response.wsgi_request))))


def test_a_plan_that_is_no_longer_offered_is_said_so(gateway_shop: OpenShop) -> None:
    Plan.objects.filter(pk="pro").update(is_offered=False)
    response = visitor(make_user()).post(PAGE, form())
    assert response.status_code == 422
    assert "can&#x27;t be bought" in words(response)


def test_while_the_shop_is_away_the_same_form_can_be_sent_again(gateway_shop: OpenShop) -> None:
    client, sent = visitor(make_user()), form()
    gateway_shop.control("weather", down=True)
    response = client.post(PAGE, sent)
    assert response.status_code == 503
    assert "Nothing was charged" in words(response)
    assert f'name="form_key" value="{sent["form_key"]}"' in words(response)
    gateway_shop.control("weather")
    assert client.post(PAGE, sent).status_code == 303


def test_without_a_shop_nothing_is_offered(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    client = visitor(make_user())
    page = words(client.get(PAGE, CHOICE))
    assert "Payments are not set up" in page
    assert "Continue to payment" not in page
    assert client.post(PAGE, form()).status_code == 503


def test_who_has_a_plan_changes_it_instead(gateway_shop: OpenShop) -> None:
    user = make_user()
    make_subscription(user, "starter")
    for response in (visitor(user).get(PAGE, CHOICE), visitor(user).post(PAGE, form())):
        assert (response.status_code, urlsplit(response["Location"]).path) == (303, "/settings/billing/change/")
        assert response["Location"].endswith("?plan=pro&interval=year")


def test_a_strangers_plan_is_no_hindrance(gateway_shop: OpenShop) -> None:
    make_subscription(make_user(), "starter")
    user = make_user()
    assert visitor(user).post(PAGE, form()).status_code == 303
    assert not Subscription.objects.filter(user=user).exists()


def test_two_plans_bought_in_two_tabs_are_one(gateway_shop: OpenShop) -> None:
    user = make_user()
    client = visitor(user)
    first = client.post(PAGE, form(plan="starter", interval="month"))["Location"]
    till.pay(gateway_shop, first)
    response = client.post(PAGE, form())
    assert response.status_code == 422
    assert "already" in words(response)
    assert plans.plan_of(user).pk == "starter"
    assert subscriptions.running_of(user) is not None
