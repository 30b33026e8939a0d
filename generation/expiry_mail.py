"""Tells people that pictures of theirs will go within a week: one mail of each kind a person and week at most.

There are two kinds: the site's pictures, which a limited plan keeps for a time, and the API's. Of those only what its
owner put a hand to in the library: a folder, a heart, stars, tags, a description, a link. Programs fetch the others.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Count, Min, Q
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from billing.models import Plan
from generation import retention
from generation.models import ExpiryMail, Image

logger = logging.getLogger(__name__)

_AHEAD = timedelta(days=7)
# An hour less than a week, so that a sweep that runs a little earlier than the one before does not skip a day.
_BETWEEN = timedelta(days=7) - timedelta(hours=1)


@dataclass(frozen=True)
class _Going:
    """Whose pictures go within a week, how many, and when the oldest of them was made."""

    user_id: uuid.UUID
    pictures: int
    oldest_at: datetime


@dataclass(frozen=True)
class _Kind:
    """A kind of mail: the pictures that it is about; the plan that lets them go, None where the API does."""

    images: Q
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
    """Send the mails that are due; returns how many. Where the mail server is away, the next sweep tries again."""
    now = now or timezone.now()
    kinds = [_Kind(retention.over(plan, now + _AHEAD), plan) for plan in retention.limited_plans()]
    sent = 0
    for kind in (*kinds, _Kind(retention.api_over(now, now + _AHEAD))):
        after: uuid.UUID | None = None
        while found := _due(kind, now, after, chunk):
            for going in found:
                try:
                    sent += _send_once(going, kind, now)
                except OSError as error:
                    logger.warning(
                        "mail could not be sent", extra={"user": going.user_id, "error": type(error).__name__}
                    )
                    return sent
            after = found[-1].user_id
    return sent


def _due(kind: _Kind, now: datetime, after: uuid.UUID | None, chunk: int) -> list[_Going]:
    told = ExpiryMail.objects.filter(**{f"{kind.column}__gt": now - _BETWEEN}).values("user")
    images = Image.objects.filter(kind.images, user__is_active=True).exclude(user__in=told)
    if after is not None:
        images = images.filter(user__gt=after)
    people = images.values("user").annotate(pictures=Count("pk"), oldest=Min("created_at")).order_by("user")
    return [_Going(*row) for row in people.values_list("user", "pictures", "oldest")[:chunk]]


def _send_once(going: _Going, kind: _Kind, now: datetime) -> bool:
    """Claim this week's mail, then send it: of two sweeps at once, one does. Raises: OSError."""
    row, _ = ExpiryMail.objects.get_or_create(user_id=going.user_id)
    earlier, this_week = getattr(row, kind.column), now - _BETWEEN
    if earlier and earlier > this_week:
        return False
    if not ExpiryMail.objects.filter(pk=row.pk, **{kind.column: earlier}).update(**{kind.column: now}):
        return False
    try:
        _send(going, kind)
    except OSError:
        ExpiryMail.objects.filter(pk=row.pk, **{kind.column: now}).update(**{kind.column: earlier})
        raise
    return True


def _send(going: _Going, kind: _Kind) -> None:
    user = User.objects.get(pk=going.user_id)
    first_at = _first_at(user, going, kind)
    if first_at is None:
        return  # a plan that keeps them has been chosen meanwhile
    facts = {
        "user": user,
        "pictures": going.pictures,
        "plan_name": kind.plan.name if kind.plan else "",
        "days": kind.plan.retention_days if kind.plan else settings.API_RETENTION_DAYS,
        "undo_days": retention.UNDO_DAYS,
        "restored_days": retention.RESTORED_DAYS,
        "first_on": first_at.astimezone(user.zone).date(),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    subject = " ".join(render_to_string("generation/email/pictures_go.subject.txt", facts).split())
    text = render_to_string(f"{kind.template}.txt", facts)
    mail = EmailMultiAlternatives(subject, text, to=[user.email])
    mail.attach_alternative(render_to_string(f"{kind.template}.html", facts), "text/html")
    mail.send()


def _first_at(user: User, going: _Going, kind: _Kind) -> datetime | None:
    if kind.plan is None:
        return going.oldest_at + timedelta(days=settings.API_RETENTION_DAYS)
    return retention.first_end(user, Image.objects.filter(kind.images, user=user))
