"""Mails to those who reported a picture: what came of it. They name nobody and show no picture."""

from datetime import datetime, timedelta

from accounts import letters, notifications
from accounts.models import Channel, Happening
from generation.models import Report

# A mail server that is away for so long gets no answer to carry: it stands on the page all the same.
_TRIED_FOR = timedelta(days=3)
_TOLD_AT_ONCE_MAX = 200


def tell_reporters(now: datetime) -> int:
    """Send the mails about answered reports that are due; returns how many went out. Safe beside another sweep."""
    answered = Report.objects.exclude(outcome="").filter(told_at__isnull=True, closed_at__gt=now - _TRIED_FOR)
    due = answered.filter(reporter__is_active=True).select_related("reporter").order_by("closed_at")
    return letters.send_each(due[:_TOLD_AT_ONCE_MAX], lambda report: _tell(report, now))


def _tell(report: Report, now: datetime) -> bool:
    mine = Report.objects.filter(pk=report.pk, outcome=report.outcome)
    if not mine.filter(told_at__isnull=True).update(told_at=now):
        return False
    user = report.reporter
    if user is None or not notifications.wants(user, Happening.REPORT_ANSWERED, Channel.EMAIL):
        return False
    return letters.send(
        user.email,
        "generation/email/report_answered",
        give_back=lambda: mine.update(told_at=None),
        user=user,
        report=report,
    )
