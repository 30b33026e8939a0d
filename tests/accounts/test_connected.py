"""Accounts elsewhere that open one here: shown, ended by their owner or an operator, and told of in mails."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from accounts import connected
from accounts.models import AuditLine, User
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
ROWS = "/admin/socialaccount/socialaccount/"


@pytest.fixture
def person() -> User:
    user = make_user(email="ada@example.com", password=PASSWORD)
    connect(user, "google", email="ada@gmail.example")
    connect(user, "github", login="ada")
    return user


def connect(user: User, site: str, **told: str) -> SocialAccount:
    return SocialAccount.objects.create(user=user, provider=site, uid=f"{site}-{user.pk}", extra_data=told)


def left(user: User) -> list[str]:
    return [row.site for row in connected.of(user)]


def test_each_is_named_as_its_owner_knows_it(person: User) -> None:
    connect(person, "gitlab")

    assert connected.names_of(person) == "Google (ada@gmail.example), GitHub (ada), gitlab"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"login": "ada", "bio": "Sees poetry in numbers", "email": None}, {"login": "ada"}),
        ({"sub": "1", "email": "a@example.com", "picture": "https://x/y"}, {"email": "a@example.com"}),
        ({"login": 7}, {}),
        ("no object", {}),
    ],
)
def test_of_what_a_site_tells_only_what_names_the_account_is_kept(told: Any, kept: dict[str, str]) -> None:
    assert connected.what_is_kept(told) == kept


# Neither is set up here: an operator may have taken them away again.
def test_one_of_a_site_that_is_not_offered_any_more_is_shown_and_disconnected(person: User) -> None:
    client = visitor(person)
    for path in ("/accounts/2fa/", "/accounts/3rdparty/", "/accounts/sessions/"):
        assert "ada@gmail.example" in words(client.get(path))
    assert "Connect GitHub" not in words(client.get("/accounts/3rdparty/"))

    answer = client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get(provider="google").pk})
    client.post(answer["Location"], {"password": PASSWORD})

    assert left(person) == ["GitHub"]
    assert mail.outbox[-1].subject == "Google opens your account no more"


def test_nobody_disconnects_what_is_another_persons(person: User) -> None:
    other = make_user(password=PASSWORD)
    row = SocialAccount.objects.filter(user=person).first()
    assert row is not None

    assert visitor(other).post("/accounts/3rdparty/", {"account": row.pk}).status_code == 200

    assert left(person) == ["Google", "GitHub"]


def test_a_mail_of_a_new_password_says_what_else_opens_the_account(person: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": "another horse 77", "password2": "another horse 77"}

    answer = client.post("/accounts/password/change/", form)

    assert answer["Location"] == "/accounts/2fa/"
    letter = mail.outbox[-1]
    assert letter.subject == "Your password was changed"
    assert "also opened by Google (ada@gmail.example), GitHub (ada). Disconnect" in letter.body
    assert "/accounts/sessions/" in letter.body


def test_a_mail_of_who_is_connected_to_nothing_says_nothing_of_it() -> None:
    user = make_user(email="bob@example.com", password=PASSWORD)
    client = visitor(user)
    form = {"oldpassword": PASSWORD, "password1": "another horse 77", "password2": "another horse 77"}

    client.post("/accounts/password/change/", form)

    assert "also opened by" not in mail.outbox[-1].body


def test_an_operator_disconnects_and_the_person_is_told(person: User) -> None:
    root = visitor(make_user(is_staff=True, is_superuser=True))
    row = SocialAccount.objects.get(provider="google")
    page = words(root.get(f"{ROWS}{row.pk}/change/"))
    assert "ada@gmail.example" in page
    assert "_save" not in page
    assert root.get(f"{ROWS}add/").status_code == 403

    root.post(f"{ROWS}{row.pk}/delete/", {"post": "yes"})
    assert left(person) == ["GitHub"]
    chosen = [SocialAccount.objects.get(provider="github").pk]
    root.post(ROWS, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert left(person) == []
    assert [letter.to for letter in mail.outbox] == [[person.email], [person.email]]
    assert "disconnected Google (ada@gmail.example)" in mail.outbox[0].body
    assert "disconnected GitHub (ada)" in mail.outbox[1].body
    assert AuditLine.objects.filter(verb="delete", kind="socialaccount.socialaccount").count() == 2


def test_an_operator_without_the_right_only_looks(person: User) -> None:
    clerk = make_user(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_socialaccount"))
    row = SocialAccount.objects.get(provider="google")

    assert visitor(clerk).post(f"{ROWS}{row.pk}/delete/", {"post": "yes"}).status_code == 403

    assert left(person) == ["Google", "GitHub"]


def test_operators_make_no_sites_and_see_no_tokens() -> None:
    root = visitor(make_user(is_staff=True, is_superuser=True))

    for kind in ("socialapp", "socialtoken"):
        assert root.get(f"/admin/socialaccount/{kind}/").status_code == 404
