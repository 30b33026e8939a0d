"""The last credit of a wallet, wanted by 64 threads of 8 processes at once: exactly one gets it, every time."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from billing.audit import audit
from billing.models import LedgerEntry
from tests.concurrency.spender import THREADS
from tests.factories import make_wallet
from tests.reliability.own_books import wrong_books
from tests.rules.tree import ROOT

PROCESSES = 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_exactly_one_of_64_spends_the_last_credit(rounds: int, child_environment: dict[str, str]) -> None:
    wallets = [make_wallet(1) for _ in range(rounds)]
    command = [sys.executable, "-m", "tests.concurrency.spender"]
    with ExitStack() as stack:
        spenders = [
            stack.enter_context(
                subprocess.Popen(
                    command, cwd=ROOT, env=child_environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            )
            for _ in range(PROCESSES)
        ]
        results = []
        for wallet in wallets:
            for spender in spenders:
                assert spender.stdin is not None
                print(wallet.pk, file=spender.stdin, flush=True)
            answers = [spender.stdout.readline().split() for spender in spenders if spender.stdout is not None]
            results.append((sum(int(won) for won, _ in answers), sum(int(refused) for _, refused in answers)))
        for spender in spenders:
            assert spender.stdin is not None
            spender.stdin.close()
    assert results == [(1, PROCESSES * THREADS - 1)] * rounds
    assert LedgerEntry.objects.filter(kind="settle").count() == rounds
    assert list(audit()) == []
    assert wrong_books() == []
