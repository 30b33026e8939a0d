"""Amounts as people read them."""

_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}


def amount(cents: int, currency: str, *, exact: bool = False) -> str:
    """Return "$10", "$8.33", "−€5", "1,200 CHF"; `exact`, as receipts have it, "$10.00"."""
    whole, rest = divmod(abs(cents), 100)
    number = f"{whole:,}.{rest:02}" if rest or exact else f"{whole:,}"
    sign = _SIGNS.get(currency.lower())
    text = f"{sign}{number}" if sign else f"{number} {currency.upper()}"
    return f"−{text}" if cents < 0 else text
