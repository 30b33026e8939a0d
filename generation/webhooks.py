"""What an account's webhook endpoints are and what they are to be told. Nothing is sent here.

Deliveries are rows, written in the transaction that ends a run, so that none is lost and none is about a run that did
not end. `api/courier.py` carries them: each at least once, in no promised order.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from accounts.compiled import Compiled
from accounts.models import User
from billing.models import Product
from generation import doorbell, sealing, web_address
from generation.errors import (
    AddressRefused,
    EndpointOff,
    FieldError,
    InvalidParams,
    SecretUnreadable,
    TooManyEndpoints,
)
from generation.models import Event, Job, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from generation.models.webhook import FILTERABLE, all_events, new_sealed_secret

logger = logging.getLogger(__name__)

Off = WebhookEndpoint.Off
Status = WebhookDelivery.Status
ENDPOINTS_MAX = 10
DESCRIPTION_MAX_LENGTH = 100
# Old and new secret both sign for so long after a rotation.
OVERLAP = timedelta(hours=24)
# An endpoint that has taken nothing for so long is switched off.
OFF_AFTER = timedelta(days=3)
LOG_DAYS = 30

_EVENTS = {
    Job.Status.FINISHED: Event.FINISHED,
    Job.Status.FAILED: Event.FAILED,
    Job.Status.CANCELED: Event.CANCELED,
}


# --- Endpoints ------------------------------------------------------------------------------------------------


def create(
    user: User, *, url: str, events: Sequence[str] | None = None, description: str = "", is_test: bool = False
) -> WebhookEndpoint:
    """Add an endpoint; `is_test`: one that is told of test runs alone. Raises: InvalidParams, TooManyEndpoints."""
    chosen = all_events() if events is None else list(events)
    _check(url=url, events=chosen, description=description)
    with transaction.atomic():
        # Two at once are counted one after the other.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if WebhookEndpoint.objects.visible_to(user).filter(is_test=is_test).count() >= ENDPOINTS_MAX:
            raise TooManyEndpoints(ENDPOINTS_MAX)
        facts = {"url": url, "events": _in_order(chosen), "description": description, "is_test": is_test}
        made = WebhookEndpoint.objects.create(user=user, **facts)
    logger.info("webhook endpoint created", extra={"endpoint": made.pk})
    return made


def change(
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    description: str | None = None,
    is_enabled: bool | None = None,
) -> None:
    """Change what is given. What its owner switches off misses what happens meanwhile. Raises: InvalidParams."""
    _check(url=url, events=events, description=description)
    facts: dict[str, object] = {"url": url, "description": description}
    facts["events"] = None if events is None else _in_order(events)
    facts = {name: value for name, value in facts.items() if value is not None}
    with transaction.atomic():
        if is_enabled and endpoint.off:
            facts |= {"off": "", "failing_since": None}
        if facts:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**facts)
        if is_enabled is False:
            switch_off(endpoint, Off.OWNER)
    endpoint.refresh_from_db()


def rotate(endpoint: WebhookEndpoint, *, overlap: timedelta = OVERLAP) -> str:
    """Give the endpoint a new secret; the one before signs beside it for `overlap`. Returns the new one."""
    with transaction.atomic():
        row = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        row.sealed_previous_secret, row.previous_secret_until = row.sealed_secret, timezone.now() + overlap
        row.sealed_secret = new_sealed_secret()
        row.save(update_fields=["sealed_secret", "sealed_previous_secret", "previous_secret_until"])
    endpoint.refresh_from_db()
    logger.info("webhook secret rotated", extra={"endpoint": endpoint.pk})
    return row.secret


def reseal() -> int:
    """Seal all secrets anew that an older key has sealed; returns how many endpoints that were.

    One that no key opens any more stays as it is: its owner can only rotate it.
    """
    resealed = 0
    for endpoint in WebhookEndpoint.objects.iterator():
        kept = {"sealed_secret": endpoint.sealed_secret, "sealed_previous_secret": endpoint.sealed_previous_secret}
        old = {name: sealed for name, sealed in kept.items() if sealed and not sealing.is_newest(sealed)}
        try:
            new = {name: sealing.reseal(sealed) for name, sealed in old.items()}
        except SecretUnreadable:
            logger.warning("webhook secret unreadable", extra={"endpoint": endpoint.pk})
            continue
        # Rotated meanwhile, it is sealed anew already.
        resealed += WebhookEndpoint.objects.filter(pk=endpoint.pk, **kept).update(**new) if new else 0
    return resealed


def delete(endpoint: WebhookEndpoint) -> None:
    """Delete an endpoint with its log; what waits to be sent is not sent.

    Switched off first, so that nothing new is noted for it; then whoever notes something at this moment is waited for.
    """
    switch_off(endpoint, Off.OWNER)
    with transaction.atomic():
        WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        endpoint.delete()


def switch_off(endpoint: WebhookEndpoint, why: WebhookEndpoint.Off) -> bool:
    """Send no more; what waits is given up and can be sent again by hand. Returns False when it was off before."""
    now = timezone.now()
    with transaction.atomic():
        changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, off="").update(off=why)
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, status=Status.WAITING)
        waiting.update(status=Status.FAILED, ended_at=now, claimed_by="")
    if changed:
        logger.info("webhook endpoint off", extra={"endpoint": endpoint.pk, "why": why.value})
    return bool(changed)


# --- Deliveries -----------------------------------------------------------------------------------------------


def announce(job: Job, status: Job.Status) -> None:
    """Note how a run has ended, for every endpoint that wants to know. Part of the caller's transaction.

    One that failed or is gone is not told, but has it in its log: its owner sends it again once it works.
    """
    if job.product != Product.API:
        return
    event = _EVENTS[status]
    missed = {"status": Status.FAILED, "ended_at": timezone.now()}
    deliveries = [
        WebhookDelivery(endpoint=endpoint, event=event, job=job, **(missed if endpoint.off else {}))
        for endpoint in _locked_of.rows(user_id=job.user_id)
        if event in endpoint.events and (job.is_test or not endpoint.is_test)
    ]
    WebhookDelivery.objects.bulk_create(deliveries)
    if any(delivery.status == Status.WAITING for delivery in deliveries):
        doorbell.ring_courier()


def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send a message that only says that it is a test. Raises: EndpointOff."""
    with transaction.atomic():
        if not any(one.pk == endpoint.pk and not one.off for one in _locked_of.rows(user_id=endpoint.user_id)):
            raise EndpointOff
        delivery = WebhookDelivery.objects.create(endpoint=endpoint, event=Event.TEST)
        doorbell.ring_courier()
    return delivery


