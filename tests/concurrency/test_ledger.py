"""The verbs raced by threads: the same key does a thing once, different keys lose nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from billing import ledger
from billing.audit import audit
from billing.errors import HoldOverdrawn, InsufficientCredits
from billing.models import CreditHold, CreditLot, Product, Wallet
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
ROUNDS = 10
SOURCE = CreditLot.Source.REFERRAL


def race(act: Callable[[int], Any]) -> list[Any]:
    """Let THREADS threads call `act` with their number at once; returns what each returned, or its refusal."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return act(number)
        except InsufficientCredits as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, range(THREADS)))


def reread(wallet: Wallet) -> int:
    wallet.refresh_from_db()
    assert list(audit(wallet.pk)) == []
    return wallet.balance


def repeat(once: Callable[[], None]) -> None:
    for _ in range(ROUNDS):
        once()


def test_the_first_look_at_a_wallet_makes_one() -> None:
    def once() -> None:
        user = make_user()
        assert len(set(race(lambda _: ledger.wallet_of(user, Product.SITE)))) == 1

    repeat(once)


def test_one_key_grants_once() -> None:
    def once() -> None:
        wallet = make_wallet()
        key = wallet.pk.hex
        entries = race(lambda _: ledger.grant(wallet, 5, source=SOURCE, key=key, reason="r"))
        assert len(set(entries)) == 1
        assert reread(wallet) == 5

    repeat(once)


def test_one_key_holds_once() -> None:
    def once() -> None:
        wallet = make_wallet(10)
        key = wallet.pk.hex
        holds = race(lambda number: ledger.hold(wallet, 4, key=key, reason="r", reference=f"job:{number}"))
        assert len(set(holds)) == len({hold.reference for hold in holds}) == 1
        assert reread(wallet) == 6

    repeat(once)


def test_one_key_settles_once() -> None:
    def once() -> None:
        hold = _hold(make_wallet(10), 8)
        entries = race(lambda _: ledger.settle(_copy(hold), 4, key=f"s{hold.pk}", reason="r"))
        assert len(set(entries)) == 1
        hold.refresh_from_db()
        assert hold.settled == 4

    repeat(once)


def test_one_key_releases_once() -> None:
    def once() -> None:
        wallet = make_wallet(10)
        hold = _hold(wallet, 8)
        entries = race(lambda _: ledger.release(_copy(hold), key=f"r{hold.pk}", reason="r"))
        assert len(set(entries)) == 1
        assert reread(wallet) == 10

    repeat(once)


@pytest.mark.parametrize("credits", [5, -5])
def test_one_key_adjusts_once(credits: int) -> None:
    def once() -> None:
        wallet = make_wallet(10)
        key = wallet.pk.hex
        entries = race(lambda _: ledger.adjust(wallet, credits, key=key, reason="r"))
        assert len(set(entries)) == 1
        assert reread(wallet) == 10 + credits

    repeat(once)


def test_settle_and_release_share_a_hold_between_them() -> None:
    def once() -> None:
        wallet = make_wallet(10)
        hold = _hold(wallet, 8)

        def act(number: int) -> Any:
            if number % 2:
                return ledger.release(_copy(hold), key=f"{hold.pk}{number}", reason="r")
            try:
                return ledger.settle(_copy(hold), 3, key=f"{hold.pk}{number}", reason="r")
            except HoldOverdrawn:
                return None

        race(act)
        hold.refresh_from_db()
        assert hold.open_credits == 0
        assert hold.settled in (0, 3, 6)
        assert reread(wallet) == 10 - hold.settled

    repeat(once)


def test_different_keys_lose_no_credit() -> None:
    wallet = make_wallet(5 * THREADS)

    def act(number: int) -> None:
        for turn in range(ROUNDS):
            hold = ledger.hold(wallet, 3, key=f"h{number}.{turn}", reason="r", reference="job:1")
            ledger.settle(hold, 1, key=f"s{number}.{turn}", reason="r")
            ledger.release(hold, key=f"r{number}.{turn}", reason="r")
            ledger.adjust(wallet, 1, key=f"a{number}.{turn}", reason="r")

    race(act)
    assert reread(wallet) == 5 * THREADS
    assert wallet.entries.count() == 1 + 4 * ROUNDS * THREADS


def test_sweeps_beside_holds_expire_each_lot_once() -> None:
    now = timezone.now()
    wallets = [make_wallet(10, expires_at=now) for _ in range(20)]

    def act(number: int) -> Any:
        if number % 2:
            return ledger.expire(now)
        return [_refused(wallet) for wallet in wallets]

    race(act)
    ledger.expire(now)
    for wallet in wallets:
        assert reread(wallet) == 0
        assert [entry.delta for entry in wallet.entries.order_by("id")] == [10, -10]


def _refused(wallet: Wallet) -> bool:
    try:
        _hold(wallet, 1)
    except InsufficientCredits:
        return True
    return False


def _hold(wallet: Wallet, credits: int) -> CreditHold:
    return ledger.hold(wallet, credits, key=f"h{wallet.pk}", reason="r", reference="job:1")


def _copy(hold: CreditHold) -> CreditHold:
    return CreditHold.objects.get(pk=hold.pk)
