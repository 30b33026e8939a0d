"""What a subscription does by itself when its period is over: end, change to its schedule's next phase, bill anew."""

from billing.test_shop import collection, events, invoices, schedules, subscriptions
from billing.test_shop.documents import Document
from billing.test_shop.store import Books


def bill(
    books: Books, subscription: Document, lines: list[invoices.Line], reason: str, *, waits: bool = False
) -> Document:
    """Write an invoice for a subscription, which becomes its latest, and open it; its discounts are used once.

    waits: it stays a draft for an hour.
    """
    invoice = invoices.draft(
        books,
        books.get("customer", subscription["customer"]),
        lines,
        reason=reason,
        subscription=subscription,
        discounts=subscriptions.active_discounts(books, subscription),
        taxed=subscription["automatic_tax"]["enabled"],
    )
    subscription["latest_invoice"] = invoice["id"]
    return invoices.put_off(books, invoice) if waits else invoices.finalize(books, invoice)


def run_due(books: Books, subscription: Document) -> None:
    """Do what is due: give up an unpaid change, or close the period."""
    pending = subscription["pending_update"]
    if pending and pending["expires_at"] <= books.now(subscription):
        collection.drop_pending_update(books, subscription)
    else:
        _close_period(books, subscription)


def _close_period(books: Books, subscription: Document) -> None:
    if subscription["cancel_at"] is not None:
        subscriptions.end(books, subscription)
        return
    item = schedules.advance(books, subscription)
    begins_anew = item is not None and subscriptions.has_other_interval(
        subscriptions.item_of(subscription)["price"], item["price"]
    )
    if item is not None:
        subscriptions.put_item(subscription, item)
    if not begins_anew:
        subscriptions.renew(subscription)
    line = subscriptions.full_line(subscriptions.item_of(subscription))
    waits = bool(books.fact("mode", {}).get("drafts"))
    invoice = bill(books, subscription, [line], "subscription_cycle", waits=waits)
    subscriptions.use_discounts(books, subscription)
    events.save(books, subscription, "customer.subscription.updated")
    if not waits:
        collection.attempt(books, invoice)
