"""The audit: clean books pass, and each fact that is broken is named with its wallet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from billing import append_only, grants, ledger
from billing.audit import audit
from billing.models import CreditHold, CreditLot, LedgerEntry, Wallet
from tests.factories import add_lot, make_user, make_wallet

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def wallet() -> Wallet:
    """A wallet with a line of every kind."""
    wallet = make_wallet(10)
    add_lot(wallet, 20, expires_at=timezone.now() + DAY)
    hold = ledger.hold(wallet, 25, key="h", reason="r", reference="job:1")
    ledger.settle(hold, 12, key="s", reason="r")
    ledger.release(hold, key="r", reason="r")
    ledger.adjust(wallet, 4, key="a+", reason="r", expires_at=timezone.now() - DAY / 2)
    ledger.expire(timezone.now())
    ledger.adjust(wallet, -4, key="a-", reason="r")
    return wallet


@pytest.fixture
def no_law() -> Iterator[None]:
    """Take the triggers and the constraints that a test breaks on purpose out of the way, within its transaction."""
    append_only.remove(connection)
    yield
    append_only.install(connection)


def facts(wallet: Wallet) -> list[str]:
    """Return what is wrong with this wallet; nothing may be wrong with another."""
    found = list(audit())
    assert {finding.wallet_id for finding in found} <= {wallet.pk}
    assert list(audit(wallet.pk)) == found
    return [finding.fact for finding in found]


def entry(wallet: Wallet, **values: Any) -> LedgerEntry:
    last = wallet.entries.latest("id")
    facts = {"credits": 5, "delta": 0, "balance_after": last.balance_after, "reason": "r", "key": "forged"}
    return LedgerEntry.objects.create(**{"wallet": wallet, **facts, **values})


def test_books_kept_by_the_verbs_are_right(wallet: Wallet) -> None:
    with time_machine.travel(timezone.now() - 70 * DAY):
        grants.start_monthly_credits(make_user())
    grants.grant_due(timezone.now())
    assert list(audit()) == []
    assert set(wallet.entries.values_list("kind", flat=True)) == set(LedgerEntry.Kind.values)


def test_every_wallet_is_looked_at(wallet: Wallet) -> None:
    wallets = [make_wallet(1) for _ in range(7)]
    Wallet.objects.filter(pk__in=[w.pk for w in wallets]).update(balance=2)
    assert {finding.wallet_id for finding in audit(chunk=3)} == {w.pk for w in wallets}


def test_a_wrong_balance_is_found(wallet: Wallet) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(balance=9)
    assert facts(wallet) == [
        "the balance is 9, but the lots have 14 left",
        "the balance is 9, but the entries make 14",
    ]


def test_a_wrong_lot_is_found(wallet: Wallet) -> None:
    lot = wallet.lots.get(expires_at=None)
    CreditLot.objects.filter(pk=lot.pk).update(remaining=9)
    assert f"lot {lot.pk} has 9 left, but it should be 10" in facts(wallet)


def test_a_lot_that_came_by_no_entry_is_found(wallet: Wallet) -> None:
    lot = CreditLot.objects.create(wallet=wallet, source="admin", credits=5, remaining=0)
    assert facts(wallet) == [f"lot {lot.pk} is of 5, but 0 came", f"lot {lot.pk} has 0 left, but it should be 5"]


def test_a_wrong_expiry_is_found(wallet: Wallet) -> None:
    lot = wallet.lots.get(expired__gt=0)
    CreditLot.objects.filter(pk=lot.pk).update(expired=3)
    assert facts(wallet) == [f"lot {lot.pk} says 3 expired, the entries 4"]


def test_a_lot_that_outlived_its_day_is_found(wallet: Wallet) -> None:
    lot = wallet.lots.get(expires_at__gt=timezone.now())
    CreditLot.objects.filter(pk=lot.pk).update(expires_at=timezone.now() - DAY / 2)
    assert facts(wallet) == []
    CreditLot.objects.filter(pk=lot.pk).update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert facts(wallet) == [f"lot {lot.pk} expired at 2020-01-01 00:00:00+00:00 and still has 4"]


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"settled": 11}, "hold {} should have 11 settled credits, but 12 are found"),
        ({"released": 12}, "hold {} should have 12 released credits, but 13 are found"),
        ({"credits": 26}, "hold {} should have 26 credits, but 25 are found"),
        ({"parts": []}, "hold {} should have 25 credits in parts, but 0 are found"),
    ],
)
def test_a_wrong_hold_is_found(wallet: Wallet, change: dict[str, Any], fact: str) -> None:
    hold = wallet.holds.get(reference="job:1")
    CreditHold.objects.filter(pk=hold.pk).update(**change)
    assert fact.format(hold.pk) in facts(wallet)


def test_a_hold_on_another_wallets_lot_is_found(wallet: Wallet) -> None:
    stranger = add_lot(make_wallet(), 25)
    hold = wallet.holds.get(reference="job:1")
    CreditHold.objects.filter(pk=hold.pk).update(parts=[[stranger.pk.hex, 25]])
    found = {(finding.wallet_id, finding.fact) for finding in audit()}
    assert (wallet.pk, f"a hold was taken from lot {stranger.pk} of another wallet") in found
    assert f"a hold was taken from lot {stranger.pk}, which is not among the wallet's" in facts_of(wallet)


def facts_of(wallet: Wallet) -> list[str]:
    return [finding.fact for finding in audit(wallet.pk)]


def test_a_broken_chain_is_found(wallet: Wallet, no_law: None) -> None:
    line = wallet.entries.get(key="s")
    LedgerEntry.objects.filter(pk=line.pk).update(balance_after=6)
    assert facts(wallet) == [f"entry {line.pk} says a balance of 6, but the entries make 5"]


@pytest.mark.parametrize(
    ("kind", "place"), [("settle", "hold"), ("release", "hold"), ("expire", "lot"), ("grant", "lot")]
)
def test_an_entry_that_belongs_to_nothing_is_found(wallet: Wallet, kind: str, place: str, no_law: None) -> None:
    line = wallet.entries.filter(kind=kind).latest("id")
    LedgerEntry.objects.filter(pk=line.pk).update(**{place: None})
    assert f"entry {line.pk} ({kind}) belongs to no {place}" in facts(wallet)


def test_an_entry_about_another_wallets_hold_is_found(wallet: Wallet, no_law: None) -> None:
    foreign = ledger.hold(make_wallet(12), 12, key="other", reason="r", reference="job:2")
    line = wallet.entries.get(key="s")
    LedgerEntry.objects.filter(pk=line.pk).update(hold=foreign)
    assert f"entry {line.pk} belongs to a lot or hold of another wallet" in facts_of(wallet)


def test_a_settlement_too_many_is_found(wallet: Wallet) -> None:
    hold = wallet.holds.get(reference="job:1")
    entry(wallet, kind="settle", credits=1, hold=hold)
    assert facts(wallet) == [f"hold {hold.pk} should have 12 settled credits, but 13 are found"]


def test_a_cycle_granted_before_its_time_is_found() -> None:
    user = make_user()
    grants.start_monthly_credits(user)
    wallet = ledger.wallet_of(user)
    ledger.grant(wallet, 5, source=CreditLot.Source.MONTHLY, key="k", reason="r", cycle_on=wallet.next_cycle_on)
    assert facts(wallet) == [f"the cycle of {wallet.next_cycle_on} was granted and is still to come"]
