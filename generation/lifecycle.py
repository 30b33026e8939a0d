"""The life of a run, from the button to the receipt. The only file that changes a job's status.

Every verb is one transaction and takes its locks in the order wallet → hold → job. A worker's writes
carry the attempt they belong to: once the job was ended or handed to another worker, they change
nothing (`JobEnded`), and the slow worker's result is thrown away.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from billing import ledger, ledger_rows
from billing.models import CreditHold
from generation import batching, doorbell, job_rows, moderation, placing, pricing, queueing, settling, webhooks
from generation.errors import JobEnded
from generation.models import CustomModel, FailedAttempt, Image, Job, QueueSwitch
from generation.orders import Order
from generation.params import Params
from generation.picture_words import Words
from generation.task_names import TRAINING

logger = logging.getLogger(__name__)

Status = Job.Status
_RING_SECONDS = 2.0
# What nobody but an operator can mend.
_MODEL_DAMAGED = "model_damaged"


@dataclass(frozen=True)
class Claim:
    """Jobs that one worker took together, and the attempt each of them is on."""

    worker: str
    jobs: tuple[Job, ...]


def submit(user: User, params: Params, *, key: str, words: Words | None = None) -> Job:
    """Set the price aside and put the run in the queue, or return the run this request made before.

    `key` names the form that was sent; the same form with the same settings makes one run, whatever the
    number of clicks. `words` are each picture's own, of a run that is made once more.

    Raises: InsufficientCredits, InvalidParams, QueueFull, ModelUnknown, ModelUnavailable; nothing is charged then.
    """
    submit_key = hashlib.sha256(f"{key}:{params.fingerprint()}".encode()).hexdigest()
    return place(Order(user, params, pricing.quote(params), params.served().model.slug, submit_key, words=words))


def submit_training(user: User, params: Params, *, key: str) -> Job:
    """Set the price of a training aside and put it in its queue, or return the one that has this key already.

    Raises: InsufficientCredits, QueueFull, ModelUnknown, ModelUnavailable; nothing is charged then.
    """
    submit_key = hashlib.sha256(f"training:{key}".encode()).hexdigest()
    return place(Order(user, params, pricing.quote_training(), params.served().model.slug, submit_key))


def place(order: Order) -> Job:
    """Set an order's price aside and put its run in the queue, or return the run that has its key already.

    Raises: InsufficientCredits, InvalidParams, QueueFull, SpendCapReached, TestAllowanceUsedUp; nothing charged then.
    """
    job = order.new_job()
    flagged = moderation.check_run(order.user, job)
    with transaction.atomic():
        first = placing.place_for_test(order, job) if order.is_test else placing.place_for_credits(order, job)
        if first is not None:
            return first
        queueing.keep_inputs(order, job)
        moderation.keep_all(flagged, job)
    logger.info("job submitted", extra={"job": job.pk, "credits": job.credits, "task": job.task})
    return job


def claim(worker: str, *, limit: int | None = None, delay_seconds: float = 0.0) -> Claim | None:
    """Take the job whose turn it is and others that can share its pass; None when nothing can be started.

    Nobody gets more jobs running than the plan has places; what is beyond them waits.
    `limit` bounds how many pictures the batch may hold (default: what the model and size allow). A job
    that was tried before runs alone, so that one bad job cannot take others down twice.

    With `delay_seconds` a batch with company and room is waited for while more come (`batching.choose`).
    """
    while chosen := batching.choose(limit=limit, delay_seconds=delay_seconds):
        claim = _take(worker, chosen)
        if claim is not None:
            return claim  # else others took them, or their places, between the look and the write: look again
    return None


def claim_training(worker: str) -> Claim | None:
    """Take the training whose turn it is; None when there is none, or an operator has paused them."""
    while not QueueSwitch.paused(doorbell.TRAINING_CLUSTER):
        head = Job.objects.trainings_in_turn().first()
        if head is None:
            return None
        claim = _take(worker, {head: None})
        if claim is not None:
            return claim
    return None


def renew(worker: str, job_ids: Iterable[uuid.UUID]) -> None:
    """Say that the worker is alive and still has these jobs."""
    held = Job.objects.filter(pk__in=list(job_ids), claimed_by__startswith=f"{worker}#")
    held.filter(status=Status.PROCESSING).update(lease_expires_at=_lease_end())


def ended(claim: Claim, job_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these jobs the claim no longer owns: canceled, or taken over."""
    wanted = set(job_ids)
    owned = Job.objects.filter(pk__in=wanted, claimed_by=claim.worker, status=Status.PROCESSING)
    attempts = {job.pk: job.attempt for job in claim.jobs}
    alive = {pk for pk, attempt in owned.values_list("pk", "attempt") if attempts.get(pk) == attempt}
    return wanted - alive


