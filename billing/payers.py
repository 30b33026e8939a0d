"""Who pays: a purchase at the shop finds back to the person by their customer, or the reference it was sent with."""

from uuid import UUID

from accounts.models import User
from billing.models import Customer, Interval, Pack, Plan


def reference_for(user: User, key: str) -> str:
    """Return what a checkout carries: who buys what. Letters, digits, hyphens and underscores only.

    key: of a plan (`Plan.key`) or a pack (`Pack.key`).
    """
    return f"{user.pk.hex}_{_spelled(key)}"


def payer_of(customer_id: str, *references: str) -> User | None:
    """Return the person that a customer or a reference means; None for one we don't know or who is gone."""
    customer = Customer.objects.select_related("user").filter(customer_id=customer_id).first() if customer_id else None
    if customer is not None:
        return customer.user
    for reference in references:
        user_id = _user_id(reference)
        user = User.objects.filter(pk=user_id).first() if user_id else None
        if user is not None:
            return user
    return None


def plan_meant(reference: str) -> tuple[Plan, str] | None:
    """Return the plan and interval that a reference was made for: a price may be replaced while somebody pays it."""
    what = reference.partition("_")[2]
    for plan in Plan.objects.all():
        for interval in Interval:
            if not plan.is_free and _spelled(plan.key(interval)) == what:
                return plan, interval.value
    return None


def pack_meant(reference: str) -> Pack | None:
    """Return the pack that a reference was made for."""
    what = reference.partition("_")[2]
    return next((pack for pack in Pack.objects.all() if _spelled(pack.key) == what), None)


def _spelled(key: str) -> str:
    return key.replace(":", "-")


def _user_id(reference: str) -> UUID | None:
    try:
        return UUID(hex=reference.partition("_")[0])
    except ValueError:
        return None
