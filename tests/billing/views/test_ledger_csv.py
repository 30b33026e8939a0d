"""Everybody downloads their own ledger."""

import pytest

from billing import ledger
from tests.factories import make_user, make_wallet
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

PAGE = "/settings/billing/credits.csv"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_a_file_holds_ones_own_lines_alone() -> None:
    owner, stranger = make_wallet(3), make_wallet(7)
    ledger.adjust(stranger, 5, key="secret", reason="A stranger's line")
    response = visitor(owner.user).get(PAGE)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="credits.csv"'
    lines = response.getvalue().decode().splitlines()
    assert len(lines) == 2
    assert "stranger" not in lines[1]


def test_somebody_new_gets_a_header() -> None:
    assert visitor(make_user()).get(PAGE).getvalue().decode().startswith("line,time,what")


def test_the_file_is_only_read() -> None:
    assert visitor(make_user()).post(PAGE).status_code == 405
