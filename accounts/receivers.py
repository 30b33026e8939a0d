"""What accounts hears: somebody signed up, logged in, or confirmed an address; invites and the audit log follow it."""

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_logged_in, user_signed_up
from django.contrib.auth.signals import user_logged_in as session_begun
from django.contrib.auth.signals import user_logged_out as session_ended
from django.contrib.auth.signals import user_login_failed
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, former_addresses, referral_faults, referrals
from accounts.models import User

logger = logging.getLogger(__name__)


@receiver(user_signed_up)
def attach_invite(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Attach the invite that the browser carries, by whatever door they came; a typed code was attached before.

    For an address that a provider vouches for `email_confirmed` is never sent.
    """
    referrals.join(user, request)
    if referral_faults.is_confirmed(user):
        referrals.confirm(user)


@receiver(user_logged_in)
def refuse_click_of_known_person(*, request: HttpRequest, user: User, **_: Any) -> None:
    """An invite is for new people. Who has just signed up has turned the click into a friend already."""
    referrals.note_known_person(user, request)


@receiver(email_confirmed)
def confirm_friend(*, email_address: EmailAddress, **_: Any) -> None:
    """Let the invite go on; a second address changes nothing."""
    referrals.confirm(email_address.user)


@receiver(pre_save, sender=User)
def note_former_address(*, instance: User, update_fields: Any = None, **_: Any) -> None:
    """Remember an address that somebody leaves, whoever changes it."""
    if not instance._state.adding and (update_fields is None or "email" in update_fields):
        former_addresses.note(instance)


@receiver(session_begun)
def note_sign_in_of_staff(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """Write down that somebody who runs the site came in, by whatever door."""
    if user.is_staff:
        audit.write(request, user.pk, "sign in", user)


@receiver(session_begun)
def log_session(*, user: User, **_: Any) -> None:
    """Log who came in, by number: no line holds an address."""
    logger.info("logged in", extra={"user": user.pk})


@receiver(session_ended)
def log_end_of_session(*, user: User | None, **_: Any) -> None:
    """Log who left."""
    if user is not None:
        logger.info("logged out", extra={"user": user.pk})


@receiver(user_login_failed)
def log_refused_log_in(*, request: HttpRequest | None = None, **_: Any) -> None:
    """Log that somebody was not let in; what was typed is not written down."""
    logger.warning("log-in refused", extra={"path": request.path_info if request else ""})
