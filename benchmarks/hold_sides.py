"""Both sides of the benchmark of holds, each process with four threads that hold one credit and settle it.

    python -m benchmarks.hold_sides site | bare

The site's side calls the product's ledger. The bare one is two transactions of three statements each, with nothing
looked at but that the balance suffices: no lots, no repeated keys, no refusals in words.
"""

import itertools
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from benchmarks.children import Answer, serve

THREADS = 4

_TAKE = "UPDATE bare_wallet SET balance = balance - 1 WHERE id = %s AND balance >= 1 RETURNING balance"
_SET_ASIDE = """
    INSERT INTO bare_credithold (id, wallet_id, credits, settled, released, parts, reference, tool, created_at)
    VALUES (%s, %s, 1, 0, 0, '[]', 'job:bench', '', now())
"""
_LINE = """
    INSERT INTO bare_ledgerentry
        (wallet_id, hold_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
    VALUES (%s, %s, %s, 1, %s, %s, 'Benchmark', 'job:bench', %s, now())
"""
_LOCK = "SELECT balance FROM bare_wallet WHERE id = %s FOR NO KEY UPDATE"
_SPEND = "UPDATE bare_credithold SET settled = settled + 1 WHERE id = %s AND credits > settled + released"


def wallet_id(number: int) -> uuid.UUID:
    """Return the id of the wallet with this number, from 1."""
    return uuid.UUID(int=number)


def make_site() -> Answer:
    """Return what uses the product's ledger: rushes, and looks at balances."""
    import django

    django.setup()
    from django.db import connections

    from billing import ledger
    from billing.models import Wallet

    wallets: dict[uuid.UUID, Wallet] = {}

    def pay(pk: uuid.UUID, key: str) -> None:
        wallet = wallets.get(pk) or wallets.setdefault(pk, Wallet.objects.get(pk=pk))
        held = ledger.hold(wallet, 1, key=f"hold:{key}", reason="Benchmark", reference="job:bench")
        ledger.settle(held, 1, key=f"settle:{key}", reason="Benchmark")

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question["task"] == "rush":
            return _rush(question, lambda: pay, connections.close_all)
        wallet = Wallet.objects.get(pk=wallet_id(question["wallet"]))
        times = []
        for _ in range(question["samples"]):
            began = time.perf_counter()
            ledger.available(wallet)
            times.append(1000 * (time.perf_counter() - began))
        return {"milliseconds": times}

    return answer


def make_bare() -> Answer:
    """Return what runs the bare transactions."""

    def start() -> Callable[[uuid.UUID, str], None]:
        connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        return lambda pk, key: _pay_barely(connection, pk, key)

    return lambda question: _rush(question, start, lambda: None)


def _pay_barely(connection: "psycopg.Connection[Any]", pk: uuid.UUID, key: str) -> None:
    hold = uuid.uuid4()
    with connection.transaction():
        row = connection.execute(_TAKE, [pk]).fetchone()
        assert row is not None
        connection.execute(_SET_ASIDE, [hold, pk])
        connection.execute(_LINE, [pk, hold, "hold", -1, row[0], f"hold:{key}"])
    with connection.transaction():
        row = connection.execute(_LOCK, [pk]).fetchone()
        assert row is not None
        connection.execute(_SPEND, [hold])
        connection.execute(_LINE, [pk, hold, "settle", 0, row[0], f"settle:{key}"])


def _rush(
    question: dict[str, Any], start: Callable[[], Callable[[uuid.UUID, str], None]], end: Callable[[], None]
) -> dict[str, Any]:
    """Have the threads pay until the time is over; answers how often they did, and in how many seconds."""
    wallets, seconds = int(question["wallets"]), float(question["seconds"])
    barrier = threading.Barrier(THREADS)

    def work(_: int) -> tuple[int, float]:
        pay = start()
        draw = random.Random(os.urandom(8))
        prefix = uuid.uuid4().hex
        try:
            barrier.wait()
            began = time.perf_counter()
            for number in itertools.count(1):
                pay(wallet_id(draw.randint(1, wallets)), f"{prefix}:{number}")
                if (passed := time.perf_counter() - began) >= seconds:
                    return number, passed
        finally:
            end()
        raise AssertionError("unreachable")

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(work, range(THREADS)))
    return {"done": sum(done for done, _ in found), "seconds": max(passed for _, passed in found)}


if __name__ == "__main__":
    serve({"site": make_site, "bare": make_bare}[sys.argv[1]])
