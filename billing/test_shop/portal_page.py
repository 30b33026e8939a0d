"""The billing portal's page: plan, card, invoices of one customer; what may be changed says its configuration."""

from typing import Any

from billing.test_shop import cards, events, plan_changes, schedules, subscriptions
from billing.test_shop.documents import Document
from billing.test_shop.errors import ShopError, invalid
from billing.test_shop.html import Answer, Form, Page, PageRoute, Redirect, day, gone, money
from billing.test_shop.portal import LIFE_SECONDS
from billing.test_shop.store import Books


def _show(books: Books, id: str, form: Form, message: str = "", field: str = "") -> Answer:
    session = books.find(id)
    if session is None or session["object"] != "billing_portal.session" or _is_over(books, session):
        return gone("This link has expired.")
    customer = books.customer(session["customer"])
    features = books.get("billing_portal.configuration", session["configuration"])["features"]
    mine = [one for one in books.all("subscription", customer=customer["id"]) if one["status"] != "canceled"]
    chosen = books.find(customer["invoice_settings"]["default_payment_method"])
    if mine and not chosen:
        chosen = books.find(mine[0]["default_payment_method"])
    context = {
        "session": session,
        "customer": customer,
        "features": features,
        "flow": (session["flow"] or {}).get("type", ""),
        "subscriptions": [_describe(books, one, features) for one in mine],
        "card": chosen and chosen["card"],
        "invoices": [_invoice(one) for one in books.all("invoice", customer=customer["id"])],
        "message": message,
        "field": field,
        "form": form,
        "is_done": form.get("done") == "1",
    }
    return Page("portal.html", context, 402 if message else 200, leads_to=session["return_url"] or "")


def _is_over(books: Books, session: Document) -> bool:
    return bool(books.now(session) > session["created"] + LIFE_SECONDS)


def _describe(books: Books, subscription: Document, features: Document) -> dict[str, Any]:
    item = subscriptions.item_of(subscription)
    return {
        "id": subscription["id"],
        "plan": _price_text(books, item["price"]),
        "status": subscription["status"].replace("_", " "),
        "until": day(item["current_period_end"]),
        "ends": subscription["cancel_at"] is not None,
        "waits": _waiting_change(books, subscription),
        "others": [
            {"id": price["id"], "text": _price_text(books, price)}
            for product in features["subscription_update"]["products"] or []
            for price in map(books.find, product["prices"])
            if price and price["active"] and price["id"] != item["price"]["id"]
        ],
    }


def _waiting_change(books: Books, subscription: Document) -> str:
    schedule = books.find(subscription["schedule"])
    later = [phase for phase in (schedule or {"phases": []})["phases"] if phase["start_date"] > books.now(subscription)]
    return _price_text(books, books.get("price", later[0]["items"][0]["price"])) if later else ""


def _price_text(books: Books, price: Document) -> str:
    name = books.get("product", price["product"])["name"]
    return f"{name}, {money(price['unit_amount'], price['currency'])} each {price['recurring']['interval']}"


def _invoice(invoice: Document) -> dict[str, Any]:
    return {
        "number": invoice["number"],
        "date": day(invoice["created"]),
        "total": money(invoice["total"], invoice["currency"]),
        "status": invoice["status"],
        "url": invoice["hosted_invoice_url"],
    }


def _act(books: Books, id: str, form: Form) -> Answer:
    session = books.get("billing_portal.session", id)
    if _is_over(books, session):
        return gone("This link has expired.")
    customer = books.customer(session["customer"])
    features = books.get("billing_portal.configuration", session["configuration"])["features"]
    if form.get("do") == "card":
        _change_card(books, customer, form, features)
    else:
        subscription = subscriptions.alive(books, form.get("subscription", ""), param="subscription")
        if subscription["customer"] != customer["id"]:
            raise invalid("This is not your subscription.", "subscription")
        _change_subscription(books, subscription, form, features)
    return Redirect(f"{books.base_url}/portal/{id}?done=1")


def _change_card(books: Books, customer: Document, form: Form, features: Document) -> None:
    """Keep a new card and pay with it from now on, the running subscriptions too."""
    _need(features["payment_method_update"])
    entry = cards.Entry(form.get("number", ""), form.get("expiry", ""), form.get("cvc", ""), form.get("name", ""))
    method = cards.read(books, entry, customer)
    reason = cards.behaviour(method, is_present=True)
    if reason not in (cards.PAYS, cards.ASKS, cards.DISPUTES):
        raise ShopError(402, "card_error", "Your card was declined.", code="card_declined", param="number")
    method["_is_confirmed"] = True
    cards.attach(books, method, customer)
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    events.save(books, customer, "customer.updated")
    for subscription in books.all("subscription", customer=customer["id"]):
        if subscription["status"] != "canceled":
            subscription["default_payment_method"] = method["id"]
            events.save(books, subscription, "customer.subscription.updated")


def _change_subscription(books: Books, subscription: Document, form: Form, features: Document) -> None:
    match form.get("do"):
        case "cancel":
            _need(features["subscription_cancel"])
            _release(books, subscription)
            if features["subscription_cancel"]["mode"] == "immediately":
                subscriptions.end(books, subscription)
                return
            plan_changes.set_cancel(books, subscription, True, in_portal=True)
            events.save(books, subscription, "customer.subscription.updated")
        case "resume":
            _need(features["subscription_cancel"])
            plan_changes.set_cancel(books, subscription, False)
            events.save(books, subscription, "customer.subscription.updated")
        case "keep":
            _release(books, subscription)
            events.save(books, subscription, "customer.subscription.updated")
        case "change":
            _need(features["subscription_update"])
            _change_plan(books, subscription, form.get("price", ""), features["subscription_update"])


def _change_plan(books: Books, subscription: Document, price_id: str, feature: Document) -> None:
    offered = [id for product in feature["products"] or [] for id in product["prices"]]
    if price_id not in offered:
        raise invalid("This plan is not offered here.", "price")
    price = books.get("price", price_id, param="price")
    _release(books, subscription)
    plan_changes.set_cancel(books, subscription, False)
    if _waits(subscription, price, feature):
        schedules.change_at_period_end(books, subscription, price)
    else:
        prorates = feature["proration_behavior"]
        plan_changes.change(books, subscription, price, 1, pays="error_if_incomplete", prorates=prorates)


def _waits(subscription: Document, price: Document, feature: Document) -> bool:
    """Return whether a change waits for the period's end, by the conditions of the configuration."""
    before = subscriptions.item_of(subscription)["price"]
    conditions = {condition["type"] for condition in feature["schedule_at_period_end"]["conditions"]}
    is_shorter = (before["recurring"]["interval"], price["recurring"]["interval"]) == ("year", "month")
    if is_shorter:
        return "shortening_interval" in conditions
    is_same = not subscriptions.has_other_interval(before, price)
    return is_same and price["unit_amount"] < before["unit_amount"] and "decreasing_item_amount" in conditions


def _release(books: Books, subscription: Document) -> None:
    schedule = books.find(subscription["schedule"])
    if schedule:
        schedules.release(books, schedule)
        subscription["schedule"] = None


def _need(feature: Document) -> None:
    if not feature["enabled"]:
        raise invalid("This cannot be changed here.")


PAGES = [PageRoute("/portal/", _show, _act)]
