"""Test cards and what they do; payment methods made of them.

Source of the numbers: https://docs.stripe.com/testing. Two differ on purpose: …0341 pays while its holder is there and
fails afterwards (a renewal that fails is what it is used for), and 4000 0000 0000 3155 is known beside Stripe's
4000 0025 0000 3155.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from billing.test_shop import events, periods
from billing.test_shop.documents import Document, new_id
from billing.test_shop.errors import ShopError, declined, invalid
from billing.test_shop.listing import page
from billing.test_shop.params import PAGE, Choice, Map, Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

PAYS = "pays"
ASKS = "asks"  # the holder has to confirm at their bank
DISPUTES = "disputes"


@dataclass(frozen=True)
class Card:
    """How a card behaves while its holder is there, and without."""

    brand: str
    present: str
    absent: str


CARDS = {
    "4242424242424242": Card("visa", PAYS, PAYS),
    "5555555555554444": Card("mastercard", PAYS, PAYS),
    "378282246310005": Card("amex", PAYS, PAYS),
    "4000000000000002": Card("visa", "generic_decline", "generic_decline"),
    "4000000000009995": Card("visa", "insufficient_funds", "insufficient_funds"),
    "4000000000000069": Card("visa", "expired_card", "expired_card"),
    "4000000000000127": Card("visa", "incorrect_cvc", "incorrect_cvc"),
    "4000000000000341": Card("visa", PAYS, "generic_decline"),
    "4000000000003155": Card("visa", ASKS, PAYS),
    "4000002500003155": Card("visa", ASKS, PAYS),
    "4000002760003184": Card("visa", ASKS, ASKS),
    "4000000000000259": Card("visa", DISPUTES, DISPUTES),
}
# Payment methods that exist without being made, as Stripe's test mode has them.
READY = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
}


@dataclass(frozen=True)
class Entry:
    """What somebody typed into a page's card fields."""

    number: str
    expiry: str
    cvc: str
    name: str = ""


def behaviour(method: Document, *, is_present: bool) -> str:
    """Return PAYS, ASKS, DISPUTES or why the card is declined."""
    card = CARDS[method["_number"]]
    if not is_present and card.present == ASKS and card.absent == PAYS and not method["_is_confirmed"]:
        return ASKS
    return card.present if is_present else card.absent


def read(books: Books, entry: Entry, customer: Document | None) -> Document:
    """Return a new payment method for a typed card. Raises what is wrong with it, naming the field."""
    number = "".join(entry.number.split()).replace("-", "")
    if number not in CARDS and not _could_be_a_number(number):
        raise ShopError(402, "card_error", "Your card number is invalid.", code="invalid_number", param="number")
    month, year = _read_expiry(books, entry.expiry, customer)
    if not entry.cvc.isdigit() or len(entry.cvc) not in (3, 4):
        raise ShopError(402, "card_error", "Your card's security code is invalid.", code="invalid_cvc", param="cvc")
    if number not in CARDS:
        raise declined("live_mode_test_card", keeps=False)
    return make(books, number, customer, month=month, year=year, name=entry.name)


def make(
    books: Books, number: str, customer: Document | None, *, month: int = 12, year: int = 2040, name: str = ""
) -> Document:
    """Write a payment method of a known card; `customer` tells the time, attaching is another step."""
    card = CARDS[number]
    method = {
        "id": new_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(customer, name),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            # One card, one fingerprint, whoever uses it: that is what it is for.
            "fingerprint": hashlib.sha256(f"card {number}".encode()).hexdigest()[:16],
            "funding": "credit",
            "generated_from": None,
            "last4": number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": books.now(customer),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_number": number,
        "_is_confirmed": False,
    }
    books.put(method)
    return method


def billing_details(customer: Document | None, name: str = "") -> Document:
    """Return whom a payment is from."""
    known = customer or {}
    return {
        "address": known.get("address"),
        "email": known.get("email"),
        "name": name or known.get("name"),
        "phone": None,
        "tax_id": None,
    }


def attach(books: Books, method: Document, customer: Document) -> Document:
    """Keep a card with a customer, for payments to come."""
    if method["customer"] == customer["id"]:
        return method
    if method["customer"]:
        raise invalid("The payment method is already attached to a customer.", "customer")
    method["customer"] = customer["id"]
    return events.save(books, method, "payment_method.attached")


def cards_of(books: Books, customer: Document) -> list[Document]:
    """Return a customer's cards, newest first."""
    return books.all("payment_method", customer=customer["id"])


def find(books: Books, id: str, customer: Document | None, param: str) -> Document:
    """Return the payment method, making one of Stripe's ready ones. Raises the error of a missing one."""
    return make(books, READY[id], customer) if id in READY else books.get("payment_method", id, param=param)


def _read_expiry(books: Books, text: str, customer: Document | None) -> tuple[int, int]:
    month, _, year = text.replace(" ", "").partition("/")
    if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12 and len(year) in (2, 4)):
        wrong = "Your card's expiration date is invalid."
        raise ShopError(402, "card_error", wrong, code="invalid_expiry_month", param="expiry")
    full = int(year) + (2000 if len(year) == 2 else 0)
    now = periods.month_of(books.now(customer))
    if (full, int(month)) < now:
        wrong = "Your card's expiration date is in the past."
        raise ShopError(402, "card_error", wrong, code="invalid_expiry_year", param="expiry")
    return int(month), full


def _could_be_a_number(number: str) -> bool:
    """Return whether the last digit is the check of the others (Luhn). Source: ISO/IEC 7812-1."""
    if not number.isdecimal() or not 13 <= len(number) <= 19:
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


# --- The API ---


def _create(books: Books, params: dict[str, Any]) -> Document:
    number = params.get("card", {}).get("number", "")
    if number not in CARDS:
        raise declined("live_mode_test_card", keeps=False)
    card = params["card"]
    return make(books, number, None, month=card.get("exp_month", 12), year=card.get("exp_year", 2040))


def _attach(books: Books, params: dict[str, Any], id: str) -> Document:
    customer = books.customer(params["customer"])
    return attach(books, find(books, id, customer, "id"), customer)


def _detach(books: Books, _params: dict[str, Any], id: str) -> Document:
    method = books.get("payment_method", id)
    method["customer"] = None
    return events.save(books, method, "payment_method.detached")


def _list(books: Books, params: dict[str, Any]) -> Document:
    customer = books.customer(params["customer"])
    return page(cards_of(books, customer), params, "/v1/payment_methods")


def _list_of_customer(books: Books, params: dict[str, Any], id: str) -> Document:
    return page(cards_of(books, books.get("customer", id)), params, f"/v1/customers/{id}/payment_methods")


_CARD = group("number", number=Text(), exp_month=Whole(1, 12), exp_year=Whole(2000, 2100), cvc=Text())
_ONLY_CARDS = Choice(("card",))

ROUTES = [
    Route("POST", "/v1/payment_methods", _create, group("card", type=_ONLY_CARDS, card=_CARD, metadata=Map())),
    getter("/v1/payment_methods/{id}", "payment_method"),
    Route("GET", "/v1/payment_methods", _list, PAGE.plus(customer=Text(), type=_ONLY_CARDS)),
    Route("GET", "/v1/customers/{id}/payment_methods", _list_of_customer, PAGE.plus(type=_ONLY_CARDS)),
    Route("POST", "/v1/payment_methods/{id}/attach", _attach, group("customer", customer=Text())),
    Route("POST", "/v1/payment_methods/{id}/detach", _detach, group()),
]
