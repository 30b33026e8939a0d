"""What invites bring: credits for both sides, once each, and what becomes of them when the friend's money goes back.

A reward touches two wallets, and a first picture is stored behind the lock of one of them. Taking the other's there
would let each friend's picture wait for the referrer's wallet, and a circle of such waits is one bad caller away. So
nothing is given there. Both hooks only write down that an invite is to be looked at; the sweep does it within a minute,
in a transaction of its own that locks the wallets in the order of their keys and then the invite. `review` derives
what is due from the rows as they are and gives or takes the difference: it may come late, twice or after ten hooks,
and the result is the same.

An invite that a hook is writing to is left to the next sweep: whoever holds wallets never waits for an invite.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts import referral_faults, referrals
from accounts.models import Referral, User
from billing import ledger
from billing.errors import BillingError
from billing.models import REASON_MAX_LENGTH, CreditLot, Payment, Plan, ReferralReward, Subscription, Wallet

logger = logging.getLogger(__name__)

State, Fault, Side = Referral.State, Referral.Fault, ReferralReward.Side

_BATCH = 500
_TRY_AGAIN_AFTER = timedelta(hours=1)
# What the ledger keeps, as it is kept; `getimg_site.kept_words` reads it in other languages.
REASONS = {
    Side.REFERRER: gettext_noop("A friend you invited made a first picture"),
    Side.FRIEND: gettext_noop("You came by an invite and made a first picture"),
    Side.PAID: gettext_noop("A friend you invited became a customer"),
}
TAKEN_BACK = gettext_noop("Taken back: %(reason)s")
WENT_BACK = gettext_noop("your friend's payment went back")
ONE_CARD = gettext_noop("two of you share a card")
REFUSED = gettext_noop("our team refused the invite.")
REFUSED_WITH_NOTE = gettext_noop("our team refused the invite. %(note)s")
GOOD_AFTER_ALL = gettext_noop("Given back: your friend's payment is good after all")


def picture_made(user_id: UUID) -> None:
    """Note that a person has pictures. Called behind their wallet's lock, so it locks no other wallet."""
    referrals.note_picture(user_id)


def payment_applied(payment: Payment) -> None:
    """Note that a payment came or changed. Locks no wallet.

    It matters to the invite that the payer came by and, for its card, to those that came by the payer.
    """
    payer = payment.wallet.user_id
    touched = Referral.objects.filter(Q(friend=payer) | Q(referrer=payer), friend__isnull=False)
    touched.update(review_at=timezone.now())


def sweep(now: datetime) -> int:
    """Look at every invite that something happened to, and forget old clicks; returns how many were looked at."""
    referrals.forget_old_clicks(now)
    _look_at_what_is_owed(now)
    due = Referral.objects.filter(review_at__lte=now).order_by("review_at")
    looked_at = 0
    for referral_id in list(due.values_list("pk", flat=True)[:_BATCH]):
        try:
            looked_at += review(referral_id, now)
        except (BillingError, DatabaseError):
            # One that cannot be rewarded must not keep the others waiting.
            logger.exception("invite not reviewed", extra={"referral": referral_id})
            Referral.objects.filter(pk=referral_id).update(review_at=now + _TRY_AGAIN_AFTER)
    return looked_at


def review(referral_id: UUID, now: datetime) -> bool:
    """Give and take what an invite's rows say is due now; False where somebody else has the invite at the moment.

    Locks both wallets, in the order of their keys, then the invite.
    """
    people = Referral.objects.select_related("referrer", "friend").get(pk=referral_id)
    wallets = [ledger.wallet_of(user) for user in (people.referrer, people.friend) if user is not None]
    with transaction.atomic():
        list(Wallet.objects.select_for_update(no_key=True).filter(pk__in=[each.pk for each in wallets]).order_by("pk"))
        referral = _lock(referral_id)
        if referral is None:
            return False
        if referral.friend is not None:
            _refuse_what_is_wrong(referral)
            _reward_both(referral)
            review_at = _reward_paid(referral, now)
            _take_back(referral)
        else:
            review_at = None
        referral.review_at = review_at
        referral.save(update_fields=["review_at"])
    return True


