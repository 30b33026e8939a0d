"""What the site asks of the shop: customers, checkouts, the portal, changes of plan, charges, refunds.

A call that writes takes a key. The same key with the same words is the same deed, for a day: after ShopUnavailable ask
again with it; after PaymentDeclined take another, for the same one is declined again.
"""

import hashlib
import json
import logging
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from billing import errors, stripe_facts
from billing.errors import PaymentDeclined, PaymentError, PaymentNeedsAction, PaymentPending, ShopRefused, UnknownInShop
from billing.payment_facts import (
    ChangePreview,
    ChargeFacts,
    CheckoutFacts,
    CheckoutLink,
    PortalLink,
    RefundFacts,
    SubscriptionState,
)
from billing.stripe_gateway import plain, translated, v1
from billing.stripe_reads import fetch_checkout, fetch_subscription

logger = logging.getLogger(__name__)

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
            {"idempotency_key": _customer_key(user_id, email, name, customer_id)},
        )
        return made.id


def _customer_key(*facts: str) -> str:
    """Return a key of them all: hashed, for a header carries no letters but Latin ones, and a key has a length."""
    return f"customer:{hashlib.sha256(json.dumps(facts).encode()).hexdigest()}"


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
            if configuration["metadata"].get(stripe_facts.OWN):
                params["configuration"] = configuration["id"]
        return PortalLink(v1().billing_portal.sessions.create(params).url)


def charge_off_session(
    customer_id: str, card_id: str, amount_cents: int, currency: str, *, description: str, reference: str, key: str
) -> ChargeFacts:
    """Charge a card that the customer left, while they are away: the API's automatic top-up.

    Raises PaymentDeclined, PaymentNeedsAction where the bank wants its customer, and PaymentPending where it takes its
    time: the same key finds the charge again.
    """
    with translated():
        intent = plain(
            v1().payment_intents.create(
                {
                    "amount": amount_cents,
                    "currency": currency,
                    "customer": customer_id,
                    "payment_method": card_id,
                    # What else the shop takes may want a page to come back to.
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "confirm": True,
                    "off_session": True,
                    "description": description,
                    "metadata": {"reference": reference},
                    "expand": ["latest_charge"],
                },
                {"idempotency_key": key},
            )
        )
        if intent["status"] == "processing":  # the key brings that answer again, whatever has become of it
            intent = plain(v1().payment_intents.retrieve(intent["id"], {"expand": ["latest_charge"]}))
    if intent["status"] == "processing":
        raise PaymentPending
    if intent["status"] != "succeeded":
        raise PaymentDeclined(gettext(errors.NOT_PAID), "not_paid")
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
    asks raises PaymentNeedsAction with the page to answer on, and the change waits there for 23 hours. What was to
    become of it at the period's end stays until it is paid; a change that waits for that leaves no room for the bank.
    """
    with translated(price_id):
        before = plain(v1().subscriptions.retrieve(subscription_id))
        waiting = _next_price(before)
        if before["schedule"]:
            v1().subscription_schedules.release(stripe_facts.id_of(before["schedule"]))
        ends = stripe_facts.ends_with_period(before)
        if ends and not before["cancel_at_period_end"]:
            # The moment would stay where it is and cut off the period that is paid now.
            _take_back_end(before)
            v1().subscriptions.update(subscription_id, {"cancel_at_period_end": True})
        try:
            _pay_for_change(subscription_id, price_id, key, may_wait=not waiting)
        except BaseException:
            if waiting:
                _let_wait_again(subscription_id, waiting, f"{key}:again")
            raise
        if ends:
            v1().subscriptions.update(subscription_id, {"cancel_at_period_end": False})
    return fetch_subscription(subscription_id)


def _pay_for_change(subscription_id: str, price_id: str, key: str, *, may_wait: bool) -> None:
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
        _give_up_or_ask(stripe_facts.id_of(changed["latest_invoice"]), may_wait=may_wait)


def change_plan_at_period_end(subscription_id: str, price_id: str, *, key: str) -> SubscriptionState:
    """Let a subscription go on with another price when its period ends. A later choice replaces an earlier one.

    A plan that was to end goes on ending where this fails.
    """
    with translated(price_id):
        before = plain(v1().subscriptions.retrieve(subscription_id))
        ended = stripe_facts.ends_with_period(before)
        try:
            if ended:
                _take_back_end(before)
            _schedule(subscription_id, price_id, key)
        except BaseException:
            if ended:
                _let_end_again(subscription_id)
            raise
    return fetch_subscription(subscription_id)


def _schedule(subscription_id: str, price_id: str, key: str) -> None:
    """Let the price follow the running period; a schedule that is there is changed, also one of a lost answer."""
    price = plain(v1().prices.retrieve(price_id))
    known = plain(v1().subscriptions.retrieve(subscription_id))["schedule"]
    if known:
        schedule = plain(v1().subscription_schedules.retrieve(stripe_facts.id_of(known)))
    else:
        made: Any = {"from_subscription": subscription_id}
        schedule = plain(v1().subscription_schedules.create(made, {"idempotency_key": f"{key}:schedule"}))
    now = _phase_now(schedule)
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
    if stripe_facts.ends_with_period(found) == ends:
        return
    if ends:
        v1().subscriptions.update(subscription_id, {"cancel_at_period_end": True})
    else:
        _take_back_end(found)


def _take_back_end(found: dict[str, Any]) -> None:
    """Let a cancelled subscription go on: said in the word that cancelled it, for the shop refuses both in a call."""
    words: Any = {"cancel_at_period_end": False} if found["cancel_at_period_end"] else {"cancel_at": ""}
    v1().subscriptions.update(found["id"], words)


def _phase_now(schedule: dict[str, Any]) -> dict[str, Any]:
    """Return the phase that runs; of a new schedule the only one."""
    begun = (schedule["current_phase"] or {}).get("start_date")
    phases: list[dict[str, Any]] = schedule["phases"]
    return next((phase for phase in phases if phase["start_date"] == begun), phases[0])


def _next_price(subscription: dict[str, Any]) -> str:
    """Return the price that waits for the period's end; empty where none does."""
    if not subscription["schedule"]:
        return ""
    schedule = plain(v1().subscription_schedules.retrieve(stripe_facts.id_of(subscription["schedule"])))
    now = _phase_now(schedule)
    later = [phase for phase in schedule["phases"] if phase["start_date"] > now["start_date"]]
    return stripe_facts.id_of(later[0]["items"][0]["price"]) if later else ""


