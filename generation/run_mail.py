"""Mails about runs and trainings that have ended, to those who want them.

Runs are told by a sweep, all that ended since the last mail in one; a training, which takes long, by a mail of its own.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from accounts import letters, notifications
from accounts.models import Channel, Happening, NotificationChoice
from billing.models import Product
from generation.models import CustomModel, Job

_STATUS = {Happening.RUN_DONE: Job.Status.FINISHED, Happening.RUN_FAILED: Job.Status.FAILED}
# What a transaction that is still open writes is stamped earlier than it is seen.
_SETTLED = timedelta(seconds=10)
_NAMED_MAX = 10


def tell_runs(now: datetime) -> int:
    """Send the mails about runs that are due; returns how many went out. Safe beside another sweep.

    What does not go out because the mail server is away comes with the next sweep.
    """
    choices = [
        (choice, status)
        for happening, status in _STATUS.items()
        for choice in notifications.choosers(happening, Channel.EMAIL)
    ]
    return letters.send_each(choices, lambda one: _tell_runs(*one, now - _SETTLED))


def tell_training(job_id: UUID) -> bool:
    """Send the mail about a training that has ended, if its owner wants it; returns whether it went out."""
    model = CustomModel.objects.select_related("owner", "job").filter(job=job_id, owner__is_active=True).first()
    if model is None or model.job is None:
        return False
    is_done = model.job.status == Job.Status.FINISHED
    happening = Happening.TRAINING_DONE if is_done else Happening.TRAINING_FAILED
    if not notifications.wants(model.owner, happening, Channel.EMAIL):
        return False
    facts: dict[str, Any] = {"user": model.owner, "model": model, "is_done": is_done}
    return letters.send(model.owner.email, "generation/email/training_ended", **facts)


def _tell_runs(choice: NotificationChoice, status: Job.Status, until: datetime) -> bool:
    ended = Job.objects.filter(
        user=choice.user,
        product=Product.SITE,
        status=status,
        finished_at__gt=choice.told_until,
        finished_at__lte=until,
        deleted_at__isnull=True,
    ).pictures()
    # One more than is named tells whether there are others.
    runs = list(ended.order_by("-id")[: _NAMED_MAX + 1])
    if not runs or not notifications.claim(choice, until):
        return False
    facts = {"user": choice.user, "runs": runs[:_NAMED_MAX], "are_more": len(runs) > _NAMED_MAX}
    facts |= {"is_done": status == Job.Status.FINISHED}
    give_back = partial(notifications.give_back, choice, until)
    return letters.send(choice.user.email, "generation/email/runs_ended", give_back=give_back, **facts)
