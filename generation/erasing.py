"""Erases an account: everything that a person made, brought or wrote goes; the ledger's lines stay, of nobody.

Asked for once, in a moment: from then on nobody comes in. A task does the rest, a slice at a time, for thousands of
files take longer than a task may. Each step may be done again, so a process that is killed is followed by another; a
step that fails (the shop is away) is tried again later, and the end comes only when all have been done.
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext

from accounts import closing as accounts_closing
from accounts import letters, mail
from accounts.models import User
from billing import closing as billing_closing
from billing import notices
from billing.errors import ShopUnavailable
from generation import (
    custom_models,
    doorbell,
    exports,
    folders,
    full_text,
    lifecycle,
    moderation_queue,
    sealing,
    showcase,
    storage,
    training_folder,
)
from generation.models import CustomModel, Erasure, Image, Job, JobInput, Upload, WebhookEndpoint

logger = logging.getLogger(__name__)

# What floors above keep about a person, and how it goes: each registers a step, which may be done twice.
further_steps: list[Callable[[User], object]] = []

# How long a process may be silent before another goes on, and how long one works at a time.
_LEASE = timedelta(minutes=15)
_SLICE_SECONDS = 120.0
_CHUNK = 100
_AGAIN_FIRST, _AGAIN_AT_MOST = timedelta(minutes=1), timedelta(hours=6)
_TELL_OPERATORS_AT = 10
# A mail server that is away for so many tries gets no receipt to carry: the address goes all the same.
_RECEIPT_TRIES = 20
# So long the shop may tell of what ended.
_ECHO = timedelta(days=40)


class NotErasable(Exception):
    """The account runs the site; its marks are taken away first."""

    def __init__(self) -> None:
        super().__init__(gettext("This account runs the site. Another operator takes its staff mark away first."))


class _SliceOver(Exception):
    """Enough for one process; the next slice goes on."""


def what_goes(user: User) -> dict[str, int]:
    """Return what an erasure would take, by noun."""
    return {
        "picture": Image.objects.kept_for(user).count(),
        "upload": Upload.objects.visible_to(user).count(),
        "model": CustomModel.objects.visible_to(user).count(),
        "credit": sum(wallet.balance for wallet in user.wallets.all()),
    }


def request(user: User) -> Erasure:
    """Begin it: nobody comes in by this account any more; a second call finds it begun. Raises: NotErasable."""
    if user.is_staff or user.is_superuser:
        raise NotErasable
    with transaction.atomic():
        facts = {"sealed_address": sealing.seal(user.email), "removed": what_goes(user)}
        erasure, is_new = Erasure.objects.get_or_create(user=user, defaults=facts)
        if is_new:
            WebhookEndpoint.objects.filter(user=user, off="").update(off=WebhookEndpoint.Off.OWNER)
            doorbell.ring_eraser()
    accounts_closing.lock_out(user)
    logger.info("erasure requested", extra={"user": user.pk})
    return erasure


def run_due(now: datetime | None = None) -> int:
    """Work at the erasures that are due; returns how many are finished. Safe beside another."""
    moment = now or timezone.now()
    due = Erasure.objects.filter(finished_at__isnull=True, due_at__lte=moment).order_by("due_at")
    return sum(_run(erasure, moment) for erasure in due.select_related("user")[:20])


def forget_late() -> int:
    """Leave no address in what the shop tells after an account was erased; returns how many events changed."""
    lately = Erasure.objects.filter(finished_at__gte=timezone.now() - _ECHO)
    return billing_closing.forget_late_events(list(lately.values_list("user", flat=True)))


# --- private, in the order of their callers --------------------------------------------------------


def _run(erasure: Erasure, now: datetime) -> bool:
    """Take an erasure, do what is left of it, and finish it or say when to go on."""
    mine = Erasure.objects.filter(pk=erasure.pk, finished_at__isnull=True, due_at=erasure.due_at)
    if not mine.update(due_at=now + _LEASE):
        return False
    until = time.monotonic() + _SLICE_SECONDS
    try:
        trouble = _do_steps(erasure, until)
    except _SliceOver:
        Erasure.objects.filter(pk=erasure.pk).update(due_at=now)
        doorbell.ring_eraser()
        return False
    except Exception as error:
        # Whatever it is, the others' accounts are erased, and this one is tried again.
        logger.exception("erasure failed", extra={"user": erasure.pk})
        trouble = type(error).__name__
    if trouble or not _send_receipt(erasure):
        _try_again(erasure, trouble or "mail")
        return False
    Erasure.objects.filter(pk=erasure.pk).update(finished_at=timezone.now(), sealed_address="", trouble="")
    logger.info("account erased", extra={"user": erasure.pk})
    _empty_write_ahead()
    return True


def _empty_write_ahead() -> None:
    """Have SQLite write over what stands in its write-ahead file: pages from before.

    Who reads at this moment is not waited for; the next one that leaves does it.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _do_steps(erasure: Erasure, until: float) -> str:
    """Do every step; returns what has to be tried again, if anything. Raises: _SliceOver."""
    user = erasure.user
    trouble = ""
    # Whoever asked for it may have died before.
    accounts_closing.lock_out(user)
    try:
        billing_closing.end_purchases(user)
    except ShopUnavailable:
        trouble = "shop"
    steps: list[Callable[[], object]] = [
        partial(_cancel_runs, user, until),
        partial(_delete_models, user, until),
        partial(moderation_queue.forget_person, user),
        partial(_delete_pictures, user, until),
        partial(_delete_runs, user, until),
        partial(_delete_uploads, user, until),
        partial(_withdraw_likes, user, until),
        partial(exports.remove_all, user),
        partial(folders.forget_person, user),
        partial(full_text.forget_deleted, connection),
        partial(billing_closing.give_up_credits, user),
        partial(billing_closing.forget_events, user),
        *(partial(step, user) for step in further_steps),
        partial(accounts_closing.make_nobodys, user, _address(erasure)),
    ]
    for step in steps:
        step()
    return trouble