def _let_wait_again(subscription_id: str, price_id: str, key: str) -> None:
    """Bring back what waited for the period's end, after something else could not be paid."""
    try:
        with translated(price_id):
            _schedule(subscription_id, price_id, key)
    except PaymentError:
        logger.exception("waiting change of plan lost", extra={"subscription": subscription_id})


def _let_end_again(subscription_id: str) -> None:
    """Let a plan end after all, after something else could not be had."""
    try:
        with translated():
            v1().subscriptions.update(subscription_id, {"cancel_at_period_end": True})
    except PaymentError:
        logger.exception("plan that was to end goes on", extra={"subscription": subscription_id})


def _give_up_or_ask(invoice_id: str, *, may_wait: bool) -> None:
    """Raise why a change was not paid. One that was declined is taken back; one that the bank asks about may wait."""
    invoice = plain(v1().invoices.retrieve(invoice_id, {"expand": ["payments.data.payment.payment_intent"]}))
    if invoice["status"] == "paid":
        return
    payments = invoice["payments"]["data"]
    intent = payments[0]["payment"]["payment_intent"] if payments else {}
    asks = intent.get("status") == "requires_action"
    if asks and may_wait:
        raise PaymentNeedsAction(invoice["hosted_invoice_url"] or "")
    if invoice["status"] == "open":
        v1().invoices.void_invoice(invoice_id)
    if asks:
        words = gettext(
            "Your bank wants to ask you first, and another change of your plan waits. Take that back, then try again."
        )
        raise PaymentDeclined(words, "authentication_required")
    error = intent.get("last_payment_error") or {}
    raise PaymentDeclined(
        error.get("message") or gettext(errors.NOT_PAID), error.get("decline_code") or error.get("code") or ""
    )
