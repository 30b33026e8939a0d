"""What comes back, runs out or is set right: release, expire, adjust; and what the verbs cost."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import ledger
from billing.errors import InsufficientCredits, KeyReused
from billing.models import CreditLot, Wallet
from tests.billing.books import DAY, HOUR, NOW, balance, left, lines, release, settle, take
from tests.factories import add_lot, make_wallet

pytestmark = pytest.mark.django_db


# --- release ------------------------------------------------------------------------------------------------


def test_release_gives_back_what_is_open() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    settle(hold, 3)
    entry = release(hold)
    assert entry is not None
    assert (entry.credits, entry.delta, entry.balance_after, entry.reason) == (1, 1, 7, "Given back: canceled")
    assert (hold.released, hold.open_credits) == (1, 0)
    assert balance(wallet) == 7


@time_machine.travel(NOW, tick=False)
def test_release_refills_the_lot_taken_from_last_first() -> None:
    wallet = make_wallet()
    for days in (1, 2, 3):
        add_lot(wallet, 10, expires_at=NOW + days * DAY)
    hold = take(wallet, 25)
    settle(hold, 12)
    release(hold)
    # Settled: all of the first lot and 2 of the second.
    assert left(wallet) == [0, 8, 10]
    assert balance(wallet) == 18


def test_release_into_a_lot_that_has_expired_lives_a_day_longer() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        wallet = make_wallet(10, expires_at=NOW + HOUR)
        hold = take(wallet, 4)
        clock.shift(2 * HOUR)
        ledger.expire(timezone.now())
        release(hold)
        lot = wallet.lots.get()
        assert (lot.remaining, lot.expired, lot.expires_at) == (4, 6, timezone.now() + DAY)
        clock.shift(DAY - HOUR)
        assert ledger.available(wallet) == 4
        clock.shift(HOUR)
        assert ledger.available(wallet) == 0
        ledger.expire(timezone.now())
    assert balance(wallet) == 0
    assert [kind for kind, *_ in lines(wallet)] == ["grant", "hold", "expire", "release", "expire"]


def test_release_revives_nothing_that_expired_before_the_sweep_came() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        wallet = make_wallet(10, expires_at=NOW + HOUR)
        add_lot(wallet, 5)
        hold = take(wallet, 4)
        clock.shift(2 * HOUR)
        release(hold)
        assert left(wallet) == [4, 5]
        assert lines(wallet)[-2:] == [("expire", -6, 5), ("release", 4, 9)]
        assert balance(wallet) == 9


def test_release_survives_a_clock_that_was_set_back() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        wallet = make_wallet(10, expires_at=NOW + HOUR)
        hold = take(wallet, 4)
        clock.shift(2 * HOUR)
        ledger.expire(timezone.now())
        clock.shift(-2 * HOUR)
        release(hold)
        clock.shift(2 * HOUR)
        ledger.expire(timezone.now())
    assert balance(wallet) == 0


def test_release_of_a_hold_with_nothing_open_does_nothing() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    settle(hold, 4)
    assert release(hold) is None
    assert len(lines(wallet)) == 3


def test_release_with_a_repeated_key_returns_the_first_line() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    first = release(hold)
    assert first is not None
    assert release(hold) == first
    assert release(hold, key="another") is None
    assert balance(wallet) == 10


def test_release_refuses_a_key_that_was_used_for_something_else() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    with pytest.raises(KeyReused, match="kind hold, not release"):
        release(hold, key="hold")
    assert balance(wallet) == 6


# --- expire -------------------------------------------------------------------------------------------------


def test_expire_empties_what_is_due_and_nothing_else() -> None:
    with time_machine.travel(NOW, tick=False):
        wallets = [make_wallet(10, expires_at=NOW + days * DAY) for days in (1, 2)]
        add_lot(wallets[0], 5)
        assert ledger.expire(NOW + DAY) == 1
        assert [ledger.available(wallet) for wallet in wallets] == [5, 10]
        assert lines(wallets[0])[-1] == ("expire", -10, 5)
        assert [balance(wallet) for wallet in wallets] == [5, 10]


def test_expire_repeated_adds_no_line() -> None:
    wallet = make_wallet(10, expires_at=NOW)
    assert [ledger.expire(NOW) for _ in range(2)] == [1, 0]
    assert len(lines(wallet)) == 2


# --- adjust -------------------------------------------------------------------------------------------------


def test_adjust_gives_a_lot_from_the_team() -> None:
    wallet = make_wallet(10)
    entry = ledger.adjust(wallet, 5, key="k", reason="We are sorry", expires_at=NOW)
    assert (entry.kind, entry.delta, entry.reason) == ("adjust", 5, "We are sorry")
    assert entry.lot is not None
    assert (entry.lot.source, entry.lot.expires_at) == (CreditLot.Source.ADMIN, NOW)
    assert balance(wallet) == 15


@time_machine.travel(NOW, tick=False)
def test_adjust_takes_from_the_lots_in_spending_order() -> None:
    wallet = make_wallet(10)
    add_lot(wallet, 10, expires_at=NOW + DAY)
    entry = ledger.adjust(wallet, -12, key="k", reason="A refund")
    assert (entry.delta, entry.balance_after) == (-12, 8)
    assert left(wallet) == [8, 0]
    assert balance(wallet) == 8


def test_adjust_never_goes_below_zero() -> None:
    wallet = make_wallet(10)
    with pytest.raises(InsufficientCredits) as error:
        ledger.adjust(wallet, -11, key="k", reason="A refund")
    assert error.value.missing == 1
    assert balance(wallet) == 10


@pytest.mark.parametrize("credits", [5, -5])
def test_adjust_with_a_repeated_key_returns_the_first_line(credits: int) -> None:
    wallet = make_wallet(10)
    first, second = (ledger.adjust(wallet, credits, key="k", reason="A reason") for _ in range(2))
    assert first == second
    assert balance(wallet) == 10 + credits
    with pytest.raises(KeyReused):
        ledger.adjust(wallet, -credits, key="k", reason="A reason")


def test_adjust_refuses_zero() -> None:
    with pytest.raises(ValueError, match="0 credits"):
        ledger.adjust(make_wallet(), 0, key="k", reason="Nothing")


# --- Statements ---------------------------------------------------------------------------------------------


def _hold(wallet: Wallet) -> Callable[[], Any]:
    return lambda: take(wallet, 1)


def _settle(wallet: Wallet) -> Callable[[], Any]:
    hold = take(wallet, 2)
    return lambda: settle(hold, 1)


def _release(wallet: Wallet) -> Callable[[], Any]:
    hold = take(wallet, 2)
    return lambda: release(hold)


@pytest.mark.parametrize(("verb", "on_sqlite"), [(_hold, 7), (_settle, 5), (_release, 8)])
def test_a_verb_reads_once_and_writes_once(verb: Callable[[Wallet], Callable[[], Any]], on_sqlite: int) -> None:
    act = verb(make_wallet(10))
    with CaptureQueriesContext(connection) as queries:
        act()
    # PostgreSQL takes what is read together, and what is written, in one message each.
    assert len(queries) == (2 if connection.vendor == "postgresql" else on_sqlite)


# --- adjust, from lots that are named ---------------------------------------------------------------------------


@time_machine.travel(NOW, tick=False)
def test_adjust_takes_from_the_named_lots_alone_in_their_order() -> None:
    wallet = make_wallet()
    soon, never, other = add_lot(wallet, 10, expires_at=NOW + DAY), add_lot(wallet, 10), add_lot(wallet, 10)
    entry = ledger.adjust(
        wallet, -12, key="back", reason="Refunded", reference="bill:1", lots={other.pk: 7, soon.pk: 9}
    )
    assert left(wallet) == [5, 10, 3]
    assert (entry.reference, entry.hold and entry.hold.reference) == ("bill:1", "bill:1")
    assert balance(wallet) == 18
    assert never.remaining == 10


@pytest.mark.parametrize("most", [4, 20])
def test_adjust_takes_no_more_than_the_named_lots_have(most: int) -> None:
    wallet = make_wallet()
    named, _ = add_lot(wallet, 10), add_lot(wallet, 100)
    with pytest.raises(InsufficientCredits) as refused:
        ledger.adjust(wallet, -11, key="back", reason="Refunded", lots={named.pk: most})
    assert refused.value.available == min(most, 10)
    assert left(wallet) == [10, 100]


@time_machine.travel(NOW, tick=False)
def test_adjust_takes_nothing_from_a_named_lot_that_has_expired_or_is_somebody_elses() -> None:
    wallet, stranger = make_wallet(50), make_wallet(50)
    over = add_lot(wallet, 10, expires_at=NOW - DAY)
    foreign = stranger.lots.get()
    with pytest.raises(InsufficientCredits):
        ledger.adjust(wallet, -1, key="back", reason="Refunded", lots={over.pk: 5, foreign.pk: 5})
