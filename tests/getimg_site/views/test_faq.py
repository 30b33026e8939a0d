import pytest
from pytest_django import Settings

from billing.models import FREE, Plan
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_day_of_the_credits_is_explained() -> None:
    page = words(visitor().get("/faq/"))

    assert "Signed up on the 15th? Then they come on the 15th." in page
    assert "Settings → Billing" in page


def test_a_site_without_free_credits_promises_none() -> None:
    Plan.objects.filter(pk=FREE).update(monthly_credits=0)

    assert "try it for free" not in words(visitor().get("/faq/"))


def test_money_is_answered_with_what_the_site_does() -> None:
    Plan.objects.filter(pk="pro").update(month_cents=4200)
    page = words(visitor().get("/faq/"))

    assert "15,000 for $42 a month" in page
    assert "CreativeML Open RAIL-M" in page
    assert "a subscription does not include API access" in page
    assert 'href="/pricing/"' in page
    assert 'href="/pricing/api/"' in page


def test_what_an_invite_brings_is_what_the_settings_say(settings: Settings) -> None:
    settings.REFERRAL_CREDITS, settings.REFERRAL_FRIEND_CREDITS = 60, 40
    assert "you get 60 credits and they get 40." in words(visitor().get("/faq/"))
    settings.REFERRAL_CREDITS = 0
    assert "inviting friends" not in words(visitor().get("/faq/"))
