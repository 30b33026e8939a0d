"""Coupons, promotion codes, and the discounts that come of using them."""

from typing import Any

from billing.test_shop import events
from billing.test_shop.documents import Document, new_id
from billing.test_shop.errors import ShopError, invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import Choice, Flag, Map, Number, Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books


def find_code(books: Books, code: str, customer: Document | None, amount: int, currency: str) -> Document:
    """Return the promotion code that somebody typed. Raises why it cannot be used."""
    found = [
        one for one in books.all("promotion_code") if one["code"].lower() == code.strip().lower() and one["active"]
    ]
    if not found:
        raise _refusal("This code is invalid.")
    promotion = found[0]
    check(books, promotion, customer, amount, currency)
    return promotion


def check(books: Books, promotion: Document, customer: Document | None, amount: int, currency: str) -> None:
    """Raise why a promotion code cannot be used for this."""
    now, rules = books.now(customer), promotion["restrictions"]
    coupon = books.get("coupon", promotion["promotion"]["coupon"])
    if not promotion["active"] or not coupon["valid"] or (promotion["expires_at"] or now) < now:
        raise _refusal("This code has expired.")
    if promotion["max_redemptions"] and promotion["times_redeemed"] >= promotion["max_redemptions"]:
        raise _refusal("This code has been used up.")
    if promotion["customer"] and promotion["customer"] != (customer or {}).get("id"):
        raise _refusal("This code is for somebody else.")
    if rules["minimum_amount"] and amount < rules["minimum_amount"]:
        raise _refusal("This code needs a larger order.")
    if (
        rules["first_time_transaction"]
        and customer
        and books.all("charge", customer=customer["id"], status="succeeded")
    ):
        raise _refusal("This code is for a first order.")
    if coupon["amount_off"] and coupon["currency"] != currency:
        raise _refusal("This code is for another currency.")


def propose(books: Books, coupon: Document, promotion: Document | None, customer: Document, session: str) -> Document:
    """Return a discount, one use of a coupon by a customer, that is not written yet."""
    return {
        "id": new_id("discount"),
        "object": "discount",
        "checkout_session": session,
        "customer": customer["id"],
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": promotion and promotion["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": books.now(customer),
        "subscription": None,
        "subscription_item": None,
        "_uses": 0,
    }


def redeem(books: Books, discount: Document) -> None:
    """Write a discount and count it as used."""
    books.put(discount)
    coupon = books.get("coupon", discount["source"]["coupon"])
    coupon["times_redeemed"] += 1
    if coupon["max_redemptions"] and coupon["times_redeemed"] >= coupon["max_redemptions"]:
        coupon["valid"] = False
    events.save(books, coupon, "coupon.updated")
    promotion = books.find(discount["promotion_code"])
    if promotion:
        promotion["times_redeemed"] += 1
        events.save(books, promotion, "promotion_code.updated")


def taken_off(coupon: Document, amount: int) -> int:
    """Return how much a coupon takes off an amount, in cents."""
    if coupon["percent_off"] is not None:
        percent: float = coupon["percent_off"]
        return round(amount * percent / 100)
    return max(0, min(int(coupon["amount_off"]), amount))


def is_used_up(coupon: Document, months: int) -> bool:
    """Return whether a discount ends after having been used on invoices over that many months."""
    if coupon["duration"] == "repeating":
        return months >= int(coupon["duration_in_months"])
    return bool(coupon["duration"] == "once")


def _refusal(message: str) -> ShopError:
    return invalid(message, "promotion_code", "promotion_code_invalid")


# --- The API ---


def _create_coupon(books: Books, params: dict[str, Any]) -> Document:
    if ("percent_off" in params) == ("amount_off" in params):
        raise invalid("You must pass exactly one of percent_off and amount_off.", "percent_off")
    if "amount_off" in params and "currency" not in params:
        raise invalid("You must pass currency when passing amount_off.", "currency")
    if params.get("duration") == "repeating" and "duration_in_months" not in params:
        raise invalid("You must pass duration_in_months when duration is repeating.", "duration_in_months")
    id = params.get("id") or new_id("charge")[3:11]
    if books.find(id):
        raise invalid(f"Coupon already exists: {id}", "id", "resource_already_exists")
    coupon = {
        "id": id,
        "object": "coupon",
        "amount_off": params.get("amount_off"),
        "created": books.now(),
        "currency": params.get("currency"),
        "duration": params.get("duration", "once"),
        "duration_in_months": params.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": params.get("metadata") or {},
        "name": params.get("name"),
        "percent_off": params.get("percent_off"),
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
    }
    return events.add(books, coupon, "coupon.created")


def _delete_coupon(books: Books, _params: dict[str, Any], id: str) -> Document:
    coupon = books.get("coupon", id)
    coupon["valid"] = False
    events.save(books, coupon, "coupon.deleted")
    return {"id": id, "object": "coupon", "deleted": True}


def _create_code(books: Books, params: dict[str, Any]) -> Document:
    coupon = books.get("coupon", params["promotion"]["coupon"], param="promotion[coupon]")
    code = params.get("code") or new_id("charge")[3:11].upper()
    if any(one["code"].lower() == code.lower() and one["active"] for one in books.all("promotion_code")):
        raise invalid(f"An active promotion code with `code: {code}` already exists.", "code")
    rules = params.get("restrictions", {})
    promotion = {
        "id": new_id("promotion_code"),
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": code,
        "created": books.now(),
        "customer": params.get("customer"),
        "expires_at": params.get("expires_at"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": params.get("metadata") or {},
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": rules.get("first_time_transaction", False),
            "minimum_amount": rules.get("minimum_amount"),
            "minimum_amount_currency": rules.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }
    return events.add(books, promotion, "promotion_code.created")


def _update_code(books: Books, params: dict[str, Any], id: str) -> Document:
    promotion = books.get("promotion_code", id)
    promotion |= params
    return events.save(books, promotion, "promotion_code.updated")


_COUPON = group(
    id=Text(),
    name=Text(40),
    percent_off=Number(0.01, 100),
    amount_off=Whole(1),
    currency=Text(3),
    duration=Choice(("forever", "once", "repeating")),
    duration_in_months=Whole(1, 120),
    max_redemptions=Whole(1),
    metadata=Map(),
)
_RULES = group(first_time_transaction=Flag(), minimum_amount=Whole(1), minimum_amount_currency=Text(3))
_CODE = group(
    "promotion",
    promotion=group("type", "coupon", type=Choice(("coupon",)), coupon=Text()),
    code=Text(500),
    active=Flag(),
    customer=Text(),
    expires_at=Whole(),
    max_redemptions=Whole(1),
    metadata=Map(),
    restrictions=_RULES,
)

ROUTES = [
    Route("POST", "/v1/coupons", _create_coupon, _COUPON),
    Route("DELETE", "/v1/coupons/{id}", _delete_coupon, group()),
    getter("/v1/coupons/{id}", "coupon"),
    lister("/v1/coupons", "coupon"),
    Route("POST", "/v1/promotion_codes", _create_code, _CODE),
    Route("POST", "/v1/promotion_codes/{id}", _update_code, group(active=Flag())),
    getter("/v1/promotion_codes/{id}", "promotion_code"),
    lister("/v1/promotion_codes", "promotion_code", active=Flag(), code=Text(), customer=Text()),
]
