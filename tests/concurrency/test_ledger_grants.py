"""Several sweeps at once, beside people who spend: each wallet has one grant a cycle."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, transaction

from billing import grants, ledger
from billing.audit import audit
from billing.models import CreditLot, Wallet
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

JOINED = datetime(2027, 1, 31, 9, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, tzinfo=UTC)
WALLETS = 60


@pytest.fixture
def wallets() -> list[Wallet]:
    with time_machine.travel(JOINED, tick=False):
        users = [make_user() for _ in range(WALLETS)]
        for user in users:
            grants.start_monthly_credits(user)
    return [ledger.wallet_of(user) for user in users]


def test_sweeps_at_once_grant_each_cycle_once(wallets: list[Wallet]) -> None:
    start = threading.Barrier(6)

    def act(number: int) -> int:
        try:
            connection.ensure_connection()
            start.wait()
            if number < 4:
                return grants.grant_due(APRIL, chunk=7)
            for wallet in wallets:
                ledger.hold(wallet, 10, key=f"{number}{wallet.pk}", reason="r", reference="job:1")
            return 0
        finally:
            connection.close()

    # The clock of the holds: the first cycle's credits are still good.
    with time_machine.travel(JOINED), ThreadPoolExecutor(6) as threads:
        granted = sum(threads.map(act, range(6)))
        # A wallet that was locked just then is left to the next sweep.
        granted += grants.grant_due(APRIL, chunk=7)
    assert granted == 2 * WALLETS
    lots = CreditLot.objects.filter(source=CreditLot.Source.MONTHLY)
    assert lots.count() == 3 * WALLETS
    with time_machine.travel(APRIL):
        assert list(audit()) == []


def test_a_sweep_passes_over_a_wallet_that_is_locked_and_comes_back(wallets: list[Wallet]) -> None:
    locked, done = threading.Event(), threading.Event()

    def keep_locked() -> None:
        try:
            with transaction.atomic():
                Wallet.objects.select_for_update().get(pk=wallets[0].pk)
                locked.set()
                assert done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        keeper = threads.submit(keep_locked)
        assert locked.wait(30)
        first = grants.grant_due(APRIL)
        done.set()
        keeper.result()
    assert first == 2 * (WALLETS - 1)
    assert grants.grant_due(APRIL) == 2
