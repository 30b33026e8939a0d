"""Mailboxes whose accounts were erased: kept as keyed hashes for a time, so that an erasure makes nobody a new person.

Without them, what comes once a person (an invite's reward) or once a month (the free credits) would come again with
each account that somebody erases and opens anew.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import addresses
from accounts.models import ErasedMailbox, FormerAddress, User

KEPT_DAYS = 180
_SALT = "accounts.erased_mailboxes"


def note(user: User) -> None:
    """Remember where mail for a person's addresses ends up, those from before too; called while they are still there.

    An address that was never confirmed, where that is asked for, may be another's.
    """
    confirmed = EmailAddress.objects.filter(user=user, verified=True).annotate(mailbox=addresses.mailbox())
    former = FormerAddress.objects.filter(user=user).annotate(mailbox=addresses.mailbox())
    if settings.EMAIL_VERIFICATION_REQUIRED:
        former = former.filter(was_confirmed=True)
    found = {*confirmed.values_list("mailbox", flat=True), *former.values_list("mailbox", flat=True)}
    if not settings.EMAIL_VERIFICATION_REQUIRED and not user.is_erased:
        found.add(user.mailbox)
    for mailbox in found:
        ErasedMailbox.objects.update_or_create(
            digest=_digest(mailbox, settings.SECRET_KEY), defaults={"erased_at": timezone.now()}
        )


def is_known(mailbox: str, *, since: datetime | None = None) -> bool:
    """Return whether an account of this mailbox was erased, as far back as that is kept or since a moment."""
    since = since or timezone.now() - timedelta(days=KEPT_DAYS)
    digests = [_digest(mailbox, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return ErasedMailbox.objects.filter(digest__in=digests, erased_at__gte=since).exists()


def forget_old(now: datetime) -> int:
    """Forget those of longer ago; returns how many."""
    return ErasedMailbox.objects.filter(erased_at__lt=now - timedelta(days=KEPT_DAYS)).delete()[0]


def _digest(mailbox: str, secret: str) -> str:
    return salted_hmac(_SALT, mailbox, secret=secret, algorithm="sha256").hexdigest()[:32]
