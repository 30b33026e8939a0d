"""Amounts in words."""

import pytest

from billing.money import amount, has_cents


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (1000, "usd", "$10"),
        (833, "usd", "$8.33"),
        (805, "EUR", "€8.05"),
        (123_456_700, "usd", "$1,234,567"),
        (-500, "eur", "−€5"),
        (0, "gbp", "£0"),
        (120_000, "chf", "1,200 CHF"),
    ],
)
def test_whole_amounts_have_no_decimals(cents: int, currency: str, text: str) -> None:
    assert amount(cents, currency) == text


def test_receipts_have_decimals_always() -> None:
    assert amount(1000, "usd", exact=True) == "$10.00"
    assert amount(-1001, "usd", exact=True) == "−$10.01"


def test_currencies_with_cents_are_told_from_the_others() -> None:
    assert all(has_cents(currency) for currency in ("usd", "eur", "inr"))
    assert not any(has_cents(currency) for currency in ("jpy", "bhd", "USD", "us", ""))
