"""The hosted page of a checkout session, and the bank's question between paying and having paid."""

from typing import Any

from billing.test_shop import cards, checkout, collection, events
from billing.test_shop.documents import Document
from billing.test_shop.errors import ShopError
from billing.test_shop.html import Answer, Form, Page, PageRoute, Redirect, day, gone, money
from billing.test_shop.store import Books

_COUNTRIES = [("US", "United States"), ("DE", "Germany"), ("FR", "France"), ("GB", "United Kingdom"), ("ES", "Spain")]


def _show(books: Books, id: str, form: Form, message: str = "", field: str = "") -> Answer:
    session = books.find(id)
    if session is None or session["status"] == "expired":
        return gone("This checkout has expired.")
    if session["status"] == "complete":
        return Redirect(_success_url(session))
    try:
        basket = checkout.basket(books, session, form.get("code", ""))
    except ShopError as error:
        message, field = str(error), "code"
        basket = checkout.basket(books, session)
    customer = books.customer(session["customer"])
    saved = [_card(method) for method in cards.cards_of(books, customer)]
    context = {
        **_totals(basket.invoice),
        "session": session,
        "lines": [_line(row) for row in basket.invoice["lines"]["data"]],
        "renews": _renewal(basket),
        "customer": customer,
        "saved": saved,
        "chosen": form.get("card", "") if form.get("do") == "pay" else saved[0]["id"] if saved else "",
        "countries": _COUNTRIES if session["_collects_address"] else [],
        "form": {name: form.get(name, "") for name in ("number", "expiry", "name", "code", "country", "postal_code")},
        "message": message,
        "field": field,
        "has_code": basket.discount is not None and bool(form.get("code")),
    }
    return Page("checkout.html", context, 402 if message else 200, leads_to=session["success_url"])


def _act(books: Books, id: str, form: Form) -> Answer:
    session = books.get("checkout.session", id)
    if session["status"] != "open" or form.get("do") == "code":
        return _show(books, id, form)
    customer = books.customer(session["customer"])
    _take_address(books, session, customer, form)
    if form.get("card"):
        method = books.get("payment_method", form["card"], param="card")
        if method["customer"] != customer["id"]:
            return _show(books, id, form, "This card is not yours.", "card")
    else:
        entry = cards.Entry(form.get("number", ""), form.get("expiry", ""), form.get("cvc", ""), form.get("name", ""))
        method = cards.read(books, entry, customer)
    outcome = checkout.pay(books, session, method, form.get("code", ""))
    if outcome == "asks":
        return Redirect(f"{books.base_url}/authenticate/{session['_intent']}")
    if outcome == "complete":
        return Redirect(_success_url(session))
    return _show(books, id, form, outcome, "number")


def _take_address(books: Books, session: Document, customer: Document, form: Form) -> None:
    if session["_takes_name"] and form.get("name"):
        customer["name"] = form["name"]
    if session["_takes_address"] and form.get("country"):
        unset = dict.fromkeys(("line1", "line2", "city", "state"))
        customer["address"] = {**unset, "country": form["country"], "postal_code": form.get("postal_code") or None}
    events.save(books, customer, "customer.updated")


def _success_url(session: Document) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _totals(invoice: Document) -> dict[str, str]:
    currency = invoice["currency"]
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    tax = sum(part["amount"] for part in invoice["total_taxes"])
    return {
        "subtotal": money(invoice["subtotal"], currency),
        "off": money(-off, currency) if off else "",
        "tax": money(tax, currency) if tax else "",
        "total": money(invoice["amount_due"], currency),
    }


def _line(row: Document) -> dict[str, str]:
    return {"text": row["description"], "amount": money(row["amount"], row["currency"])}


def _renewal(basket: checkout.Basket) -> str:
    if basket.subscription is None:
        return ""
    item = basket.subscription["items"]["data"][0]
    amount = money(item["price"]["unit_amount"] * item["quantity"], item["price"]["currency"])
    return f"Then {amount} each {item['price']['recurring']['interval']}, from {day(item['current_period_end'])} on."


def _card(method: Document) -> dict[str, Any]:
    card = method["card"]
    text = f"{card['brand'].capitalize()} ending in {card['last4']}"
    return {"id": method["id"], "text": text}


def _show_question(books: Books, id: str, _form: Form) -> Answer:
    intent = books.find(id)
    if intent is None or intent["object"] != "payment_intent" or intent["status"] != "requires_action":
        return gone("There is nothing to confirm.")
    session = _session_of(books, intent)
    leads_to = session["success_url"] if session else ""
    return Page("authenticate.html", {"amount": money(intent["amount"], intent["currency"])}, leads_to=leads_to)


def _answer_question(books: Books, id: str, form: Form) -> Answer:
    intent = books.get("payment_intent", id)
    session, agrees = _session_of(books, intent), form.get("do") == "yes"
    if session is None:
        invoices = books.all("invoice", _payment_intent=intent["id"])
        collection.authenticate(books, intent, agrees=agrees)
        return Redirect(f"{books.base_url}/invoice/{invoices[0]['id']}" if invoices else books.base_url + "/")
    outcome = checkout.authenticate(books, session, agrees=agrees)
    if outcome == "complete":
        return Redirect(_success_url(session))
    return _show(books, session["id"], {"code": session["_code"]}, outcome, "number")


def _session_of(books: Books, intent: Document) -> Document | None:
    found = books.all("checkout.session", _intent=intent["id"])
    return found[0] if found else None


PAGES = [
    PageRoute("/pay/", _show, _act),
    PageRoute("/authenticate/", _show_question, _answer_question),
]
