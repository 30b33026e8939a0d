"""Changing the plan: said first, done then."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages

from billing import plans, purchases
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/change/"
CHOICE = {"plan": "pro", "interval": "month"}


def form(**changes: str) -> dict[str, str]:
    return {**CHOICE, "form_key": str(uuid4()), **changes}


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE, CHOICE), "/settings/billing/change/%3Fplan%3Dpro%26interval%3Dmonth")


def test_an_upgrade_is_paid_and_in_force_at_once(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    client, sent = visitor(user), form()
    page = words(client.get(PAGE, CHOICE))
    assert "Pay $20 and change" in page
    assert "12,000 credits come at once" in page
    assert client.post(PAGE, sent)["Location"] == "/settings/billing/"
    client.post(PAGE, sent)
    assert till.where(user) == ("pro", 15000)


def test_a_downgrade_says_from_when_and_changes_nothing_yet(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    client = visitor(user)
    choice = {"plan": "starter", "interval": "month"}
    assert "Nothing is due today" in words(client.get(PAGE, choice))
    response = client.post(PAGE, form(**choice))
    assert "Starter follows on" in str(next(iter(get_messages(response.wsgi_request))))
    assert plans.plan_of(user).pk == "pro"
    found = purchases.running(user)
    assert found is not None
    assert found.next_plan_id == "starter"


def test_a_declined_card_has_the_shops_words_and_changes_nothing(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.FAILS_LATER)
    response = visitor(user).post(PAGE, form())
    assert response.status_code == 422
    assert "The card was declined" in words(response)
    assert "Change my card" in words(response)
    assert till.where(user) == ("starter", 3000)


def test_a_bank_that_asks_is_answered_on_its_own_page(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.ALWAYS_ASKS)
    response = visitor(user).post(PAGE, form())
    assert "Confirm with my bank" in words(response)
    assert f"{gateway_shop.url}/invoice/" in words(response)
    assert plans.plan_of(user).pk == "starter"
    again = words(visitor(user).get(PAGE, CHOICE))  # one change after the other
    assert "Confirm with my bank" in again
    assert "Due today" not in again


def test_while_the_shop_is_away_the_same_form_can_be_sent_again(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    client, sent = visitor(user), form()
    gateway_shop.control("weather", down=True)
    assert client.get(PAGE, CHOICE).status_code == 503
    response = client.post(PAGE, sent)
    assert response.status_code == 503
    assert sent["form_key"] in words(response)
    gateway_shop.control("weather")
    client.post(PAGE, sent)
    assert plans.plan_of(user).pk == "pro"


def test_a_cancelled_plan_chosen_again_goes_on(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    purchases.cancel(user)
    client = visitor(user)
    assert "Keep Pro" in words(client.get(PAGE, CHOICE))
    client.post(PAGE, form())
    found = purchases.running(user)
    assert found is not None
    assert not found.cancels_at_period_end


def test_the_plan_one_has_leads_back(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    assert visitor(user).get(PAGE, CHOICE)["Location"] == "/settings/billing/"


def test_a_stranger_has_nothing_to_change_and_starts_instead(gateway_shop: OpenShop) -> None:
    owner, stranger = make_user(), make_user()
    till.subscribe(gateway_shop, owner, "starter")
    for response in (visitor(stranger).get(PAGE, CHOICE), visitor(stranger).post(PAGE, form())):
        assert response["Location"] == "/settings/billing/plan/?plan=pro&interval=month"
    assert plans.plan_of(owner).pk == "starter"


def test_what_is_not_for_sale_leads_back_to_what_is() -> None:
    assert visitor(make_user()).post(PAGE, form(plan="gold"))["Location"] == "/pricing/"
