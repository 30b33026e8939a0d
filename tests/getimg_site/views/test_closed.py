"""An address of allauth's that this site doesn't offer."""

import pytest

from tests.visitors import visitor

pytestmark = pytest.mark.django_db


def test_nothing_is_there_whatever_is_sent() -> None:
    client = visitor()
    client.cookies["g_csrf_token"] = "x"

    for answer in (
        client.get("/accounts/google/login/token/"),
        client.post("/accounts/google/login/token/", {"credential": "a.b.c", "g_csrf_token": "x"}),
    ):
        assert answer.status_code == 404
