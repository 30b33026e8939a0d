"""A process whose threads all try to spend a wallet's credit at once; `test_last_credit.py` starts several.

For each wallet id that comes in, a line goes out: how many of the threads won, and how many were refused.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

THREADS = 8


def main() -> None:
    """Spend until the input ends."""
    import django

    django.setup()
    from billing import ledger
    from billing.errors import InsufficientCredits
    from billing.models import Wallet

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
        for line in sys.stdin:
            won = list(threads.map(spend, [UUID(line.strip())] * THREADS))
            print(won.count(True), won.count(False), flush=True)


if __name__ == "__main__":
    main()