def smallest_payment_cents() -> int:
    """Return from which amount on a friend's payment makes them a customer: a cent's purchase is worth no reward."""
    prices = Plan.objects.filter(is_offered=True, month_cents__gt=0).values_list("month_cents", flat=True)
    return max(1, min(prices, default=0) * settings.REFERRAL_PAID_MIN_PERCENT // 100)


# --- private, in the order of their callers -----------------------------------------------------------------------


def _look_at_what_is_owed(now: datetime) -> None:
    """Let every invite be looked at whose rewards are owed back by a wallet that has credits again."""
    owing = ReferralReward.objects.filter(owed__gt=0, wallet__balance__gt=0)
    Referral.objects.filter(pk__in=owing.values("referral"), review_at__isnull=True).update(review_at=now)


def _lock(referral_id: UUID) -> Referral | None:
    rows = Referral.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.select_related("referrer", "friend").filter(pk=referral_id).first()


def _refuse_what_is_wrong(referral: Referral) -> None:
    fault = referral_faults.find(referral) if referral.state in Referral.OPEN else None
    if fault is None and not referral.is_over and _shares_card(referral):
        fault = Fault.CARD
    if fault:
        referrals.refuse(referral, fault)


def _shares_card(referral: Referral) -> bool:
    """Whether the friend pays with a card of somebody up the chain, or of another friend who was rewarded."""
    assert referral.friend is not None
    cards = _cards([referral.friend.pk])
    if not cards:
        return False
    above = [referral.referrer_id, *(user.pk for user in referral_faults.chain(referral.referrer))]
    payers = Payment.objects.filter(card_fingerprint__in=cards).values_list("wallet__user", flat=True)
    subscribers = Subscription.objects.filter(card_fingerprint__in=cards).values_list("user", flat=True)
    others = {*payers, *subscribers} - {referral.friend.pk}
    return bool(others & set(above)) or Referral.objects.filter(state=State.REWARDED, friend__in=others).exists()


def _cards(people: Iterable[UUID]) -> set[str]:
    people = list(people)
    paid = Payment.objects.filter(wallet__user__in=people).values_list("card_fingerprint", flat=True)
    subscribed = Subscription.objects.filter(user__in=people).values_list("card_fingerprint", flat=True)
    return {*paid, *subscribed} - {""}


def _reward_both(referral: Referral) -> None:
    """Reward a friend who has confirmed the address and made a picture, and who sent them.

    Past REFERRAL_FRIENDS_MAX the friend alone is rewarded: they were promised it, and cannot know how many came before.
    Counted behind the referrer's wallet's lock, so that two friends cannot both be the last.
    """
    if referral.state != State.CONFIRMED or referral.pictured_at is None:
        return
    assert referral.friend is not None
    rewarded = ReferralReward.objects.filter(side=Side.REFERRER, referral__referrer=referral.referrer).count()
    is_capped = rewarded >= settings.REFERRAL_FRIENDS_MAX
    if not is_capped:
        _give(referral, Side.REFERRER, referral.referrer, settings.REFERRAL_CREDITS)
    _give(referral, Side.FRIEND, referral.friend, settings.REFERRAL_FRIEND_CREDITS)
    referrals.reward(referral, fault=Fault.CAP if is_capped else "")


def _reward_paid(referral: Referral, now: datetime) -> datetime | None:
    """Reward the referrer again for a friend whose money stays; returns when to look again, if it may still go back."""
    sides = set(referral.rewards.values_list("side", flat=True))
    if referral.state != State.REWARDED or Side.REFERRER not in sides or Side.PAID in sides:
        return None
    least = smallest_payment_cents()
    stands = Payment.objects.filter(wallet__user=referral.friend, amount_cents__gte=least, refunded_cents=0)
    stands = stands.filter(dispute__in=[Payment.Dispute.NONE, Payment.Dispute.WON])
    payment = stands.order_by("paid_at", "id").first()
    if payment is None:
        return None
    window_ends_at = payment.paid_at + timedelta(days=settings.REFUND_WINDOW_DAYS)
    if window_ends_at > now:
        return window_ends_at
    _give(referral, Side.PAID, referral.referrer, settings.REFERRAL_PAID_CREDITS, payment=payment)
    return None


def _give(
    referral: Referral, side: ReferralReward.Side, user: User, credits: int, *, payment: Payment | None = None
) -> None:
    wallet = ledger.wallet_of(user)
    reward = ReferralReward(referral=referral, side=side, wallet=wallet, credits=credits, payment=payment)
    reward.save(force_insert=True)
    if credits:
        ledger.grant(
            wallet,
            credits,
            source=CreditLot.Source.REFERRAL,
            key=f"referral:{referral.pk.hex}:{side}",
            reason=REASONS[side],
            reference=reward.reference,
        )
    logger.info("invite rewarded", extra={"referral": referral.pk, "side": side, "credits": credits})


def _take_back(referral: Referral) -> None:
    """Take back what an invite brought wrongly, as far as the wallet reaches; what it lacks is written down as owed.

    A dispute that is won brings the credits again.
    """
    for reward in referral.rewards.select_related("wallet", "payment").order_by("id"):
        due = _due_back(reward, referral)
        missing = max(0, due - reward.taken_back)
        taken = min(missing, ledger.available(reward.wallet)) if missing else 0
        if due < reward.taken_back:
            _return(reward, reward.taken_back - due)
        if taken:
            _take(reward, referral, taken)
        if missing or reward.owed or due != reward.taken_back:
            reward.taken_back, reward.owed = due - missing + taken, missing - taken
            reward.save(update_fields=["taken_back", "owed", "moves"])


def _due_back(reward: ReferralReward, referral: Referral) -> int:
    """Return how many of a reward's credits should have gone back by now: all, where the invite was refused."""
    if referral.is_over:
        return reward.credits
    payment = reward.payment
    return -(-reward.credits * payment.lost_cents // payment.amount_cents) if payment else 0


def _take(reward: ReferralReward, referral: Referral, credits: int) -> None:
    reward.moves += 1
    reason = (TAKEN_BACK % {"reason": _why(referral)})[:REASON_MAX_LENGTH]
    ledger.adjust(reward.wallet, -credits, key=_key(reward), reason=reason, reference=reward.reference)
    logger.info("reward taken back", extra={"referral": reward.referral_id, "side": reward.side, "credits": credits})


def _why(referral: Referral) -> str:
    """Say why a reward goes back."""
    if not referral.is_over:
        return WENT_BACK
    if referral.fault == Fault.CARD:
        return ONE_CARD
    return REFUSED_WITH_NOTE % {"note": referral.note} if referral.note else REFUSED


def _return(reward: ReferralReward, credits: int) -> None:
    reward.moves += 1
    ledger.grant(
        reward.wallet,
        credits,
        source=CreditLot.Source.REFERRAL,
        key=_key(reward),
        reason=GOOD_AFTER_ALL,
        reference=reward.reference,
    )


def _key(reward: ReferralReward) -> str:
    return f"referral:{reward.referral_id.hex}:{reward.side}:{reward.moves}"
