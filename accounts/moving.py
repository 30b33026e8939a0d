"""An operator moves a person to another address: the old mailbox opens the account no more.

Where a person does it themselves, allauth does (`accounts/email_form.py`): the new address counts once it is confirmed.
"""

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction

from accounts import connected, letters, traces
from accounts.models import User

logger = logging.getLogger(__name__)


def move_logins(user: User, old: str, *, keep_session: str | None = None) -> None:
    """Move the ways into an account to its address, which was changed from `old`.

    The new one is still to be confirmed, at the next log-in: nobody has seen that mailbox yet. Sessions end, but for
    the one that the operator does it from; codes that were sent are void; accounts elsewhere log in no more, for who
    had the old mailbox may have connected one. Both mailboxes are told.
    """
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
        for session in UserSession.objects.filter(user=user).exclude(session_key=keep_session or ""):
            session.end()
        traces.end_sessions(old, str(user.pk), user.pk.hex, keep=keep_session)
        ended = connected.end_all(user)
        transaction.on_commit(lambda: _tell(user, old, ended))
    logger.info("address changed by an operator", extra={"user": user.pk})


def _tell(user: User, old: str, ended: list[str]) -> None:
    for address in (old, user.email):
        facts: dict[str, Any] = {"user": user, "old": old, "new": user.email, "support_email": settings.SUPPORT_EMAIL}
        facts |= {"ended": ", ".join(ended)}
        letters.send(address, "emails/address_changed", **facts)
