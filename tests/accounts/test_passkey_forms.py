import pytest
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db

DEEP = "[" * 100_000


def person_with_a_key() -> Client:
    user = User.objects.create_user("ada@example.com", "correct horse battery")
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}})
    client = Client()
    client.force_login(user)
    return client


def test_what_a_key_says_is_refused_where_it_is_nested_without_end() -> None:
    client = person_with_a_key()

    again = client.post("/accounts/2fa/webauthn/reauthenticate/", {"credential": DEEP})
    alone = Client().post("/accounts/2fa/webauthn/login/", {"credential": DEEP})

    assert (again.status_code, alone.status_code) == (302, 302)
    assert [str(message) for message in get_messages(again.wsgi_request)] == ["Enter a valid JSON."]
