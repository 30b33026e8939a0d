"""Friends in tests: they follow a link, sign up, confirm, make a picture and pay, by the site's own doors."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import referrals
from accounts.models import Referral, User
from billing import ledger, referral_rewards
from billing.audit import audit
from billing.models import Payment
from tests.factories import make_user
from tests.generation.runs import finished

PASSWORD = "a long enough secret"
FREE = 100
BOTH = 50
PAID = 500
DAY = timedelta(days=1)


def require_confirmation(settings: Settings) -> None:
    """Let people prove their address with a code, as in production."""
    settings.EMAIL_VERIFICATION_REQUIRED = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True


def make_referrer(email: str = "ada@example.com") -> User:
    """Return somebody who has looked at their link."""
    user = make_user(email=email)
    referrals.code_of(user)
    return user


def browser(network: str | None = None) -> Client:
    """Return a new browser at a public network address, by default one of its own."""
    number = uuid4().int
    return Client(REMOTE_ADDR=network or f"81.{number % 250}.{number // 250 % 250}.{number // 62500 % 250 + 1}")


def follow(referrer: User, client: Client | None = None) -> Client:
    """Open somebody's link."""
    client = client or browser()
    client.get(f"/r/{referrals.code_of(referrer)}/")
    return client


def sign_up(client: Client, email: str, **form: str) -> User:
    """Sign up on the page."""
    answer = client.post("/accounts/signup/", {"email": email, "password1": PASSWORD, **form})
    assert answer.status_code == 302, answer.content.decode()
    return User.objects.get(email=email)


def confirm(client: Client) -> None:
    """Type the code of the newest mail."""
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    answer = client.post("/accounts/confirm-email/", {"code": found[1]})
    assert answer.status_code == 302, answer.content.decode()


def invite(referrer: User, email: str, client: Client | None = None) -> User:
    """Return a friend who came by the link and confirmed, where that is asked for."""
    client = follow(referrer, client)
    sent = len(mail.outbox)
    friend = sign_up(client, email)
    if len(mail.outbox) > sent:
        confirm(client)
    return friend


def befriend(referrer: User, email: str, client: Client | None = None) -> User:
    """Return a friend who did all that a reward needs; the sweep has come by."""
    friend = invite(referrer, email, client)
    finished(friend)
    sweep()
    return friend


def sweep(now: datetime | None = None) -> None:
    referral_rewards.sweep(now or timezone.now())


def pay(user: User, *, card: str = "", cents: int = 1000, **facts: Any) -> Payment:
    """Write a payment as the shop's events do, and tell the invites."""
    named = {"payment_id": f"in_{uuid4().hex}", "kind": "plan", "paid_at": timezone.now()}
    money = {"amount_cents": cents, "card_fingerprint": card or f"card_{user.pk.hex}"}
    payment = Payment.objects.create(wallet=ledger.wallet_of(user), **{**named, **money, **facts})
    referral_rewards.payment_applied(payment)
    return payment


def change(payment: Payment, **facts: Any) -> None:
    """Let something become of a payment."""
    Payment.objects.filter(pk=payment.pk).update(**facts)
    referral_rewards.payment_applied(payment)


def balance(user: User) -> int:
    """Return what somebody can spend; all books must be right."""
    assert list(audit()) == []
    return ledger.available(ledger.wallet_of(user))


def invite_of(friend: User) -> Referral:
    return Referral.objects.get(friend=friend)


def fate(friend: User) -> tuple[str, str]:
    """Return what became of the invite by which somebody came: its state and what was wrong with it."""
    referral = invite_of(friend)
    return referral.state, referral.fault
