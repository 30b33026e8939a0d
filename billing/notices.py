"""Mails about money: each is owed within the transaction of the change that it tells of, and sent by the queue.

A change is written once, so its mail is owed once. It stands in the outbox (`DueNotice`) until a mail server has taken
it: a server or a queue that is away puts it off, and undoes nothing of what it is about. What a mail says is read when
it is sent; what has settled by then is not told.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import mail_admins
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from accounts import letters
from accounts.errors import LetterGivenBack
from accounts.models import User
from billing import errands, pictures_kept
from billing.models import DueNotice, Payment, PlanSpell, Subscription, Wallet
from billing.money import amount

logger = logging.getLogger(__name__)

# So long nobody else sends a mail that a process is at.
_AT_HAND = timedelta(minutes=10)
# How long a mail rests after its first try, its second …; the last of them from then on.
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# After so long, and as many tries as there are pauses, it is given up.
_TRIED_FOR = timedelta(days=3)
# Well within the queue's time limit, where a mail takes seconds.
_SENT_AT_ONCE_MAX = 50


@dataclass(frozen=True)
class Notice:
    """To whom a mail goes (nobody: to the operators) and what its templates know."""

    user: User | None
    facts: dict[str, Any] = field(default_factory=dict)


def queue(kind: str, pk: UUID) -> None:
    """Owe a mail about a row as part of the transaction, and have it sent when that is through.

    The kinds are those of `send`.
    """
    DueNotice.objects.create(kind=kind, about=pk)
    errands.send("send_notices")


def send_due(now: datetime) -> int:
    """Send the mails that are due, oldest first; returns how many went out. Safe beside another.

    Where a process ends between the mail server's word and ours, the mail goes out again: twice rather than never.
    """
    due = list(DueNotice.objects.filter(due_at__lte=now).order_by("due_at", "pk")[:_SENT_AT_ONCE_MAX])
    sent = letters.send_each(due, lambda notice: _send_due(notice, now), in_order=True)
    if sent and len(due) == _SENT_AT_ONCE_MAX:
        errands.send("send_notices")
    return sent


def send(kind: str, pk: str, *, give_back: Callable[[], object] | None = None) -> bool:
    """Send a mail; returns whether it went out, not where it tells of nothing any more.

    `give_back` and what is raised with it are those of `letters.send`.

    kind: payment_failed (of a subscription), plan_ended, top_up_off, top_up_changed, top_up_stopped (of a wallet),
    receipt, refund, dispute (of a payment).
    """
    notice = _KINDS[kind](pk)
    if notice is None:
        return False
    name = f"billing/email/{kind}"
    facts = {"user": notice.user, "billing_url": f"{settings.SITE_URL}/settings/billing/", **notice.facts}
    if notice.user is None:
        return letters.send_to_operators(name, give_back=give_back, **facts)
    return not notice.user.is_erased and letters.send(notice.user.email, name, give_back=give_back, **facts)


def warn_operators(subject: str, lines: list[str]) -> bool:
    """Tell the operators of something that wants a look, now; returns whether the mail went out.

    Never raises what mail servers do.
    """
    try:
        mail_admins(subject, "\n".join(lines))
    except (OSError, SMTPException) as error:
        logger.warning("operators not told", extra={"error": type(error).__name__})
        return False
    return True


def _send_due(notice: DueNotice, now: datetime) -> bool:
    """Send a mail of the outbox unless another process is at it; returns whether it went out.

    Raises: LetterGivenBack.
    """
    facts = {"kind": notice.kind, "about": notice.about}
    unclaimed = DueNotice.objects.filter(pk=notice.pk, due_at=notice.due_at)
    if notice.tries >= len(_PAUSES) and now - notice.created_at > _TRIED_FOR:
        if unclaimed.delete()[0]:
            logger.error("mail given up", extra=facts)
        return False
    if not unclaimed.update(due_at=now + _AT_HAND, tries=F("tries") + 1):
        return False
    try:
        went_out = send(notice.kind, str(notice.about), give_back=lambda: _put_off(notice, now))
    except (LetterGivenBack, DatabaseError):
        raise
    except Exception:
        # What is wrong with one must not keep the others waiting.
        logger.exception("mail cannot be written", extra=facts)
        _put_off(notice, now)
        return False
    DueNotice.objects.filter(pk=notice.pk).delete()
    if not went_out:
        logger.warning("mail dropped", extra=facts)
    return went_out


def _put_off(notice: DueNotice, now: datetime) -> None:
    """Let a mail that did not go out rest."""
    pause = _PAUSES[min(notice.tries, len(_PAUSES) - 1)]
    DueNotice.objects.filter(pk=notice.pk).update(due_at=now + pause)


def _payment_failed(pk: str) -> Notice | None:
    from billing.subscriptions import grace_ends_at  # that module queues mails of this one

    subscription = Subscription.objects.select_related("user", "plan").get(pk=pk)
    if subscription.past_due_since is None:
        return None
    ends_on = _day(grace_ends_at(subscription), subscription.user)
    return Notice(subscription.user, {"plan": subscription.plan, "ends_on": ends_on, "card": subscription.card})


def _plan_ended(pk: str) -> Notice | None:
    wallet = Wallet.objects.select_related("user", "plan").get(pk=pk)
    spells = PlanSpell.objects.filter(wallet=wallet, ends_at__isnull=False).exclude(plan=wallet.plan)
    spell = spells.select_related("plan").order_by("-ends_at", "-id").first()
    if spell is None or spell.plan.is_free:
        return None  # another was bought since
    kept = pictures_kept.now(wallet, timezone.now())
    kept_until = _day(kept, wallet.user) if kept else None
    return Notice(wallet.user, {"plan": spell.plan, "now_on": wallet.plan, "kept_until": kept_until})


def _top_up_off(pk: str) -> Notice | None:
    wallet = Wallet.objects.select_related("user", "auto_top_up__pack").get(pk=pk)
    if wallet.auto_top_up.is_on:
        return None
    return Notice(wallet.user, {"top_up": wallet.auto_top_up, "balance": wallet.balance})


def _payment(pk: str) -> Notice:
    payment = Payment.objects.select_related("wallet__user", "plan", "pack", "subscription").get(pk=pk)
    facts = {
        "payment": payment,
        "paid_on": _day(payment.paid_at, payment.wallet.user),
        "amount": amount(payment.amount_cents, payment.currency, exact=True),
        "refunded": amount(payment.refunded_cents, payment.currency, exact=True),
        "bought": payment.pack or payment.plan,
        "is_duplicate": payment.subscription is not None and payment.subscription.is_duplicate,
    }
    return Notice(payment.wallet.user, facts)


def _day(moment: datetime, user: User) -> date:
    """Return the day that it is then where the person lives."""
    return moment.astimezone(user.zone).date()


def _dispute(pk: str) -> Notice:
    facts = _payment(pk).facts
    payment = facts["payment"]
    disputed = amount(payment.disputed_cents, payment.currency, exact=True)
    return Notice(
        None, {**facts, "disputed": disputed, "admin_url": f"{settings.SITE_URL}/admin/billing/payment/{pk}/"}
    )


# None: what it tells of has settled since.
_KINDS: dict[str, Callable[[str], Notice | None]] = {
    "payment_failed": _payment_failed,
    "plan_ended": _plan_ended,
    "top_up_off": _top_up_off,
    "top_up_changed": _top_up_off,
    "top_up_stopped": _top_up_off,
    "receipt": _payment,
    "refund": _payment,
    "dispute": _dispute,
}