def resend(delivery: WebhookDelivery) -> bool:
    """Send a message once more, under the id that it has. Returns False while a try goes on. Raises: EndpointOff."""
    if delivery.endpoint.off:
        raise EndpointOff
    with transaction.atomic():
        again = WebhookDelivery.objects.filter(pk=delivery.pk, claimed_by="").update(
            status=Status.WAITING, due_at=timezone.now(), tries=0, ended_at=None
        )
        if again:
            doorbell.ring_courier()
    return bool(again)


def log_of(
    endpoint: WebhookEndpoint, *, before: uuid.UUID | None = None, since: uuid.UUID | None = None
) -> QuerySet[WebhookDelivery]:
    """Return the endpoint's deliveries, the newest first, each with what its latest try brought.

    Those older than `before`, or down to `since`.
    """
    latest = WebhookAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-id")
    facts = {
        "attempts_made": Count("attempts"),
        "last_status_code": Subquery(latest.values("status_code")[:1]),
        "last_milliseconds": Subquery(latest.values("milliseconds")[:1]),
    }
    rows = WebhookDelivery.objects.filter(endpoint=endpoint).annotate(**facts)
    rows = rows.filter(pk__lt=before) if before else rows
    return (rows.filter(pk__gte=since) if since else rows).order_by("-id")


def forget_old() -> int:
    """Remove deliveries that ended longer ago than the log reaches; returns how many."""
    before = timezone.now() - timedelta(days=LOG_DAYS)
    _, removed = WebhookDelivery.objects.filter(created_at__lt=before).exclude(status=Status.WAITING).delete()
    return removed.get("generation.WebhookDelivery", 0)


# --- Parts ----------------------------------------------------------------------------------------------------


# Endpoints that are not switched off by their owner; none of them is deleted before the transaction ends, though they
# may be changed meanwhile. Every run of the API that ends asks for them.
_locked_of = Compiled(
    lambda user_id: WebhookEndpoint.objects.filter(user_id=user_id).exclude(off=Off.OWNER),
    "FOR KEY SHARE",
    user_id=uuid.UUID,
)


def _check(*, url: str | None, events: Sequence[str] | None, description: str | None) -> None:
    errors = []
    if url is not None:
        try:
            web_address.parse(url)
        except AddressRefused as error:
            errors.append(FieldError("url", str(error)))
    if events is not None and (message := _events_trouble(events)):
        errors.append(FieldError("events", message))
    if description is not None and len(description) > DESCRIPTION_MAX_LENGTH:
        words = gettext("The description has %(length)s characters; at most %(most)s are allowed.") % {
            "length": len(description),
            "most": DESCRIPTION_MAX_LENGTH,
        }
        errors.append(FieldError("description", words))
    if description is not None and "\x00" in description:
        errors.append(FieldError("description", gettext("The description has a character that text cannot have.")))
    if errors:
        raise InvalidParams(errors)


def _events_trouble(events: Sequence[str]) -> str:
    known = ", ".join(FILTERABLE)
    if not events:
        return gettext("Choose at least one event of %(known)s.") % {"known": known}
    unknown = [event for event in events if event not in set(FILTERABLE)]
    return (
        gettext("There is no event “%(event)s”; choose from %(known)s.") % {"event": unknown[0][:64], "known": known}
        if unknown
        else ""
    )


def _in_order(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    return [event.value for event in FILTERABLE if event in chosen]
