"""Settings → Billing: one's own credits and lines, page by page."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import grants, ledger, statement
from billing.models import Product, Wallet
from tests.billing.books import make_payment
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


def test_the_page_says_what_comes_what_was_spent_and_what_was_paid() -> None:
    user = make_user()
    grants.start_monthly_credits(user)
    wallet = ledger.wallet_of(user)
    make_payment(wallet, owed=250, refunded_cents=1000)
    hold = ledger.hold(wallet, 4, key="h", reason="4 pictures", reference="job:1", tool="text-to-image")
    ledger.settle(hold, 4, key="s", reason="4 pictures")
    page = words(visitor(user).get(PAGE))
    for found in ("100 more credits on", "You owe 250 credits", "Text to image", "$20.00", "$10.00 back", "<svg"):
        assert found in page


def test_older_lines_ask_for_nothing_else() -> None:
    wallet = with_lines(2)
    client = visitor(wallet.user)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as whole:
        client.get(PAGE)
    with CaptureQueriesContext(connection) as part:
        client.get(PAGE, {"after": 10**9}, headers=HTMX)
    assert len(whole) <= 25
    assert len(part) <= 6


def test_the_page_is_only_read() -> None:
    assert visitor(make_user()).post(PAGE).status_code == 405


def test_the_apis_credits_have_a_statement_of_their_own_once_there_are_any() -> None:
    user = make_user()
    client = visitor(user)
    assert client.get(PAGE, {"product": "api"}).status_code == 404
    assert not Wallet.objects.filter(user=user, product=Product.API).exists()
    make_wallet(500, user=user, product=Product.API)
    assert "?product=api" in words(client.get(PAGE))
    response = client.get(PAGE, {"product": "api"})
    assert response.context["statement"].balance == 500
    assert "500" in client.get(f"{PAGE}credits.csv", {"product": "api"}).getvalue().decode()
    assert len(client.get(f"{PAGE}credits.csv").getvalue().decode().splitlines()) == 1


@pytest.mark.parametrize("product", ["x", "API", "\x00"])
def test_a_product_that_there_is_not_is_not_found(product: str) -> None:
    client = visitor(make_user())
    assert client.get(PAGE, {"product": product}).status_code == 404
    assert client.get(f"{PAGE}credits.csv", {"product": product}).status_code == 404
