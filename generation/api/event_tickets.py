"""How the web process lets a caller into the events process: a signed ticket in the address, good for a minute.

A redirect to another port or host loses the Authorization header in every client, so the key itself cannot go along.
"""

import uuid

from django.core import signing

LIFETIME_SECONDS = 60
_signer = signing.TimestampSigner(salt="generation.api.events")


def make(key_id: uuid.UUID, diffusion_id: uuid.UUID) -> str:
    """Return a ticket for one run's events, with one key."""
    return _signer.sign(f"{key_id.hex}.{diffusion_id.hex}")


def read(ticket: str, diffusion_id: str) -> uuid.UUID | None:
    """Return the key that the ticket was made with; None where it is forged, too old or for another run."""
    try:
        key_id, _, about = _signer.unsign(ticket, max_age=LIFETIME_SECONDS).partition(".")
        return uuid.UUID(key_id) if uuid.UUID(about) == uuid.UUID(diffusion_id) else None
    except (signing.BadSignature, ValueError):
        return None
