"""Tells people that pictures of theirs will go within a week: one mail a person and week at most."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Count, Min
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


def send_due(now: datetime | None = None, *, chunk: int = 200) -> int:
    """Send the mails that are due; returns how many. Where the mail server is away, the next sweep tries again."""
    now = now or timezone.now()
    sent = 0
    for plan in retention.limited_plans():
        after: uuid.UUID | None = None
        while found := _due(plan, now, after, chunk):
            for going in found:
                try:
                    sent += _send_once(going, plan, now)
                except OSError as error:
                    logger.warning(
                        "mail could not be sent", extra={"user": going.user_id, "error": type(error).__name__}
                    )
                    return sent
            after = found[-1].user_id
    return sent


def _due(plan: Plan, now: datetime, after: uuid.UUID | None, chunk: int) -> list[_Going]:
    told = ExpiryMail.objects.filter(sent_at__gt=now - _BETWEEN).values("user")
    images = Image.objects.filter(retention.over(plan, now + _AHEAD), user__is_active=True).exclude(user__in=told)
    if after is not None:
        images = images.filter(user__gt=after)
    people = images.values("user").annotate(pictures=Count("pk"), oldest=Min("created_at")).order_by("user")
    return [_Going(*row) for row in people.values_list("user", "pictures", "oldest")[:chunk]]


def _send_once(going: _Going, plan: Plan, now: datetime) -> bool:
    """Claim this week's mail, then send it: of two sweeps at once, one does. Raises: OSError."""
    row, is_first = ExpiryMail.objects.get_or_create(user_id=going.user_id, defaults={"sent_at": now})
    if not is_first:
        earlier = ExpiryMail.objects.filter(pk=row.pk, sent_at=row.sent_at, sent_at__lte=now - _BETWEEN)
        if not earlier.update(sent_at=now):
            return False
    try:
        _send(going, plan)
    except OSError:
        ExpiryMail.objects.filter(pk=row.pk, sent_at=now).delete()
        raise
    return True


def _send(going: _Going, plan: Plan) -> None:
    user = User.objects.get(pk=going.user_id)
    until = retention.kept_until(user, going.oldest_at)
    assert until is not None  # the same rule found the picture
    facts = {
        "user": user,
        "pictures": going.pictures,
        "plan_name": plan.name,
        "plan_days": plan.retention_days,
        "first_on": until.astimezone(user.zone).date(),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    subject = " ".join(render_to_string("generation/email/pictures_go.subject.txt", facts).split())
    text = render_to_string("generation/email/pictures_go.txt", facts)
    mail = EmailMultiAlternatives(subject, text, to=[user.email])
    mail.attach_alternative(render_to_string("generation/email/pictures_go.html", facts), "text/html")
    mail.send()
