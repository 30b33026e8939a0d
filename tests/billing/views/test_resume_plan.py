"""Keeping a plan that was to end or to change."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages

from accounts.models import User
from billing import purchases, subscriptions
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/resume/"


def goes_on(user: User) -> bool:
    found = subscriptions.running_of(user)
    return found is not None and not found.cancels_at_period_end and found.next_plan is None


def test_it_is_sent_never_only_opened() -> None:
    assert visitor(make_user()).get(PAGE).status_code == 405
    assert visitor().post(PAGE)["Location"].startswith("/accounts/login/")


def test_a_cancelled_plan_goes_on(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    purchases.cancel(user)
    response = visitor(user).post(PAGE)
    assert "Starter goes on" in str(next(iter(get_messages(response.wsgi_request))))
    assert goes_on(user)


def test_a_change_that_waits_is_taken_back(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "pro")
    purchases.change_plan(user, till.plan("starter"), "month", form_key=uuid4())
    visitor(user).post(PAGE)
    assert goes_on(user)


def test_a_stranger_resumes_nothing(gateway_shop: OpenShop) -> None:
    owner = make_user()
    till.subscribe(gateway_shop, owner, "starter")
    purchases.cancel(owner)
    response = visitor(make_user()).post(PAGE)
    assert "no paid plan" in str(next(iter(get_messages(response.wsgi_request))))
    assert not goes_on(owner)


def test_while_the_shop_is_away_it_is_said(gateway_shop: OpenShop) -> None:
    user = make_user()
    till.subscribe(gateway_shop, user, "starter")
    gateway_shop.control("weather", down=True)
    response = visitor(user).post(PAGE)
    assert "can’t be reached" in str(next(iter(get_messages(response.wsgi_request))))
