"""Subscription schedules: a change that waits for the end of the period, as a list of phases.

What is taken is what a change at the period's end needs: made from a subscription, phases that follow each other.
"""

from typing import Any

from billing.test_shop import events, subscriptions
from billing.test_shop.documents import Document, merge_metadata, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import Choice, Many, Map, Text, Whole, group
from billing.test_shop.periods import period_end
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

_RUNNING = ("not_started", "active")


def advance(books: Books, subscription: Document) -> Document | None:
    """Enter the phase that begins now. Returns the item it asks for, or None where nothing changes."""
    schedule = books.find(subscription["schedule"])
    if schedule is None:
        return None
    now = books.now(subscription)
    following = [phase for phase in schedule["phases"] if phase["start_date"] <= now < phase["end_date"]]
    if not following:
        release(books, schedule)
        subscription["schedule"] = None
        return None
    phase = following[0]
    item = phase["items"][0]
    price = books.get("price", item["price"])
    changed = subscriptions.with_price(subscription, price, item["quantity"], now)
    schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    events.save(books, schedule, "subscription_schedule.updated")
    return changed


def release(books: Books, schedule: Document) -> Document:
    """Let the subscription go on by itself, as it is."""
    schedule |= {"status": "released", "released_at": books.now(schedule), "current_phase": None}
    schedule |= {"released_subscription": schedule["subscription"], "subscription": None}
    return events.save(books, schedule, "subscription_schedule.released")


def change_at_period_end(books: Books, subscription: Document, price: Document) -> Document:
    """Let a subscription go on with another price from the end of its period."""
    schedule = _begin(books, subscription)
    start = schedule["phases"][0]["end_date"]
    end = period_end(start, price["recurring"]["interval"], price["recurring"]["interval_count"], start)
    schedule["phases"].append(_phase(price, 1, start, end))
    return events.save(books, schedule, "subscription_schedule.updated")


def _begin(books: Books, subscription: Document) -> Document:
    if subscription["schedule"]:
        raise invalid("You cannot migrate a subscription that is already attached to a schedule.", "from_subscription")
    item = subscriptions.item_of(subscription)
    phase = _phase(item["price"], item["quantity"], item["current_period_start"], item["current_period_end"])
    schedule = {
        "id": new_id("subscription_schedule"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": books.now(subscription),
        "current_phase": {"start_date": phase["start_date"], "end_date": phase["end_date"]},
        "customer": subscription["customer"],
        "default_settings": _settings(subscription),
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": [phase],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    }
    subscription["schedule"] = schedule["id"]
    events.add(books, schedule, "subscription_schedule.created")
    events.save(books, subscription, "customer.subscription.updated")
    return schedule


def _settings(subscription: Document) -> Document:
    return {
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, **subscription["automatic_tax"]},
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": "charge_automatically",
        "default_payment_method": subscription["default_payment_method"],
        "description": None,
        "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
        "transfer_data": None,
    }


# --- The API ---


def _create(books: Books, params: dict[str, Any]) -> Document:
    subscription = subscriptions.alive(books, params["from_subscription"], param="from_subscription")
    return _begin(books, subscription)


def _update(books: Books, params: dict[str, Any], id: str) -> Document:
    schedule = _running(books, id)
    if params.get("metadata"):
        merge_metadata(schedule, params["metadata"])
    schedule["end_behavior"] = params.get("end_behavior", schedule["end_behavior"])
    if "phases" in params:
        schedule["phases"] = _read_phases(books, schedule, params["phases"])
    return events.save(books, schedule, "subscription_schedule.updated")


def _release(books: Books, _params: dict[str, Any], id: str) -> Document:
    schedule = _running(books, id)
    subscription = books.get("subscription", schedule["subscription"])
    subscription["schedule"] = None
    release(books, schedule)
    events.save(books, subscription, "customer.subscription.updated")
    return schedule


def _running(books: Books, id: str) -> Document:
    schedule = books.get("subscription_schedule", id)
    if schedule["status"] not in _RUNNING:
        raise invalid(f"You cannot change a subscription schedule that is {schedule['status']}.", "id")
    return schedule


def _read_phases(books: Books, schedule: Document, given: list[dict[str, Any]]) -> list[Document]:
    first = schedule["phases"][0]
    if given[0].get("start_date", first["start_date"]) != first["start_date"]:
        raise invalid("You can not modify the start date of the current phase.", "phases[0][start_date]")
    phases: list[Document] = []
    for number, asked in enumerate(given):
        item = asked["items"][0]
        price = books.get("price", item["price"], param=f"phases[{number}][items][0][price]")
        start = phases[-1]["end_date"] if phases else first["start_date"]
        if asked.get("start_date", start) != start:
            raise invalid("The phases must follow each other.", f"phases[{number}][start_date]")
        end = _end_of(asked, start, number, is_last=number == len(given) - 1, price=price)
        phases.append(_phase(price, item.get("quantity", 1), start, end))
    return phases


def _end_of(asked: dict[str, Any], start: int, number: int, *, is_last: bool, price: Document) -> int:
    if "end_date" in asked:
        return int(asked["end_date"])
    length = asked.get("duration")
    if length is None and not is_last:
        raise invalid("Every phase but the last needs an end_date or a duration.", f"phases[{number}][end_date]")
    interval = (length or price["recurring"])["interval"]
    return period_end(start, interval, (length or price["recurring"]).get("interval_count", 1), start)


def _phase(price: Document, quantity: int, start: int, end: int) -> Document:
    item = {"billing_thresholds": None, "discounts": [], "metadata": {}, "plan": price["id"], "price": price["id"]}
    unset = ("application_fee_percent", "billing_cycle_anchor", "billing_thresholds", "collection_method")
    more = ("default_payment_method", "description", "invoice_settings", "on_behalf_of", "transfer_data", "trial_end")
    return {
        **dict.fromkeys((*unset, *more)),
        "add_invoice_items": [],
        "currency": price["currency"],
        "default_tax_rates": [],
        "discounts": [],
        "end_date": end,
        "items": [{**item, "quantity": quantity, "tax_rates": []}],
        "metadata": {},
        "proration_behavior": "none",
        "start_date": start,
    }


_ITEM = group("price", price=Text(), quantity=Whole(1, 999))
_DURATION = group("interval", interval=Choice(("day", "week", "month", "year")), interval_count=Whole(1, 36))
_PHASE = group(
    "items",
    items_=Many(_ITEM, limit=1),
    start_date=Whole(),
    end_date=Whole(),
    duration=_DURATION,
    proration_behavior=Choice(("none",)),
)
_UPDATE = group(phases=Many(_PHASE, limit=10), end_behavior=Choice(("release",)), metadata=Map())

ROUTES = [
    Route("POST", "/v1/subscription_schedules", _create, group("from_subscription", from_subscription=Text())),
    Route("POST", "/v1/subscription_schedules/{id}", _update, _UPDATE),
    Route("POST", "/v1/subscription_schedules/{id}/release", _release, group()),
    getter("/v1/subscription_schedules/{id}", "subscription_schedule"),
    lister("/v1/subscription_schedules", "subscription_schedule", customer=Text()),
]
