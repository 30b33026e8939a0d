"""The end of an account, as far as money goes: nothing is charged any more, nothing is owed, and the books stay right.

Lines of the ledger are never removed: they are of a wallet, which is of a person without a name. What the shop wrote
about its customer goes, here and there.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from billing import ledger, paid_months, plans, stripe_follow, stripe_orders, subscriptions
from billing.errors import NotOurs, UnknownInShop
from billing.models import AutoTopUp, Customer, Product, StripeEvent, Subscription, Wallet

logger = logging.getLogger(__name__)

FORFEITED = gettext_noop("Given up when the account was erased")
# Of an event's object only this is ever read again: the ids by which it is fetched.
_IDS = ("id", "object", "subscription", "released_subscription", "charge")


def end_purchases(user: User) -> None:
    """End the subscriptions at the shop now, without money back, and let it forget its customer. Harmless twice.

    Raises: ShopUnavailable; then ask again later. Nothing here belongs inside a transaction.
    """
    AutoTopUp.objects.filter(wallet__user=user).update(is_on=False, problem="")
    for subscription in Subscription.objects.filter(user=user, status__in=Subscription.RUNNING):
        try:
            stripe_orders.cancel_now(subscription.subscription_id)
            stripe_follow.follow_subscription(subscription.subscription_id)
        except (UnknownInShop, NotOurs) as error:
            logger.warning("subscription not ended", extra={"subscription": subscription.pk, "error": str(error)})
    customer = Customer.objects.filter(user=user).first()
    if customer is not None:
        try:
            stripe_orders.delete_customer(customer.customer_id)
        except UnknownInShop:
            pass  # it has forgotten them before


def give_up_credits(user: User) -> int:
    """Take what is left in the person's wallets, and let nothing come any more; returns how many credits went.

    What is set aside for a run comes back first: end the runs before. Harmless twice.
    """
    taken = 0
    for wallet in Wallet.objects.filter(user=user).select_related("user", "plan"):
        with transaction.atomic():
            Wallet.objects.locked(wallet.pk)
            now = timezone.now()
            paid_months.give_up(wallet)
            Wallet.objects.filter(pk=wallet.pk).update(next_grant_at=None, given_plan=None)
            if wallet.product == Product.SITE:
                plans.turn_to(wallet, subscriptions.plan_due(wallet, now), now)
            credits = ledger.available(wallet, now)
            if credits:
                # A late release may bring some back: each time is a line of its own.
                times = wallet.entries.filter(reason=FORFEITED).count()
                ledger.adjust(wallet, -credits, key=f"erased:{wallet.pk.hex}:{times}", reason=FORFEITED)
            taken += credits
        Wallet.objects.filter(pk=wallet.pk).update(calendar_version=wallet.calendar_version + 1)
    return taken


def forget_events(user: User) -> int:
    """Leave of the shop's events about a person only what processing them needs: ids. Returns how many changed."""
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        return 0
    changed = 0
    about = Q(customer_id=customer.customer_id) | Q(object_id=customer.customer_id)
    for event in StripeEvent.objects.filter(about).iterator(chunk_size=100):
        bones = _bones(event.payload)
        if event.payload != bones:
            changed += StripeEvent.objects.filter(pk=event.pk).update(payload=bones)
    return changed


def forget_late_events(users: list[Any]) -> int:
    """Do the same for what the shop told after the end. users: ids of those whose accounts were erased lately."""
    return sum(forget_events(user) for user in User.objects.filter(pk__in=users, customer__isnull=False))


def _bones(payload: dict[str, Any]) -> dict[str, Any]:
    about = payload.get("data", {}).get("object", {})
    return {"data": {"object": {name: about[name] for name in _IDS if isinstance(about.get(name), str)}}}
