"""A subscription that begins without a checkout: by the API, with a card that is there, paid at once or not at all."""

from typing import Any

from billing.test_shop import cards, collection, events, payments, renewals, subscriptions
from billing.test_shop.documents import Document
from billing.test_shop.errors import invalid
from billing.test_shop.params import Choice, Many, Map, Text, Whole, group
from billing.test_shop.routes import Route
from billing.test_shop.store import Books


def _create(books: Books, params: dict[str, Any]) -> Document:
    customer = books.customer(params["customer"])
    asked = params["items"][0]
    price = books.get("price", asked["price"], param="items[0][price]")
    if not price["active"] or not price["recurring"]:
        raise invalid("The price specified cannot be subscribed to.", "items[0][price]")
    chosen = params.get("default_payment_method") or customer["invoice_settings"]["default_payment_method"]
    if not chosen:
        raise invalid(
            "This customer has no attached payment source or default payment method.", code="resource_missing"
        )
    method = books.get("payment_method", chosen, param="default_payment_method")
    facts = {"metadata": params.get("metadata"), "method": cards.attach(books, method, customer)["id"]}
    subscription = subscriptions.begin(books, customer, price, asked.get("quantity", 1), **facts)
    books.put(subscription)
    line = subscriptions.full_line(subscriptions.item_of(subscription))
    invoice = renewals.bill(books, subscription, [line], "subscription_create")
    events.add(books, subscription, "customer.subscription.created")
    if collection.attempt(books, invoice) != "succeeded":
        # The whole request is undone: nothing was begun.
        raise payments.refusal(books.get("payment_intent", invoice["_payment_intent"]), keeps=False)
    return subscription


_CREATE = group(
    "customer",
    customer=Text(),
    items_=Many(group(price=Text(), quantity=Whole(1, 999)), limit=1),
    default_payment_method=Text(),
    metadata=Map(),
    payment_behavior=Choice(("error_if_incomplete",)),
)

ROUTES = [Route("POST", "/v1/subscriptions", _create, _CREATE)]