def deliver(job: Job, attempt: int, images: Sequence[Image]) -> None:
    """Keep pictures of a run that goes on. Raises: JobEnded."""
    with transaction.atomic():
        _advance(job, attempt, images)


def finish(job: Job, attempt: int, images: Sequence[Image], *, reason: str = "", code: str = "") -> None:
    """End a run with its last pictures: charge what arrived, give the rest back. Raises: JobEnded.

    `reason` and `code` say why pictures are missing, when they are.
    """
    with transaction.atomic():
        hold = _lock_hold(job)
        status = Status.FINISHED if images or _stored(job) else Status.FAILED
        stored = _advance(job, attempt, images, **_ending(status, error_code=code, error_message=reason[:300]))
        _close(job, hold, status, stored, reason or settling.NOT_ARRIVED)
    logger.info("job finished", extra={"job": job.pk, "images": stored, "attempt": attempt})


def finish_training(job: Job, attempt: int, keep: Callable[[], None]) -> None:
    """End a training with its model, and charge it; `keep` writes the model's rows in the same transaction.

    Raises: JobEnded; whatever `keep` raises, and then nothing has changed.
    """
    with transaction.atomic():
        hold = _lock_hold(job)
        stored = _advance(job, attempt, (), delivered=1)
        keep()
        _end(job, attempt, Status.FINISHED)
        _close(job, hold, Status.FINISHED, stored, "")
        doorbell.ring_teller(job.pk)
    logger.info("training finished", extra={"job": job.pk, "attempt": attempt})


def finish_reproduction(job: Job, attempt: int, keep: Callable[[], object]) -> None:
    """End a run that was compared with a picture; `keep` writes what was found in the same transaction.

    Raises: JobEnded.
    """
    with transaction.atomic():
        _advance(job, attempt, (), delivered=1)
        keep()
        _end(job, attempt, Status.FINISHED)
    logger.info("reproduction finished", extra={"job": job.pk, "attempt": attempt})


def progressed(job: Job, attempt: int) -> None:
    """Note that an attempt has brought a run further, so that its end does not count against it. Raises: JobEnded."""
    _owned(job, attempt, fruitful_attempt=attempt, disk_full_since=None)
    job.fruitful_attempt, job.disk_full_since = attempt, None


def put_back(job: Job, attempt: int, **later: datetime) -> None:
    """Let a run wait again, at no fault of its own; the attempt does not count. Raises: JobEnded."""
    _owned(job, attempt, status=Status.NEW, claimed_by="", lease_expires_at=None, fruitful_attempt=attempt, **later)
    logger.info("job put back", extra={"job": job.pk, "attempt": attempt})


def fail(job: Job, attempt: int, *, code: str, message: str) -> None:
    """End a run that cannot go on: pictures already stored are kept and charged, the rest is free.

    `message` is for the person: what happened and what to do. Raises: JobEnded.
    """
    with transaction.atomic():
        hold = _lock_hold(job)
        stored = _advance(job, attempt, ())  # from here on nobody else delivers
        status = Status.FINISHED if stored else Status.FAILED
        _end(job, attempt, status, error_code=code, error_message=message[:300])
        _close(job, hold, status, stored, message)
        if job.task == TRAINING:
            CustomModel.objects.filter(job=job).fail(message)
            doorbell.ring_teller(job.pk)
        if code == _MODEL_DAMAGED:
            doorbell.ring_warner(job.pk)
    logger.warning("job failed", extra={"job": job.pk, "code": code, "attempt": attempt})


def retry(job: Job, attempt: int, *, code: str, message: str, pause_seconds: float = 0.0) -> None:
    """Put a run back in the queue after a failure that may pass; after so many attempts for nothing it fails.

    A training is not begun again before `pause_seconds` are over; others go on meanwhile. Raises: JobEnded.
    """
    limit = settings.TRAINING_MAX_ATTEMPTS if job.task == TRAINING else settings.JOB_MAX_ATTEMPTS
    if attempt - job.fruitful_attempt >= limit:
        fail(job, attempt, code=code, message=message)
        return
    later = {"queued_at": timezone.now() + timedelta(seconds=pause_seconds)} if pause_seconds else {}
    _owned(job, attempt, status=Status.NEW, claimed_by="", lease_expires_at=None, **later)
    logger.warning("job goes back in the queue", extra={"job": job.pk, "code": code, "attempt": attempt})


def cancel(job: Job) -> bool:
    """End a run at its owner's wish, waiting or running; pictures already stored are kept and charged.

    Returns False when it had ended before. The worker notices within a second; what it makes until then is lost.
    """
    with transaction.atomic():
        hold = _lock_hold(job)
        changed = Job.objects.filter(pk=job.pk, status__in=Job.ACTIVE).update(
            status=Status.CANCELED, finished_at=timezone.now(), lease_expires_at=None
        )
        if not changed:
            return False
        _close(job, hold, Status.CANCELED, _stored(job), settling.CANCELED)
        if job.task == TRAINING:
            CustomModel.objects.filter(job=job).reopen()
            doorbell.ring(doorbell.TRAINING_CLUSTER)  # whoever trains tidies up what it has left
    logger.info("job canceled", extra={"job": job.pk})
    return True


