"""The verbs: what each does, does not do twice, and refuses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import ledger
from billing.audit import audit
from billing.errors import HoldOverdrawn, InsufficientCredits, KeyReused
from billing.models import CreditHold, CreditLot, LedgerEntry, Product, Wallet
from tests.factories import add_lot, make_user, make_wallet

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def take(wallet: Wallet, credits: int, key: str = "hold") -> CreditHold:
    return ledger.hold(wallet, credits, key=key, reason="A picture", reference="job:1")


def settle(hold: CreditHold, credits: int, key: str = "settle") -> LedgerEntry:
    return ledger.settle(hold, credits, key=key, reason="1 picture")


def release(hold: CreditHold, key: str = "release") -> LedgerEntry | None:
    return ledger.release(hold, key=key, reason="Given back: canceled")


def left(wallet: Wallet) -> list[int]:
    """Return what the lots have left, in the order in which they came."""
    return list(wallet.lots.order_by("created_at", "id").values_list("remaining", flat=True))


def lines(wallet: Wallet) -> list[tuple[str, int, int]]:
    return list(wallet.entries.order_by("id").values_list("kind", "delta", "balance_after"))


def balance(wallet: Wallet) -> int:
    wallet.refresh_from_db()
    assert list(audit(wallet.pk)) == []
    return wallet.balance


# --- Wallets ------------------------------------------------------------------------------------------------


def test_a_person_has_one_wallet_a_product() -> None:
    user = make_user()
    site, api = ledger.wallet_of(user), ledger.wallet_of(user, Product.API)
    assert ledger.wallet_of(user) == site != api
    assert (site.product, api.product) == (Product.SITE, Product.API)


@time_machine.travel(datetime(2027, 1, 31, 23, 30, tzinfo=UTC), tick=False)
def test_a_wallet_takes_its_cycle_day_from_the_day_of_sign_up_where_the_person_lives() -> None:
    here, there = make_user(), make_user(time_zone="Europe/Berlin")
    assert ledger.wallet_of(here).cycle_day == 31
    assert ledger.wallet_of(there).cycle_day == 1


# --- grant --------------------------------------------------------------------------------------------------


def test_grant_adds_a_lot_and_a_line() -> None:
    wallet = make_wallet()
    entry = ledger.grant(
        wallet, 50, source=CreditLot.Source.REFERRAL, key="k", reason="A friend", reference="referral:7"
    )
    lot = wallet.lots.get()
    assert (lot.source, lot.credits, lot.remaining, lot.expires_at) == ("referral", 50, 50, None)
    assert (entry.kind, entry.delta, entry.balance_after, entry.lot, entry.reference) == (
        "grant", 50, 50, lot, "referral:7",
    )  # fmt: skip
    assert balance(wallet) == wallet.balance == 50


def test_grant_with_a_repeated_key_returns_the_first_line() -> None:
    wallet = make_wallet()
    first, second = (
        ledger.grant(wallet, 50, source=CreditLot.Source.REFERRAL, key="k", reason="A friend") for _ in range(2)
    )
    assert first == second
    assert balance(wallet) == 50


@pytest.mark.parametrize(
    "change", [{"credits": 51}, {"source": CreditLot.Source.PURCHASE}, {"wallet": "another"}], ids=str
)
def test_grant_refuses_a_key_that_was_used_for_something_else(change: dict[str, Any]) -> None:
    wallet = make_wallet()
    facts: dict[str, Any] = {"wallet": wallet, "credits": 50, "source": CreditLot.Source.REFERRAL}
    ledger.grant(**facts, key="k", reason="A friend")
    if "wallet" in change:
        change = {"wallet": make_wallet()}
    with pytest.raises(KeyReused, match="'k'"):
        ledger.grant(**{**facts, **change}, key="k", reason="A friend")
    assert balance(wallet) == 50


@pytest.mark.parametrize(
    ("credits", "key", "reason"), [(0, "k", "r"), (-1, "k", "r"), (1, "", "r"), (1, "k", ""), (1, "k", "r" * 201)]
)
def test_grant_refuses_no_credits_and_texts_that_do_not_fit(credits: int, key: str, reason: str) -> None:
    wallet = make_wallet()
    with pytest.raises(ValueError, match=r"at least 1|allowed"):
        ledger.grant(wallet, credits, source=CreditLot.Source.ADMIN, key=key, reason=reason)
    assert lines(wallet) == []


# --- hold ---------------------------------------------------------------------------------------------------


def test_hold_takes_credits_out_of_the_balance() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    assert (hold.credits, hold.settled, hold.released, hold.open_credits) == (4, 0, 0, 4)
    assert CreditHold.objects.get().parts == [[wallet.lots.get().pk.hex, 4]]
    assert lines(wallet) == [("grant", 10, 10), ("hold", -4, 6)]
    assert balance(wallet) == ledger.available(wallet) == 6


@time_machine.travel(NOW, tick=False)
def test_hold_spends_what_expires_soonest_then_what_never_does() -> None:
    wallet = make_wallet()
    for expires_at in (None, NOW + 9 * DAY, NOW + 2 * DAY, None):
        add_lot(wallet, 10, expires_at=expires_at)
    take(wallet, 25)
    assert left(wallet) == [5, 0, 0, 10]


@time_machine.travel(NOW, tick=False)
def test_hold_spends_the_older_of_two_lots_that_expire_together() -> None:
    wallet = make_wallet()
    with time_machine.travel(NOW - DAY):
        add_lot(wallet, 10, expires_at=NOW + DAY)
    add_lot(wallet, 10, expires_at=NOW + DAY)
    take(wallet, 5)
    assert left(wallet) == [5, 10]


def test_hold_fails_when_available_is_too_low() -> None:
    wallet = make_wallet(3)
    with pytest.raises(InsufficientCredits) as error:
        take(wallet, 4)
    assert (error.value.required, error.value.available, error.value.missing) == (4, 3, 1)
    assert lines(wallet) == [("grant", 3, 3)]
    assert balance(wallet) == 3


def test_hold_of_the_last_credit_succeeds() -> None:
    wallet = make_wallet(3)
    take(wallet, 3)
    assert balance(wallet) == 0


def test_a_refused_hold_leaves_the_callers_transaction_usable() -> None:
    wallet = make_wallet(3)
    with transaction.atomic():
        with pytest.raises(InsufficientCredits):
            take(wallet, 4)
        take(wallet, 3)
    assert balance(wallet) == 0


def test_hold_does_not_spend_what_has_expired_before_the_sweep_came() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        wallet = make_wallet(10, expires_at=NOW + HOUR)
        add_lot(wallet, 2)
        clock.shift(HOUR)
        with pytest.raises(InsufficientCredits) as error:
            take(wallet, 3)
        assert error.value.available == ledger.available(wallet) == 2
        take(wallet, 2)
    assert lines(wallet) == [("grant", 10, 10), ("grant", 2, 12), ("expire", -10, 2), ("hold", -2, 0)]
    assert balance(wallet) == 0


def test_hold_with_a_repeated_key_returns_the_first_hold() -> None:
    wallet = make_wallet(10)
    first = take(wallet, 6)
    again = ledger.hold(wallet, 6, key="hold", reason="A picture", reference="job:2")
    assert again == first
    assert again.reference == "job:1"
    assert balance(wallet) == 4


def test_hold_refuses_a_key_that_was_used_for_something_else() -> None:
    wallet = make_wallet(10)
    take(wallet, 6)
    with pytest.raises(KeyReused, match="credits 6, not 3"):
        take(wallet, 3)
    assert balance(wallet) == 4


# --- settle -------------------------------------------------------------------------------------------------


def test_settle_spends_what_was_set_aside() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    entry = settle(hold, 3)
    assert (entry.credits, entry.delta, entry.balance_after, entry.reference) == (3, 0, 6, "job:1")
    assert (hold.settled, hold.open_credits) == (3, 1)
    assert CreditHold.objects.get().settled == 3
    assert balance(wallet) == 6


def test_settle_refuses_more_than_the_hold_has_open() -> None:
    hold = take(make_wallet(10), 4)
    settle(hold, 3)
    with pytest.raises(HoldOverdrawn) as error:
        settle(hold, 2, key="another")
    assert (error.value.requested, error.value.open_credits) == (2, 1)
    assert CreditHold.objects.get().settled == 3


def test_settle_knows_what_a_stale_copy_of_the_hold_does_not() -> None:
    hold = take(make_wallet(10), 4)
    stale = CreditHold.objects.get()
    release(hold)
    with pytest.raises(HoldOverdrawn):
        settle(stale, 1)


def test_settle_with_a_repeated_key_returns_the_first_line() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    assert settle(hold, 4) == settle(hold, 4)
    assert CreditHold.objects.get().settled == 4
    assert balance(wallet) == 6


def test_settle_refuses_a_key_that_was_used_for_something_else() -> None:
    wallet = make_wallet(10)
    hold = take(wallet, 4)
    with pytest.raises(KeyReused, match="kind hold, not settle"):
        settle(hold, 1, key="hold")
    settle(hold, 1)
    with pytest.raises(KeyReused, match="credits 1, not 2"):
        settle(hold, 2)
    with pytest.raises(KeyReused, match="hold"):
        settle(take(wallet, 4, key="second"), 1)


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
