"""What the queue calls for the API. Each entry hands over at once; rules live in the modules it names."""

from generation.api import courier


def deliver() -> int:
    """Carry the webhooks that are due. Rung by `doorbell.ring_courier`, and each minute for those tried again."""
    return courier.run()