def reap() -> list[Job]:
    """Bring lost jobs back: those whose worker let its lease run out. Returns those that wait again.

    Those that should have been started by now are canceled.
    """
    for job in Job.objects.late()[:100]:
        cancel(job)
    return _give_up_on(list(Job.objects.lost()))


def overdue() -> bool:
    """Whether a run that could start has waited longer than any ring takes: its ring may have been lost."""
    before = timezone.now() - timedelta(seconds=_RING_SECONDS)
    return Job.objects.startable().filter(queued_at__lt=before).exists()


def training_overdue() -> bool:
    """Whether a training that could start has waited longer than any ring takes."""
    before = timezone.now() - timedelta(seconds=_RING_SECONDS)
    waiting = Job.objects.waiting().trainings().filter(queued_at__lt=before)
    return waiting.exists() and not QueueSwitch.paused(doorbell.TRAINING_CLUSTER)


def abandon(worker_prefix: str) -> list[Job]:
    """Bring back at once what workers held that are known to be dead. Returns those that wait again."""
    held = Job.objects.filter(status=Status.PROCESSING, claimed_by__startswith=worker_prefix)
    return _give_up_on(list(held))


# --- private, in the order of their callers --------------------------------------------------------


def _take(worker: str, chosen: dict[Job, int | None]) -> Claim | None:
    """Claim by conditional UPDATE: of two workers that chose the same job or the same place, one gets it."""
    # A name of its own for this claim: an attempt is told by it from every other.
    name, now, lease_end = f"{worker}#{uuid.uuid4().hex[:8]}", timezone.now(), _lease_end()
    try:
        (found,) = ledger_rows.together([job_rows.taking(chosen, name, now, lease_end)])
    except IntegrityError:
        return None  # another claim gave the same place away
    won = {uuid.UUID(str(pk)) for (pk,) in found}
    jobs = tuple(job for job in chosen if job.pk in won)
    for job in jobs:
        # As the row is now: while it waits at an attempt, nothing changes that drawing it needs.
        job.status, job.attempt, job.claimed_by, job.slot = Status.PROCESSING, job.attempt + 1, name, chosen[job]
        job.started_at, job.lease_expires_at = now, lease_end
    return Claim(name, jobs) if jobs else None


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _lock_hold(job: Job) -> CreditHold | None:
    """Take the wallet's lock, then the hold's, before the job's row is touched; a test has none."""
    return ledger.lock_hold(job.hold_id) if job.hold_id else None


def _stored(job: Job) -> int:
    return Job.objects.values_list("images_stored", flat=True).get(pk=job.pk)


def _advance(job: Job, attempt: int, images: Sequence[Image], *, delivered: int | None = None, **facts: Any) -> int:
    """Keep these pictures if the attempt still owns the job, and write `facts`; returns how many the job has now.

    Raises: JobEnded.
    """
    more = len(images) if delivered is None else delivered
    (found,) = ledger_rows.together([job_rows.advancing(job, attempt, more, facts)])
    if not found:
        raise JobEnded(job.pk, attempt)
    if images:
        ledger_rows.together(job_rows.adding(images))
    return int(found[0][0])


def _end(job: Job, attempt: int, status: str, **facts: str) -> None:
    _owned(job, attempt, **_ending(status, **facts))


def _ending(status: str, **facts: str) -> dict[str, Any]:
    return {"status": status, "finished_at": timezone.now(), "lease_expires_at": None, **facts}


def _owned(job: Job, attempt: int, **facts: Any) -> None:
    """Write to the job's row if the attempt still owns it. Raises: JobEnded."""
    if not Job.objects.filter(pk=job.pk, attempt=attempt, status=Status.PROCESSING).update(**facts):
        raise JobEnded(job.pk, attempt)


def _close(job: Job, hold: CreditHold | None, status: Job.Status, stored: int, reason: str) -> None:
    """Do what follows an end: settle the price, tell the account's webhooks."""
    settling.settle(job, hold, stored, reason)
    webhooks.announce(job, status)


def _give_up_on(jobs: list[Job]) -> list[Job]:
    waiting = []
    for job in jobs:
        words = settling.TRAINER_LOST if job.task == TRAINING else settling.DRAWER_LOST
        try:
            retry(job, job.attempt, code="worker_lost", message=words)
        except JobEnded:
            continue  # it ended, or was taken over, between the look and the write
        FailedAttempt.objects.keep(job, "worker_lost")
        job.refresh_from_db(fields=["status"])
        if job.status == Status.NEW:
            waiting.append(job)
    return waiting
