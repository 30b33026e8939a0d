"""Buying a pack: for paying people; the API's for anyone."""

from uuid import uuid4

import pytest
from django.conf import LazySettings

from billing.models import Pack
from tests.billing import till
from tests.billing.subscribers import make_subscription
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_plan, make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/billing/pack/"


def form(**changes: str) -> dict[str, str]:
    return {"pack": "site-1000", "form_key": str(uuid4()), **changes}


def test_anonymous_people_come_back_to_their_choice() -> None:
    assert_sent_to_login(visitor().get(PAGE, {"pack": "site-1000"}), "/settings/billing/pack/%3Fpack%3Dsite-1000")


def test_who_pays_for_a_plan_is_led_to_the_shop(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    client, sent = visitor(user), form()
    assert "$5" in words(client.get(PAGE, {"pack": "site-1000"}))
    first, second = client.post(PAGE, sent), client.post(PAGE, sent)
    assert first.status_code == 303
    assert first["Location"] == second["Location"]
    assert first["Location"].startswith(f"{gateway_shop.url}/pay/")


def test_who_has_no_plan_is_told_to_choose_one(gateway_shop: OpenShop) -> None:
    make_plan()
    response = visitor(make_user()).post(PAGE, form())
    assert response.status_code == 422
    assert "Choose a plan first" in words(response)


def test_an_api_pack_is_for_anyone_and_leads_back_to_its_own_page(gateway_shop: OpenShop) -> None:
    pack = Pack.objects.filter(product="api").first()
    assert pack is not None
    client = visitor(make_user())
    assert "wallet of their own" in words(client.get(PAGE, {"pack": pack.pk}))
    response = client.post(PAGE, form(pack=pack.pk))
    assert response.status_code == 303
    assert "/pricing/api/?back=1" in gateway_shop.visit(response["Location"]).text


def test_a_pack_that_is_not_for_sale_leads_back(gateway_shop: OpenShop) -> None:
    response = visitor(make_user()).post(PAGE, form(pack="site-9"))
    assert (response.status_code, response["Location"]) == (302, "/pricing/")


def test_while_the_shop_is_away_the_same_form_can_be_sent_again(gateway_shop: OpenShop) -> None:
    user = make_user()
    make_subscription(user, "starter")
    sent = form()
    gateway_shop.control("weather", down=True)
    response = visitor(user).post(PAGE, sent)
    assert response.status_code == 503
    assert sent["form_key"] in words(response)


def test_without_a_shop_nothing_is_offered(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    page = words(visitor(make_user()).get(PAGE, {"pack": "site-1000"}))
    assert "Payments are not set up" in page
    assert "Continue to payment" not in page
