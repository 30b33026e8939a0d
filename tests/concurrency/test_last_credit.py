"""The last credit of a wallet, wanted by 64 threads of 8 processes at once: exactly one gets it, every time."""

import multiprocessing
from contextlib import ExitStack
from functools import partial

import pytest

from billing.audit import audit
from billing.models import LedgerEntry
from tests.concurrency.spender import THREADS, spend_until_told
from tests.factories import make_wallet
from tests.flows.clusters import PATIENCE_SECONDS
from tests.generation import workers
from tests.reliability.own_books import wrong_books

PROCESSES = 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_exactly_one_of_64_spends_the_last_credit(rounds: int) -> None:
    wallets = [make_wallet(1) for _ in range(rounds)]
    lines = [multiprocessing.Pipe() for _ in range(PROCESSES)]
    with ExitStack() as stack:
        spenders = [stack.enter_context(workers.forked(partial(spend_until_told, theirs))) for _, theirs in lines]
        results = []
        for wallet in wallets:
            for ours, _ in lines:
                ours.send(wallet.pk)
            # A process that is gone says nothing.
            assert all(ours.poll(PATIENCE_SECONDS) for ours, _ in lines)
            answers = [ours.recv() for ours, _ in lines]
            results.append((sum(won for won, _ in answers), sum(refused for _, refused in answers)))
        for ours, _ in lines:
            ours.send(None)
        for spender in spenders:
            workers.await_end(spender)
    assert results == [(1, PROCESSES * THREADS - 1)] * rounds
    assert LedgerEntry.objects.filter(kind="settle").count() == rounds
    assert list(audit()) == []
    assert wrong_books() == []
