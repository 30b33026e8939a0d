"""What the site asks of the shop: customers, checkouts, the portal, changes of plan, charges, refunds.

A call that writes takes a key. The same key with the same words is the same deed, for a day: after ShopUnavailable ask
again with it; after PaymentDeclined take another, for the same one is declined again.
"""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from billing import stripe_facts
from billing.errors import PaymentDeclined, PaymentNeedsAction, ShopRefused, UnknownInShop
from billing.payment_facts import (
    ChangePreview,
    ChargeFacts,
    CheckoutFacts,
    CheckoutLink,
    PortalLink,
    RefundFacts,
    SubscriptionState,
)
from billing.stripe_gateway import OWN, plain, translated, v1
from billing.stripe_reads import card_on_file, fetch_checkout, fetch_subscription

# --- People ---


def ensure_customer(user_id: str, email: str, name: str = "", customer_id: str = "") -> str:
    """Return the customer's id, made at the first call for a user; one that the shop no longer has is made anew."""
    known = _known_customer(customer_id) if customer_id else None
    with translated():
        if known:
            if (known["email"], known["name"] or "") != (email, name):
                v1().customers.update(customer_id, {"email": email, "name": name})
            return customer_id
        made = v1().customers.create(
            {"email": email, "name": name, "metadata": {"user": user_id}},
            {"idempotency_key": f"customer:{user_id}:{email}:{name}:{customer_id}"},
        )
        return made.id


def _known_customer(customer_id: str) -> dict[str, Any] | None:
    """Return a customer; None for one that was deleted there, or is another shop's."""
    try:
        with translated():
            found = plain(v1().customers.retrieve(customer_id))
    except UnknownInShop:
        return None
    return None if found.get("deleted") else found


def delete_customer(customer_id: str) -> None:
    """Forget a customer: ends their subscriptions and lets go of their cards. Once is enough."""
    with translated():
        known = plain(v1().customers.retrieve(customer_id))
        if not known.get("deleted"):
            v1().customers.delete(customer_id)


# --- Buying ---


def start_subscription_checkout(
    customer_id: str, price_id: str, *, reference: str, success_url: str, cancel_url: str, key: str
) -> CheckoutLink:
    """Open a checkout for a plan. `success_url` may hold {CHECKOUT_SESSION_ID}; `reference` comes back with it."""
    params: Any = {
        **_checkout(customer_id, price_id, reference, success_url, cancel_url),
        "mode": "subscription",
        "subscription_data": {"metadata": {"reference": reference}},
    }
    return _open_checkout(params, price_id, key)


def start_pack_checkout(
    customer_id: str, price_id: str, *, reference: str, success_url: str, cancel_url: str, key: str, keep_card: bool
) -> CheckoutLink:
    """Open a checkout for a pack. `keep_card`: for `charge_off_session` later on."""
    params: Any = {
        **_checkout(customer_id, price_id, reference, success_url, cancel_url),
        "mode": "payment",
        "invoice_creation": {"enabled": True, "invoice_data": {"metadata": {"reference": reference}}},
        "payment_intent_data": {"metadata": {"reference": reference}},
    }
    if keep_card:
        params["payment_intent_data"]["setup_future_usage"] = "off_session"
    return _open_checkout(params, price_id, key)


def expire_checkout(checkout_id: str) -> CheckoutFacts:
    """Close a checkout that nobody shall pay any more. Returns how it stands; it may have been paid meanwhile."""
    with translated():
        if fetch_checkout(checkout_id).status == "open":
            v1().checkout.sessions.expire(checkout_id)
    return fetch_checkout(checkout_id)


def open_portal(customer_id: str, return_url: str) -> PortalLink:
    """Open the customer's portal: card, invoices, cancel, change. Raises ShopRefused before the catalogue is synced."""
    params: Any = {"customer": customer_id, "return_url": return_url}
    with translated():
        for configuration in plain(v1().billing_portal.configurations.list({"active": True, "limit": 100}))["data"]:
            if configuration["metadata"].get(OWN):
                params["configuration"] = configuration["id"]
        return PortalLink(v1().billing_portal.sessions.create(params).url)


