"""Operators look at invites and refuse them with a reason; nobody writes one by hand."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts import api_keys
from accounts.models import Referral, User
from tests.factories import make_user
from tests.generation.runs import finished
from tests.invites import balance, fate, follow, invite, make_referrer, sweep
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/referral/"


@pytest.fixture
def operator() -> Client:
    return visitor(make_user(is_staff=True, is_superuser=True))


@pytest.fixture
def friend() -> User:
    return invite(make_referrer(), "bob@example.com")


def refuse(client: Client, *referrals: Referral, **form: str) -> str:
    rows = [str(referral.pk) for referral in referrals]
    return words(client.post(LIST, {"action": "refuse", "_selected_action": rows, **form}, follow=True))


def test_invites_are_found_by_either_side_and_not_written_by_hand(operator: Client, friend: User) -> None:
    for asked in ("ada@example.com", "bob@example.com"):
        assert str(Referral.objects.get().pk) in words(operator.get(LIST, {"q": asked, "state": "confirmed"}))
    change = reverse("admin:accounts_referral_change", args=[Referral.objects.get().pk])
    assert "_save" not in words(operator.get(change))
    assert operator.post(change, {}).status_code == 403
    assert operator.get(f"{LIST}add/").status_code == 403


def test_a_reason_is_asked_for_and_needed(operator: Client, friend: User) -> None:
    referral = Referral.objects.get()
    for form in ({}, {"reason": ""}, {"reason": "x" * 201}, {"reason": "Sorry, ada@example.com"}):
        assert "Refuse invites" in refuse(operator, referral, **form)
        assert fate(friend) == ("confirmed", "")


def test_a_refused_invite_brings_nothing_any_more(operator: Client, friend: User) -> None:
    assert "1 refused;" in refuse(operator, Referral.objects.get(), reason="Bought followers")
    finished(friend)
    sweep()
    referral = Referral.objects.get()
    assert (referral.state, referral.fault, referral.note) == ("refused", "team", "Bought followers")
    assert balance(referral.referrer) == 0
    assert LogEntry.objects.get().change_message == "Refused: Bought followers"


def test_refusing_twice_keeps_the_first_reason(operator: Client, friend: User) -> None:
    for reason in ("First", "Second"):
        refuse(operator, Referral.objects.get(), reason=reason)
    assert Referral.objects.get().note == "First"


def test_a_click_is_nothing_to_refuse(operator: Client) -> None:
    follow(make_referrer())
    assert "0 refused;" in refuse(operator, Referral.objects.get(), reason="No")
    assert Referral.objects.get().state == "clicked"


def test_who_may_only_look_cannot_refuse(friend: User) -> None:
    viewer = make_user(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_referral"))
    refuse(visitor(viewer), Referral.objects.get(), reason="No")
    assert fate(friend) == ("confirmed", "")


def test_operators_see_keys_without_their_hashes_and_revoke_them() -> None:
    operator = visitor(make_user(is_staff=True, is_superuser=True))
    key, _ = api_keys.create(make_user(email="ada@example.com"), "Laptop")
    listing = reverse("admin:accounts_apikey_changelist")

    assert key.prefix in words(operator.get(listing, {"q": "ada@example.com"}))
    page = words(operator.get(reverse("admin:accounts_apikey_change", args=[key.pk])))
    assert key.digest not in page
    assert "deletelink" not in page
    assert operator.get(reverse("admin:accounts_apikey_add")).status_code == 403

    operator.post(listing, {"action": "revoke", "_selected_action": [str(key.pk)]})
    key.refresh_from_db()
    assert key.is_revoked


def test_operators_take_a_lost_second_factor_away_and_see_nothing_of_its_secret() -> None:
    operator = visitor(make_user(is_staff=True, is_superuser=True))
    lost = Authenticator.objects.create(user=make_user(), type="totp", data={"secret": "KANARISECRET"})
    page = reverse("admin:mfa_authenticator_change", args=[lost.pk])

    shown = operator.get(page)
    assert shown.status_code == 200
    assert "KANARISECRET" not in words(shown)
    assert operator.post(page, {"user": str(lost.user_id), "type": "webauthn", "data": "{}"}).status_code == 403
    assert operator.get(reverse("admin:mfa_authenticator_add")).status_code == 403

    operator.post(reverse("admin:mfa_authenticator_delete", args=[lost.pk]), {"post": "yes"})
    assert not Authenticator.objects.exists()


def test_who_may_change_people_makes_nobody_a_superuser_and_takes_over_none() -> None:
    clerk = make_user(is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    above, ada = make_user(is_staff=True, is_superuser=True), make_user()
    client = visitor(clerk)

    form = {"email": ada.email, "display_name": "Ada", "time_zone": "UTC", "is_staff": "on", "is_superuser": "on"}
    assert client.post(reverse("admin:accounts_user_change", args=[ada.pk]), form).status_code == 302
    ada.refresh_from_db()
    assert (ada.display_name, ada.is_staff, ada.is_superuser) == ("Ada", False, False)

    for name in ("admin:accounts_user_change", "admin:auth_user_password_change"):
        stolen = {
            **form,
            "email": "mine@example.com",
            "password1": "a new long phrase",
            "password2": "a new long phrase",
        }
        assert client.post(reverse(name, args=[above.pk]), stolen).status_code == 403
    assert (User.objects.get(pk=above.pk).email, User.objects.get(pk=above.pk).password) == (
        above.email,
        above.password,
    )
