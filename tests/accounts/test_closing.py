"""An account that nobody can use, and that says nothing of whose it was."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts import api_keys, closing
from accounts.errors import KeyRefused
from accounts.models import ApiAccount, ApiKey, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def logged_in(user: User) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_sessions_password_and_keys_open_nothing_any_more() -> None:
    user = make_user(email="ada@example.com", password=PASSWORD)
    client = logged_in(user)
    assert client.get("/settings/profile/").status_code == 200
    _, text = api_keys.create(user, "mine")

    closing.lock_out(user)

    assert client.get("/settings/profile/").status_code == 302
    assert not UserSession.objects.filter(user=user).exists()
    with pytest.raises(KeyRefused):
        api_keys.verify(text, "192.0.2.1")
    Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert not UserSession.objects.filter(user=user).exists()


def test_others_stay_logged_in() -> None:
    other = logged_in(make_user(email="bob@example.com", password=PASSWORD))

    closing.lock_out(make_user())

    assert other.get("/settings/profile/").status_code == 200


def test_what_says_whose_it_was_goes_and_the_row_stays() -> None:
    user = make_user(email="ada@example.com", display_name="Ada", device="d" * 32, referral_code="ADA1")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    api_keys.create(user, "Ada's key")

    closing.make_nobodys(user, "ada@example.com")

    user.refresh_from_db()
    assert user.email == f"{user.pk.hex}@erased.invalid"
    assert (user.display_name, user.device, user.referral_code) == ("", "", None)
    assert user.is_erased
    for rows in (EmailAddress, ApiKey, ApiAccount):
        assert not rows._default_manager.exists()
    closing.make_nobodys(user, "ada@example.com")


def test_the_address_is_free_again() -> None:
    closing.make_nobodys(make_user(email="ada@example.com"), "ada@example.com")
    assert make_user(email="ada@example.com").email == "ada@example.com"


def test_the_admins_log_keeps_its_lines_without_the_address() -> None:
    operator, user = make_user(), make_user(email="ada@example.com")
    kind = ContentType.objects.get_for_model(User)
    facts = {"user": operator, "content_type": kind, "action_flag": CHANGE}
    LogEntry.objects.create(**facts, object_id=str(user.pk), object_repr="ada@example.com", change_message="of Ada")
    LogEntry.objects.create(**facts, object_id="x", object_repr="x", change_message="Asked Ada@example.com why")
    LogEntry.objects.create(**facts, object_id="y", object_repr="bob@example.com", change_message="")

    closing.make_nobodys(user, "ada@example.com")

    lines = LogEntry.objects.order_by("id").values_list("object_repr", "change_message")
    assert list(lines) == [("an erased account", ""), ("an erased account", ""), ("bob@example.com", "")]
