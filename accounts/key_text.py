"""The text of a key: `gi_live_` or `gi_test_`, 34 random characters, 6 of checksum. Pure; no key is stored here.

The checksum is a CRC32 of all before it, in base 62, so that a mistyped key is refused without a look at the
database, and scanners for leaked secrets report no look-alikes: gi_(live|test)_[0-9A-Za-z]{40}
Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
"""

import hashlib
import re
import secrets
import string
import zlib

LIVE, TEST = "gi_live_", "gi_test_"
PATTERN = re.compile(r"gi_(?:live|test)_[0-9A-Za-z]{40}", re.ASCII)

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
# 202 bits; the six characters that the prefix shows leave 166 for nobody to guess.
_RANDOM_LENGTH = 34
_CHECKSUM_LENGTH = 6
_SHOWN_LENGTH = 6


def make(*, is_test: bool) -> str:
    """Return a new key."""
    body = (TEST if is_test else LIVE) + "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_LENGTH))
    return body + _checksum(body)


def is_well_formed(text: str) -> bool:
    """Whether this could be one of ours: right in form and checksum."""
    if not PATTERN.fullmatch(text):
        return False
    body, checksum = text[:-_CHECKSUM_LENGTH], text[-_CHECKSUM_LENGTH:]
    return checksum == _checksum(body)


def prefix_of(text: str) -> str:
    """Return the beginning, by which people tell their keys apart."""
    return text[: len(LIVE) + _SHOWN_LENGTH]


def digest_of(text: str) -> str:
    """Return what is stored: SHA-256. The text is random enough to need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
