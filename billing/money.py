"""Amounts as people read them."""

_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
# What the shop counts whole, or in thousandths. Source: docs.stripe.com/currencies, zero- and three-decimal currencies.
_WITHOUT_CENTS = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf bhd jod kwd omr tnd"


def has_cents(currency: str) -> bool:
    """Return whether this is how the shop writes a currency whose amounts are counted in hundredths."""
    is_code = len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.islower()
    return is_code and currency not in _WITHOUT_CENTS.split()


def sign(currency: str) -> str:
    """Return what stands for a currency beside a number: "$", "€", "CHF"."""
    return _SIGNS.get(currency.lower(), currency.upper())


def amount(cents: int, currency: str, *, exact: bool = False) -> str:
    """Return "$10", "$8.33", "−€5", "1,200 CHF"; `exact`, as receipts have it, "$10.00"."""
    whole, rest = divmod(abs(cents), 100)
    number = f"{whole:,}.{rest:02}" if rest or exact else f"{whole:,}"
    symbol = _SIGNS.get(currency.lower())
    text = f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"
    return f"−{text}" if cents < 0 else text
