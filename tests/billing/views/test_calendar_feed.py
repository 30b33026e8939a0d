"""The calendar's address is its key: whoever has it reads, until the owner makes a new one."""

import icalendar
import pytest
from django.urls import reverse

from billing import calendar_feed, grants, ledger
from billing.models import Wallet
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

RENEW = "/settings/billing/calendar/renew/"


@pytest.fixture
def wallet() -> Wallet:
    user = make_user()
    grants.start_monthly_credits(user)
    return ledger.wallet_of(user)


def address(wallet: Wallet) -> str:
    return reverse("billing:calendar", args=[calendar_feed.token_of(Wallet.objects.get(pk=wallet.pk))])


def test_a_calendar_program_reads_it_without_a_login(wallet: Wallet) -> None:
    response = visitor().get(address(wallet))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.content)
    assert len(calendar.walk("VEVENT")) == 13  # twelve grants, and the end of what is there


def test_the_page_shows_the_owner_this_address(wallet: Wallet) -> None:
    assert f"http://testserver{address(wallet)}" in words(visitor(wallet.user).get("/settings/billing/"))


@pytest.mark.parametrize("token", ["x", "01a1.x", "%00", "." * 200])
def test_an_address_that_was_made_up_is_not_found(token: str) -> None:
    assert visitor().get(f"/settings/billing/calendar/{token}.ics").status_code == 404


def test_a_new_address_ends_the_one_before(wallet: Wallet) -> None:
    before = address(wallet)
    response = visitor(wallet.user).post(RENEW)
    assert response["Location"] == "/settings/billing/#calendar"
    assert visitor().get(before).status_code == 404
    assert visitor().get(address(wallet)).status_code == 200


def test_a_stranger_renews_their_own_alone(wallet: Wallet) -> None:
    before = address(wallet)
    visitor(make_user()).post(RENEW)
    assert visitor().get(before).status_code == 200


def test_anonymous_people_renew_nothing() -> None:
    assert_sent_to_login(visitor().post(RENEW), "/create/")


def test_renewing_is_a_deed_and_the_feed_is_only_read(wallet: Wallet) -> None:
    assert visitor(wallet.user).get(RENEW).status_code == 405
    assert visitor().post(address(wallet)).status_code == 405
