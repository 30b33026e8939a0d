"""A month of the ledger is printed by its owner, and by nobody else."""

import pytest
from django.conf import LazySettings

from billing import ledger
from billing.models import Product
from tests.factories import make_user, make_wallet
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/billing/statement/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_the_owner_reads_every_line_with_its_reason_and_its_job_and_a_stranger_does_not() -> None:
    wallet = make_wallet(120)
    ledger.hold(wallet, 20, key="h", reason="4 pictures", reference="job:01a2")
    text = words(visitor(wallet.user).get(PAGE))
    for found in (wallet.user.email, "4 pictures", "job:01a2", "For a test", "+120", "Balance after"):
        assert found in text
    stranger = words(visitor(make_user()).get(PAGE))
    assert "4 pictures" not in stranger
    assert "No credits came or went in this month." in stranger


def test_the_apis_credits_have_sheets_of_their_own() -> None:
    user = make_wallet(7, product=Product.API).user
    assert "+7" in words(visitor(user).get(PAGE, {"product": "api"}))
    assert "+7" not in words(visitor(user).get(PAGE))
    assert visitor(make_user()).get(PAGE, {"product": "api"}).status_code == 404


@pytest.mark.parametrize("month", ["1999-01", "2199-01", "now", "2027-00"])
def test_what_is_no_month_of_theirs_is_not_found(month: str) -> None:
    assert visitor(make_user()).get(PAGE, {"month": month}).status_code == 404


def test_billing_leads_there_and_the_test_shop_says_so(settings: LazySettings) -> None:
    user = make_wallet(7).user
    assert f'href="{PAGE}"' in words(visitor(user).get("/settings/billing/"))
    assert "no real money" not in words(visitor(user).get(PAGE))
    settings.TEST_SHOP = True
    assert "these credits cost no real money" in words(visitor(user).get(PAGE))
