"""The secrets of second factors lie sealed, like all others that must be read again: allauth's hooks for it."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from generation import sealing

# Where allauth keeps what it encrypts: an app's secret, and the seed that recovery codes are made from.
_SEALED = ("secret", "seed")


class SealedFactors(DefaultMFAAdapter):
    """How this site keeps second factors."""

    def encrypt(self, text: str) -> str:
        """Seal a secret with the newest key."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open it. Raises: SecretUnreadable where no key does."""
        return sealing.unseal(encrypted_text)


def reseal() -> int:
    """Seal every secret with the newest key; returns how many rows changed. Raises: SecretUnreadable."""
    changed = 0
    for row in Authenticator.objects.order_by("pk").iterator():
        old = {name: row.data[name] for name in _SEALED if name in row.data and not sealing.is_newest(row.data[name])}
        if old:
            row.data = {**row.data, **{name: sealing.reseal(text) for name, text in old.items()}}
            row.save(update_fields=["data"])
            changed += 1
    return changed
