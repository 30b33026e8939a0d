"""Settings → Billing: one's own credits and lines, page by page."""

from typing import Any

import pytest

from billing import ledger, statement
from billing.models import Wallet
from tests.factories import make_user, make_wallet
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/billing/"


def with_lines(number: int) -> Wallet:
    wallet = make_wallet()
    for line in range(number):
        ledger.adjust(wallet, 1, key=f"{wallet.pk}:{line}", reason=f"Line {line}.")
    return wallet


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_somebody_new_has_a_page_and_a_wallet() -> None:
    user = make_user()
    response = visitor(user).get(PAGE)
    assert response.status_code == 200
    assert Wallet.objects.get(user=user).balance == 0


def test_people_see_their_own_lines_alone() -> None:
    owner, stranger = with_lines(1), make_wallet(77)
    ledger.adjust(stranger, 5, key="secret", reason="A stranger's line")
    response = visitor(owner.user).get(PAGE)
    assert [line.reason for line in response.context["page"].lines] == ["Line 0."]
    assert response.context["statement"].balance == 1
    assert "A stranger's line" not in words(response)
    newest = stranger.entries.latest("id").pk
    assert "stranger" not in words(visitor(owner.user).get(PAGE, {"after": newest + 1}))


def test_older_lines_follow_with_and_without_htmx() -> None:
    wallet = with_lines(statement.PAGE_LINES + 2)
    client = visitor(wallet.user)
    first = client.get(PAGE).context["page"]
    assert len(first.lines) == statement.PAGE_LINES
    whole = client.get(PAGE, {"after": first.next_after})
    part = client.get(PAGE, {"after": first.next_after}, headers=HTMX)
    for response in (whole, part):
        assert [line.reason for line in response.context["page"].lines] == ["Line 1.", "Line 0."]
        assert "Line 1." in words(response)
    assert "<html" in words(whole)
    assert "<html" not in words(part)
    assert not whole.context["is_first_page"]


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "٣", "9" * 30, str(2**63)])
def test_an_address_that_names_no_line_is_not_found(after: Any) -> None:
    assert visitor(make_user()).get(PAGE, {"after": after}).status_code == 404


def test_the_page_is_only_read() -> None:
    assert visitor(make_user()).post(PAGE).status_code == 405
