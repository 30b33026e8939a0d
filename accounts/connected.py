"""The accounts elsewhere (Google's, GitHub's) by which somebody logs in here: what is kept of them, and their end.

Who they are with is allauth's row, `SocialAccount`. Of what the other site tells, only what names the account to its
owner is kept.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts import letters
from accounts.models import User

logger = logging.getLogger(__name__)

NAMES = {"google": "Google", "github": "GitHub"}
# By which of what a site tells its people know their account there, the best first.
_KEPT = ("login", "email")


@dataclass(frozen=True)
class Connected:
    """One account elsewhere, in words."""

    pk: int
    site_id: str
    site: str
    account: str
    since: datetime
    last_used_at: datetime

    def __str__(self) -> str:
        return f"{self.site} ({self.account})" if self.account else self.site


def of(user: User) -> list[Connected]:
    """Return the accounts by which the person logs in, those of sites that are not offered any more among them."""
    return [_in_words(row) for row in SocialAccount.objects.filter(user=user).order_by("pk")]


def names_of(user: User) -> str:
    """Return them in one line, for a mail; empty where there is none."""
    return ", ".join(str(row) for row in of(user))


def what_is_kept(told: Any) -> dict[str, str]:
    """Return what is kept of all that a site tells of an account."""
    return {name: told[name] for name in _KEPT if isinstance(told, dict) and isinstance(told.get(name), str)}


def end_all(user: User) -> list[str]:
    """Let none of them open the account any more; returns which they were."""
    ended = [str(row) for row in of(user)]
    SocialAccount.objects.filter(user=user).delete()
    if ended:
        logger.info("other log-ins disconnected", extra={"user": user.pk, "count": len(ended)})
    return ended


def end_by_operator(rows: Iterable[SocialAccount]) -> None:
    """Disconnect them, and tell their people."""
    for row in rows:
        row.delete()
        facts = {"user": row.user, "connected": str(_in_words(row)), "support_email": settings.SUPPORT_EMAIL}
        letters.send(row.user.email, "emails/disconnected", **facts)
        logger.info("other log-in disconnected by an operator", extra={"user": row.user_id})


def _in_words(row: SocialAccount) -> Connected:
    account = next(iter(what_is_kept(row.extra_data).values()), "")
    return Connected(
        row.pk, row.provider, NAMES.get(row.provider, row.provider), account, row.date_joined, row.last_login
    )
