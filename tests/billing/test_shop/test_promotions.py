"""Coupons, promotion codes and the discounts that come of them."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def make_code(shop: OpenShop, code: str = "SAVE", *, rules: dict[str, Any] | None = None, **coupon: Any) -> Any:
    made = shop.v1.coupons.create(coupon)
    return shop.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": made.id}, "code": code, **(rules or {})}
    )


def totals(shop: OpenShop, customer: str) -> list[int]:
    return [invoice.total for invoice in shop.v1.invoices.list({"customer": customer}).data][::-1]


@pytest.mark.parametrize(
    ("coupon", "expected"),
    [
        ({"percent_off": 25, "duration": "once"}, [750, 1000, 1000]),
        ({"percent_off": 25, "duration": "repeating", "duration_in_months": 2}, [750, 750, 1000]),
        ({"percent_off": 25, "duration": "forever"}, [750, 750, 750]),
        ({"amount_off": 300, "currency": "usd", "duration": "once"}, [700, 1000, 1000]),
    ],
)
def test_a_code_takes_off_as_long_as_its_coupon_says(
    shop: OpenShop, catalog: Catalog, customer: str, coupon: dict[str, Any], expected: list[int]
) -> None:
    make_code(shop, **coupon)
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", allow_promotion_codes=True)
    assert shop.pay(session.url, code="save").status == 303
    shop.advance(days=62)
    assert totals(shop, customer) == expected
    done = shop.v1.checkout.sessions.retrieve(session.id)
    assert (done.amount_total, done.total_details.amount_discount) == (expected[0], 1000 - expected[0])


def test_a_code_for_all_of_it_asks_for_no_payment(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    make_code(shop, percent_off=100, duration="once")
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", allow_promotion_codes=True)
    shop.pay(session.url, code="SAVE")
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (done.payment_status, done.subscription.status) == ("no_payment_required", "active")
    assert shop.v1.charges.list({"customer": customer}).data == []


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"active": False}, "This code is invalid."),
        ({"expires_at": 1}, "This code has expired."),
        (
            {"restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "usd"}},
            "This code needs a larger order.",
        ),
        ({"customer": "cus_other"}, "This code is for somebody else."),
    ],
)
def test_a_code_that_cannot_be_used_says_why(
    shop: OpenShop, catalog: Catalog, customer: str, rules: dict[str, Any], problem: str
) -> None:
    make_code(shop, rules=rules, percent_off=25)
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", allow_promotion_codes=True)
    answer = shop.pay(session.url, code="SAVE")
    assert (answer.status, answer.problem) == (402, problem)
    assert shop.v1.subscriptions.list({"customer": customer}).data == []


def test_a_code_can_be_used_up_and_be_for_a_first_order(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    make_code(shop, "ONE", rules={"max_redemptions": 1}, percent_off=10)
    make_code(shop, "FIRST", rules={"restrictions": {"first_time_transaction": True}}, percent_off=10)
    packs = [journeys.checkout(shop, customer, catalog.pack, "payment", allow_promotion_codes=True) for _ in range(3)]
    assert shop.pay(packs[0].url, code="ONE").status == 303
    assert shop.pay(packs[1].url, code="ONE").problem == "This code has been used up."
    assert shop.pay(packs[2].url, code="FIRST").problem == "This code is for a first order."


def test_a_declined_card_does_not_use_up_a_code(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    code = make_code(shop, percent_off=10)
    session = journeys.checkout(shop, customer, catalog.pack, "payment", allow_promotion_codes=True)
    shop.pay(session.url, "4000 0000 0000 0002", code="SAVE")
    assert shop.v1.promotion_codes.retrieve(code.id).times_redeemed == 0


def test_a_coupon_takes_off_a_part_or_an_amount(shop: OpenShop) -> None:
    for words in ({}, {"percent_off": 5, "amount_off": 5, "currency": "usd"}, {"amount_off": 5}):
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.coupons.create(words)
