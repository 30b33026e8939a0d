"""Credits whose money went back: taken in proportion, never below zero, owed where they are spent.

What is taken comes from the lots that the payment brought, then from other credits that somebody paid for; never from
the free plan's, a reward's or a gift. What cannot be had is owed, and taken when bought credits come. Credits of the
payment that expired unspent were not had either, so they are not owed. A dispute that is won gives all back.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from billing import brought, ledger
from billing.brought import Share
from billing.models import CreditLot, LedgerEntry, Payment, Wallet

logger = logging.getLogger(__name__)

DISPUTED = gettext_noop("Taken back: the payment is disputed")
REFUNDED = gettext_noop("Taken back: the payment was refunded")
GOOD_AFTER_ALL = gettext_noop("Given back: the payment is good after all")
# What comes back after its own time is over lives for so long.
GIVEN_BACK_FOR = timedelta(days=30)

# Plans paid before payments noted what they bring: what became of them is settled.
_UNKNOWN = Q(plan__isnull=False, months=0)
_LOST = Q(refunded_cents__gt=0) | ~Q(dispute="") | Q(taken_back__gt=0) | Q(owed__gt=0)


def settle(wallet: Wallet, now: datetime) -> int:
    """Bring what was taken for each of a wallet's payments to what the money that went back makes.

    Returns by how many credits the balance moved. The wallet is locked by the caller, within a transaction.
    """
    touched = Payment.objects.filter(Q(covers_until__gte=now) | _LOST, wallet=wallet).exclude(_UNKNOWN)
    payments = touched.select_related("plan", "subscription").order_by("paid_at", "id")
    return sum(_settle(wallet, payment, now) for payment in payments)


def collect(now: datetime) -> int:
    """Take what is owed and can be had by now, in every wallet. Returns how many wallets moved; idempotent."""
    owing = Q(owed__gt=0) | (Q(covers_until__gte=now) & _LOST)
    wallets = Wallet.objects.filter(pk__in=Payment.objects.filter(owing).values("wallet"))
    moved = 0
    for wallet in wallets.select_related("user"):
        with transaction.atomic():
            Wallet.objects.locked(wallet.pk)
            moved += settle(wallet, now) != 0
    return moved


def _settle(wallet: Wallet, payment: Payment, now: datetime) -> int:
    shares = brought.brought_by(payment)
    before = (payment.credits, payment.taken_back, payment.owed)
    payment.credits = max(sum(share.credits for share in shares), payment.taken_back)
    lost = payment.lost_cents
    target = payment.credits * lost // payment.amount_cents if payment.amount_cents else 0
    moved = 0
    if target < payment.taken_back:
        moved = _give_back(wallet, payment, payment.taken_back - target, shares, now)
        payment.owed = 0
    else:
        gone = sum(min(share.lot.expired, share.credits) for share in shares)
        payment.owed = max(0, target - payment.taken_back - gone)
        moved = -_take(wallet, payment, shares, now)
    if before != (payment.credits, payment.taken_back, payment.owed):
        payment.save(update_fields=["credits", "taken_back", "owed"])
    return moved


def _take(wallet: Wallet, payment: Payment, shares: list[Share], now: datetime) -> int:
    """Take what is owed as far as there are bought credits; returns how many that were."""
    lots = _takeable(wallet, shares, now) if payment.owed else {}
    credits = min(payment.owed, sum(lots.values()))
    if not credits:
        return 0
    reason = DISPUTED if payment.dispute else REFUNDED
    ledger.adjust(wallet, -credits, key=_key(payment), reason=reason, reference=payment.reference, lots=lots)
    payment.taken_back += credits
    payment.owed -= credits
    logger.info("credits taken back", extra={"payment": payment.pk, "credits": credits, "owed": payment.owed})
    return credits


def _takeable(wallet: Wallet, shares: list[Share], now: datetime) -> dict[UUID, int]:
    """Return from which lots how many credits may be taken: the payment's own first, then other bought ones."""
    lots = CreditLot.objects.filter(ledger.unexpired(now), wallet=wallet, remaining__gt=0)
    left = {lot.pk: lot.remaining for lot in lots}
    takeable = {share.lot.pk: min(left[share.lot.pk], share.credits) for share in shares if share.lot.pk in left}
    free_credits = brought.free_level()
    for lot in lots.order_by(*ledger.SPENDING_ORDER):
        takeable.setdefault(lot.pk, min(lot.remaining, brought.bought_part(lot, free_credits)))
    return {pk: most for pk, most in takeable.items() if most > 0}


def _give_back(wallet: Wallet, payment: Payment, credits: int, shares: list[Share], now: datetime) -> int:
    """Give back what was taken too much; it lives as long as the credits it came from would, or a month."""
    expiries = [share.lot.expires_at for share in shares]
    expires_at = None if None in expiries and expiries else max((end for end in expiries if end), default=now)
    if expires_at is not None:
        expires_at = max(expires_at, now + GIVEN_BACK_FOR)
    reason = GOOD_AFTER_ALL
    ledger.adjust(wallet, credits, key=_key(payment), reason=reason, expires_at=expires_at, reference=payment.reference)
    payment.taken_back -= credits
    return credits


def _key(payment: Payment) -> str:
    """Return the key of the next move for a payment; drawn under the wallet's lock."""
    moves = LedgerEntry.objects.filter(
        wallet_id=payment.wallet_id, reference=payment.reference, kind=LedgerEntry.Kind.ADJUST
    )
    return f"clawback:{payment.pk.hex}:{moves.count() + 1}"
