"""The inbox of the shop's events: kept once, answered at once, processed later and as often as it takes.

An event only says that something changed; what it is about is fetched and applied (`stripe_follow`), so neither order
nor repeats matter. While the shop cannot be asked an event waits; other errors are counted, and after MAX_ATTEMPTS it
is left to an operator, who can have it processed again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing import errands, stripe_follow
from billing.errors import NotOurs, ShopUnavailable, UnknownInShop
from billing.models import StripeEvent, Subscription
from billing.payment_facts import EventEnvelope
from billing.payments import Applied

logger = logging.getLogger(__name__)

Status = StripeEvent.Status

MAX_ATTEMPTS = 10
CHUNK = 50
# Who takes an event has it to themselves for so long.
_LEASE = timedelta(minutes=5)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
NOTE_LENGTH = 300


def receive(envelope: EventEnvelope) -> bool:
    """Keep an event and let the queue process it. Returns False for one that is here already."""
    is_heard = envelope.type in HANDLERS
    facts: dict[str, Any] = {
        "type": envelope.type[:80],
        "object_type": envelope.object_type[:64],
        "object_id": envelope.object_id[:64],
        "customer_id": envelope.customer_id[:64],
        "payload": envelope.payload,
        "created_at": envelope.created_at,
    }
    if not is_heard:
        facts |= {"status": Status.IGNORED, "note": "Nothing to do.", "processed_at": timezone.now()}
    with transaction.atomic():
        _, is_new = StripeEvent.objects.get_or_create(event_id=envelope.id, defaults=facts)
        if is_new and is_heard:
            errands.send("process_events")
    return is_new


def process_due(now: datetime | None = None) -> dict[str, int]:
    """Process the events whose time has come, oldest first. Returns how many ended how; safe beside another.

    The first one for which the shop cannot be asked ends it: the others would only wait for the same.
    """
    done: dict[str, int] = {}
    moment = now or timezone.now()
    waiting = StripeEvent.objects.filter(status=Status.NEW, next_attempt_at__lte=moment)
    for event in waiting.order_by("created_at", "event_id")[:CHUNK]:
        lease = {"next_attempt_at": moment + _LEASE}
        mine = StripeEvent.objects.filter(pk=event.pk, status=Status.NEW, next_attempt_at=event.next_attempt_at)
        if not mine.update(**lease):
            continue
        try:
            _process(event)
        except ShopUnavailable as error:
            _wait(event, str(error))
            done["waiting"] = done.get("waiting", 0) + 1
            break
        done[event.status] = done.get(event.status, 0) + 1
    return done


def process(event_id: str) -> StripeEvent:
    """Process an event now, whatever became of it before. Raises StripeEvent.DoesNotExist."""
    event = StripeEvent.objects.get(pk=event_id)
    event.attempts = 0
    try:
        _process(event)
    except ShopUnavailable as error:
        event.status = Status.NEW
        _wait(event, str(error))
    return event


def _process(event: StripeEvent) -> None:
    """Do what an event asks for and note how it ended. Raises ShopUnavailable."""
    handler = HANDLERS.get(event.type)
    try:
        note = handler(event.payload["data"]["object"]) if handler else None
        _end(event, Status.DONE if handler else Status.IGNORED, note or ("" if handler else "Nothing to do."))
    except (NotOurs, UnknownInShop) as error:
        logger.warning("event ignored", extra={"id": event.pk, "type": event.type, "reason": error})
        _end(event, Status.IGNORED, str(error))
    except ShopUnavailable:
        raise
    except Exception as error:
        # One event that cannot be processed must not stop the others.
        logger.exception("event failed", extra={"id": event.pk, "type": event.type})
        _fail(event, f"{type(error).__name__}: {error}")


def _end(event: StripeEvent, status: StripeEvent.Status, note: str) -> None:
    event.status, event.note, event.processed_at = status, note[:NOTE_LENGTH], timezone.now()
    event.save(update_fields=["status", "note", "processed_at", "attempts"])


def _fail(event: StripeEvent, note: str) -> None:
    event.attempts += 1
    event.note = note[:NOTE_LENGTH]
    event.status = Status.FAILED if event.attempts >= MAX_ATTEMPTS else Status.NEW
    wait = min(_SHORTEST_WAIT * 2 ** min(event.attempts, 20), _LONGEST_WAIT)
    event.next_attempt_at = timezone.now() + wait
    event.save(update_fields=["status", "note", "attempts", "next_attempt_at"])


def _wait(event: StripeEvent, note: str) -> None:
    """Try again after a tenth of the time that it has waited already."""
    now = timezone.now()
    wait = min(max((now - event.received_at) / 10, _SHORTEST_WAIT), _LONGEST_WAIT)
    event.note, event.next_attempt_at = note[:NOTE_LENGTH], now + wait
    event.save(update_fields=["status", "note", "next_attempt_at", "attempts"])


# --- What is done for which event ----------------------------------------------------------------------------------

_Object = dict[str, Any]


def _checkout(about: _Object) -> str:
    return _note(stripe_follow.follow_checkout(about["id"]))


def _invoice(about: _Object) -> str:
    return _note(stripe_follow.follow_invoice(about["id"]))


def _subscription(about: _Object) -> str:
    return _state(stripe_follow.follow_subscription(about["id"]))


def _paid_change(about: _Object) -> str:
    return _state(stripe_follow.follow_paid_change(about["id"]))


def _schedule(about: _Object) -> str:
    subscription_id = about.get("subscription") or about.get("released_subscription")
    if not subscription_id:
        raise NotOurs(f"Schedule {about['id']} is of no subscription.")
    return _state(stripe_follow.follow_subscription(subscription_id))


def _charge(about: _Object) -> str:
    return _note(stripe_follow.follow_charge(about["id"]))


def _refund(about: _Object) -> str:
    return _note(stripe_follow.follow_charge(about["charge"])) if about.get("charge") else ""


def _dispute(about: _Object) -> str:
    return _note(stripe_follow.follow_dispute(about["id"]))


def _customer(about: _Object) -> str:
    """A customer who was deleted there has no subscriptions any more."""
    found = Subscription.objects.filter(user__customer__customer_id=about["id"], ended_at__isnull=True)
    return " ".join(_state(stripe_follow.follow_subscription(one.subscription_id)) for one in found)


def _note(applied: Applied | None) -> str:
    return (applied.note or str(applied.payment)) if applied else "Not paid."


def _state(subscription: Subscription) -> str:
    return f"{subscription}{', a second one: ended and paid back' if subscription.is_duplicate else ''}"


HANDLERS: dict[str, Callable[[_Object], str]] = {
    "checkout.session.completed": _checkout,
    "checkout.session.async_payment_succeeded": _checkout,
    "checkout.session.async_payment_failed": _checkout,
    "checkout.session.expired": _checkout,
    "invoice.paid": _invoice,
    "invoice.payment_failed": _invoice,
    "invoice.payment_action_required": _invoice,
    "invoice.voided": _invoice,
    "invoice.marked_uncollectible": _invoice,
    "customer.subscription.created": _subscription,
    "customer.subscription.updated": _subscription,
    "customer.subscription.deleted": _subscription,
    "customer.subscription.paused": _subscription,
    "customer.subscription.resumed": _subscription,
    "customer.subscription.pending_update_applied": _paid_change,
    "customer.subscription.pending_update_expired": _subscription,
    "subscription_schedule.created": _schedule,
    "subscription_schedule.updated": _schedule,
    "subscription_schedule.released": _schedule,
    "subscription_schedule.canceled": _schedule,
    "subscription_schedule.completed": _schedule,
    "charge.refunded": _charge,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "customer.deleted": _customer,
}
