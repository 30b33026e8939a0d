"""Secrets that must be used and not only compared: encrypted where they are kept, with keys that can be changed.

What is sealed is a Fernet token (AES-128 and HMAC-SHA256). Each of SEALING_KEYS, then SECRET_KEY and its fallbacks, is
stretched to a key of its own; the first seals, all of them open. So a key is changed by putting a new one before it,
and is dropped once `manage.py reseal_secrets` has sealed everything anew.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from generation.errors import SecretUnreadable

# Of a sealed text of up to 100 characters.
SEALED_MAX_LENGTH = 300


def seal(text: str) -> str:
    """Return the text encrypted with the newest key."""
    return _ring().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text. Raises: SecretUnreadable where no key opens it."""
    try:
        return _ring().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def reseal(sealed: str) -> str:
    """Return the same text encrypted with the newest key. Raises: SecretUnreadable."""
    try:
        return _ring().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def is_newest(sealed: str) -> bool:
    """Whether the newest key opens it."""
    try:
        _key_of(settings.SEALING_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _ring() -> MultiFernet:
    return MultiFernet([_key_of(key) for key in settings.SEALING_KEYS])


@cache
def _key_of(key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"getimg: sealed secrets").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
