"""What a plan's payment brings, and on which days: as many months' credits as it pays for, each once, none in advance.

Its months are handed out by the sweep (`cycle_sweep`), on the billing-cycle day. The first of a new plan, of a change
of plan and of a year comes at once; that of a renewal by the month with the first billing-cycle day of its time. The
days are counted from the payment alone, never from when we heard of it, so that late, doubled or shuffled news, and a
clock that is wrong, change nothing.

A change of plan that cuts a paid period short gets its money's rest taken off; so the new payment brings less by what
the old one had brought for the time that was paid back (`taken_over`), and the old one what of its time was used. A
renewal that is paid after such a change, for the shop keeps it a draft for an hour, is taken off its price all the
same: the change brings less by what the renewal is to bring for that time, and the renewal brings it when it is paid;
of a year's it brings a month, and the change the others with the cycles, less no longer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from billing import brought, cycles, grants, ledger
from billing.models import CreditLot, Interval, Payment, Plan, Subscription, Wallet

REASON = gettext_noop("%(plan)s plan: %(credits)s credits for %(days)s")
# From here on a prorated period counts as a whole month or year.
_WHOLE = {Interval.MONTH: timedelta(days=28), Interval.YEAR: timedelta(days=365)}
_MONTHS = {Interval.MONTH: 1, Interval.YEAR: 12}
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Month:
    """A paid month: what it brings, and from which date of the billing cycle on."""

    number: int
    on: date
    credits: int
    plan: Plan


@dataclass(frozen=True)
class Rest:
    """The rest of a period, which a change of plan takes off its price."""

    plan: Plan
    interval: Interval
    span: timedelta

    @property
    def credits(self) -> int:
        """What that time brings, at most."""
        share = max(0.0, min(1.0, self.span / _WHOLE[self.interval]))
        return int(_MONTHS[self.interval] * credits_a_month(self.plan) * share)


def set_terms(payment: Payment, *, is_renewal: bool, rest: Rest | None = None) -> None:
    """Write on a new payment for a plan what it brings; it is not saved. Its wallet is locked by the caller.

    rest: what its invoice takes off for the period before.
    """
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
    if is_renewal and interval == Interval.MONTH and payment.subscription is not None:
        payment.first_cycle_on = renewed_on(payment.wallet, payment.subscription, begins, ends, begins)
    change = _paid_before(payment)
    if change is not None and change.covers_from is not None:
        payment.month_credits = _earned(payment, change.covers_from) + _kept(change, level)
        payment.months, payment.cut_at = 1, change.covers_from
        payment.first_cycle_on = _cycle_at(payment.wallet, begins)
        return
    cut = _cut_short_by(payment)
    if cut is not None:
        payment.taken_over = min(_overbrought(payment.wallet, cut, begins), payment.months * payment.month_credits)
        cut.cut_at = begins
        cut.save(update_fields=["cut_at"])
    elif rest is not None and not _covers(payment.subscription, begins):
        payment.taken_over = min(rest.credits, payment.months * payment.month_credits)


def credits_a_month(plan: Plan, free_credits: int | None = None) -> int:
    """Return how many credits a paid month of a plan brings: what it gives above the free plan's.

    free_credits: what that gives, where it is known already.
    """
    return max(0, plan.monthly_credits - (brought.free_level() if free_credits is None else free_credits))


def renewed_on(wallet: Wallet, subscription: Subscription, begins: datetime, ends: datetime, at: datetime) -> date:
    """Return the billing-cycle day on which the month of a renewal comes.

    begins, ends: a period of the subscription, for the day of the month on which it is paid; at: when it renews.
    """
    # The zone's distance when it was bought: daylight saving must not move a renewal to another month.
    distance = subscription.started_at.astimezone(wallet.user.zone).utcoffset() or timedelta()
    return cycles.first_in_period(wallet.cycle_day, at, max(begins.day, ends.day), distance)


def schedule(wallet: Wallet) -> None:
    """Write on each of a wallet's payments when the sweep has something to hand out for it: the plan's state alone.

    The wallet is locked by the caller, within a transaction.
    """
    for payment in _unfinished(wallet).select_related("plan", "subscription"):
        at = _next_at(wallet, payment)
        if at != payment.next_month_at:
            payment.next_month_at = at
            payment.save(update_fields=["next_month_at"])


def give_up(wallet: Wallet) -> None:
    """Let nothing more come of what was paid for. The wallet is locked by the caller, within a transaction."""
    for payment in _unfinished(wallet):
        payment.months, payment.next_month_at = brought.last_month(payment), None
        payment.save(update_fields=["months", "next_month_at"])


def hand_out(wallet: Wallet) -> int:
    """Grant the months of a wallet's payments that have begun and have not come. Returns how many credits came.

    `cycle_sweep` alone calls it. The wallet is locked by the caller, within a transaction; idempotent.
    """
    unfinished = Payment.objects.filter(wallet=wallet, next_month_at__isnull=False, months__gt=0)
    found = unfinished.select_related("plan", "subscription").order_by("covers_from", "paid_at", "payment_id")
    return sum(_hand_out(wallet, payment) for payment in found)


def would_bring(subscription: Subscription, plan: Plan, now: datetime) -> int:
    """Return how many credits come at once if a subscription changes to a plan now."""
    paid = subscription.payments.filter(covers_from__lte=now, covers_until__gt=now, months__gt=0)
    last = paid.select_related("subscription").order_by("-covers_from").first()
    if last is None:
        is_unpaid = subscription.period_starts_at <= now and not _covers(subscription, now)
        rest = Rest(subscription.plan, Interval(subscription.interval), subscription.period_ends_at - now)
        return max(0, credits_a_month(plan) - (rest.credits if is_unpaid else 0))
    wallet = ledger.wallet_of(subscription.user)
    left = 0 if last.is_lost else max(0, _earned(last, now) - last.taken_over - _came_by(wallet, last, now))
    return max(0, credits_a_month(plan) - _overbrought(wallet, last, now)) + left


def next_on(wallet: Wallet, interval: str, now: datetime) -> date:
    """Return when the second month's credits come to who pays for a plan now."""
    local = now.astimezone(wallet.user.zone)
    if interval == Interval.YEAR:
        return cycles.next_cycle(wallet.cycle_day, local.date())
    renews = datetime.combine(cycles.months_after(now.day, now.date(), 1), now.timetz())
    return cycles.first_in_period(wallet.cycle_day, renews, now.day, local.utcoffset() or timedelta())


