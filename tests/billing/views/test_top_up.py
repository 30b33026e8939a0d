"""The automatic top-ups, set on the page."""

import re

import pytest

from accounts.models import User
from billing import ledger, top_ups
from billing.models import AutoTopUp, Pack, Product
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PAGE = "/settings/billing/top-up/"
TERMS = {"is_on": "on", "below_credits": "800", "pack": "api-5000", "month_limit": "100"}
TERMS["seen"] = "api-500:500:500:usd api-5000:5000:4500:usd"


@pytest.fixture
def user() -> User:
    user = make_user()
    ledger.wallet_of(user, Product.API)
    return user


def test_it_is_sent_never_only_opened_and_only_by_its_owner(user: User) -> None:
    assert visitor(user).get(PAGE).status_code == 405
    assert visitor().post(PAGE, TERMS)["Location"].startswith("/accounts/login/")
    stranger = make_user()
    visitor(stranger).post(PAGE, {**TERMS, "is_on": ""})
    assert AutoTopUp.objects.get().wallet.user == stranger


def test_what_is_asked_for_is_written_down_and_shown(gateway_shop: OpenShop, user: User) -> None:
    till.buy(gateway_shop, user, "api-5000")
    answer = visitor(user).post(PAGE, TERMS, follow=True)
    assert "Automatic top-up is on" in words(answer)
    terms = AutoTopUp.objects.get()
    assert (terms.is_on, terms.below_credits, terms.pack_id, terms.month_cents) == (True, 800, "api-5000", 10000)
    page = visitor(user).get("/settings/billing/?product=api").content.decode()
    assert 'value="800"' in page
    assert "checked" in page

    visitor(user).post(PAGE, {**TERMS, "is_on": ""})
    assert not AutoTopUp.objects.get().is_on


def test_a_price_that_nobody_saw_is_not_agreed_to(gateway_shop: OpenShop, user: User) -> None:
    till.buy(gateway_shop, user, "api-5000")
    visitor(user).post(PAGE, TERMS)
    Pack.objects.filter(pk="api-5000").update(price_cents=5000)
    page = words(visitor(user).get("/settings/billing/?product=api"))
    assert "Nothing is charged until you save the one below." in page
    answer = visitor(user).post(PAGE, TERMS)
    assert answer.status_code == 422
    assert "it is 5,000 credits for $50 now. Save again to agree." in words(answer)
    assert AutoTopUp.objects.get().price_cents == 4500
    seen = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert seen is not None
    assert visitor(user).post(PAGE, {**TERMS, "seen": seen[1]}).status_code == 303
    assert AutoTopUp.objects.get().price_cents == 5000


def test_without_a_saved_card_it_cannot_be_turned_on(user: User) -> None:
    answer = visitor(user).post(PAGE, TERMS)
    assert answer.status_code == 422
    assert "There is no saved card to charge" in words(answer)
    assert not AutoTopUp.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("below_credits", "5001", "the level can be 5,000 at most, not 5,001"),
        ("below_credits", "0", "greater than or equal to 1"),
        ("below_credits", "x", "whole number"),
        ("month_limit", "44", "costs $45, so $44 a month would never be enough"),
        ("pack", "site-1000", "not one of the available choices"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(user: User, field: str, value: str, said: str) -> None:
    answer = visitor(user).post(PAGE, {**TERMS, "is_on": "", field: value})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not AutoTopUp.objects.exists()


def test_while_the_shop_is_down_it_says_so(gateway_shop: OpenShop, user: User) -> None:
    till.buy(gateway_shop, user, "api-5000")
    gateway_shop.control("weather", down=True)
    assert "The shop does not answer now" in words(visitor(user).post(PAGE, TERMS))


def test_why_it_was_turned_off_stands_on_the_page(user: User) -> None:
    wallet = ledger.wallet_of(user, Product.API)
    top_ups.set_terms(wallet, till.pack("api-5000"), is_on=False, below_credits=10, month_cents=5000)
    AutoTopUp.objects.update(problem="Your card was declined.")
    page = words(visitor(user).get("/settings/billing/?product=api"))
    assert "We turned it off: Your card was declined." in page
    assert "Automatic top-up" not in words(visitor(user).get("/settings/billing/"))


def test_the_months_limit_stands_beside_its_currency(user: User) -> None:
    page = words(visitor(user).get("/settings/billing/?product=api"))
    assert '<span class="quiet">$</span><input class="input" id="month_limit"' in page
    Pack.objects.filter(product=Product.API).update(currency="eur")
    page = words(visitor(user).get("/settings/billing/?product=api"))
    assert '<span class="quiet">€</span><input class="input" id="month_limit"' in page
    Pack.objects.filter(pk="api-5000").update(currency="chf")
    page = words(visitor(user).get("/settings/billing/?product=api"))
    assert '<div class="input-unit"><input class="input" id="month_limit"' in page
    assert "In the pack’s currency." in page
