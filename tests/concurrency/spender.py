"""A process whose threads all try to spend a wallet's credit at once; `test_last_credit.py` starts several."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from uuid import UUID, uuid4

from billing import ledger
from billing.errors import InsufficientCredits
from billing.models import Wallet

THREADS = 8


def spend_until_told(line: Connection) -> None:
    """For each wallet's id that comes in, tell how many of the threads won and how many were refused; None ends it."""
    start = threading.Barrier(THREADS)

    def spend(wallet_id: UUID) -> bool:
        start.wait()
        key = uuid4().hex
        try:
            hold = ledger.hold(Wallet(pk=wallet_id), 1, key=f"h{key}", reason="r", reference=f"process:{os.getpid()}")
        except InsufficientCredits:
            return False
        ledger.settle(hold, 1, key=f"s{key}", reason="r")
        return True

    with ThreadPoolExecutor(THREADS) as threads:
        while (wallet_id := line.recv()) is not None:
            won = list(threads.map(spend, [wallet_id] * THREADS))
            line.send((won.count(True), won.count(False)))
