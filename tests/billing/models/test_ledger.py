"""What the database itself refuses, whoever writes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from billing import ledger
from billing.errors import AppendOnly
from billing.models import CreditHold, CreditLot, LedgerEntry, Wallet
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet() -> Wallet:
    wallet = make_wallet(10)
    ledger.hold(wallet, 4, key="h", reason="r", reference="job:1")
    return wallet


REFUSED: list[Callable[[Wallet], Any]] = [
    lambda wallet: Wallet.objects.filter(pk=wallet.pk).update(balance=-1),
    lambda wallet: Wallet.objects.filter(pk=wallet.pk).update(cycle_day=32),
    lambda wallet: Wallet.objects.create(user=wallet.user, cycle_day=1, next_cycle_on=date(2027, 1, 1)),
    lambda wallet: wallet.lots.update(remaining=-1),
    lambda wallet: wallet.lots.update(remaining=11),
    lambda wallet: wallet.lots.update(expired=5),
    lambda wallet: wallet.lots.update(credits=0, remaining=0),
    lambda wallet: wallet.lots.update(cycle_on=date(2027, 1, 1)),
    lambda wallet: wallet.lots.update(source="monthly"),
    lambda wallet: [
        CreditLot.objects.create(wallet=wallet, source="monthly", credits=1, remaining=1, cycle_on=date(2027, 1, 1))
        for _ in range(2)
    ],
    lambda wallet: wallet.holds.update(settled=5),
    lambda wallet: wallet.holds.update(settled=2, released=3),
    lambda wallet: wallet.holds.update(released=-1),
    lambda wallet: CreditHold.objects.create(wallet=wallet, credits=0, parts=[]),
    lambda wallet: _line(wallet, key="h"),
    lambda wallet: _line(wallet, balance_after=-1),
    lambda wallet: _line(wallet, kind="grant", credits=1, delta=2),
    lambda wallet: _line(wallet, kind="settle", credits=1, delta=-1),
    lambda wallet: _line(wallet, kind="hold", credits=1, delta=1),
    lambda wallet: _line(wallet, kind="expire", credits=-1, delta=1),
    lambda wallet: _line(wallet, kind="release", credits=0, delta=0),
    lambda wallet: _line(wallet, kind="made up", credits=1, delta=1),
]


def _line(wallet: Wallet, **values: Any) -> LedgerEntry:
    facts = {"kind": "adjust", "credits": 1, "delta": 1, "balance_after": 7, "reason": "r", "key": "k"}
    return LedgerEntry.objects.create(wallet=wallet, **{**facts, **values})


@pytest.mark.parametrize("write", REFUSED)
def test_the_database_refuses(wallet: Wallet, write: Callable[[Wallet], Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write(wallet)


def test_a_line_that_is_right_is_taken(wallet: Wallet) -> None:
    assert _line(wallet).pk


@pytest.mark.parametrize(
    "statement",
    ["UPDATE billing_ledgerentry SET reason = 'another'", "DELETE FROM billing_ledgerentry"],
)
def test_the_ledger_is_append_only_for_sql_too(wallet: Wallet, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert wallet.entries.count() == 2


def test_a_line_is_neither_saved_again_nor_deleted(wallet: Wallet) -> None:
    entry = wallet.entries.latest("id")
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()


def test_a_person_with_a_wallet_is_not_deleted(wallet: Wallet) -> None:
    with pytest.raises(ProtectedError):
        wallet.user.delete()
    make_user().delete()