def months_to_come(wallet: Wallet, unfinished: Iterable[Payment] | None = None) -> list[Month]:
    """Return the paid months that come with the next cycles, in order.

    unfinished: the payments that have such months, where they are known already.
    """
    if unfinished is None:
        found = Payment.objects.filter(wallet=wallet, next_month_at__isnull=False, months__gt=0)
        unfinished = found.select_related("plan", "subscription")
    months = [
        month
        for payment in unfinished
        for month in _months(wallet, payment, payment.credits, _due(wallet, payment, date.max))
        if month.on > grants.cycle_of(wallet)
    ]
    return sorted(months, key=lambda month: (month.on, month.number))


# --- Handing out ------------------------------------------------------------------------------------------------


def _hand_out(wallet: Wallet, payment: Payment) -> int:
    has = _brought(payment)
    for month in _months(wallet, payment, has, _due(wallet, payment, grants.cycle_of(wallet))):
        ledger.grant(
            wallet,
            month.credits,
            source=CreditLot.Source.PLAN,
            key=brought.month_key(payment, month.number),
            reason=_reason(wallet, payment, month),
            expires_at=grants.end_of_next_cycle(wallet),
            cycle_on=grants.cycle_of(wallet),
            reference=payment.reference,
        )
    payment.credits = max(_brought(payment), payment.taken_back)
    payment.next_month_at = _next_at(wallet, payment)
    payment.save(update_fields=["credits", "next_month_at"])
    return max(0, payment.credits - has)


def _months(wallet: Wallet, payment: Payment, has: int, due: int) -> Iterator[Month]:
    """Yield the months, or the rest of one, that are between what a payment has brought and what is due."""
    assert payment.plan is not None
    assert payment.first_cycle_on is not None
    for number in range(1, payment.months + 1):
        upto = min(due, max(0, number * payment.month_credits - payment.taken_over))
        if upto > has:
            on = cycles.months_after(wallet.cycle_day, payment.first_cycle_on, number - 1)
            yield Month(number, on, upto - has, payment.plan)
            has = upto


def _next_at(wallet: Wallet, payment: Payment) -> datetime | None:
    """Return when the next month is to be handed out; a moment that has passed for what is due, None for no more."""
    assert payment.covers_from is not None
    month = next(_months(wallet, payment, payment.credits, _due(wallet, payment, date.max)), None)
    if month is None:
        return None
    if _due(wallet, payment, grants.cycle_of(wallet)) > payment.credits:
        # The shop's clock may be ahead of ours.
        return min(payment.covers_from, payment.created_at)
    if month.on <= wallet.next_cycle_on:
        return grants.next_cycle_at(wallet)
    return cycles.starts_at(month.on, wallet.user.zone)


def _reason(wallet: Wallet, payment: Payment, month: Month) -> str:
    days = grants.days_text(*_span(wallet, payment, month))
    return REASON % {"plan": month.plan.name, "credits": f"{month.credits:,}", "days": days}


def _span(wallet: Wallet, payment: Payment, month: Month) -> tuple[date, date]:
    """Return the day from which on a month's credits are meant, and that on which the next ones come."""
    assert payment.subscription is not None
    assert payment.covers_from is not None
    assert payment.covers_until is not None
    begins, ends, zone = payment.covers_from, payment.covers_until, wallet.user.zone
    first = begins.astimezone(zone).date()
    if payment.cut_at is not None and month.number > _begun(wallet, payment, date.max):
        return first, max(first + _DAY, payment.cut_at.astimezone(zone).date())  # what was used of it
    if month.number > 1 or month.on > _cycle_at(wallet, begins):
        return month.on, cycles.next_cycle(wallet.cycle_day, month.on)
    if payment.months > 1:
        return first, cycles.next_cycle(wallet.cycle_day, first)
    return first, renewed_on(wallet, payment.subscription, begins, ends, ends)


