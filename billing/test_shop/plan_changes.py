"""Changes to a running subscription: another price with what it costs or gives back, cancel at period end."""

from dataclasses import replace
from typing import Any

from billing.test_shop import collection, events, invoices, payments, renewals, subscriptions
from billing.test_shop.documents import Document, merge_metadata, new_id
from billing.test_shop.errors import ShopError, invalid
from billing.test_shop.invoices import Line
from billing.test_shop.params import Choice, Flag, Many, Map, Text, Whole, group
from billing.test_shop.routes import Route
from billing.test_shop.store import Books

_PENDING_SECONDS = 23 * 3600
_ENDS = ("cancel_at", "cancel_at_period_end")
_NOT_WHILE_PENDING = ("metadata", *_ENDS, "default_payment_method")


def change(
    books: Books,
    subscription: Document,
    price: Document,
    quantity: int,
    *,
    pays: str,
    prorates: str,
    begins_anew: bool = False,
) -> None:
    """Put a subscription on another price now. `pays`: payment_behavior, `prorates`: proration_behavior.

    begins_anew: a whole new period is paid from now on (billing_cycle_anchor=now).

    Raises the 402 of a payment that fails where `pays` is error_if_incomplete.
    """
    now = books.now(subscription)
    item = subscriptions.with_price(subscription, price, quantity, now, begins_anew=begins_anew)
    lines = change_lines(books, subscription, item, now)
    is_billed = prorates == "always_invoice" or item["current_period_start"] == now
    if prorates == "none":
        lines = [line for line in lines if not line.is_proration]
    if not is_billed or not lines:
        subscriptions.put_item(subscription, item)
        events.save(books, subscription, "customer.subscription.updated")
        return
    invoice = renewals.bill(books, subscription, lines, "subscription_update")
    _collect(books, subscription, invoice, item, pays)


def change_lines(books: Books, subscription: Document, item: Document, now: int) -> list[Line]:
    """Return what a change costs now: the unused part of what was billed, back; the rest of the period, anew."""
    before = subscriptions.item_of(subscription)
    end = before["current_period_end"]
    back = -_unused(books, subscription, now, end)
    old = Line(before["price"], f"Unused time on {_name(before)}", now, end, 1, back, item["id"], is_proration=True)
    if subscriptions.begins_anew(before, item):
        new = subscriptions.full_line(item)
    else:
        length = end - before["current_period_start"]
        cents = round(item["price"]["unit_amount"] * item["quantity"] * (end - now) / length)
        text = f"Remaining time on {_name(item)}"
        new = Line(item["price"], text, now, end, item["quantity"], cents, item["id"], is_proration=True)
    return [replace(old, quantity=before["quantity"]), new]


def _unused(books: Books, subscription: Document, now: int, end: int) -> int:
    """Return how much of what was billed for this period, after discount, is for the time after now."""
    rows = [row for invoice in invoices.of_subscription(books, subscription) for row in invoice["lines"]["data"]]
    mine = [row for row in rows if row["period"]["end"] == end and row["period"]["start"] <= now < end]
    parts = [float(invoices.net_of(row) * (end - now) / (end - row["period"]["start"])) for row in mine]
    return round(sum(parts))


def _name(item: Document) -> str:
    price = item["price"]
    return str(price["nickname"] or price["lookup_key"] or price["product"])


def _collect(books: Books, subscription: Document, invoice: Document, item: Document, pays: str) -> None:
    """Collect a change's invoice, and let the change be, wait or be refused by how that ends."""
    if pays == "pending_if_incomplete":
        invoice["_is_pending_update"] = True
        expires = books.now(subscription) + _PENDING_SECONDS
        subscription["pending_update"] = _pending(expires, item)
    else:
        subscriptions.put_item(subscription, item)
        subscriptions.use_discounts(books, subscription)
    events.save(books, subscription, "customer.subscription.updated")
    status = collection.attempt(books, invoice)
    if status != "succeeded" and pays == "error_if_incomplete":
        raise _refusal(books, invoice)
    subscription.clear()
    subscription |= books.get("subscription", invoice["_subscription"])


def _refusal(books: Books, invoice: Document) -> ShopError:
    intent = books.get("payment_intent", invoice["_payment_intent"])
    if intent["status"] == "requires_action":
        message = "Payment for this subscription requires additional user action before it can be completed."
        code = "subscription_payment_intent_requires_action"
        return ShopError(402, "card_error", message, code=code)
    if intent["last_payment_error"] is None:
        return invalid("This customer has no attached payment source or default payment method.")
    return payments.refusal(intent, keeps=False)


def _pending(expires: int, item: Document) -> Document:
    unchanged = ("billing_cycle_anchor", "discount", "discounts", "metadata", "trial_end", "trial_from_plan")
    return {**dict.fromkeys(unchanged), "expires_at": expires, "subscription_items": [item]}


# --- The API ---


