"""Checkout sessions: what is to be bought, by whom, until when; and what paying one makes."""

from dataclasses import dataclass
from typing import Any

from billing.test_shop import cards, events, invoices, payments, promotions, subscriptions
from billing.test_shop.documents import Document, automatic_tax, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.invoices import Line
from billing.test_shop.listing import lister, page
from billing.test_shop.params import PAGE, RANGE, Choice, Flag, Many, Map, Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

_LIFE_SECONDS = 24 * 3600
_SHORTEST_SECONDS = 30 * 60


@dataclass(frozen=True)
class Basket:
    """What a session costs as things stand, and what would come of paying it."""

    invoice: Document
    subscription: Document | None
    discount: Document | None


def basket(books: Books, session: Document, code: str = "") -> Basket:
    """Return the session's invoice and subscription, nothing written. Raises why the code cannot be used."""
    customer = books.customer(session["customer"])
    prices = [(item["price"], item["quantity"]) for item in session["_line_items"]]
    discount = _discount(books, session, customer, code)
    taxed = session["automatic_tax"]["enabled"]
    subscription = None
    if session["mode"] == "subscription":
        facts = {"metadata": session["_subscription_metadata"], "taxed": taxed}
        subscription = subscriptions.begin(books, customer, *prices[0], **facts)
        lines = [subscriptions.full_line(subscriptions.item_of(subscription))]
    else:
        now = books.now(customer)
        lines = [Line(price, _name(books, price), now, now, quantity=quantity) for price, quantity in prices]
    invoice = invoices.draft(
        books,
        customer,
        lines,
        reason="subscription_create" if subscription else "manual",
        subscription=subscription,
        discounts=[discount] if discount else [],
        taxed=taxed,
        **session["_invoice_facts"],
    )
    return Basket(invoice, subscription, discount)


def pay(books: Books, session: Document, method: Document, code: str = "") -> str:
    """Pay an open session with a card. Returns "complete", "asks", or the message of the card that was declined."""
    if session["status"] != "open":
        raise invalid("This checkout session is not open any more.", code="checkout_session_ended")
    chosen = basket(books, session, code)
    session["_method"], session["_code"] = method["id"], code
    amount = chosen.invoice["amount_due"]
    if not amount:
        _complete(books, session, None)
        return "complete"
    intent = _intent(books, session, amount)
    payments.confirm(books, intent, method, is_present=True, may_ask=True)
    return _follow(books, session, intent)


def authenticate(books: Books, session: Document, *, agrees: bool) -> str:
    """Take the holder's answer to their bank. Returns what `pay` returns."""
    intent = books.get("payment_intent", session["_intent"])
    payments.authenticate(books, intent, agrees=agrees)
    return _follow(books, session, intent)


def expire(books: Books, session: Document) -> Document:
    """Close an open session without a sale."""
    intent = books.find(session["_intent"])
    if intent and intent["status"] not in ("succeeded", "canceled"):
        payments.cancel(books, intent, "abandoned")
    session |= {"status": "expired", "url": None}
    return events.save(books, session, "checkout.session.expired")


def _follow(books: Books, session: Document, intent: Document) -> str:
    if intent["status"] == "succeeded":
        _complete(books, session, intent)
        return "complete"
    books.put(session)
    return "asks" if intent["status"] == "requires_action" else str(intent["last_payment_error"]["message"])


def _intent(books: Books, session: Document, amount: int) -> Document:
    """Return the session's payment intent, a new one where the amount has changed."""
    intent = books.find(session["_intent"])
    if intent and intent["amount"] == amount and intent["status"] not in ("succeeded", "canceled"):
        return intent
    customer = books.customer(session["customer"])
    facts = {"receipt_email": customer["email"], **session["_intent_facts"]}
    if session["mode"] == "subscription":
        facts |= {"description": "Subscription creation", "setup_future_usage": "off_session"}
    intent = payments.intend(books, customer, amount, session["currency"], **facts)
    session["_intent"] = intent["id"]
    return intent


