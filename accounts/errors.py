"""What can go wrong with who is asking, as facts. Translated once at the edge."""

from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext


class Refusal(StrEnum):
    """Why a key opens nothing."""

    UNKNOWN = "unknown"  # no key of ours, or one of somebody who may not come in: never told apart
    REVOKED = "revoked"
    EXPIRED = "expired"
    REPLACED = "replaced"
    NETWORK = "network"


class AccountsError(Exception):
    """Base of this app's errors."""


class LetterGivenBack(AccountsError):
    """A letter did not go out, and may later: whoever claimed it has given the claim back."""

    def __init__(self, *, is_away: bool) -> None:
        self.is_away = is_away  # the server, for every letter
        super().__init__()


class FeatureOff(AccountsError):
    """An operator has turned a feature off; `reason` is for people."""

    code = "switched_off"

    def __init__(self, feature: str, name: str, reason: str) -> None:
        self.feature, self.name = feature, name
        # Without a reason the settings have it off.
        self.is_by_operator = bool(reason)
        self.reason = reason = reason or gettext("This site does not offer it.")
        super().__init__(gettext("%(name)s: switched off for now. %(reason)s") % {"name": name, "reason": reason})


class KeyRefused(AccountsError):
    """A request's key opens nothing."""

    def __init__(self, reason: Refusal, address: str = "") -> None:
        self.reason, self.address = reason, address
        super().__init__(gettext("the API key was refused: %(reason)s") % {"reason": reason})


class KeyEnded(AccountsError):
    """A key that was revoked or has expired can't be changed any more."""

    def __init__(self) -> None:
        super().__init__(gettext("This key has ended. Create a new one."))


class TooManyKeys(AccountsError):
    """The person has as many working keys as are allowed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            gettext("You have %(limit)s keys, which is the most. Revoke one that you no longer use.") % {"limit": limit}
        )


class TestAllowanceUsedUp(AccountsError):
    """A person's test keys have no more pictures left today."""

    __test__ = False  # no test class, whatever its name

    def __init__(self, asked: int, left: int, limit: int, again_at: datetime) -> None:
        self.asked, self.left, self.limit, self.again_at = asked, left, limit, again_at
        super().__init__(
            gettext(
                "Test keys make %(limit)s pictures a day; you asked for %(asked)s and %(left)s are "
                "left until 00:00 UTC. Use a live key for more."
            )
            % {"limit": limit, "asked": asked, "left": left}
        )
