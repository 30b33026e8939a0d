"""The shop's own desk: who subscribes, what happened, and a way to move the time on and see it happen."""

from typing import Any

from billing.test_shop import cards, clock, subscriptions
from billing.test_shop.documents import Document
from billing.test_shop.html import Answer, Form, Page, PageRoute, Redirect, day, money
from billing.test_shop.store import Books

_EVENTS_SHOWN = 40
_STEPS = {"day": 86400, "week": 7 * 86400, "month": 31 * 86400, "year": 366 * 86400}


def _show(books: Books, _id: str, _form: Form) -> Answer:
    context = {
        "now": day(books.shop_time()),
        "days_ahead": int(books.fact("seconds_ahead", 0)) // 86400,
        "steps": list(_STEPS),
        "subscriptions": [_subscription(books, one) for one in books.all("subscription")],
        "events": [_event(books, one) for one in books.all("event")[:_EVENTS_SHOWN]],
        "cards": [(_spaced(number), _tell(number)) for number in cards.CARDS],
    }
    return Page("desk.html", context)


def _act(books: Books, _id: str, form: Form) -> Answer:
    step = _STEPS.get(form.get("step", ""))
    if step:
        clock.move_on(books, step)
    return Redirect(books.base_url + "/")


def _subscription(books: Books, subscription: Document) -> dict[str, Any]:
    item = subscriptions.item_of(subscription)
    customer = books.find(subscription["customer"]) or {}
    return {
        "customer": customer.get("email") or subscription["customer"],
        "plan": books.get("product", item["price"]["product"])["name"],
        "amount": money(item["price"]["unit_amount"], item["price"]["currency"]),
        "interval": item["price"]["recurring"]["interval"],
        "status": subscription["status"].replace("_", " "),
        "until": day(item["current_period_end"]),
    }


def _event(books: Books, event: Document) -> dict[str, Any]:
    rows = books.sql.execute(
        "SELECT state, attempts, answer FROM deliveries WHERE event = ?", (event["id"],)
    ).fetchall()
    return {
        "date": day(event["created"]),
        "type": event["type"],
        "object": event["data"]["object"].get("id", ""),
        "delivery": ", ".join(f"{state} ({attempts}) {answer}".strip() for state, attempts, answer in rows),
    }


def _spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _tell(number: str) -> str:
    card = cards.CARDS[number]
    words = {cards.PAYS: "pays", cards.ASKS: "asks to confirm", cards.DISPUTES: "pays, then is disputed"}
    present = words.get(card.present, "is declined: " + card.present.replace("_", " "))
    absent = words.get(card.absent, "fails")
    return present if present == absent or card.present == card.absent else f"{present}; later {absent}"


PAGES = [PageRoute("/", _show, _act)]