def _complete(books: Books, session: Document, intent: Document | None) -> None:
    """Write what was bought, then tell of it."""
    customer = books.customer(session["customer"])
    done = basket(books, session, session["_code"])
    invoice, subscription, discount = done.invoice, done.subscription, done.discount
    if discount:
        promotions.redeem(books, discount)
    if subscription:
        method = books.get("payment_method", session["_method"])
        cards.attach(books, method, customer)
        subscription |= {"default_payment_method": method["id"], "latest_invoice": invoice["id"]}
        subscription["discounts"] = [discount["id"]] if discount else []
        books.put(subscription)
        subscriptions.use_discounts(books, subscription)
        events.add(books, subscription, "customer.subscription.created")
    if subscription or session["invoice_creation"]["enabled"]:
        invoices.settle(books, invoices.finalize(books, invoice, intent))
        session["invoice"] = invoice["id"]
    session |= {
        "amount_total": invoice["total"],
        "customer_details": _customer_details(customer),
        "discounts": _session_discounts(discount),
        "payment_intent": intent["id"] if intent and not subscription else None,
        "payment_status": "paid" if intent else "no_payment_required",
        "status": "complete",
        "subscription": subscription and subscription["id"],
        "total_details": _totals(invoice),
        "url": None,
        "_line_items": _line_items(session, invoice),
    }
    events.save(books, session, "checkout.session.completed")


def _discount(books: Books, session: Document, customer: Document, code: str) -> Document | None:
    promotion = books.find(session["_promotion_code"])
    coupon = books.find(session["_coupon"])
    if code:
        promotion = promotions.find_code(books, code, customer, session["amount_subtotal"], session["currency"])
    elif promotion:
        promotions.check(books, promotion, customer, session["amount_subtotal"], session["currency"])
    if promotion:
        coupon = books.get("coupon", promotion["promotion"]["coupon"])
    return promotions.propose(books, coupon, promotion, customer, session["id"]) if coupon else None


def _name(books: Books, price: Document) -> str:
    return str(books.get("product", price["product"])["name"])


def _customer_details(customer: Document) -> Document:
    known = {name: customer[name] for name in ("address", "email", "name", "phone")}
    return {**known, "tax_exempt": "none", "tax_ids": []}


def _session_discounts(discount: Document | None) -> list[Document]:
    if discount is None:
        return []
    return [{"coupon": discount["source"]["coupon"], "promotion_code": discount["promotion_code"]}]


def _totals(invoice: Document) -> Document:
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    tax = sum(part["amount"] for part in invoice["total_taxes"])
    return {"amount_discount": off, "amount_shipping": 0, "amount_tax": tax}


def _line_items(session: Document, invoice: Document) -> list[Document]:
    items = []
    for item, row in zip(session["_line_items"], invoice["lines"]["data"], strict=True):
        off = sum(part["amount"] for part in row["discount_amounts"])
        tax = sum(part["amount"] for part in row["taxes"])
        total = row["amount"] - off + tax
        items.append({**item, "amount_discount": off, "amount_tax": tax, "amount_total": total})
    return items


# --- The API ---


def _create(books: Books, params: dict[str, Any]) -> Document:
    customer = books.customer(params["customer"])
    items = _read_items(books, params)
    tax = params.get("automatic_tax", {}).get("enabled", False)
    if tax and not customer["address"] and params.get("customer_update", {}).get("address") != "auto":
        raise invalid(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to "
            "the Customer or set `customer_update[address]` to 'auto'.",
            code="customer_tax_location_invalid",
        )
    if params.get("allow_promotion_codes") and params.get("discounts"):
        raise invalid("You may only specify one of these parameters: allow_promotion_codes, discounts.")
    now, id = books.now(customer), new_id("checkout.session")
    expires = params.get("expires_at", now + _LIFE_SECONDS)
    if not now + _SHORTEST_SECONDS <= expires <= now + _LIFE_SECONDS:
        raise invalid("The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", "expires_at")
    subtotal = sum(item["amount_subtotal"] for item in items)
    session = {
        **_frame(id, params, tax),
        "amount_subtotal": subtotal,
        "amount_total": subtotal,
        "created": now,
        "currency": items[0]["currency"],
        "customer": customer["id"],
        "expires_at": expires,
        "url": f"{books.base_url}/pay/{id}",
        "_line_items": items,
        **_kept(books, params),
    }
    basket(books, session)  # refuses now what could not be paid later
    books.put(session)
    return session


def _read_items(books: Books, params: dict[str, Any]) -> list[Document]:
    items, wanted = [], "recurring" if params["mode"] == "subscription" else "one_time"
    for number, asked in enumerate(params["line_items"]):
        param = f"line_items[{number}][price]"
        price = books.get("price", asked["price"], param=param)
        if not price["active"]:
            raise invalid("The price specified is inactive. This field only accepts active prices.", param)
        if price["type"] != wanted:
            raise invalid(f"In `{params['mode']}` mode this shop takes prices that are {wanted}.", param)
        items.append(_item(books, price, asked.get("quantity", 1)))
    if params["mode"] == "subscription" and len(items) > 1:
        raise invalid("This shop's subscriptions have one price.", "line_items")
    return items


