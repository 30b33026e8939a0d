"""Subscriptions as documents: what they hold, how they begin, renew their period and end.

What they cost is plan_changes.py's and renewals.py's, whether it is paid collection.py's.
"""

from itertools import chain
from typing import Any

from billing.test_shop import events, promotions
from billing.test_shop.documents import Document, list_of, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.invoices import Line
from billing.test_shop.listing import page, select
from billing.test_shop.params import PAGE, RANGE, Choice, Text, group
from billing.test_shop.periods import period_end
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

_SETTINGS = ("payment_method_options", "payment_method_types")
_ENDED = ("canceled", "incomplete_expired")


def begin(books: Books, customer: Document, price: Document, quantity: int, **facts: Any) -> Document:
    """Return a new subscription whose first period begins now; it is not written yet."""
    id, now = new_id("subscription"), books.now(customer)
    taxed = facts.get("taxed", False)
    nothing = ("application", "cancel_at", "canceled_at", "days_until_due", "default_source", "description", "ended_at")
    unused = ("next_pending_invoice_item_invoice", "pause_collection", "pending_invoice_item_interval", "trial_end")
    open_ends = ("latest_invoice", "pending_setup_intent", "pending_update", "schedule", "transfer_data", "trial_start")
    subscription = {
        "id": id,
        "object": "subscription",
        **dict.fromkeys((*nothing, *unused, *open_ends, "application_fee_percent", "billing_thresholds")),
        "automatic_tax": {"disabled_reason": None, "enabled": taxed, "liability": {"type": "self"} if taxed else None},
        "billing_cycle_anchor": now,
        "billing_cycle_anchor_config": None,
        "billing_mode": _mode(books),
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": price["currency"],
        "customer": customer["id"],
        "default_payment_method": facts.get("method"),
        "default_tax_rates": [],
        "discounts": facts.get("discounts", []),
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": list_of([], f"/v1/subscription_items?subscription={id}"),
        "livemode": False,
        "metadata": facts.get("metadata") or {},
        "payment_settings": {**dict.fromkeys(_SETTINGS), "save_default_payment_method": "off"},
        "start_date": now,
        "status": "active",
        "test_clock": customer["test_clock"],
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    }
    end = _end_of_period(price, now, now)
    subscription["items"]["data"] = [_item(id, price, quantity, now, start=now, end=end)]
    return subscription


def _mode(books: Books) -> Document:
    if books.fact("mode", {}).get("flexible"):
        return {"flexible": {"proration_discounts": "included"}, "type": "flexible"}
    return {"flexible": None, "type": "classic"}


def item_of(subscription: Document) -> Document:
    """Return the one item that a subscription has here."""
    return subscription["items"]["data"][0]  # type: ignore[no-any-return]


def with_price(
    subscription: Document, price: Document, quantity: int, now: int, *, begins_anew: bool = False
) -> Document:
    """Return the item as it is under another price: the period stays, or begins anew, as with another interval."""
    item = item_of(subscription)
    changed = {**item, "price": price, "plan": _plan_of(price), "quantity": quantity}
    if begins_anew or has_other_interval(item["price"], price):
        changed |= {"current_period_start": now, "current_period_end": _end_of_period(price, now, now)}
    return changed


def put_item(subscription: Document, item: Document) -> None:
    """Let a subscription hold this item; an item with a period of its own moves the anchor."""
    if begins_anew(item_of(subscription), item):
        subscription["billing_cycle_anchor"] = item["current_period_start"]
    subscription["items"]["data"] = [item]


def begins_anew(before: Document, after: Document) -> bool:
    """Return whether an item has a period of its own, not the one that was there before it."""
    return bool(after["current_period_start"] != before["current_period_start"]) or has_other_interval(
        before["price"], after["price"]
    )


def has_other_interval(one: Document, other: Document) -> bool:
    """Return whether two prices are for periods of different length."""
    parts = ("interval", "interval_count")
    return any(one["recurring"][part] != other["recurring"][part] for part in parts)


def renew(subscription: Document) -> Document:
    """Move the item to the next period and return it."""
    item = item_of(subscription)
    start = item["current_period_end"]
    item["current_period_start"] = start
    item["current_period_end"] = _end_of_period(item["price"], subscription["billing_cycle_anchor"], start)
    return item


