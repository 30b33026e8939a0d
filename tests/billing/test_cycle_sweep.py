"""The one granter: free, monthly and yearly plans have their credits on the billing-cycle day, once each."""

import calendar
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import User
from billing import cycle_sweep, grants, ledger, payments, subscriptions, tasks
from billing.audit import audit
from billing.brought import month_key
from billing.models import CreditLot, Payment, Product
from billing.payment_facts import SubscriptionState
from tests.billing import told
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOON = datetime(2027, 3, 15, 12, tzinfo=UTC)


@dataclass
class Payer:
    """Somebody who pays for a plan, and when."""

    user: User
    interval: str
    bought_at: datetime
    paid: int = 0

    def period(self, number: int) -> datetime:
        """Return when a period begins, as the shop counts: on the day of purchase, or the month's last before it."""
        months = number * (12 if self.interval == "year" else 1)
        years, month = divmod(self.bought_at.month - 1 + months, 12)
        year = self.bought_at.year + years
        last = calendar.monthrange(year, month + 1)[1]
        return self.bought_at.replace(year=year, month=month + 1, day=min(self.bought_at.day, last))

    def state(self, number: int) -> SubscriptionState:
        return told.subscription(
            self.user, "starter", self.interval, id=f"sub_{self.user.pk.hex}", created_at=self.bought_at,
            period_starts_at=self.period(number), period_ends_at=self.period(number + 1),
        )  # fmt: skip

    def pay(self) -> Payment:
        """Pay the next period, as the shop tells it."""
        begins, ends = self.period(self.paid), self.period(self.paid + 1)
        subscriptions.apply(self.state(self.paid))
        invoice = told.plan_invoice(
            self.user, "starter", self.interval, id=f"in_{self.user.pk.hex}_{self.paid}",
            subscription_id=f"sub_{self.user.pk.hex}", paid_at=begins,
            reason="subscription_cycle" if self.paid else "subscription_create",
        )  # fmt: skip
        line = replace(invoice.lines[0], starts_at=begins, ends_at=ends)
        applied = payments.apply_invoice(replace(invoice, lines=(line,)), told.charge(invoice.paid_cents))
        assert applied is not None
        self.paid += 1
        return applied.payment

    def end(self) -> None:
        subscriptions.apply(replace(self.state(self.paid - 1), status="canceled", ended_at=self.period(self.paid)))


def joined(at: datetime, zone: str = "UTC") -> User:
    user = make_user(date_joined=at, time_zone=zone)
    grants.start_monthly_credits(user)
    return user


def left_behind(user: User, at: datetime) -> Payment:
    """Return a payment as its transaction leaves it: what it pays for is written down, nothing is handed out."""
    payer = Payer(user, "month", at)
    row = subscriptions.apply(payer.state(0))
    return Payment.objects.create(
        wallet=ledger.wallet_of(user), kind="plan", payment_id=f"in_{user.pk.hex}", subscription=row, plan=row.plan,
        interval="month", amount_cents=1000, paid_at=at, covers_from=at, covers_until=at + 31 * DAY, months=1,
        month_credits=2900, first_cycle_on=at.date(), next_month_at=at,
    )  # fmt: skip


def test_what_was_paid_and_not_handed_out_comes_with_the_next_sweep() -> None:
    with time_machine.travel(NOON, tick=False):
        payment = left_behind(joined(NOON), NOON)
        assert [cycle_sweep.run(NOON)["paid"] for _ in range(2)] == [1, 0]
        payment.refresh_from_db()
        assert (payment.credits, payment.next_month_at) == (2900, None)
        assert ledger.wallet_of(payment.wallet.user).balance == 3000
        assert list(audit()) == []


def test_one_persons_errand_hands_out_theirs_alone() -> None:
    with time_machine.travel(NOON, tick=False):
        one, other = (left_behind(joined(NOON), NOON) for _ in range(2))
        assert [cycle_sweep.run_for(one.wallet) for _ in range(2)] == [2900, 0]
        assert (one.wallet.balance, ledger.wallet_of(other.wallet.user).balance) == (3000, 100)
        assert cycle_sweep.run_for(make_wallet(product=Product.API)) == 0