def _cancel_runs(user: User, until: float) -> None:
    for job in _each(Job.objects.filter(user=user, status__in=Job.ACTIVE), until):
        lifecycle.cancel(job)


def _delete_models(user: User, until: float) -> None:
    models_of = CustomModel.objects.filter(owner=user).select_related("job")
    for model in _each(models_of, until):
        custom_models.delete(model)
        if model.job is not None:
            training_folder.remove(model.job)
        # Without its row nobody would know of a file that an earlier try left behind.
        custom_models.delete_files_of(model)
        _take_name_from_runs(model)
        model.delete()


def _take_name_from_runs(model: CustomModel) -> None:
    """Leave those nameless who drew with it by a link: ids and checksums still say that it was the same model."""
    if not model.sha256:
        return  # nobody ever drew with it
    # A run's id says when it was made: none before the model's own.
    runs = Job.objects.filter(pk__gt=model.pk, params__has_key="loras").exclude(user=model.owner_id)
    for job in runs.annotate(settings=Cast("params", TextField())).filter(settings__contains=str(model.pk)):
        loras = [{**used, "name": ""} if used["id"] == str(model.pk) else used for used in job.params["loras"]]
        Job.objects.filter(pk=job.pk).update(params={**job.params, "loras": loras})


def _delete_pictures(user: User, until: float) -> None:
    for image in _each(Image.objects.filter(user=user).select_related("job", "clip"), until):
        # Files first: files without a row could never be found again. Of one that was purged there are none.
        if image.purged_at is None:
            storage.delete_files_of(image)
        image.delete()


def _delete_runs(user: User, until: float) -> None:
    JobInput.objects.filter(job__user=user).delete()
    for job in _each(Job.objects.filter(user=user), until):
        job.delete()


def _delete_uploads(user: User, until: float) -> None:
    for upload in _each(Upload.objects.filter(user=user), until):
        storage.delete(*upload.files)
        upload.delete()


def _withdraw_likes(user: User, until: float) -> None:
    """Let nobody's picture be liked by an account that is no more: their counts are of rows."""
    for like in _each(showcase.liked_by(user), until):
        showcase.like(like.publication, user, likes=False)


def _each(rows: Any, until: float) -> Any:
    """Yield rows, which the caller removes or changes, until there are none. Raises: _SliceOver."""
    after: uuid.UUID | int | None = None
    while found := list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:_CHUNK]):
        for row in found:
            if time.monotonic() > until:
                raise _SliceOver
            after = row.pk
            yield row


def _address(erasure: Erasure) -> str:
    return sealing.unseal(erasure.sealed_address) if erasure.sealed_address else ""


def _try_again(erasure: Erasure, trouble: str) -> None:
    wait = min(_AGAIN_FIRST * 2 ** min(erasure.tries, 20), _AGAIN_AT_MOST)
    Erasure.objects.filter(pk=erasure.pk).update(due_at=timezone.now() + wait, tries=F("tries") + 1, trouble=trouble)
    logger.warning("erasure not finished", extra={"user": erasure.pk, "trouble": trouble})
    if erasure.tries + 1 == _TELL_OPERATORS_AT:
        lines = [f"The account {erasure.pk} cannot be erased to the end: {trouble}. It is tried again by itself."]
        notices.warn_operators("An account is not erased yet", lines)


def _send_receipt(erasure: Erasure) -> bool:
    """Send the receipt; returns whether there is nothing left to wait for."""
    address = _address(erasure)
    if not address or erasure.tries >= _RECEIPT_TRIES:
        return True
    facts = {"erasure": erasure, "removed": erasure.removed, "at": timezone.now()}
    if mail.is_kept_here():
        # Nobody carries it to them, and the file would be the last one that holds the address: it goes to the number.
        address = User.objects.get(pk=erasure.pk).email
    return letters.send(address, "generation/email/account_erased", **facts)
