"""Rows behind the lock: statements that go together, and values as the ORM stores them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from billing import ledger, ledger_rows
from billing.ledger_rows import Lot, Statement
from billing.models import CreditLot, Wallet
from tests.factories import add_lot, make_wallet

pytestmark = pytest.mark.django_db

EARLIER, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


def test_statements_that_go_together_answer_one_by_one() -> None:
    wallet = make_wallet(3)
    texts = ["SELECT 1 WHERE 1 = %s", "UPDATE billing_wallet SET balance = %s", "SELECT balance FROM billing_wallet"]
    values: list[list[int]] = [[2], [3], []]
    answers = ledger_rows.together([Statement(text, value) for text, value in zip(texts, values, strict=True)])
    assert answers == [[], [], [(wallet.balance,)]]


def test_the_lock_reads_balance_key_and_whatever_else() -> None:
    wallet = make_wallet(3)
    entry = wallet.entries.get()
    locked = ledger_rows.lock(wallet.pk, entry.key, Statement("SELECT %s", [7]))
    assert (locked.balance, locked.entry_id, locked.more) == (3, entry.pk, [[(7,)]])
    assert ledger_rows.lock(wallet.pk, "new").entry_id is None


def test_a_wallet_that_is_not_there_is_an_error() -> None:
    with pytest.raises(Wallet.DoesNotExist):
        ledger_rows.lock(uuid4(), "k")


def test_lots_are_read_in_spending_order_with_what_has_expired_first() -> None:
    wallet = make_wallet()
    lots = [add_lot(wallet, 5, expires_at=at) for at in (None, LATER, EARLIER)]
    make_wallet(9)
    rows = ledger_rows.together([ledger_rows.read_spendable(wallet.pk, timezone.now())])[0]
    assert ledger_rows.lots_of(rows) == [Lot(lot.pk, 5, 0, lot is lots[2]) for lot in reversed(lots)]


def test_the_lots_of_a_hold_are_read_whatever_they_have_left() -> None:
    wallet = make_wallet(5)
    other = add_lot(wallet, 5, expires_at=LATER)
    hold = ledger.hold(wallet, 7, key="h", reason="r", reference="job:1")
    add_lot(wallet, 5)
    settled, lots = ledger_rows.together([ledger_rows.read_hold(hold), ledger_rows.read_lots_of(hold, timezone.now())])
    assert settled == [(0, 0)]
    assert {lot.id: lot.remaining for lot in ledger_rows.lots_of(lots)} == {
        other.pk: 0,
        wallet.lots.earliest("created_at").pk: 3,
    }


def test_a_row_is_written_as_the_orm_would_write_it() -> None:
    wallet = make_wallet()
    lot = CreditLot(
        wallet=wallet, source="monthly", credits=5, remaining=4, expired=1, cycle_on=date(2027, 1, 1), expires_at=LATER
    )
    ledger_rows.together([ledger_rows.add(lot)])
    found = CreditLot.objects.get(pk=lot.pk)
    for field in CreditLot._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(lot, field.attname)


def test_a_lot_is_changed_in_what_it_has_left_and_how_long() -> None:
    wallet = make_wallet(5)
    lot = wallet.lots.get()
    changed = Lot(lot.pk, 3, 2, False)
    ledger_rows.together([ledger_rows.set_lot(changed), ledger_rows.prolong_lot(changed, LATER)])
    lot.refresh_from_db()
    assert (lot.remaining, lot.expired, lot.expires_at) == (3, 2, LATER)


@pytest.mark.parametrize("value", [UUID(int=7), EARLIER, date(2027, 1, 1), 5, "text", None])
def test_values_find_what_the_orm_stored(value: object) -> None:
    # What was adapted compares equal to itself in either database, also without a type beside it.
    [[row]] = ledger_rows.together([Statement("SELECT COUNT(*) FROM billing_wallet WHERE %s = %s", [value, value])])
    assert row == (0,)
