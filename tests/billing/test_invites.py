"""What the page says about each invite."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import referrals
from accounts.models import Referral, User
from billing.invites import InviteLine, InvitePage
from tests import invites
from tests.generation.runs import finished
from tests.invites import befriend, browser, follow, invite, invite_of, make_referrer, pay, sign_up, sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_referrer()


def newest(user: User) -> InviteLine:
    return InvitePage.of(user).lines[0]


def test_nobody_yet(ada: User) -> None:
    page = InvitePage.of(ada)
    assert page.lines == ()
    assert (page.totals.joined, page.totals.rewarded, page.totals.credits, page.totals.left) == (0, 0, 0, 50)
    assert page.link == f"http://localhost:8000/r/{page.code}/"
    assert page.mail.startswith("mailto:?subject=")


def test_each_state_says_what_comes_next(ada: User, settings: Settings) -> None:
    invites.require_confirmation(settings)
    client = follow(ada)
    assert (newest(ada).state, newest(ada).friend) == ("clicked", "")
    friend = sign_up(client, "bob@example.com")
    assert (newest(ada).friend, newest(ada).words) == ("b…@example.com", "They have yet to confirm their address.")
    invites.confirm(client)
    assert newest(ada).words == "Their first picture is still to come."
    finished(friend)
    assert newest(ada).words == "Your credits come within a minute."
    sweep()
    assert (newest(ada).words, newest(ada).credits) == ("They made a first picture.", 50)


def test_what_a_payment_brought_and_what_went_back_is_counted(ada: User) -> None:
    payment = pay(befriend(ada, "bob@example.com"), paid_at=timezone.now() - timedelta(days=60))
    sweep()
    assert (newest(ada).credits, InvitePage.of(ada).totals.credits) == (550, 550)
    invites.change(payment, refunded_cents=500)
    sweep()
    assert newest(ada).words == "250 credits went back with your friend’s payment."
    assert (newest(ada).credits, InvitePage.of(ada).totals.credits) == (300, 300)


@pytest.mark.parametrize("fault", [fault for fault in Referral.Fault if fault != Referral.Fault.CAP])
def test_each_reason_is_said_in_words(ada: User, fault: Referral.Fault) -> None:
    referrals.refuse(invite_of(invite(ada, "bob@example.com")), fault)
    assert newest(ada).state == "refused"
    assert newest(ada).words.endswith(".")


def test_what_the_team_wrote_is_said(ada: User) -> None:
    referrals.refuse(invite_of(invite(ada, "bob@example.com")), Referral.Fault.TEAM, note="Followers were bought.")
    assert newest(ada).words == "Followers were bought."


def test_past_the_cap_the_page_says_so(ada: User, settings: Settings) -> None:
    settings.REFERRAL_FRIENDS_MAX = 1
    befriend(ada, "bob@example.com")
    befriend(ada, "eve@example.com")
    assert "You had reached the cap of 1." in newest(ada).words
    assert InvitePage.of(ada).totals.left == 0
    assert InvitePage.of(ada).totals.rewarded == 1


def test_a_long_list_is_cut_and_the_totals_are_not(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.invites.LINES_MAX", 2)
    for number in range(3):
        sign_up(follow(ada, browser()), f"friend{number}@example.com")
    assert len(InvitePage.of(ada).lines) == 2
    assert InvitePage.of(ada).totals.joined == 3
