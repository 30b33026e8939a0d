"""Automatic top-ups of API credits: a pack is charged to the saved card whenever the balance falls below a level.

A sweep looks, so a request that spends waits for nothing. Each charge is noted behind the wallet's lock before the shop
is asked, one at a time, and is the shop's key: whoever comes again after a crash asks with the same key and gets the
same charge, whatever became of the terms meanwhile. One whose terms ended before the shop was asked is dropped.

One that the bank declines turns the top-ups off and its owner is told. So does a pack whose price is no longer the one
that its owner agreed to: nothing is charged until they agree to the new one. And so does money of the wallet's that
goes back: what was taken for it must not be charged anew.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from billing import clawback, errands, ledger, notices, stripe_gateway, stripe_orders, stripe_reads
from billing.brought import grant_key
from billing.errors import NO_CARD, NOT_PAID, PaymentDeclined, PaymentError, PaymentNeedsAction, UnknownInShop
from billing.models import AutoTopUp, CreditLot, Customer, Pack, Payment, Product, TopUp, Wallet
from billing.money import amount
from billing.payers import reference_for
from billing.payment_facts import CardFacts, ChargeFacts

logger = logging.getLogger(__name__)

Status = TopUp.Status

# The shop knows a key for a day; after that the same key would be a new charge.
REASON = gettext_noop("Automatic top-up: %(pack)s")
_KEY_LASTS = timedelta(hours=23)
_WENT_BACK = gettext_noop("A payment for API credits was refunded or disputed.")
_OWED = gettext_noop("Credits of a payment that went back are owed. Buy a pack yourself: it makes up for them first.")
_NO_ANSWER = gettext_noop("The shop did not answer for a day. We look into it.")
_NOT_SOLD = gettext_noop("“%(pack)s” is not sold any more. Choose another pack.")
_BANK_ASKS = gettext_noop("Your bank wants you to confirm the payment.")
_NO_SAVED_CARD = gettext_noop("There is no saved card to charge. Buy a pack once: the card you pay with is kept.")
_CHANGED = gettext_noop("You agreed to %(before)s credits for %(before_price)s; it is %(credits)s for %(price)s now.")


def of(wallet: Wallet) -> AutoTopUp | None:
    """Return what somebody asked for; None where they never did."""
    return AutoTopUp.objects.select_related("pack").filter(wallet=wallet).first()


def card_of(user: User) -> CardFacts | None:
    """Return the card that would be charged; None where there is none. Raises ShopUnavailable."""
    customer = Customer.objects.filter(user=user).first()
    return stripe_reads.fetch_card_on_file(customer.customer_id) if customer else None


def set_terms(wallet: Wallet, pack: Pack, *, is_on: bool, below_credits: int, month_cents: int) -> AutoTopUp:
    """Write down what somebody asks for and agrees to, the pack as it is now; what turned it off is forgotten."""
    agreed = {"credits": pack.credits, "price_cents": pack.price_cents, "currency": pack.currency}
    terms = {"pack": pack, **agreed, "is_on": is_on, "below_credits": below_credits, "month_cents": month_cents}
    found, _ = AutoTopUp.objects.update_or_create(
        wallet=wallet, defaults={**terms, "problem": "", "changed_at": timezone.now()}
    )
    return found


def stop(wallet: Wallet) -> None:
    """Turn off the top-ups of a wallet whose money goes back, and tell its owner. The caller has locked the wallet."""
    if AutoTopUp.objects.filter(wallet=wallet, is_on=True).exists():
        _turn_off(wallet, _WENT_BACK, notice="top_up_stopped")


def run_due(now: datetime) -> int:
    """Charge what is due; returns how many top-ups came. Idempotent, and safe beside another run."""
    if not stripe_gateway.is_open():
        return 0
    came = 0
    low = AutoTopUp.objects.filter(is_on=True, wallet__balance__lt=F("below_credits"), wallet__user__is_active=True)
    for asked in low.select_related("wallet__user", "pack"):
        with _contained(asked.wallet_id):
            _note(asked, now)
    for top_up in TopUp.objects.filter(status=Status.ASKED).select_related("wallet__user", "pack"):
        with _contained(top_up.wallet_id):
            came += _charge(top_up, now)
    return came


def spent_cents(wallet: Wallet, now: datetime, currency: str) -> int:
    """Return what this calendar month's top-ups in a currency cost, those that are being asked for included."""
    begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = TopUp.objects.filter(wallet=wallet, created_at__gte=begins, currency=currency)
    counted = counted.exclude(status__in=(Status.DECLINED, Status.DROPPED))
    return counted.aggregate(cents=Sum("amount_cents"))["cents"] or 0


