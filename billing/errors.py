"""What can go wrong with credits, with the facts a caller needs to say so."""

from uuid import UUID


class BillingError(Exception):
    """Whatever billing refuses."""


class InsufficientCredits(BillingError):
    """The wallet has fewer credits than asked for; nothing was taken."""

    def __init__(self, required: int, available: int) -> None:
        self.required = required
        self.available = available
        super().__init__(f"{required} credits are needed, {available} are there.")

    @property
    def missing(self) -> int:
        """How many credits are lacking."""
        return self.required - self.available


class KeyReused(BillingError):
    """An idempotency key came again for something else than the first time."""

    def __init__(self, key: str, fact: str, first: object, now: object) -> None:
        self.key = key
        self.fact = fact
        super().__init__(f"The key {key!r} was used before with {fact} {first}, not {now}.")


class HoldOverdrawn(BillingError):
    """More was to be settled than the hold still has open; nothing was settled."""

    def __init__(self, hold_id: UUID, requested: int, open_credits: int) -> None:
        self.hold_id = hold_id
        self.requested = requested
        self.open_credits = open_credits
        super().__init__(f"Hold {hold_id} has {open_credits} credits open; {requested} cannot be settled.")


class AppendOnly(BillingError):
    """A line of the ledger was to be changed or deleted."""

    def __init__(self, entry_id: int) -> None:
        self.entry_id = entry_id
        super().__init__(f"Ledger entry {entry_id} is written; a correction is a new entry.")