def full_line(item: Document) -> Line:
    """Return the invoice's line for a whole period."""
    price, quantity = item["price"], item["quantity"]
    text = f"{quantity} × {price['nickname'] or price['lookup_key'] or price['product']}"
    start, end = item["current_period_start"], item["current_period_end"]
    return Line(price, text, start, end, quantity=quantity, item=item["id"])


def active_discounts(books: Books, subscription: Document) -> list[Document]:
    """Return the discounts that the next invoice has."""
    return [books.get("discount", id) for id in subscription["discounts"]]


def use_discounts(books: Books, subscription: Document) -> None:
    """Count one invoice on each discount and let those end that are used up."""
    kept = []
    recurring = item_of(subscription)["price"]["recurring"]
    months = recurring["interval_count"] * (12 if recurring["interval"] == "year" else 1)
    for discount in active_discounts(books, subscription):
        coupon = books.get("coupon", discount["source"]["coupon"])
        discount["_uses"] += months
        if promotions.is_used_up(coupon, discount["_uses"]):
            discount["end"] = books.now(subscription)
        else:
            kept.append(discount["id"])
        books.put(discount)
    subscription["discounts"] = kept


def end(books: Books, subscription: Document, reason: str = "cancellation_requested") -> Document:
    """End a subscription now; its open invoices and drafts are not collected any more."""
    now = books.now(subscription)
    subscription |= {"status": "canceled", "ended_at": now, "pending_update": None}
    subscription["canceled_at"] = subscription["canceled_at"] or now
    subscription["cancellation_details"]["reason"] = reason
    schedule = books.find(subscription["schedule"])
    if schedule:
        schedule |= {"status": "canceled", "canceled_at": now, "current_phase": None}
        events.save(books, schedule, "subscription_schedule.canceled")
    unpaid = [books.all("invoice", _subscription=subscription["id"], status=status) for status in ("open", "draft")]
    for invoice in chain.from_iterable(unpaid):
        invoice |= {"next_payment_attempt": None, "auto_advance": False, "_finalizes_at": None}
        events.save(books, invoice, "invoice.updated")
    return events.save(books, subscription, "customer.subscription.deleted")


def alive(books: Books, id: str, *, param: str = "id") -> Document:
    """Return a subscription that has not ended. Raises the refusal of one that has."""
    subscription = books.get("subscription", id, param=param)
    if subscription["status"] in _ENDED:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.", param)
    return subscription


def _item(subscription: str, price: Document, quantity: int, now: int, *, start: int, end: int) -> Document:
    return {
        "id": new_id("subscription_item"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "plan": _plan_of(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def _plan_of(price: Document) -> Document:
    """Return a recurring price in the older shape that a subscription's item still carries."""
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "livemode": False,
        "metadata": {},
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _end_of_period(price: Document, anchor: int, after: int) -> int:
    return period_end(anchor, price["recurring"]["interval"], price["recurring"]["interval_count"], after)


# --- The API ---


def _cancel(books: Books, _params: dict[str, Any], id: str) -> Document:
    return end(books, alive(books, id))


def _list(books: Books, params: dict[str, Any]) -> Document:
    wanted = {name: value for name, value in params.items() if name in ("customer", "created", "test_clock")}
    found = select(books.all("subscription"), wanted)
    match params.get("status"):
        case None:
            found = [one for one in found if one["status"] not in _ENDED]
        case "all":
            pass
        case "ended":
            found = [one for one in found if one["status"] in _ENDED]
        case status:
            found = [one for one in found if one["status"] == status]
    if "price" in params:
        found = [one for one in found if item_of(one)["price"]["id"] == params["price"]]
    return page(found, params, "/v1/subscriptions")


_STATES = ("active", "canceled", "incomplete", "incomplete_expired", "past_due", "paused", "trialing", "unpaid")
_FILTERS = {"customer": Text(), "price": Text(), "created": RANGE, "test_clock": Text()}

ROUTES = [
    getter("/v1/subscriptions/{id}", "subscription"),
    Route("DELETE", "/v1/subscriptions/{id}", _cancel, group()),
    Route("GET", "/v1/subscriptions", _list, PAGE.plus(status=Choice((*_STATES, "all", "ended")), **_FILTERS)),
]
