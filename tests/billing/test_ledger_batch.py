"""Many wallets in a few statements: chunks, crashes, keys, and the order of lines."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import grants, ledger, ledger_batch
from billing.audit import audit
from billing.ledger_batch import Cycle, Terms
from billing.models import CreditLot, LedgerEntry, Wallet
from tests.factories import add_lot, make_user, make_wallet

pytestmark = pytest.mark.django_db

JOINED = datetime(2027, 1, 31, 10, tzinfo=UTC)
MARCH = datetime(2027, 3, 1, tzinfo=UTC)


def monthly_wallets(number: int, **fields: str) -> list[Wallet]:
    """Return wallets whose second cycle begins on 28 February."""
    with time_machine.travel(JOINED, tick=False):
        users = [make_user(**fields) for _ in range(number)]
        for user in users:
            grants.start_monthly_credits(user)
    return [ledger.wallet_of(user) for user in users]


def terms_of(cycle: Cycle) -> Terms:
    return Terms(date(2027, 3, 31), datetime(2027, 3, 31, tzinfo=UTC), "r")


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_chunks_of_any_size_grant_each_wallet_once(chunk: int) -> None:
    wallets = monthly_wallets(5)
    assert ledger_batch.grant_due(MARCH, terms_of, chunk=chunk) == 5
    for wallet in wallets:
        wallet.refresh_from_db()
        assert (wallet.balance, wallet.next_cycle_on) == (100, date(2027, 3, 31))
    assert list(audit()) == []


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_chunks_of_any_size_expire_each_lot_once(chunk: int) -> None:
    wallets = [make_wallet(10, expires_at=MARCH) for _ in range(3)]
    add_lot(wallets[0], 5, expires_at=MARCH)
    assert ledger_batch.expire_due(MARCH, chunk=chunk) == 4
    assert [ledger.available(wallet, JOINED) for wallet in wallets] == [0, 0, 0]
    assert list(audit()) == []


def test_a_crash_leaves_whole_chunks_and_the_next_sweep_does_the_rest() -> None:
    wallets = monthly_wallets(2, time_zone="Europe/Berlin") + monthly_wallets(1, time_zone="America/New_York")

    def crash_in_new_york(cycle: Cycle) -> Terms:
        if cycle.time_zone == "America/New_York":
            raise MemoryError
        return terms_of(cycle)

    with pytest.raises(MemoryError):
        ledger_batch.grant_due(MARCH, crash_in_new_york, chunk=1)
    assert [wallet.lots.count() for wallet in wallets] == [2, 2, 1]
    assert ledger_batch.grant_due(MARCH, terms_of, chunk=1) == 1
    assert [wallet.lots.count() for wallet in wallets] == [2, 2, 2]
    assert list(audit()) == []


def test_terms_are_asked_for_with_what_the_wallets_have_in_common() -> None:
    monthly_wallets(3)
    monthly_wallets(2, time_zone="Europe/Berlin")
    asked: list[Cycle] = []

    def remember(cycle: Cycle) -> Terms:
        asked.append(cycle)
        return terms_of(cycle)

    ledger_batch.grant_due(MARCH, remember)
    zones = sorted((cycle.day, cycle.time_zone, cycle.on) for cycle in asked)
    assert zones == [(31, "Europe/Berlin", date(2027, 2, 28)), (31, "UTC", date(2027, 2, 28))]


def test_rows_are_as_the_verbs_would_write_them() -> None:
    [wallet] = monthly_wallets(1)
    old = wallet.lots.get()
    ledger_batch.grant_due(MARCH, terms_of)
    lot = wallet.lots.latest("created_at")
    assert isinstance(lot.pk, UUID)
    # Version and variant of RFC 9562, and a time that orders it.
    assert (lot.pk.version, lot.pk.variant) == (7, UUID(int=0, version=4).variant)
    assert datetime.fromtimestamp((lot.pk.int >> 80) / 1000, UTC) == MARCH
    assert (lot.source, lot.created_at, lot.expires_at) == (
        CreditLot.Source.MONTHLY,
        MARCH,
        datetime(2027, 3, 31, tzinfo=UTC),
    )
    expiry, grant = wallet.entries.order_by("id")[1:]
    assert (expiry.key, expiry.lot, expiry.reason) == (f"expire:{old.pk.hex}:0", old, ledger_batch.EXPIRED)
    assert (grant.key, grant.lot, grant.created_at) == (f"monthly:{wallet.pk.hex}:2027-02-28", lot, MARCH)


def test_lots_expire_in_the_order_in_which_they_end() -> None:
    wallet = make_wallet()
    for hours in (3, 1, 2):
        add_lot(wallet, hours, expires_at=MARCH - timedelta(hours=hours))
    ledger_batch.expire_due(MARCH)
    deltas = LedgerEntry.objects.filter(kind="expire").order_by("id").values_list("delta", "balance_after")
    assert list(deltas) == [(-3, 3), (-2, 1), (-1, 0)]


def test_the_number_of_statements_does_not_grow_with_the_wallets() -> None:
    counts = []
    for number in (1, 30):
        monthly_wallets(number)
        with CaptureQueriesContext(connection) as queries:
            ledger_batch.grant_due(MARCH, terms_of)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nothing_due_costs_one_look_each() -> None:
    monthly_wallets(1)
    with CaptureQueriesContext(connection) as queries:
        ledger_batch.grant_due(JOINED, terms_of)
        ledger_batch.expire_due(JOINED)
    assert ["SELECT" in query["sql"] for query in queries] == [True, True]
