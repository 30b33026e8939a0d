"""The licence certificate of a picture: its facts as JSON, signed, and the keys to check it by.

A certificate is `{"certificate": facts, "signature": {"algorithm", "key", "value"}}`. Signed with Ed25519 are the
bytes of the facts in canonical form (RFC 8785: keys in order, no blanks, UTF-8; the facts hold no fractions), so
that it can be checked anywhere by the keys in /.well-known/getimg-licence-keys.json, without asking the site.
Each download is made out anew, with the day it was issued on.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts import addresses
from accounts.models import User
from generation import licences
from generation.errors import SignatureDoesNotFit
from generation.models import Clip, Image

ALGORITHM = "Ed25519"
# The second names the account as well: anybody may call themselves anything, and something else tomorrow.
VERSION = 2
# One is about 1.5 KB, on its page with the picture some hundred more.
MAX_BYTES = 4 * 1024 * 1024
_BEGINNING, _END = b'{\n  "certificate": {', b"\nendstream"


@dataclass(frozen=True)
class Certificate:
    """Signed facts about one picture."""

    facts: dict[str, Any]
    key: str
    signature: str

    def as_json(self) -> str:
        """Return the file that its owner keeps."""
        signature = {"algorithm": ALGORITHM, "key": self.key, "value": self.signature}
        return json.dumps({"certificate": self.facts, "signature": signature}, ensure_ascii=False, indent=2) + "\n"


def issue(image: Image) -> Certificate:
    """Make out the certificate of a picture, whatever its licence is. Reads its run and its owner."""
    facts = _facts(image)
    key = _signing_key(settings.LICENCE_SIGNING_KEY)
    return Certificate(facts, key_id(key.public_key()), _text(key.sign(canonical(facts))))


def check(text: str) -> Certificate:
    """Return the certificate in a file that somebody presents. Raises: SignatureDoesNotFit."""
    try:
        document = json.loads(text)
        facts, signature = document["certificate"], document["signature"]
        key = _known_keys()[signature["key"]]
        key.verify(_bytes(signature["value"]), canonical(facts))
    # Whatever is wrong with it, nobody here signed it.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidSignature):
        raise SignatureDoesNotFit from None
    return Certificate(facts, signature["key"], signature["value"])


def in_file(content: bytes) -> str:
    """Return the text of the certificate that a file is, or that lies in its page as PDF; empty where there is none."""
    if content.startswith(b"%PDF"):
        start = content.find(_BEGINNING)
        content = content[start : content.find(_END, start)] if start >= 0 else b""
    return content.decode(errors="replace").strip() if content.lstrip().startswith(b"{") else ""


def published_keys() -> list[dict[str, str]]:
    """Return the keys that certificates may be signed with, as JSON Web Keys (RFC 8037); the one in use first."""
    return [
        {"kty": "OKP", "crv": ALGORITHM, "use": "sig", "kid": kid, "x": _text(key.public_bytes_raw())}
        for kid, key in _known_keys().items()
    ]


def canonical(facts: object) -> bytes:
    """Return the bytes that are signed."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def key_id(key: Ed25519PublicKey) -> str:
    """Return what certificates call a key: the start of its SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def public_key(x: str) -> Ed25519PublicKey:
    """Return a key as it was published. Raises: ValueError."""
    return Ed25519PublicKey.from_public_bytes(_bytes(x))


def owner_name(user: User) -> str:
    """Return what a certificate calls the owner: the name they chose, else their address, mostly hidden."""
    return user.display_name or addresses.masked(user.email)


def verify_url(image: Image) -> str:
    """Return the address at which anybody can check a picture's file."""
    return f"{settings.SITE_URL}{reverse('generation:verify')}?sha256={image.sha256}"


def _facts(image: Image) -> dict[str, Any]:
    terms = licences.terms_of(image)
    facts: dict[str, Any] = {
        "version": VERSION,
        "issuer": {"name": settings.SITE_NAME, "url": settings.SITE_URL},
        "issued_at": _moment(timezone.now()),
        "picture": {
            "id": str(image.pk),
            "sha256": image.sha256,
            "content_type": image.content_type,
            "size_bytes": image.size_bytes,
            "width": image.width,
            "height": image.height,
            "made_at": _moment(image.created_at),
        },
        **({"video": _video(image.video)} if image.video else {}),
        "owner": owner_name(image.user),
        "account": {"id": str(image.user.pk), "email": addresses.masked(image.user.email)},
        "plan": {"slug": terms.plan, "name": terms.plan_name},
        "licence": {"use": str(terms.licence), "title": terms.title, "grant": terms.grant, "advice": terms.way_on},
        "model": {
            "slug": terms.model,
            "name": terms.model_name,
            "licence": terms.model_licence.name,
            "licence_url": terms.model_licence.url,
        },
        "verify_at": verify_url(image),
        "is_test": terms.is_test,
    }
    return {**facts, "notice": licences.TEST_NOTICE} if terms.is_test else facts


def _video(clip: Clip) -> dict[str, Any]:
    """Say which video the picture is the first frame of: the licence is of both."""
    return {
        "sha256": clip.sha256,
        "content_type": "video/mp4",
        "size_bytes": clip.size_bytes,
        "width": clip.width,
        "height": clip.height,
        "frames": clip.frames,
        "fps": clip.fps,
    }


def _known_keys() -> dict[str, Ed25519PublicKey]:
    keys = [_signing_key(settings.LICENCE_SIGNING_KEY).public_key()]
    keys += [public_key(x) for x in settings.LICENCE_OLD_PUBLIC_KEYS]
    return {key_id(key): key for key in keys}


@lru_cache(maxsize=4)
def _signing_key(secret: str) -> Ed25519PrivateKey:
    # Any long secret makes a key; one that serves another purpose as well makes another one there.
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"licence certificates {secret}".encode()).digest())


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
