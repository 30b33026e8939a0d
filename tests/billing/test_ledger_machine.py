"""The ledger against a small model of it: any order of verbs, any passing of time, keys repeated at any moment."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing import ledger
from billing.audit import audit
from billing.errors import HoldOverdrawn, InsufficientCredits, KeyReused
from billing.models import CreditHold, CreditLot
from tests.factories import make_wallet
from tests.reliability.own_books import wrong_books
from tests.reliability.size import seed as begin_of_dice

logger = logging.getLogger(__name__)

START = datetime(2027, 3, 10, 12, tzinfo=UTC)
STEPS = 100

CREDITS = st.integers(1, 60)
HOURS = st.integers(1, 72)


@dataclass
class ModelLot:
    remaining: int
    expires_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass
class ModelHold:
    """Each credit taken is a reference to its lot, in the order in which they were taken."""

    row: CreditHold
    taken: list[ModelLot]
    settled: int = 0
    is_released: bool = False

    @property
    def open(self) -> list[ModelLot]:
        return [] if self.is_released else self.taken[self.settled :]


@dataclass
class Model:
    """A wallet as a child would keep it: lots as piles, a credit at a time."""

    lots: list[ModelLot] = field(default_factory=list)
    holds: list[ModelHold] = field(default_factory=list)

    def expire(self, lots: list[ModelLot], now: datetime) -> None:
        for lot in lots:
            if lot.is_over(now):
                lot.remaining = 0

    def spendable(self, now: datetime) -> int:
        return sum(lot.remaining for lot in self.lots if not lot.is_over(now))

    def take(self, credits: int, now: datetime) -> list[ModelLot]:
        self.expire(self.lots, now)
        never = datetime.max.replace(tzinfo=UTC)
        taken: list[ModelLot] = []
        for lot in sorted(self.lots, key=lambda lot: lot.expires_at or never):
            while lot.remaining and len(taken) < credits:
                lot.remaining -= 1
                taken.append(lot)
        return taken

    def give_back(self, hold: ModelHold, now: datetime) -> None:
        self.expire(hold.open, now)
        for lot in hold.open:
            if lot.is_over(now):
                lot.expires_at = now + timedelta(hours=24)
            lot.remaining += 1
        hold.is_released = True


class LedgerMachine(RuleBasedStateMachine):
    """Runs in a transaction that is undone; the clock stands still but for the rule that moves it."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self._clock = time_machine.travel(START, tick=False)
        self.clock = self._clock.start()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.model = Model()
        # Every call that succeeded, and what it returned.
        self.calls: list[tuple[Callable[[], Any], Any]] = []

    @initialize()
    def open_wallet(self) -> None:
        self.wallet = make_wallet()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def key(self) -> str:
        return f"key {len(self.calls)}"

    def call(self, verb: Callable[[], Any]) -> Any:
        """Call a verb and remember it as one that can be repeated."""
        result = verb()
        self.calls.append((verb, result))
        return result

    @rule(credits=CREDITS, hours=st.none() | HOURS)
    def grant(self, credits: int, hours: int | None) -> None:
        # Two lots of the same instant could be spent in either order.
        self.clock.shift(1)
        key, expires_at = self.key(), self.now + timedelta(hours=hours) if hours else None
        source = CreditLot.Source.PURCHASE
        self.call(
            lambda: ledger.grant(self.wallet, credits, source=source, key=key, reason="Grant", expires_at=expires_at)
        )
        self.model.lots.append(ModelLot(credits, expires_at))

    @rule(credits=CREDITS)
    def hold(self, credits: int) -> None:
        key = self.key()

        def verb() -> CreditHold:
            return ledger.hold(self.wallet, credits, key=key, reason="Hold", reference="job:1")

        if credits > (spendable := self.model.spendable(self.now)):
            with pytest.raises(InsufficientCredits) as error:
                verb()
            assert error.value.available == spendable
        else:
            row = self.call(verb)
            self.model.holds.append(ModelHold(row, self.model.take(credits, self.now)))

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), credits=st.integers(1, 30))
    def settle(self, data: st.DataObject, credits: int) -> None:
        hold, key = data.draw(st.sampled_from(self.model.holds)), self.key()

        def verb() -> Any:
            return ledger.settle(hold.row, credits, key=key, reason="Settle")

        if credits > len(hold.open):
            with pytest.raises(HoldOverdrawn) as error:
                verb()
            assert error.value.open_credits == len(hold.open)
        else:
            self.call(verb)
            hold.settled += credits
            assert hold.row.open_credits == len(hold.open)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold, key = data.draw(st.sampled_from(self.model.holds)), self.key()
        released = len(hold.open)
        entry = self.call(lambda: ledger.release(hold.row, key=key, reason="Release"))
        assert (entry.credits if entry else 0) == released
        if released:
            self.model.give_back(hold, self.now)

    @rule(credits=st.integers(-40, 40).filter(bool))
    def adjust(self, credits: int) -> None:
        self.clock.shift(1)
        key = self.key()

        def verb() -> Any:
            return ledger.adjust(self.wallet, credits, key=key, reason="Adjust")

        if credits > 0:
            self.call(verb)
            self.model.lots.append(ModelLot(credits, None))
        elif -credits > self.model.spendable(self.now):
            with pytest.raises(InsufficientCredits):
                verb()
        else:
            self.call(verb)
            self.model.take(-credits, self.now)

    @rule()
    def expire(self) -> None:
        due = [lot for lot in self.model.lots if lot.is_over(self.now) and lot.remaining]
        assert ledger.expire(self.now) == len(due)
        self.model.expire(due, self.now)

    @rule(hours=HOURS)
    def wait(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        verb, result = data.draw(st.sampled_from(self.calls))
        if result is not None:
            assert verb() == result

    @precondition(lambda self: self.wallet.entries.exists())
    @rule(data=st.data())
    def reuse_a_key(self, data: st.DataObject) -> None:
        keys = list(self.wallet.entries.order_by("id").values_list("key", flat=True))
        with pytest.raises(KeyReused):
            ledger.grant(
                self.wallet, 1000, source=CreditLot.Source.ADMIN, key=data.draw(st.sampled_from(keys)), reason="Other"
            )

    @invariant()
    def lots_and_balance_are_as_in_the_model(self) -> None:
        type(self).steps += 1
        rows = list(self.wallet.lots.order_by("created_at").values_list("remaining", "expires_at", "wallet__balance"))
        balance = sum(lot.remaining for lot in self.model.lots)
        assert rows == [(lot.remaining, lot.expires_at, balance) for lot in self.model.lots]

    def teardown(self) -> None:
        """Look at the holds, let the audit say its word, and leave nothing."""
        try:
            for hold in self.model.holds:
                hold.row.refresh_from_db()
                assert (hold.row.settled, hold.row.open_credits) == (hold.settled, len(hold.open))
            assert ledger.available(self.wallet) == self.model.spendable(self.now)
            # A sweep runs each minute; the audit minds lots that were due a day ago.
            ledger.expire(self.now)
            assert [finding.fact for finding in audit(self.wallet.pk)] == []
            assert wrong_books() == []
        finally:
            transaction.set_rollback(True)
            self._transaction.__exit__(None, None, None)
            self._clock.stop()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "steps",
    [2_500, pytest.param(10_000, marks=pytest.mark.journey), pytest.param(100_000, marks=pytest.mark.long)],
)
def test_the_ledger_does_what_the_model_does(steps: int) -> None:
    LedgerMachine.steps, turn = 0, begin_of_dice(13)
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    # Some examples end early: then there are more of them.
    while (left := steps - LedgerMachine.steps) > 0:
        logger.warning("seed %d, %d steps to go", turn, left)
        run_state_machine_as_test(
            seed(turn)(LedgerMachine),
            settings=settings(
                max_examples=-(-left // STEPS),
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=quiet,
                database=None,
            ),
        )
        turn += 1
