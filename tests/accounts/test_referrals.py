from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import referrals
from accounts.models import Referral, User
from tests.factories import make_user
from tests.invites import browser, fate, follow, invite_of, make_referrer, sign_up

pytestmark = pytest.mark.django_db


# --- Codes --------------------------------------------------------------------------------------------------------


def test_a_code_is_drawn_once_and_is_somebodys_alone() -> None:
    users = [make_user() for _ in range(20)]
    codes = [referrals.code_of(user) for user in users]
    assert len(set(codes)) == 20
    assert [referrals.code_of(User.objects.get(pk=user.pk)) for user in users] == codes


def test_two_copies_of_a_person_agree_on_the_code() -> None:
    user = make_user()
    first, second = User.objects.get(pk=user.pk), User.objects.get(pk=user.pk)
    assert referrals.code_of(first) == referrals.code_of(second)


def test_a_code_has_no_sign_that_is_taken_for_another() -> None:
    assert not set(referrals.ALPHABET) & set("01OILU")


def test_a_code_is_found_however_it_is_typed() -> None:
    user = make_referrer()
    code = referrals.code_of(user)
    for typed in (code, code.lower(), f" {code[:4]}-{code[4:]} "):
        assert referrals.find_referrer(typed) == user


@pytest.mark.parametrize("typed", ["", "ABC", "22222222", "ÄÖÜßÄÖÜß", "2" * 500, "'; DROP"])
def test_what_is_nobodys_code_is_found_nowhere(typed: str) -> None:
    make_referrer()
    assert referrals.find_referrer(typed) is None


def test_the_code_of_somebody_who_is_shut_out_is_nobodys() -> None:
    user = make_referrer()
    User.objects.update(is_active=False)
    assert referrals.find_referrer(referrals.code_of(user)) is None


# --- Clicks -------------------------------------------------------------------------------------------------------


def test_a_click_is_noted_once_a_browser() -> None:
    ada = make_referrer()
    client = follow(ada)
    follow(ada, client)
    follow(ada, browser())
    assert list(Referral.objects.values_list("state", flat=True)) == ["clicked", "clicked"]


def test_what_comes_from_one_network_is_one_click() -> None:
    ada = make_referrer()
    for _ in range(5):
        follow(ada, browser("93.184.216.34"))
    assert Referral.objects.count() == 1


def test_a_flood_of_clicks_is_noted_up_to_a_bound_and_still_invites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referrals, "CLICKS_MAX", 3)
    ada = make_referrer()
    clients = [follow(ada) for _ in range(5)]
    assert Referral.objects.count() == 3
    friend = sign_up(clients[4], "bob@example.com")
    assert invite_of(friend).referrer == ada


def test_old_clicks_are_forgotten_and_friends_are_not() -> None:
    ada = make_referrer()
    follow(ada)
    sign_up(follow(ada), "bob@example.com")
    assert referrals.forget_old_clicks(timezone.now()) == 0
    assert referrals.forget_old_clicks(timezone.now() + timedelta(days=31)) == 1
    assert Referral.objects.get().friend is not None


# --- Joining ------------------------------------------------------------------------------------------------------


def test_a_click_becomes_the_friend_who_signs_up() -> None:
    ada = make_referrer()
    friend = sign_up(follow(ada), "bob@example.com")
    referral = Referral.objects.get()
    assert (referral.referrer, referral.friend) == (ada, friend)
    assert referral.clicked_at
    assert referral.joined_at
    assert referral.network
    assert referral.device


def test_a_typed_code_invites_without_a_link() -> None:
    ada = make_referrer()
    friend = sign_up(browser(), "bob@example.com", invite_code=referrals.code_of(ada).lower())
    assert invite_of(friend).referrer == ada


def test_a_typed_code_counts_more_than_the_cookie() -> None:
    ada, eve = make_referrer("ada@example.com"), make_referrer("eve@example.com")
    friend = sign_up(follow(eve), "bob@example.com", invite_code=referrals.code_of(ada))
    assert invite_of(friend).referrer == ada


def test_a_typed_code_of_the_same_link_takes_its_click() -> None:
    ada = make_referrer()
    sign_up(follow(ada), "bob@example.com", invite_code=referrals.code_of(ada))
    assert Referral.objects.count() == 1


def test_the_newest_link_counts() -> None:
    ada, eve = make_referrer("ada@example.com"), make_referrer("eve@example.com")
    friend = sign_up(follow(ada, follow(eve)), "bob@example.com")
    assert invite_of(friend).referrer == ada


def test_nobody_is_invited_twice() -> None:
    ada = make_referrer()
    client = follow(ada)
    friend = sign_up(client, "bob@example.com")
    request = RequestFactory().get("/")
    assert referrals.join(friend, request, code=referrals.code_of(make_referrer("eve@example.com"))) is None
    assert invite_of(friend).referrer == ada


def test_without_an_invite_nothing_is_written() -> None:
    sign_up(browser(), "bob@example.com")
    assert not Referral.objects.exists()


def test_who_need_not_confirm_has(settings: Settings) -> None:
    assert fate(sign_up(follow(make_referrer()), "bob@example.com")) == ("confirmed", "")


# --- What becomes of it -------------------------------------------------------------------------------------------


def test_only_the_first_picture_counts() -> None:
    friend = sign_up(follow(make_referrer()), "bob@example.com")
    referrals.note_picture(friend.pk)
    first = invite_of(friend).pictured_at
    referrals.note_picture(friend.pk)
    assert first is not None
    assert invite_of(friend).pictured_at == first


def test_a_refused_invite_is_confirmed_no_more() -> None:
    friend = sign_up(follow(make_referrer()), "bob@example.com")
    referrals.refuse(invite_of(friend), Referral.Fault.TEAM, note="A bot")
    referrals.confirm(friend)
    assert fate(friend) == ("refused", "team")