def charge_off_session(
    customer_id: str, amount_cents: int, currency: str, *, description: str, reference: str, key: str
) -> ChargeFacts:
    """Charge the card that the customer left, while they are away: the API's automatic top-up.

    Raises PaymentDeclined, also where there is no card, and PaymentNeedsAction where the bank wants its customer.
    """
    with translated():
        method = card_on_file(customer_id)
        if not method:
            raise PaymentDeclined(gettext("There is no card to charge. Add one first."), "no_card")
        intent = plain(
            v1().payment_intents.create(
                {
                    "amount": amount_cents,
                    "currency": currency,
                    "customer": customer_id,
                    "payment_method": method,
                    "confirm": True,
                    "off_session": True,
                    "description": description,
                    "metadata": {"reference": reference},
                    "expand": ["latest_charge"],
                },
                {"idempotency_key": key},
            )
        )
        return stripe_facts.charge_from(intent["latest_charge"], intent["metadata"])


def refund(payment_intent_id: str, *, key: str, amount_cents: int = 0) -> RefundFacts:
    """Give money back; without an amount, all that is left. Raises ShopRefused where that is not possible."""
    params: Any = {"payment_intent": payment_intent_id}
    if amount_cents:
        params["amount"] = amount_cents
    with translated():
        return stripe_facts.refund_from(plain(v1().refunds.create(params, {"idempotency_key": key})))


# --- A running subscription ---


def preview_change(subscription_id: str, price_id: str) -> ChangePreview:
    """Return what `change_plan_now` would cost at this moment."""
    with translated(price_id):
        item = _item_id(subscription_id)
        details: Any = {
            "items": [{"id": item, "price": price_id}],
            "billing_cycle_anchor": {"type": "now"},
            "proration_behavior": "always_invoice",
        }
        shown = plain(v1().invoices.create_preview({"subscription": subscription_id, "subscription_details": details}))
    lines = tuple(stripe_facts.invoice_line(line) for line in shown["lines"]["data"])
    return ChangePreview(shown["amount_due"], shown["currency"], lines)


def change_plan_now(subscription_id: str, price_id: str, *, key: str) -> SubscriptionState:
    """Put a subscription on another price at once: a new period begins, what is left of the old one is taken off.

    Nothing is changed unless it is paid: a declined card raises PaymentDeclined and takes the change back; a bank that
    asks raises PaymentNeedsAction with the page to answer on, and the change waits there for 23 hours.
    """
    with translated(price_id):
        _clear_plans(subscription_id, ends=False)
        changed = plain(
            v1().subscriptions.update(
                subscription_id,
                {
                    "items": [{"id": _item_id(subscription_id), "price": price_id, "quantity": 1}],
                    # A whole new period is paid: its plan brings its credits whole, and at once.
                    "billing_cycle_anchor": {"type": "now"},
                    "proration_behavior": "always_invoice",
                    "payment_behavior": "pending_if_incomplete",
                },
                {"idempotency_key": key},
            )
        )
        if changed["pending_update"]:
            _give_up_or_ask(stripe_facts.id_of(changed["latest_invoice"]))
    return fetch_subscription(subscription_id)


