"""What an address may narrow a list of the admin by: no word of people's and no secret, a guess at a time."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "lookup"),
    [
        ("generation_job", "params__prompt__icontains"),
        ("generation_job", "params__prompt__startswith"),
        ("generation_job", "words__icontains"),
        ("generation_job", "ref"),
        ("generation_job", "request_digest"),
        ("generation_image", "alt_text__icontains"),
        ("generation_image", "words__icontains"),
        ("generation_webhookdelivery", "payload__icontains"),
        ("generation_webhookendpoint", "sealed_secret__startswith"),
        ("generation_custommodel", "share_token__startswith"),
        ("accounts_apikey", "digest__startswith"),
        ("accounts_user", "password__startswith"),
        ("usersessions_usersession", "session_key__startswith"),
        ("mfa_authenticator", "data__secret__startswith"),
    ],
)
def test_no_list_is_narrowed_by_what_is_not_told(client: Client, kind: str, lookup: str) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    url = reverse(f"admin:{kind}_changelist")
    assert client.get(url, {lookup: "a"}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "lookup", "value"),
    [
        ("generation_job", "status__exact", "finished"),
        ("generation_job", "created_at__gte", "2027-01-01 00:00:00+00:00"),
        ("generation_moderationcase", "image__id__exact", "0197f3a0-0000-7000-8000-000000000000"),
        ("accounts_apikey", "revoked_at__isempty", "1"),
    ],
)
def test_lists_are_narrowed_by_facts(client: Client, kind: str, lookup: str, value: str) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    url = reverse(f"admin:{kind}_changelist")
    assert client.get(url, {lookup: value}).status_code == 200
