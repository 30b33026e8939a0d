from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import api_keys, key_text
from tests.factories import make_user
from tests.generation.api.calling import make_program
from tests.generation.api.reading import code_of, read

pytestmark = pytest.mark.django_db

ADDRESS = "/v1/account"


def ask(text: str, **environment: Any) -> Any:
    return Client().get(ADDRESS, headers={"Authorization": f"Bearer {text}"}, **environment)


def test_a_key_opens_and_nothing_else_does() -> None:
    program = make_program()
    signed_in = Client()
    signed_in.force_login(program.user)

    assert program.get("account").status_code == 200
    for nobody in (Client(), signed_in):
        answer = nobody.get(ADDRESS)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert code_of(answer) == "missing_api_key"


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "bearer  "])
def test_a_header_that_is_no_scheme_and_key_says_so(header: str) -> None:
    answer = Client().get(ADDRESS, headers={"Authorization": header})
    assert (answer.status_code, code_of(answer)) == (401, "invalid_authorization_header")


def test_unknown_mistyped_and_locked_out_read_the_same(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    _, of_nobody = api_keys.create(user, "Server")
    user.is_active = False
    user.save()
    unknown = key_text.make(is_test=False)

    with django_assert_num_queries(0):
        mistyped = ask(unknown[:-1] + ("a" if unknown[-1] != "a" else "b"))
    answers = [mistyped, ask(unknown), ask(of_nobody), ask("é" * 10)]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.content for answer in answers}) == 1


def test_what_ended_is_named() -> None:
    user = make_user()
    revoked, revoked_text = api_keys.create(user, "Revoked")
    api_keys.revoke(revoked)
    _, expired_text = api_keys.create(user, "Expired", expires_at=timezone.now())
    replaced, replaced_text = api_keys.create(user, "Replaced")
    api_keys.rotate(replaced, overlap=timedelta(0))

    answers = [ask(revoked_text), ask(expired_text), ask(replaced_text)]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert [code_of(answer) for answer in answers] == ["api_key_revoked", "api_key_expired", "api_key_replaced"]


def test_a_network_that_is_not_allowed_is_named_with_the_address(settings: LazySettings) -> None:
    _, text = api_keys.create(make_user(), "Server", allowed_networks=["203.0.113.0/24"])

    assert ask(text, REMOTE_ADDR="203.0.113.5").status_code == 200
    refused = ask(text, REMOTE_ADDR="198.51.100.1")
    assert (refused.status_code, code_of(refused)) == (403, "network_not_allowed")
    assert "198.51.100.1" in read(refused)["detail"]


def test_a_forged_forwarding_header_opens_no_network() -> None:
    _, text = api_keys.create(make_user(), "Server", allowed_networks=["203.0.113.0/24"])
    answer = ask(text, REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.5")
    assert answer.status_code == 403


def test_a_key_that_is_revoked_is_refused_with_the_next_request() -> None:
    program = make_program()
    assert program.get("account").status_code == 200

    api_keys.revoke(program.key)

    assert program.get("account").status_code == 401
