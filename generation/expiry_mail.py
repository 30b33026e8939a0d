"""Tells people a week before pictures of theirs go: one mail of each kind a person and week at most.

A mail is due when a picture goes within a week, and names all that go within two: the next one comes no sooner than
in a week, when it is late to speak of what goes then.

There are two kinds: the site's pictures, which a limited plan keeps for a time, and the API's. Of those only what its
owner put a hand to in the library: a folder, a heart, stars, tags, a description, a link. Programs fetch the others.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import letters
from accounts.models import User
from billing.models import Plan
from generation import retention
from generation.models import ExpiryMail, Image

logger = logging.getLogger(__name__)

_DUE = timedelta(days=7)
_NAMED = 2 * _DUE
# An hour less than a week, so that a sweep that runs a little earlier than the one before does not skip a day.
_BETWEEN = timedelta(days=7) - timedelta(hours=1)


@dataclass(frozen=True)
class _Kind:
    """A kind of mail: the pictures that go within a week, and within two; the plan, or None, that lets them go."""

    due: Q
    named: Q
    plan: Plan | None = None

    @property
    def column(self) -> str:
        """Where it is noted when somebody had the last one."""
        return "sent_at" if self.plan else "api_sent_at"

    @property
    def template(self) -> str:
        """The mail's words: the path of its templates, without their ends."""
        return "generation/email/pictures_go" if self.plan else "generation/email/api_pictures_go"


def send_due(now: datetime | None = None, *, chunk: int = 200) -> int:
    """Send the mails that are due; returns how many. Where the mail server is away, the next sweep tries again.

    Somebody whom it refuses keeps the mail from nobody else, and is written to again in a week.
    """
    now = now or timezone.now()
    due, named = now + _DUE, now + _NAMED
    kinds = [_Kind(retention.over(plan, due), retention.over(plan, named), plan) for plan in retention.limited_plans()]
    of_api = _Kind(retention.api_over(now, due), retention.api_over(now, named))
    sent = 0
    for kind in (*kinds, of_api):
        after: uuid.UUID | None = None
        while found := _due(kind, now, after, chunk):
            for user_id in found:
                try:
                    sent += _send_once(user_id, kind, now)
                except OSError as error:
                    logger.warning("mail could not be sent", extra={"user": user_id, "error": type(error).__name__})
                    if letters.is_away(error):
                        return sent
            after = found[-1]
    return sent


def _due(kind: _Kind, now: datetime, after: uuid.UUID | None, chunk: int) -> list[uuid.UUID]:
    told = ExpiryMail.objects.filter(**{f"{kind.column}__gt": now - _BETWEEN}).values("user")
    images = Image.objects.filter(kind.due, user__is_active=True).exclude(user__in=told)
    if after is not None:
        images = images.filter(user_id__gt=after)
    return list(images.order_by("user_id").values_list("user_id", flat=True).distinct()[:chunk])


def _send_once(user_id: uuid.UUID, kind: _Kind, now: datetime) -> bool:
    """Claim this week's mail, then send it: of two sweeps at once, one does. Raises: OSError."""
    row, _ = ExpiryMail.objects.get_or_create(user_id=user_id)
    earlier, this_week = getattr(row, kind.column), now - _BETWEEN
    if earlier and earlier > this_week:
        return False
    if not ExpiryMail.objects.filter(pk=row.pk, **{kind.column: earlier}).update(**{kind.column: now}):
        return False
    try:
        _send(user_id, kind)
    except OSError as error:
        if not letters.is_refused(error):
            ExpiryMail.objects.filter(pk=row.pk, **{kind.column: now}).update(**{kind.column: earlier})
        raise
    return True


def _send(user_id: uuid.UUID, kind: _Kind) -> None:
    user = User.objects.get(pk=user_id)
    going = Counter(end.astimezone(user.zone).date() for end in _ends(user, kind))
    if not going:
        return  # a plan that keeps them has been chosen meanwhile
    facts = {
        "user": user,
        "pictures": going.total(),
        "plan_name": kind.plan.name if kind.plan else "",
        "days": kind.plan.retention_days if kind.plan else settings.API_RETENTION_DAYS,
        "undo_days": retention.UNDO_DAYS,
        "restored_days": retention.RESTORED_DAYS,
        "first_on": min(going),
        "going": sorted(going.items()),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    subject = " ".join(render_to_string("generation/email/pictures_go.subject.txt", facts).split())
    text = render_to_string(f"{kind.template}.txt", facts)
    mail = EmailMultiAlternatives(subject, text, to=[user.email])
    mail.attach_alternative(render_to_string(f"{kind.template}.html", facts), "text/html")
    mail.send()


def _ends(user: User, kind: _Kind) -> Iterator[datetime]:
    images = Image.objects.filter(kind.named, user=user)
    if kind.plan:
        return retention.ends(user, images)
    kept = timedelta(days=settings.API_RETENTION_DAYS)
    return (made_at + kept for made_at in images.values_list("created_at", flat=True).iterator())
