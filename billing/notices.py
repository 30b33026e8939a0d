"""Mails about money: each is queued where something changed, within its transaction, and sent by the queue afterwards.

A change is written once, so its mail goes out once; a mail that cannot be sent is logged and never undoes what it is
about. What a mail says is read when it is sent.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mail_admins
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from billing import errands, pictures_kept
from billing.models import Payment, PlanSpell, Subscription, Wallet
from billing.money import amount

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """To whom a mail goes (nobody: to the operators) and what its templates know."""

    user: User | None
    facts: dict[str, Any] = field(default_factory=dict)


def queue(kind: str, pk: UUID) -> None:
    """Send a mail about a row when the transaction is through. The kinds are those of `send`.

    No sweep looks for it: where the queue is away it is sent from here.
    """
    errands.send("send_notice", kind, str(pk), otherwise=lambda: send(kind, str(pk)))


def send(kind: str, pk: str) -> bool:
    """Send a mail; returns whether it went out.

    kind: payment_failed (of a subscription), plan_ended, top_up_off, top_up_changed, top_up_stopped (of a wallet),
    receipt, refund, dispute (of a payment).
    """
    notice = _KINDS[kind](pk)
    if notice.user is not None and notice.user.is_erased:
        return False
    facts = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "test_shop": settings.TEST_SHOP}
    facts |= {"user": notice.user, "billing_url": f"{settings.SITE_URL}/settings/billing/", **notice.facts}
    subject = " ".join(render_to_string(f"billing/email/{kind}.subject.txt", facts).split())
    text = render_to_string(f"billing/email/{kind}.txt", facts)
    try:
        if notice.user is None:
            mail_admins(subject, text)
        else:
            mail = EmailMultiAlternatives(subject, text, to=[notice.user.email])
            mail.attach_alternative(render_to_string(f"billing/email/{kind}.html", facts), "text/html")
            mail.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail not sent", extra={"kind": kind, "id": pk, "error": type(error).__name__})
        return False
    return True


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


def _payment_failed(pk: str) -> Notice:
    from billing.subscriptions import grace_ends_at  # that module queues mails of this one

    subscription = Subscription.objects.select_related("user", "plan").get(pk=pk)
    ends_on = _day(grace_ends_at(subscription), subscription.user)
    return Notice(subscription.user, {"plan": subscription.plan, "ends_on": ends_on, "card": subscription.card})


def _plan_ended(pk: str) -> Notice:
    wallet = Wallet.objects.select_related("user", "plan").get(pk=pk)
    spells = PlanSpell.objects.filter(wallet=wallet, ends_at__isnull=False).exclude(plan=wallet.plan)
    spell = spells.select_related("plan").order_by("-ends_at", "-id").first()
    kept = pictures_kept.now(wallet, timezone.now())
    kept_until = _day(kept, wallet.user) if kept else None
    return Notice(wallet.user, {"plan": spell and spell.plan, "now_on": wallet.plan, "kept_until": kept_until})


def _top_up_off(pk: str) -> Notice:
    wallet = Wallet.objects.select_related("user", "auto_top_up__pack").get(pk=pk)
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


_KINDS: dict[str, Callable[[str], Notice]] = {
    "payment_failed": _payment_failed,
    "plan_ended": _plan_ended,
    "top_up_off": _top_up_off,
    "top_up_changed": _top_up_off,
    "top_up_stopped": _top_up_off,
    "receipt": _payment,
    "refund": _payment,
    "dispute": _dispute,
}
