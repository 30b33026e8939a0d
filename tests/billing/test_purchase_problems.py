"""Every way a purchase can fail has words for the person."""

import pytest
from django.conf import LazySettings

from billing import errors
from billing.purchase_problems import problem_of


@pytest.fixture(autouse=True)
def _shop_is_open(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_of_a_shop_not_asked"


def test_a_decline_has_the_banks_words_and_the_way_to_another_card() -> None:
    problem = problem_of(errors.PaymentDeclined("Your card has insufficient funds.", "insufficient_funds"))
    assert problem.text.startswith("Your card has insufficient funds. Nothing was charged")
    assert problem.opens_portal
    assert not problem.keeps_key  # the same form would be declined again


def test_a_shop_that_is_away_keeps_the_form() -> None:
    problem = problem_of(errors.ShopUnavailable("The shop cannot be reached just now."))
    assert (problem.status, problem.keeps_key) == (503, True)
    assert "Nothing was charged" in problem.text


def test_a_site_without_a_shop_says_so_calmly(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    problem = problem_of(errors.ShopUnavailable("Payments are not set up here."))
    assert problem.title == "Payments are not set up yet"
    assert not problem.keeps_key


@pytest.mark.parametrize(
    "error", [errors.PaymentNeedsAction("https://bank.example"), errors.PaymentOverdue("https://bank.example")]
)
def test_what_needs_the_person_leads_there(error: errors.BillingError) -> None:
    problem = problem_of(error)
    assert problem.url == "https://bank.example"
    assert problem.link


def test_what_the_site_does_not_sell_is_said_in_its_own_words() -> None:
    assert "paid plan" in problem_of(errors.NeedsPlan("1,000 credits")).text


@pytest.mark.parametrize(
    "error",
    [
        errors.ShopRefused("No such subscription item: 'si_x'", "items[0]", "resource_missing"),
        errors.UnknownInShop("No such customer: 'cus_x'"),
        errors.UnknownPrice("price_x"),
    ],
)
def test_what_is_no_fault_of_the_persons_tells_nothing_of_our_insides(error: errors.BillingError) -> None:
    problem = problem_of(error)
    assert "Nothing was charged" in problem.text
    assert not any(part in problem.text for part in ("si_x", "cus_x", "price_x"))
