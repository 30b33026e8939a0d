"""Cancelling: one page that says what stays, one press."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages

from billing import subscriptions
from billing.models import Payment
from tests.billing import till
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/cancel/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)
    assert visitor().post(PAGE).status_code == 302


def test_the_page_says_what_stays_and_one_press_ends_the_plan(gateway_shop: OpenShop) -> None:
    user = make_user()
    subscription = till.subscribe(gateway_shop, user, "starter")
    client = visitor(user)
    page = words(client.get(PAGE))
    assert f"{subscription.period_ends_at:%-d %B %Y}" in page
    assert "may be used commercially for good" in page
    kept_until = subscription.period_ends_at + timedelta(days=90)
    assert f"All your pictures stay until <strong>{kept_until:%-d %B %Y}</strong> at least." in page
    assert "each goes when it is 90 days old" in page
    assert "a mail comes a week before" in page
    response = client.post(PAGE)
    assert response["Location"] == "/settings/billing/"
    assert "Your plan is cancelled" in str(next(iter(get_messages(response.wsgi_request))))
    found = subscriptions.running_of(user)
    assert found is not None
    assert found.cancels_at_period_end
    assert till.where(user)[0] == "starter"


def test_a_plan_whose_payment_failed_ends_at_once_and_is_not_charged_again(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter", card=counter.FAILS_LATER)
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    client = visitor(user)
    assert "ends at once" in words(client.get(PAGE))
    response = client.post(PAGE)
    assert "Starter has ended" in str(next(iter(get_messages(response.wsgi_request))))
    assert till.where(user)[0] == "free"
    assert subscriptions.running_of(user) is None
    gateway_shop.advance(days=40)
    till.hear(gateway_shop)
    assert Payment.objects.count() == 1


def test_a_stranger_ends_nothing(gateway_shop: OpenShop) -> None:
    owner = make_user()
    till.subscribe(gateway_shop, owner, "starter")
    response = visitor(make_user()).post(PAGE)
    assert response["Location"] == "/settings/billing/"
    found = subscriptions.running_of(owner)
    assert found is not None
    assert not found.cancels_at_period_end


def test_while_the_shop_is_away_the_page_says_so(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    gateway_shop.control("weather", down=True)
    response = visitor(user).post(PAGE)
    assert response.status_code == 503
    assert "can’t be reached" in words(response)