# A charge without its payer has no checkout that asks where they live, and no invoice that says the tax.
UNTAXED = gettext_noop("Tax is worked out at each checkout here, which nobody passes then. Buy packs yourself.")

# Why they are turned off: kept in English, and read in the language of whoever looks.
PROBLEMS = (_WENT_BACK, _OWED, _NO_ANSWER, _NOT_SOLD, _BANK_ASKS, _NO_SAVED_CARD, _CHANGED, UNTAXED, NO_CARD, NOT_PAID)


# --- One charge -------------------------------------------------------------------------------------------------


@contextmanager
def _contained(wallet_id: UUID) -> Iterator[None]:
    """Let an error that nobody foresaw keep nobody else waiting; the next run tries that wallet again."""
    try:
        yield
    except Exception:
        logger.exception("top-up failed", extra={"wallet": wallet_id})


def _note(asked: AutoTopUp, now: datetime) -> None:
    """Note that a wallet is to be charged, unless it is filled by now, being charged, or the month's sum is spent."""
    with transaction.atomic():
        wallet = Wallet.objects.locked(asked.wallet_id)
        terms = AutoTopUp.objects.select_related("pack").get(pk=asked.pk)
        if not terms.is_on or wallet.balance >= terms.below_credits:
            return
        if TopUp.objects.filter(wallet=wallet, status=Status.ASKED).exists():
            return
        pack = terms.pack
        if settings.STRIPE_AUTOMATIC_TAX:
            _turn_off(wallet, UNTAXED)
            return
        if _owes(wallet):
            _turn_off(wallet, _OWED, notice="top_up_stopped")
            return
        if not pack.is_offered or pack.product != Product.API:
            _turn_off(wallet, _NOT_SOLD % {"pack": pack.name})
            return
        if not terms.is_as_agreed:
            _turn_off(wallet, _changed(terms), notice="top_up_changed")
            return
        if spent_cents(wallet, now, pack.currency) + pack.price_cents > terms.month_cents:
            return
        TopUp.objects.create(
            wallet=wallet,
            pack=pack,
            credits=pack.credits,
            amount_cents=pack.price_cents,
            currency=pack.currency,
            created_at=now,
        )


def _charge(top_up: TopUp, now: datetime) -> bool:
    """Ask the shop for a charge that is noted, and apply its answer; without one, the next run asks again."""
    if _drops(top_up, now):
        return False
    if now - top_up.created_at > _KEY_LASTS:
        _give_up(top_up)
        return False
    user, pack = top_up.wallet.user, top_up.pack
    customer = Customer.objects.filter(user=user).first()
    try:
        if customer is None:
            raise PaymentDeclined(NO_CARD, "no_card")
        card_id = _send(top_up, top_up.card_id or stripe_reads.card_to_charge(customer.customer_id), now)
        if not card_id:
            return False
        charge = stripe_orders.charge_off_session(
            customer.customer_id,
            card_id,
            top_up.amount_cents,
            top_up.currency,
            # Of what was noted alone: the shop refuses a key that is sent again with other words.
            description=f"{settings.SITE_NAME}: {top_up.credits:,} API credits, automatic top-up",
            reference=reference_for(user, pack.key),
            key=f"top_up:{top_up.pk.hex}",
        )
    except (PaymentDeclined, PaymentNeedsAction) as error:
        _decline(top_up, str(error) or _BANK_ASKS)
        return False
    except UnknownInShop:
        _decline(top_up, _NO_SAVED_CARD)
        return False
    except PaymentError as error:
        logger.warning("top-up waits", extra={"id": top_up.pk, "error": type(error).__name__})
        return False
    return _apply(top_up, charge, now)


def _drops(top_up: TopUp, now: datetime) -> bool:
    """Return whether a charge is over; one whose terms ended before the shop was asked ends here."""
    with transaction.atomic():
        wallet = Wallet.objects.locked(top_up.wallet_id)
        noted = TopUp.objects.filter(pk=top_up.pk, status=Status.ASKED).first()
        if noted is None:
            return True
        if noted.is_sent or _is_due(noted, wallet, now):
            return False
        TopUp.objects.filter(pk=noted.pk).update(status=Status.DROPPED)
    logger.info("top-up dropped", extra={"id": noted.pk})
    return True


