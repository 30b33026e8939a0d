"""An operator changes somebody's address: from then on the old mailbox opens nothing."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import AuditLine, User
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

OLD, NEW, PASSWORD = "old@example.com", "new@example.com", "correct horse battery"


@pytest.fixture
def person() -> User:
    user = make_user(email=OLD, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=OLD, primary=True, verified=True)
    return user


def move(person: User, capture: Any, *, to: str = NEW, operator: User | None = None) -> Client:
    root = operator or User.objects.create_superuser("root@example.com", PASSWORD)
    client = visitor(root)
    with capture(execute=True):
        marks = {name: "on" for name in ("is_staff", "is_superuser") if getattr(person, name)}
        client.post(f"/admin/accounts/user/{person.pk}/change/", {"email": to, "time_zone": "UTC", **marks})
    person.refresh_from_db()
    return client


def ask_for_reset(client: Client, address: str) -> list[str]:
    mail.outbox.clear()
    client.post("/accounts/password/reset/", {"email": address})
    return [code for letter in mail.outbox for code in re.findall(r"^\s*([A-Z0-9-]{6,9})\s*$", str(letter.body), re.M)]


def test_the_old_mailbox_gets_no_code_and_the_new_one_does(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    assert ask_for_reset(Client(), OLD)

    move(person, django_capture_on_commit_callbacks, to=NEW.upper())

    assert person.email == NEW
    rows = EmailAddress.objects.filter(user=person).values_list("email", "primary", "verified")
    assert list(rows) == [(NEW, True, False)]
    assert not ask_for_reset(Client(), OLD)
    assert ask_for_reset(Client(), NEW)


def test_sessions_end_and_a_code_that_was_sent_is_void(person: User, django_capture_on_commit_callbacks: Any) -> None:
    signed_in, thief = visitor(person), Client()
    code = ask_for_reset(thief, OLD)[0]

    move(person, django_capture_on_commit_callbacks)

    assert signed_in.get("/settings/profile/").status_code == 302
    thief.post("/accounts/password/reset/confirm/", {"code": code})
    answer = thief.post("/accounts/password/reset/complete/", {"password1": "x" * 20, "password2": "x" * 20})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert Session.objects.count() == 1  # the operator's


def test_both_mailboxes_are_told_and_a_line_says_who_did_it(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    move(person, django_capture_on_commit_callbacks)

    assert [letter.to for letter in mail.outbox] == [[OLD], [NEW]]
    assert all(f"from {OLD} to {NEW}" in letter.body for letter in mail.outbox)
    line = AuditLine.objects.get(verb="change", kind="accounts.user")
    assert line.actor == User.objects.get(email="root@example.com").pk
    assert line.changes["email"] == [OLD, NEW]


def test_accounts_elsewhere_open_it_no_more_and_both_mailboxes_read_of_it(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    SocialAccount.objects.create(user=person, provider="google", uid="7", extra_data={"email": "thief@example.com"})

    move(person, django_capture_on_commit_callbacks)

    assert not SocialAccount.objects.exists()
    assert {address for letter in mail.outbox for address in letter.to} == {OLD, NEW}
    assert all("Google (thief@example.com) does not log in to it any more" in letter.body for letter in mail.outbox)


def test_another_change_ends_nothing(person: User, django_capture_on_commit_callbacks: Any) -> None:
    signed_in = visitor(person)
    SocialAccount.objects.create(user=person, provider="google", uid="7")

    move(person, django_capture_on_commit_callbacks, to=OLD)

    assert signed_in.get("/settings/profile/").status_code == 200
    assert EmailAddress.objects.get(user=person).verified
    assert SocialAccount.objects.filter(user=person).exists()
    assert not mail.outbox


def test_an_operator_who_changes_their_own_stays_in(django_capture_on_commit_callbacks: Any) -> None:
    root = User.objects.create_superuser("root@example.com", PASSWORD)

    client = move(root, django_capture_on_commit_callbacks, operator=root)

    assert NEW in words(client.get("/admin/accounts/user/"))
