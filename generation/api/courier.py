"""Carries webhooks: claims what is due, writes and signs it, posts it, notes what came back.

A claim is a conditional UPDATE that also says until when the try may last; a courier that is killed leaves a row that
is due again then. So each delivery arrives at least once, several couriers never carry the same at once, and none is
lost. Only the posting happens in threads; rows are read and written by the one that runs the courier.
"""

import json
import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from standardwebhooks import Webhook

from generation import doorbell, webhook_notice, webhook_sender, webhooks
from generation.api.answers import diffusion, stamp
from generation.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from generation.webhook_sender import Answer

logger = logging.getLogger(__name__)

Status = WebhookDelivery.Status
# After the first failure, after the second, and so on; after the last the message is given up: three days in all.
BACKOFF = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=20),
)
# Up to so much of a pause is added, so that a thousand failures do not come back at once.
_JITTER = 0.1
_RETRY_AFTER_MAX_SECONDS = 3600
# What the log of an endpoint says of a try that failed by a fault of ours.
INTERNAL = "An internal error on our side."
# Longer than any try can take: only a lost courier's claim runs out.
LEASE = timedelta(seconds=60)
_HANDS = 16
# For one endpoint and one person at a time, so that those that are slow leave hands for the others.
_HANDS_AN_ENDPOINT = 3
_HANDS_A_PERSON = 4
# Deliveries that are looked at in one go.
_LOOK_AHEAD = 200
# The queue's worker has other work too: go on in another task after so long.
_SHIFT_SECONDS = 20.0


def run(*, shift_seconds: float = _SHIFT_SECONDS) -> int:
    """Carry what is due until nothing is, or the shift is over; returns how many tries were made."""
    return _Shift(time.monotonic() + shift_seconds).work()


def claim(limit: int, busy: Counter[uuid.UUID] | None = None) -> list[WebhookDelivery]:
    """Take deliveries that are due, a few of each endpoint and person.

    `busy` says how many are under way already, by the id of the endpoint and by that of its owner.
    """
    now = timezone.now()
    busy = Counter() if busy is None else busy
    taken: list[WebhookDelivery] = []
    while len(taken) < limit:
        line = list(_in_line(now, busy))
        won = _take_of(line, limit - len(taken), busy, now)
        taken += won
        if not won or len(line) < _LOOK_AHEAD:
            break
    return taken


