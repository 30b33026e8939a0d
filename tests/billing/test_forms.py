"""The operator's form about credits."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine

from billing.forms import MOST_CREDITS, AdjustForm, PackForm, PlanForm
from billing.models import Plan


def form(**values: object) -> AdjustForm:
    return AdjustForm({"credits": 5, "reason": "We are sorry", "form_key": uuid4(), **values})


@time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False)
def test_credits_expire_after_the_days_that_are_given() -> None:
    without, limited = form(), form(days=30)
    assert without.is_valid()
    assert limited.is_valid()
    assert (without.expires_at, limited.expires_at) == (None, datetime(2027, 1, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"credits": 0}, "credits"),
        ({"reason": "Sorry, ada@example.com"}, "reason"),
        ({"credits": MOST_CREDITS + 1}, "credits"),
        ({"credits": -MOST_CREDITS - 1}, "credits"),
        ({"reason": " "}, "reason"),
        ({"reason": "r" * 201}, "reason"),
        ({"days": 0}, "days"),
        ({"credits": -5, "days": 3}, "days"),
        ({"form_key": "no key"}, "form_key"),
    ],
)
def test_what_is_out_of_bounds_is_refused_at_its_field(values: dict[str, object], field: str) -> None:
    assert list(form(**values).errors) == [field]


def test_each_form_has_a_key_of_its_own() -> None:
    assert AdjustForm()["form_key"].value() != AdjustForm()["form_key"].value()


def sale_forms(currency: str) -> tuple[PackForm, PlanForm]:
    facts = {"slug": "x", "name": "x", "position": 1, "currency": currency}
    brings = {"monthly_credits": 1, "jobs_at_once": 1, "models_stored": 1, "kept_days_after": 0}
    pack = PackForm({**facts, "product": "site", "credits": 100, "price_cents": 500})
    return pack, PlanForm({**facts, **brings, "month_cents": 500, "year_cents": 5000}, instance=Plan())


@pytest.mark.django_db
def test_a_currency_is_kept_as_the_shop_writes_it() -> None:
    for form in sale_forms("USD"):
        assert form.is_valid(), form.errors
        assert form.save(commit=False).currency == "usd"


@pytest.mark.django_db
@pytest.mark.parametrize("currency", ["jpy", "JPY", "bhd", "us", "u1d", "€€€"])
def test_a_currency_without_cents_is_refused(currency: str) -> None:
    for form in sale_forms(currency):
        assert list(form.errors) == ["currency"]
        assert f"The currency {currency} cannot be used" in form.errors["currency"][0]
