"""Mails about money. Queued where something changed, within its transaction, and sent afterwards by the queue."""

from uuid import UUID


def queue(kind: str, pk: UUID) -> None:
    """Send a mail once the transaction is through."""