def _update(books: Books, params: dict[str, Any], id: str) -> Document:
    subscription = subscriptions.alive(books, id)
    pays = params.get("payment_behavior", "allow_incomplete")
    if pays == "pending_if_incomplete":
        for name in _NOT_WHILE_PENDING:
            if name in params:
                raise invalid(f"You cannot update `{name}` when `payment_behavior` is `{pays}`.", name)
    _set_plainly(books, subscription, params)
    if "items" not in params:
        return events.save(books, subscription, "customer.subscription.updated")
    if subscription["schedule"]:
        raise invalid(f"The subscription is managed by the schedule `{subscription['schedule']}`.", "items")
    if subscription["pending_update"]:
        collection.drop_pending_update(books, subscription)
    asked = params["items"][0]
    item = subscriptions.item_of(subscription)
    if asked.get("id") != item["id"]:
        raise invalid("This subscription has one item: name it by its id.", "items[0][id]")
    price = _price(books, asked.get("price", item["price"]["id"]), subscription, "items[0][price]")
    quantity = asked.get("quantity", item["quantity"])
    if (price["id"], quantity) == (item["price"]["id"], item["quantity"]):
        return events.save(books, subscription, "customer.subscription.updated")
    if "proration_behavior" not in params:
        raise invalid("This shop does not keep prorations for later: say always_invoice or none.", "proration_behavior")
    begins_anew = "billing_cycle_anchor" in params
    prorates = params["proration_behavior"]
    change(books, subscription, price, quantity, pays=pays, prorates=prorates, begins_anew=begins_anew)
    return subscription


def _set_plainly(books: Books, subscription: Document, params: dict[str, Any]) -> None:
    if "metadata" in params:
        merge_metadata(subscription, params["metadata"])
    ends = [name for name in _ENDS if name in params]
    if ends:
        if len(ends) > 1:
            raise invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
        if subscription["schedule"]:
            raise invalid(
                f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating "
                "any cancelation behavior directly is not allowed. Please update the schedule instead.",
                ends[0],
            )
        set_cancel(books, subscription, bool(params[ends[0]]))
    if "default_payment_method" in params:
        method = books.get("payment_method", params["default_payment_method"], param="default_payment_method")
        if method["customer"] != subscription["customer"]:
            raise invalid("The customer does not have this payment method.", "default_payment_method")
        subscription["default_payment_method"] = method["id"]
    subscription["cancellation_details"] |= params.get("cancellation_details", {})


def set_cancel(books: Books, subscription: Document, ends: bool, *, in_portal: bool = False) -> None:
    """Let a subscription end with its period, or go on after all; it is not written yet.

    in_portal: there, one of flexible billing is told the moment of its end alone.
    """
    by_moment = in_portal and subscription["billing_mode"]["type"] == "flexible"
    subscription["cancel_at_period_end"] = ends and not by_moment
    end = subscriptions.item_of(subscription)["current_period_end"]
    subscription["cancel_at"] = end if ends else None
    subscription["canceled_at"] = books.now(subscription) if ends else None
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if ends else None


def _price(books: Books, id: str, subscription: Document, param: str) -> Document:
    price = books.get("price", id, param=param)
    if not price["active"] or not price["recurring"] or price["currency"] != subscription["currency"]:
        raise invalid(f"The price `{id}` cannot be used for this subscription.", param)
    return price


def _preview(books: Books, params: dict[str, Any]) -> Document:
    """Answer what a change would cost now; nothing is written."""
    subscription = subscriptions.alive(books, params["subscription"], param="subscription")
    asked = params["subscription_details"]["items"][0]
    price = _price(books, asked["price"], subscription, "subscription_details[items][0][price]")
    now = books.now(subscription)
    begins_anew = "billing_cycle_anchor" in params["subscription_details"]
    item = subscriptions.with_price(subscription, price, asked.get("quantity", 1), now, begins_anew=begins_anew)
    invoice = invoices.draft(
        books,
        books.get("customer", subscription["customer"]),
        change_lines(books, subscription, item, now),
        reason="upcoming",
        subscription=subscription,
        discounts=subscriptions.active_discounts(books, subscription),
        taxed=subscription["automatic_tax"]["enabled"],
    )
    return {**invoice, "id": f"upcoming_{new_id('invoice')}"}


_BEHAVIOURS = Choice(("allow_incomplete", "error_if_incomplete", "pending_if_incomplete"))
_ITEM = group(id=Text(), price=Text(), quantity=Whole(1, 999))
_ANCHOR = group("type", type=Choice(("now",)))
_UPDATE = group(
    items_=Many(_ITEM, limit=1),
    billing_cycle_anchor=_ANCHOR,
    metadata=Map(),
    cancel_at=Choice(("",)),
    cancel_at_period_end=Flag(),
    cancellation_details=group(comment=Text(), feedback=Text()),
    default_payment_method=Text(),
    payment_behavior=_BEHAVIOURS,
    proration_behavior=Choice(("always_invoice", "none")),
)
_DETAILS = group(
    "items",
    items_=Many(_ITEM, limit=1),
    billing_cycle_anchor=_ANCHOR,
    proration_behavior=Choice(("always_invoice",)),
)
_PREVIEW = group("subscription", "subscription_details", subscription=Text(), subscription_details=_DETAILS)

ROUTES = [
    Route("POST", "/v1/subscriptions/{id}", _update, _UPDATE),
    Route("POST", "/v1/invoices/create_preview", _preview, _PREVIEW),
]
