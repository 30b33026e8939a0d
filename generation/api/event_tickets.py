"""How the web process lets a caller into the events process: a signed ticket in the address, good for a minute.

A redirect to another port or host loses the Authorization header in every client, so the key itself cannot go along.
"""

import uuid
from typing import NamedTuple

from django.core import signing

LIFETIME_SECONDS = 60
# So much of a digest tells a key's text from the one before the rotation.
_START_LENGTH = 16
_signer = signing.TimestampSigner(salt="generation.api.events")


class Way(NamedTuple):
    """How somebody came in: with which key, and with which text of it."""

    key_id: uuid.UUID
    digest_start: str


def way_of(key_id: uuid.UUID, digest: str) -> Way:
    """Return the way of a request with this key, whose text has this digest."""
    return Way(key_id, digest[:_START_LENGTH])


def make(way: Way, diffusion_id: uuid.UUID) -> str:
    """Return a ticket for one run's events, with one key."""
    return _signer.sign(f"{way.key_id.hex}.{way.digest_start}.{diffusion_id.hex}")


def read(ticket: str, diffusion_id: str) -> Way | None:
    """Return the key and text that the ticket was made with; None where it is forged, too old or for another run."""
    try:
        key_id, digest_start, about = _signer.unsign(ticket, max_age=LIFETIME_SECONDS).split(".")
        return Way(uuid.UUID(key_id), digest_start) if uuid.UUID(about) == uuid.UUID(diffusion_id) else None
    except (signing.BadSignature, ValueError):
        return None