def body_of(delivery: WebhookDelivery) -> str:
    """Return the message: the run as `GET /v1/diffusions/{id}` gives it at this moment, with links that work."""
    if delivery.job is None:
        data: dict[str, object] = {"endpointId": str(delivery.endpoint_id), "message": "This is a test."}
    else:
        images = delivery.job.images.filter(deleted_at__isnull=True).order_by("index")
        data = diffusion(delivery.job, list(images))
    message = {"type": delivery.event, "timestamp": stamp(delivery.created_at), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def headers_of(delivery: WebhookDelivery, body: str, now: datetime) -> dict[str, str]:
    """Return what proves who sent the body. Source: the Standard Webhooks specification, 1.0.0."""
    at = now.astimezone(UTC)
    signatures = [Webhook(secret).sign(delivery.message_id, at, body) for secret in delivery.endpoint.secrets_at(now)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "getimg-webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def record(delivery: WebhookDelivery, body: str, started_at: datetime, answer: Answer) -> None:
    """Note what a try brought, and when the next is."""
    with transaction.atomic():
        # In the order in which an endpoint is switched off.
        WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=delivery.endpoint_id).first()
        row = WebhookDelivery.objects.select_for_update(no_key=True).filter(pk=delivery.pk).first()
        if row is None:
            return  # its endpoint was deleted meanwhile
        WebhookAttempt.objects.create(
            delivery=row,
            started_at=started_at,
            milliseconds=answer.milliseconds,
            status_code=answer.status,
            trouble=answer.trouble[:300],
            answer=answer.body,
        )
        row.payload = body
        if answer.is_accepted:
            row.status, row.ended_at, row.claimed_by = Status.DELIVERED, timezone.now(), ""
            WebhookEndpoint.objects.filter(pk=row.endpoint_id).update(failing_since=None)
        elif row.claimed_by == delivery.claimed_by and row.status == Status.WAITING:
            _put_off(row, answer)
        row.save(update_fields=["payload", "status", "ended_at", "claimed_by", "due_at"])
        if not answer.is_accepted:
            _note_failure(delivery.endpoint, answer)
    facts = {"delivery": row.pk, "status": answer.status, "milliseconds": answer.milliseconds}
    logger.info("webhook carried", extra=facts)


# --- Parts ----------------------------------------------------------------------------------------------------


class _Shift:
    """One run of the courier: so many tries at a time, until its end."""

    def __init__(self, ends_at: float) -> None:
        self._ends_at = ends_at
        self._made = 0
        self._busy: Counter[uuid.UUID] = Counter()
        self._under_way: dict[Future[Answer], tuple[WebhookDelivery, str, datetime]] = {}

    def work(self) -> int:
        with ThreadPoolExecutor(_HANDS, thread_name_prefix="courier") as hands:
            while True:
                is_over = time.monotonic() >= self._ends_at
                if not is_over:
                    self._take_up(hands)
                if not self._under_way:
                    break
                self._note(wait(self._under_way, timeout=1.0, return_when=FIRST_COMPLETED).done)
        if is_over and WebhookDelivery.objects.due(timezone.now()).exists():
            doorbell.ring_courier()
        return self._made

    def _take_up(self, hands: ThreadPoolExecutor) -> None:
        free = _HANDS - len(self._under_way)
        for delivery in claim(free, self._busy) if free else ():
            now, before = timezone.now(), len(self._under_way)
            with _contained(delivery, now):
                body = body_of(delivery)
                headers = headers_of(delivery, body, now)
                trying = hands.submit(webhook_sender.post, delivery.endpoint.url, body.encode(), headers)
                self._under_way[trying] = (delivery, body, now)
            if len(self._under_way) == before:
                self._lay_down(delivery)

    def _note(self, done: set[Future[Answer]]) -> None:
        for trying in done:
            delivery, body, started_at = self._under_way.pop(trying)
            self._lay_down(delivery)
            with _contained(delivery, started_at):
                record(delivery, body, started_at, trying.result())

    def _lay_down(self, delivery: WebhookDelivery) -> None:
        self._busy.subtract((delivery.endpoint_id, delivery.endpoint.user_id))
        self._made += 1


@contextmanager
def _contained(delivery: WebhookDelivery, started_at: datetime) -> Iterator[None]:
    """Let an error that nobody foresaw end this try alone: it is put off like any that failed."""
    try:
        yield
    except Exception:
        logger.exception("webhook not carried", extra={"delivery": delivery.pk})
        record(delivery, delivery.payload, started_at, Answer(None, 0, trouble=INTERNAL))


def _in_line(now: datetime, busy: Counter[uuid.UUID]) -> QuerySet[WebhookDelivery]:
    """Return what is next, without those whose hands are full: however much of theirs waits, the others come up."""
    full_endpoints = [pk for pk, count in busy.items() if count >= _HANDS_AN_ENDPOINT]
    full_people = [pk for pk, count in busy.items() if count >= _HANDS_A_PERSON]
    place = Window(RowNumber(), partition_by="endpoint_id", order_by=["due_at", "id"])
    due = WebhookDelivery.objects.due(now).exclude(endpoint__in=full_endpoints)
    free = due.exclude(endpoint__user__in=full_people).annotate(place=place).filter(place__lte=_HANDS_AN_ENDPOINT)
    return free.select_related("endpoint", "job")[:_LOOK_AHEAD]


def _take_of(line: list[WebhookDelivery], limit: int, busy: Counter[uuid.UUID], now: datetime) -> list[WebhookDelivery]:
    taken: list[WebhookDelivery] = []
    for delivery in line:
        if len(taken) == limit:
            break
        endpoint = delivery.endpoint
        is_free = busy[endpoint.pk] < _HANDS_AN_ENDPOINT and busy[endpoint.user_id] < _HANDS_A_PERSON
        if is_free and _take(delivery, now):
            busy.update((endpoint.pk, endpoint.user_id))
            taken.append(delivery)
    return taken


def _take(delivery: WebhookDelivery, now: datetime) -> bool:
    """Claim by conditional UPDATE: of two couriers that look at the same row, one gets it."""
    seen = WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.WAITING, due_at=delivery.due_at)
    delivery.claimed_by, delivery.due_at = uuid.uuid4().hex, now + LEASE
    delivery.tries += 1
    won = seen.update(claimed_by=delivery.claimed_by, due_at=delivery.due_at, tries=F("tries") + 1)
    return bool(won)


def _put_off(row: WebhookDelivery, answer: Answer) -> None:
    row.claimed_by = ""
    if row.tries > len(BACKOFF):
        row.status, row.ended_at = Status.FAILED, timezone.now()
        return
    pause = BACKOFF[row.tries - 1] * (1 + _JITTER * random.random())
    asked_for = timedelta(seconds=min(answer.retry_after_seconds, _RETRY_AFTER_MAX_SECONDS))
    row.due_at = timezone.now() + max(pause, asked_for)


def _note_failure(endpoint: WebhookEndpoint, answer: Answer) -> None:
    """Switch an endpoint off that is gone or has taken nothing for days, and tell its owner once."""
    now = timezone.now()
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    rows.filter(failing_since__isnull=True).update(failing_since=now)
    if answer.status == 410:
        why = WebhookEndpoint.Off.GONE
    elif rows.filter(failing_since__lte=now - webhooks.OFF_AFTER).exists():
        why = WebhookEndpoint.Off.FAILING
    else:
        return
    if webhooks.switch_off(endpoint, why):
        transaction.on_commit(lambda: webhook_notice.tell_owner(endpoint.pk))
