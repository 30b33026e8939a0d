"""The form of the automatic top-ups: what it proposes, what it refuses, what it writes."""

import pytest
from django.conf import LazySettings

from billing import top_ups
from billing.models import AutoTopUp, Pack, Product, Wallet
from billing.top_up_forms import TopUpForm
from tests.factories import make_wallet

pytestmark = pytest.mark.django_db

TERMS = {"below_credits": "5000", "pack": "api-5000", "month_limit": "45"}


@pytest.fixture
def wallet() -> Wallet:
    return make_wallet(product=Product.API)


def test_it_proposes_the_smallest_pack_and_is_off(wallet: Wallet) -> None:
    form = TopUpForm.of(wallet)
    assert (form["pack"].value(), form["below_credits"].value(), form["is_on"].value()) == ("api-500", 100, None)


def test_it_shows_what_was_asked_for(wallet: Wallet) -> None:
    top_ups.set_terms(wallet, Pack.objects.get(pk="api-5000"), is_on=True, below_credits=7, month_cents=4501)
    form = TopUpForm.of(wallet)
    assert (form["is_on"].value(), form["below_credits"].value(), form["month_limit"].value()) == (True, 7, 46)


def test_the_bounds_themselves_are_allowed_and_written(wallet: Wallet) -> None:
    form = TopUpForm(wallet, TERMS)
    assert form.is_valid(), form.errors
    form.save()
    terms = AutoTopUp.objects.get()
    assert (terms.is_on, terms.below_credits, terms.month_cents) == (False, 5000, 4500)


def test_the_months_limit_is_in_the_packs_currency(wallet: Wallet) -> None:
    assert TopUpForm.of(wallet).currency == "usd"
    Pack.objects.filter(product=Product.API).update(currency="eur")
    form = TopUpForm(wallet, {**TERMS, "month_limit": "44"})
    assert form.currency == "eur"
    assert str(form.errors["month_limit"][0]).endswith("costs €45, so €44 a month would never be enough.")
    Pack.objects.filter(pk="api-5000").update(currency="chf")
    assert TopUpForm.of(wallet).currency == ""


def test_a_pack_that_is_not_sold_any_more_or_is_the_studios_cannot_be_chosen(wallet: Wallet) -> None:
    Pack.objects.filter(pk="api-5000").update(is_offered=False)
    for pack in ("api-5000", "site-1000"):
        assert "pack" in TopUpForm(wallet, {**TERMS, "pack": pack}).errors


def test_where_tax_is_worked_out_it_cannot_be_turned_on(wallet: Wallet, settings: LazySettings) -> None:
    settings.STRIPE_AUTOMATIC_TAX = True
    assert "Buy packs yourself" in TopUpForm(wallet, {**TERMS, "is_on": "on"}).errors["is_on"][0]
    assert TopUpForm(wallet, TERMS).is_valid()