def _item(books: Books, price: Document, quantity: int) -> Document:
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("item"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": _name(books, price),
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def _frame(id: str, params: dict[str, Any], taxed: bool) -> Document:
    texts = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    nothing = ("after_expiration", "client_secret", "consent", "consent_collection", "currency_conversion")
    later = ("customer_details", "customer_email", "invoice", "payment_intent", "payment_link", "setup_intent")
    unused = ("recovered_from", "shipping_address_collection", "shipping_cost", "submit_type", "locale")
    told = ("allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id")
    is_payment = params["mode"] == "payment"
    return {
        "id": id,
        "object": "checkout.session",
        **dict.fromkeys((*nothing, *later, *unused)),
        "adaptive_pricing": {"enabled": False},
        **{name: params.get(name) for name in told},
        "automatic_tax": automatic_tax(taxed),
        "custom_fields": [],
        "custom_text": dict.fromkeys(texts),
        "customer_creation": None,
        "discounts": [],
        "invoice_creation": _invoice_creation(params) if is_payment else None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "mode": params["mode"],
        "origin_context": None,
        "payment_method_collection": "always",
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }


def _invoice_creation(params: dict[str, Any]) -> Document:
    asked = params.get("invoice_creation", {})
    unset = ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
    told = {"metadata": {}, **asked.get("invoice_data", {})}
    return {"enabled": asked.get("enabled", False), "invoice_data": {**dict.fromkeys(unset), **told}}


def _kept(books: Books, params: dict[str, Any]) -> Document:
    """Return what the session remembers for the moment it is paid."""
    update, asked = params.get("customer_update", {}), params.get("billing_address_collection", "")
    discount = (params.get("discounts") or [{}])[0]
    for kind, name in (("coupon", "coupon"), ("promotion_code", "promotion_code")):
        if name in discount:
            books.get(kind, discount[name], param=f"discounts[0][{name}]")
    return {
        "_intent": None,
        "_intent_facts": params.get("payment_intent_data", {}),
        "_subscription_metadata": params.get("subscription_data", {}).get("metadata"),
        "_invoice_facts": params.get("invoice_creation", {}).get("invoice_data", {}),
        "_coupon": discount.get("coupon"),
        "_promotion_code": discount.get("promotion_code"),
        "_method": None,
        "_code": "",
        "_collects_address": asked == "required" or update.get("address") == "auto",
        "_takes_address": update.get("address") == "auto",
        "_takes_name": update.get("name") == "auto",
    }


def _expire(books: Books, _params: dict[str, Any], id: str) -> Document:
    session = books.get("checkout.session", id)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise invalid(message, code="resource_invalid_state")
    return expire(books, session)


def _list_items(books: Books, params: dict[str, Any], id: str) -> Document:
    items = books.get("checkout.session", id)["_line_items"]
    return page(items, params, f"/v1/checkout/sessions/{id}/line_items")


_AUTO = Choice(("auto", "never"))
_CREATE = group(
    "mode",
    "customer",
    "line_items",
    "success_url",
    mode=Choice(("payment", "subscription")),
    customer=Text(),
    line_items=Many(group("price", price=Text(), quantity=Whole(1, 999)), limit=20),
    success_url=Text(),
    cancel_url=Text(),
    client_reference_id=Text(200),
    metadata=Map(),
    allow_promotion_codes=Flag(),
    discounts=Many(group(coupon=Text(may_be_empty=False), promotion_code=Text(may_be_empty=False)), limit=1),
    automatic_tax=group("enabled", enabled=Flag()),
    billing_address_collection=Choice(("auto", "required")),
    customer_update=group(address=_AUTO, name=_AUTO),
    expires_at=Whole(),
    invoice_creation=group("enabled", enabled=Flag(), invoice_data=group(description=Text(1500), metadata=Map())),
    payment_intent_data=group(
        description=Text(1000), metadata=Map(), setup_future_usage=Choice(("off_session", "on_session"))
    ),
    subscription_data=group(metadata=Map()),
)
_PATH = "/v1/checkout/sessions"

ROUTES = [
    Route("POST", _PATH, _create, _CREATE),
    getter(f"{_PATH}/{{id}}", "checkout.session"),
    Route("POST", f"{_PATH}/{{id}}/expire", _expire, group()),
    Route("GET", f"{_PATH}/{{id}}/line_items", _list_items, PAGE),
    lister(
        _PATH,
        "checkout.session",
        customer=Text(),
        subscription=Text(),
        payment_intent=Text(),
        status=Choice(("complete", "expired", "open")),
        created=RANGE,
    ),
]
