"""Closes an account for a time, with a reason, and opens it again.

From the first moment nobody comes in by session, password or key; runs end and give their credits back; what was shown
is shown no more (`Publication.objects.open`, as for everybody who is not active); webhooks are silent. Nothing is
removed. Erasing an account closes it for good: then there is nothing to lift.
"""

import logging
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import letters
from accounts.models import Suspension, User
from generation import lifecycle
from generation.models import Erasure, Job, WebhookEndpoint

logger = logging.getLogger(__name__)


class NotSuspendable(Exception):
    """Runs the site, is closed already, or is being erased. The message says which."""


def suspend(user: User, operator: User, reason: str) -> Suspension:
    """Close an account; its owner is told why, and how to object. Raises: NotSuspendable."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        _check(locked, operator)
        endpoints = WebhookEndpoint.objects.filter(user=locked, off="")
        paused = [str(pk) for pk in endpoints.values_list("pk", flat=True)]
        facts = {"reason": reason, "suspended_by": operator.pk, "paused_endpoints": paused}
        suspension = Suspension.objects.create(user=locked, **facts)
        # Before the runs end: nobody is told of that.
        endpoints.update(off=WebhookEndpoint.Off.OWNER)
        User.objects.filter(pk=locked.pk).update(is_active=False)
    user.is_active = False
    for session in UserSession.objects.filter(user=user):
        session.end()
    for job in Job.objects.filter(user=user, status__in=Job.ACTIVE):
        lifecycle.cancel(job)
    logger.info("account suspended", extra={"user": user.pk, "operator": operator.pk})
    _tell(user, "account_suspended", reason)
    return suspension


def lift(user: User, operator: User, reason: str) -> None:
    """Open an account again; its owner is told. Raises: NotSuspendable where there is nothing to lift."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        suspension = Suspension.open_of(locked)
        if suspension is None or Erasure.objects.filter(user=locked).exists():
            raise NotSuspendable(gettext("This account is not suspended, or is being erased."))
        facts = {"lifted_at": timezone.now(), "lifted_by": operator.pk, "lift_reason": reason}
        Suspension.objects.filter(pk=suspension.pk).update(**facts)
        paused = WebhookEndpoint.objects.filter(user=locked, pk__in=suspension.paused_endpoints)
        paused.filter(off=WebhookEndpoint.Off.OWNER).update(off="")
        User.objects.filter(pk=locked.pk).update(is_active=True)
    user.is_active = True
    logger.info("suspension lifted", extra={"user": user.pk, "operator": operator.pk})
    _tell(user, "account_restored", reason)


# --- private, in the order of their callers --------------------------------------------------------


def _check(user: User, operator: User) -> None:
    if user.is_staff or user.is_superuser or user.pk == operator.pk:
        raise NotSuspendable(gettext("Who runs the site is not suspended: take the staff mark away first."))
    if Erasure.objects.filter(user=user).exists() or user.is_erased:
        raise NotSuspendable(gettext("This account is erased, or is being erased."))
    if Suspension.open_of(user) is not None:
        raise NotSuspendable(gettext("This account is suspended already."))
    if not user.is_active:
        raise NotSuspendable(gettext("This account is closed already."))


def _tell(user: User, letter: str, reason: str) -> None:
    facts: dict[str, Any] = {"user": user, "reason": reason, "support_email": settings.SUPPORT_EMAIL}
    letters.send(user.email, f"generation/email/{letter}", **facts)
