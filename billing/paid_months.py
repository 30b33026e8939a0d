"""What a plan's payment brings, and when: as many months' credits as it pays for, each once, never one in advance.

A payment by the month brings its month at once. One by the year brings the first of its twelve at once, and one with
each billing cycle that begins in its time. What comes is counted from the payment alone, not from moments of ours, so
that late, doubled or shuffled news of it, and a clock that is wrong, change nothing.

A change of plan that cuts a paid period short gets its money's rest taken off; so the new payment brings less by what
the old one had brought for the time that was paid back (`taken_over`).
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from billing import brought, clawback, cycles, grants, ledger
from billing.models import CreditLot, Interval, Payment, Plan, Subscription, Wallet

# From here on a prorated period counts as a whole month or year.
_WHOLE = {Interval.MONTH: timedelta(days=28), Interval.YEAR: timedelta(days=365)}
_MONTHS = {Interval.MONTH: 1, Interval.YEAR: 12}
_MOMENT = timedelta(microseconds=1)


def set_terms(payment: Payment) -> None:
    """Write on a new payment for a plan what it brings; it is not saved. Its wallet is locked by the caller."""
    plan, begins, ends = payment.plan, payment.covers_from, payment.covers_until
    if plan is None or begins is None or ends is None:
        return
    interval = Interval(payment.interval)
    level = credits_a_month(plan)
    share = min(1.0, (ends - begins) / _WHOLE[interval]) if payment.kind == Payment.Kind.UPGRADE else 1.0
    if interval == Interval.MONTH:
        payment.months, payment.month_credits = 1, int(level * share)
    else:
        payment.months, payment.month_credits = max(1, round(_MONTHS[interval] * share)), level
    payment.first_cycle_on = _cycle_at(payment.wallet, begins)
    payment.next_month_at = begins
    cut = _cut_short_by(payment)
    if cut is not None:
        payment.taken_over = min(_overbrought(cut, begins), payment.months * payment.month_credits)
        cut.cut_at = begins
        cut.save(update_fields=["cut_at"])


def credits_a_month(plan: Plan) -> int:
    """Return how many credits a paid month of a plan brings: what it gives above the free plan's."""
    return max(0, plan.monthly_credits - brought.free_level())


def bring(wallet: Wallet, now: datetime) -> int:
    """Grant what a wallet's payments for plans bring by now and have not brought. Returns how many credits came.

    The wallet is locked by the caller, within a transaction.
    """
    unfinished = Q(next_month_at__isnull=False) | Q(
        credits__lt=F("months") * F("month_credits") - F("taken_over"), covers_until__gt=now
    )
    payments = Payment.objects.filter(unfinished, wallet=wallet, months__gt=0)
    found = payments.select_related("plan", "subscription").order_by("covers_from", "paid_at", "payment_id")
    return sum(_bring(wallet, payment) for payment in found)


def bring_due(now: datetime) -> int:
    """Grant the months of plans paid by the year that have begun. Returns how many wallets moved; idempotent."""
    due = Payment.objects.filter(next_month_at__lte=now).values("wallet")
    moved = 0
    for wallet in Wallet.objects.filter(pk__in=due).select_related("user", "plan"):
        with transaction.atomic():
            locked = Wallet.objects.select_for_update(no_key=True, of=("self",)).get(pk=wallet.pk)
            if locked.next_grant_at is None or locked.next_grant_at > now:  # its cycle has begun
                moved += bring(locked, now) != 0
                clawback.settle(locked, now)
    return moved


def would_bring(subscription: Subscription, plan: Plan, now: datetime) -> int:
    """Return how many credits come at once if a subscription changes to a plan now."""
    paid = subscription.payments.filter(covers_from__lte=now, covers_until__gt=now, months__gt=0)
    last = paid.order_by("-covers_from").first()
    return max(0, credits_a_month(plan) - (_overbrought(last, now) if last else 0))