def _unfinished(wallet: Wallet) -> QuerySet[Payment]:
    """Return the payments that have not brought all they may."""
    has_more = Q(next_month_at__isnull=False) | Q(credits__lt=F("months") * F("month_credits") - F("taken_over"))
    return Payment.objects.filter(has_more, wallet=wallet, months__gt=0)


# --- Counting ---------------------------------------------------------------------------------------------------


def _brought(payment: Payment) -> int:
    return sum(share.credits for share in brought.brought_by(payment))


def _due(wallet: Wallet, payment: Payment, on: date) -> int:
    """Return what a payment brings by the cycle of a date; nothing where its money is gone or goes back."""
    assert payment.subscription is not None
    if payment.subscription.is_duplicate or payment.is_lost:
        return 0
    begun = _begun(wallet, payment, on)
    due = begun * payment.month_credits
    if payment.cut_at is not None:
        if _has_come_in_part(payment):
            return payment.credits  # a move to another zone begins no month that was counted in part
        if begun == _begun(wallet, payment, date.max):
            # Before, a month that has begun where the person lives comes whole, once its cycle begins here.
            due = max(due, _earned(payment, payment.cut_at))
    return max(0, due - payment.taken_over)


def _has_come_in_part(payment: Payment) -> bool:
    """Return whether what was used of a month that never began has come: whole ones and what was taken over make it."""
    return payment.credits > 0 and (payment.credits + payment.taken_over) % payment.month_credits != 0


def _begun(wallet: Wallet, payment: Payment, on: date) -> int:
    """Return how many of a payment's months have begun by the cycle of a date."""
    assert payment.first_cycle_on is not None
    assert payment.covers_from is not None
    last = min(on, _cycle_at(wallet, _ends_at(payment) - _MOMENT))
    at_once = payment.first_cycle_on <= _cycle_at(wallet, payment.covers_from)
    return max(int(at_once), min(payment.months, _months_between(payment.first_cycle_on, last) + 1))


def _ends_at(payment: Payment) -> datetime:
    """Return when the time that a payment pays for ends: a new period of its subscription cuts it short.

    The end of the subscription does not: what was paid, and not paid back, is handed out.
    """
    assert payment.subscription is not None
    assert payment.covers_from is not None
    assert payment.covers_until is not None
    ends = [payment.covers_until]
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
    found = before.exclude(payment_id=payment.payment_id).select_related("subscription")
    return found.order_by("-covers_from", "-paid_at", "-created_at").first()


def _paid_before(payment: Payment) -> Payment | None:
    """Return the change of plan that cut a payment's time short before that time was paid for; None for none."""
    assert payment.subscription is not None
    changes = payment.subscription.payments.filter(
        paid_at__lt=payment.paid_at, covers_from__gt=payment.covers_from, covers_from__lt=payment.covers_until
    )
    return changes.exclude(payment_id=payment.payment_id).order_by("covers_from", "paid_at").first()


def _taken_in_advance(change: Payment) -> int:
    """Return what a change of plan brought less because of a time that nobody had paid for yet."""
    assert change.subscription is not None
    was_paid = change.subscription.payments.filter(cut_at=change.covers_from).exclude(paid_at__gt=change.paid_at)
    return 0 if was_paid.exists() else change.taken_over


def _kept(change: Payment, level: int) -> int:
    """Return what of that comes with a renewal that is paid now: a month's level at most.

    Of a year's the change takes the rest no longer, and brings it month by month; one that was changed again does not.
    """
    taken = _taken_in_advance(change)
    if taken <= level or change.cut_at is not None:
        return taken
    change.taken_over = level
    change.save(update_fields=["taken_over"])
    return level


def _covers(subscription: Subscription | None, at: datetime) -> bool:
    """Return whether a payment that came is for a moment."""
    assert subscription is not None
    return subscription.payments.filter(covers_from__lte=at, covers_until__gt=at).exists()


def _overbrought(wallet: Wallet, payment: Payment, at: datetime) -> int:
    """Return what a payment had brought for the time after a moment at which it was cut short."""
    came = _came_by(wallet, payment, at)
    lost = came * payment.lost_cents // payment.amount_cents if payment.amount_cents else 0
    return max(0, came - lost + payment.taken_over - _earned(payment, at))


def _came_by(wallet: Wallet, payment: Payment, at: datetime) -> int:
    """Return what a payment has brought, and what is due by a moment and comes with the next sweep."""
    return max(payment.credits, _due(wallet, payment, _cycle_at(wallet, at)))


def _earned(payment: Payment, at: datetime) -> int:
    """Return what of a payment's credits its time up to a moment is worth."""
    assert payment.covers_from is not None
    assert payment.covers_until is not None
    used = (at - payment.covers_from) / (payment.covers_until - payment.covers_from)
    return int(payment.months * payment.month_credits * min(1.0, max(0.0, used)))


def _cycle_at(wallet: Wallet, when: datetime) -> date:
    return cycles.current_cycle(wallet.cycle_day, when.astimezone(wallet.user.zone).date())


def _months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month