def change_plan_at_period_end(subscription_id: str, price_id: str, *, key: str) -> SubscriptionState:
    """Let a subscription go on with another price when its period ends. A later choice replaces an earlier one."""
    with translated(price_id):
        _clear_plans(subscription_id, ends=False)
        price = plain(v1().prices.retrieve(price_id))
        schedule = plain(
            v1().subscription_schedules.create(
                {"from_subscription": subscription_id}, {"idempotency_key": f"{key}:schedule"}
            )
        )
        now = schedule["phases"][0]
        phases: Any = [
            {
                "items": [{"price": stripe_facts.id_of(now["items"][0]["price"]), "quantity": 1}],
                "start_date": now["start_date"],
                "end_date": now["end_date"],
                "proration_behavior": "none",
            },
            {
                "items": [{"price": price_id, "quantity": 1}],
                "duration": {"interval": price["recurring"]["interval"], "interval_count": 1},
                "proration_behavior": "none",
            },
        ]
        v1().subscription_schedules.update(schedule["id"], {"phases": phases, "end_behavior": "release"})
    return fetch_subscription(subscription_id)


def cancel_at_period_end(subscription_id: str) -> SubscriptionState:
    """Let a subscription end with its period; a change that waited for it is dropped."""
    with translated():
        _clear_plans(subscription_id, ends=True)
    return fetch_subscription(subscription_id)


def resume(subscription_id: str) -> SubscriptionState:
    """Let a subscription go on as it is: neither cancelled nor changed when its period ends."""
    with translated():
        _clear_plans(subscription_id, ends=False)
    return fetch_subscription(subscription_id)


def cancel_now(subscription_id: str) -> SubscriptionState:
    """End a subscription at once, without money back; one that has ended stays so."""
    with translated():
        if plain(v1().subscriptions.retrieve(subscription_id))["status"] != "canceled":
            v1().subscriptions.cancel(subscription_id)
    return fetch_subscription(subscription_id)


# --- Parts of the verbs ---


def _checkout(customer: str, price: str, reference: str, success_url: str, cancel_url: str) -> dict[str, Any]:
    params: dict[str, Any] = {
        "customer": customer,
        "line_items": [{"price": price, "quantity": 1}],
        "client_reference_id": reference,
        "metadata": {"reference": reference},
        "success_url": success_url,
        "cancel_url": cancel_url,
        "allow_promotion_codes": True,
    }
    if settings.STRIPE_AUTOMATIC_TAX:
        params |= {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto", "name": "auto"}}
    return params


def _open_checkout(params: Any, price_id: str, key: str) -> CheckoutLink:
    with translated(price_id):
        session = v1().checkout.sessions.create(params, {"idempotency_key": key})
    if not session.url:
        raise ShopRefused(gettext("The checkout of this key is over: take another key."), code="checkout_over")
    return CheckoutLink(session.id, session.url, stripe_facts.at(session.expires_at))


def _item_id(subscription_id: str) -> str:
    return str(plain(v1().subscriptions.retrieve(subscription_id))["items"]["data"][0]["id"])


def _clear_plans(subscription_id: str, *, ends: bool) -> None:
    """Drop what waits for the period's end, and let it be the end or not."""
    found = plain(v1().subscriptions.retrieve(subscription_id))
    if found["schedule"]:
        v1().subscription_schedules.release(stripe_facts.id_of(found["schedule"]))
    if found["cancel_at_period_end"] != ends:
        v1().subscriptions.update(subscription_id, {"cancel_at_period_end": ends})


def _give_up_or_ask(invoice_id: str) -> None:
    """Raise why a change was not paid. One that was declined is taken back, one that waits for the bank stays."""
    invoice = plain(v1().invoices.retrieve(invoice_id, {"expand": ["payments.data.payment.payment_intent"]}))
    if invoice["status"] == "paid":
        return
    payments = invoice["payments"]["data"]
    intent = payments[0]["payment"]["payment_intent"] if payments else {}
    if intent.get("status") == "requires_action":
        raise PaymentNeedsAction(invoice["hosted_invoice_url"] or "")
    if invoice["status"] == "open":
        v1().invoices.void_invoice(invoice_id)
    error = intent.get("last_payment_error") or {}
    raise PaymentDeclined(
        error.get("message") or "The payment did not go through.", error.get("decline_code") or error.get("code") or ""
    )