def test_one_whose_months_cannot_be_handed_out_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    with time_machine.travel(NOON, tick=False):
        broken, other = (left_behind(joined(NOON), NOON) for _ in range(2))
        key = month_key(broken, 1)
        ledger.grant(broken.wallet, 5, source=CreditLot.Source.ADMIN, key=key, reason="Not a month")
        assert tasks.sweep()["paid"] == 1
        assert ledger.wallet_of(other.wallet.user).balance == 3000
        (record,) = [record for record in caplog.records if record.message == "paid months not handed out"]
        assert (record.levelname, record.__dict__["wallet"]) == ("ERROR", broken.wallet_id)


def test_who_pays_before_confirming_an_address_has_all_at_once() -> None:
    with time_machine.travel(NOON, tick=False):
        payer = Payer(make_user(date_joined=NOON), "month", NOON)
        payer.pay()
        assert ledger.wallet_of(payer.user).balance == 3000


def test_news_of_a_plan_moves_its_state_and_brings_nothing() -> None:
    with time_machine.travel(NOON, tick=False):
        payer = Payer(joined(NOON), "month", NOON)
        for _ in range(2):
            subscriptions.apply(payer.state(0))
        assert (ledger.wallet_of(payer.user).plan_id, ledger.wallet_of(payer.user).balance) == ("starter", 100)


# --- A year for everybody who pays --------------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "America/Havana", "Africa/Cairo", "Asia/Kathmandu")
FIRST_DAY = date(2027, 3, 1)
EVERY = timedelta(hours=12)
# Counted from the first day: days of sign-up in and about short months, and 29 February 2028.
SOME = {0, 14, 27, 28, 29, 30, 60, 306, 336, 363, 364, 365}


def is_cycle_day(day: int, on: date) -> bool:
    return on.day == min(day, calendar.monthrange(on.year, on.month)[1])


def expected_days(day: int, bought_on: date, interval: str) -> list[date]:
    """Return the days of twelve paid months, found by looking at every day: the first at once, then the cycle's.

    Paid in advance by the year they come with each cycle; by the month, each with the cycle that its own time holds.
    """
    after = [bought_on + days * DAY for days in range(420) if is_cycle_day(day, bought_on + days * DAY)]
    if interval == "year" and after[0] > bought_on:
        return [bought_on, *after[:11]]
    return [bought_on, *after[1:12]]


# Committed for real, as the sweeps are.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sign_up_days",
    [pytest.param(SOME, marks=pytest.mark.journey), pytest.param(set(range(366)), marks=pytest.mark.long)],
    ids=["some", "each"],
)
def test_twelve_paid_months_are_twelve_grants_on_the_right_days(sign_up_days: set[int]) -> None:
    payers: list[Payer] = []
    with time_machine.travel(datetime.combine(FIRST_DAY, time(), UTC), tick=False) as clock:
        for step in range((366 + 45 + 400) * (DAY // EVERY)):
            clock.move_to(datetime.combine(FIRST_DAY, time(), UTC) + step * EVERY)
            now = datetime.now(UTC)
            today, half = divmod(step, DAY // EVERY)
            if half and today in sign_up_days:
                for number, interval in enumerate(("month", "year")):
                    user = joined(now, ZONES[(today + number) % len(ZONES)])
                    payers.append(Payer(user, interval, now + 7 * today % 45 * DAY))
            for payer in payers:
                if payer.paid < (12 if payer.interval == "month" else 1) and payer.period(payer.paid) <= now:
                    payer.pay()
                elif payer.paid == 12 and payer.period(12) <= now < payer.period(12) + EVERY:
                    payer.end()
            tasks.sweep()
        found = days_of_grants()
        for payer in payers:
            zone = ZoneInfo(payer.user.time_zone)
            bought_on = payer.bought_at.astimezone(zone).date()
            day = payer.user.date_joined.astimezone(zone).day
            assert found[payer.user] == expected_days(day, bought_on, payer.interval), (payer, day)
        assert list(audit()) == []


def days_of_grants() -> dict[User, list[date]]:
    """Return on which days plans brought each person a month, where they live."""
    found: dict[User, list[date]] = defaultdict(list)
    lots = CreditLot.objects.filter(source=CreditLot.Source.PLAN).select_related("wallet__user").order_by("created_at")
    for lot in lots:
        assert lot.credits == 2900
        user = lot.wallet.user
        found[user].append(lot.created_at.astimezone(user.zone).date())
    return found