def _is_due(top_up: TopUp, wallet: Wallet, now: datetime) -> bool:
    """Return whether a charge that is noted is what the wallet's owner asks for now."""
    terms = AutoTopUp.objects.select_related("pack").filter(wallet=wallet, is_on=True).first()
    if terms is None or wallet.balance >= terms.below_credits or settings.STRIPE_AUTOMATIC_TAX or _owes(wallet):
        return False
    noted = (top_up.pack_id, top_up.credits, top_up.amount_cents, top_up.currency)
    if noted != (terms.pack_id, terms.credits, terms.price_cents, terms.currency):
        return False
    if not (terms.is_as_agreed and terms.pack.is_offered and wallet.user.is_active):
        return False
    spent = spent_cents(wallet, now, terms.currency)
    return now - top_up.created_at <= _KEY_LASTS and spent <= terms.month_cents


def _owes(wallet: Wallet) -> bool:
    """Return whether a top-up would make up for what was spent of money that went back, and fill nothing."""
    return Payment.objects.filter(wallet=wallet, owed__gt=0).exists()


def _send(top_up: TopUp, card_id: str, now: datetime) -> str:
    """Note that the shop is asked from now on. Returns the card that pays, the one it was asked for before.

    Empty where nothing is to be charged. From here on, a charge is asked for until the shop answers.
    """
    with transaction.atomic():
        Wallet.objects.locked(top_up.wallet_id)
        if _drops(top_up, now):
            return ""
        noted = TopUp.objects.get(pk=top_up.pk)
        if not noted.is_sent:
            noted.is_sent, noted.card_id = True, card_id
            noted.save(update_fields=["is_sent", "card_id"])
    return noted.card_id or card_id


def _apply(top_up: TopUp, charge: ChargeFacts, now: datetime) -> bool:
    """Write the payment and grant its credits, once."""
    with transaction.atomic():
        wallet = Wallet.objects.locked(top_up.wallet_id)
        if not TopUp.objects.filter(pk=top_up.pk, status=Status.ASKED).exists():
            return False
        payment = Payment.objects.create(
            wallet=wallet,
            kind=Payment.Kind.TOP_UP,
            payment_id=charge.payment_intent_id,
            payment_intent_id=charge.payment_intent_id,
            pack=top_up.pack,
            amount_cents=charge.amount_cents,
            currency=charge.currency,
            credits=top_up.credits,
            card_fingerprint=charge.card.fingerprint if charge.card else "",
            paid_at=charge.created_at,
        )
        ledger.grant(
            wallet,
            top_up.credits,
            source=CreditLot.Source.PURCHASE,
            key=grant_key(payment.payment_id),
            reason=REASON % {"pack": top_up.pack.name},
            expires_at=now + timedelta(days=top_up.pack.lasts_days) if top_up.pack.lasts_days else None,
            reference=payment.reference,
        )
        TopUp.objects.filter(pk=top_up.pk).update(status=Status.PAID, payment=payment)
        clawback.settle(wallet, now)
        notices.queue("receipt", payment.pk)
        if top_up.is_sent:
            # Asked before: what became of it since, the shop told when the payment was nobody's.
            errands.send("follow_payment", charge.payment_intent_id)
    return True


def _decline(top_up: TopUp, problem: str) -> None:
    with transaction.atomic():
        wallet = Wallet.objects.locked(top_up.wallet_id)
        if TopUp.objects.filter(pk=top_up.pk, status=Status.ASKED).update(status=Status.DECLINED):
            _turn_off(wallet, problem)


def _give_up(top_up: TopUp) -> None:
    """Let nobody be charged a second time for what may have been charged once, and let the operators look."""
    with transaction.atomic():
        wallet = Wallet.objects.locked(top_up.wallet_id)
        if not TopUp.objects.filter(pk=top_up.pk, status=Status.ASKED).update(status=Status.UNCLEAR):
            return
        _turn_off(wallet, _NO_ANSWER)
        words = [f"Top-up {top_up.pk} of {top_up.amount_cents} cents: was it charged? Its key: top_up:{top_up.pk.hex}"]
        transaction.on_commit(lambda: notices.warn_operators("A top-up without an answer", words))


def _changed(terms: AutoTopUp) -> str:
    """Say what the pack was when its owner agreed, and what it is now."""
    pack = terms.pack
    return _CHANGED % {
        "before": f"{terms.credits:,}",
        "before_price": amount(terms.price_cents, terms.currency),
        "credits": f"{pack.credits:,}",
        "price": amount(pack.price_cents, pack.currency),
    }


def _turn_off(wallet: Wallet, problem: str, *, notice: str = "top_up_off") -> None:
    AutoTopUp.objects.filter(wallet=wallet).update(is_on=False, problem=problem[:200], changed_at=timezone.now())
    notices.queue(notice, wallet.pk)
    logger.info("top-ups turned off", extra={"wallet": wallet.pk})
