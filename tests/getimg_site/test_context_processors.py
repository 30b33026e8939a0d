import re

import pytest
from django.conf import LazySettings
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from billing.models import Subscription
from getimg_site.context_processors import credits, site
from tests.billing.subscribers import make_subscription
from tests.factories import make_user, make_wallet
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_every_page_knows_the_sites_name() -> None:
    assert site(RequestFactory().get("/"))["site_name"] == "getimg"


def test_the_balance_stands_on_every_page_of_somebody_signed_in() -> None:
    page = words(visitor(make_person(credits=1234)).get("/library/"))

    assert re.search(r'id="balance" href="/settings/billing/"[^>]*aria-label="1,234 credits', page)


def test_the_database_is_asked_by_pages_that_show_credits_alone(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    request = RequestFactory().get("/")
    request.user = make_wallet(100).user

    with django_assert_num_queries(0):
        found = credits(request)
    with django_assert_num_queries(1):
        assert found["credits"].balance == 100


def test_nobody_in_particular_has_no_credits() -> None:
    assert 'id="balance"' not in words(visitor().get("/"))


def test_a_payment_that_failed_is_said_on_every_page_of_who_owes_it() -> None:
    late = make_subscription(make_user(), "pro", status=Subscription.Status.PAST_DUE, past_due_since=timezone.now())

    page = words(visitor(late.user).get("/library/"))

    assert "The payment for Pro failed" in page
    assert 'action="/settings/billing/pay/"' in page
    assert "overdue-bar" not in words(visitor(make_person()).get("/library/"))


@pytest.mark.parametrize("path", ["/", "/v1/models"])
def test_a_wrong_host_is_refused_and_no_error_of_ours(path: str, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    for host in ("evil.example", "bad host"):
        assert visitor().get(path, headers={"host": host}).status_code == 400