def months_to_come(wallet: Wallet) -> tuple[Payment, int] | None:
    """Return the payment whose further months come with the next cycles, and how many there are; None: none."""
    found = Payment.objects.filter(wallet=wallet, next_month_at__isnull=False, months__gt=1)
    payment = found.select_related("subscription").order_by("-covers_from").first()
    if payment is None:
        return None
    return payment, payment.months - _begun(wallet, payment)


# --- Counting ---------------------------------------------------------------------------------------------------


def _bring(wallet: Wallet, payment: Payment) -> int:
    assert payment.plan is not None
    begun = _begun(wallet, payment)
    has = sum(share.credits for share in brought.brought_by(payment))
    due = begun * payment.month_credits - payment.taken_over - has
    if due > 0:
        ledger.grant(
            wallet,
            due,
            source=CreditLot.Source.PLAN,
            key=brought.month_key(payment, begun),
            reason=_reason(payment, begun),
            expires_at=grants.end_of_next_cycle(wallet),
            cycle_on=grants.cycle_of(wallet),
            reference=payment.reference,
        )
    payment.credits = max(has + max(0, due), payment.taken_back)
    goes_on = begun < payment.months and not _is_cut(wallet, payment)
    payment.next_month_at = grants.next_cycle_at(wallet) if goes_on else None
    payment.save(update_fields=["credits", "next_month_at"])
    return max(0, due)


def _begun(wallet: Wallet, payment: Payment) -> int:
    """Return how many of a payment's months have begun; none of one whose money is gone or goes back."""
    assert payment.subscription is not None
    assert payment.first_cycle_on is not None
    if payment.subscription.is_duplicate or payment.is_lost:
        return 0
    running = min(grants.cycle_of(wallet), _cycle_at(wallet, _ends_at(payment) - _MOMENT))
    return max(1, min(payment.months, _months_between(payment.first_cycle_on, running) + 1))


def _is_cut(wallet: Wallet, payment: Payment) -> bool:
    """Return whether a payment's time was over before the running cycle's end."""
    return _ends_at(payment) <= grants.next_cycle_at(wallet)


def _ends_at(payment: Payment) -> datetime:
    """Return when the time that a payment pays for ends: a subscription's end or new period cuts it short."""
    assert payment.subscription is not None
    assert payment.covers_from is not None
    assert payment.covers_until is not None
    ends = [payment.covers_until]
    if payment.subscription.ended_at is not None:
        ends.append(payment.subscription.ended_at)
    if payment.subscription.period_starts_at > payment.covers_from:
        ends.append(payment.subscription.period_starts_at)
    if payment.cut_at is not None:
        ends.append(payment.cut_at)
    return max(payment.covers_from + _MOMENT, min(ends))


def _cut_short_by(payment: Payment) -> Payment | None:
    """Return the payment whose paid time was not over when that of another of the same subscription began."""
    assert payment.subscription is not None
    before = payment.subscription.payments.filter(
        months__gt=0, paid_at__lte=payment.paid_at, covers_from__lte=payment.covers_from,
        covers_until__gt=payment.covers_from,
    )  # fmt: skip
    return before.exclude(payment_id=payment.payment_id).order_by("-covers_from", "-paid_at", "-created_at").first()


def _overbrought(payment: Payment, at: datetime) -> int:
    """Return what a payment had brought for the time after a moment at which it was cut short."""
    assert payment.covers_from is not None
    assert payment.covers_until is not None
    used = (at - payment.covers_from) / (payment.covers_until - payment.covers_from)
    earned = int(payment.months * payment.month_credits * min(1.0, max(0.0, used)))
    lost = payment.credits * payment.lost_cents // payment.amount_cents if payment.amount_cents else 0
    return max(0, payment.credits - lost + payment.taken_over - earned)


def _cycle_at(wallet: Wallet, when: datetime) -> date:
    return cycles.current_cycle(wallet.cycle_day, when.astimezone(wallet.user.zone).date())


def _months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


def _reason(payment: Payment, number: int) -> str:
    assert payment.plan is not None
    return payment.plan.name if payment.months == 1 else f"{payment.plan.name}, month {number} of {payment.months}"
