"""Both sides of the grant benchmark, each in a process of its own.

    python -m benchmarks.grant_sides site | bare

The site's side calls the product's sweep. The bare one is what one would type into psql: in chunks as large, on copies
of the tables with the same indexes, one statement a chunk, and no calendar: it is told when the next cycle begins.
"""

import os
import sys
import time
from datetime import datetime
from typing import Any

import psycopg

from benchmarks.children import Answer, serve

CHUNK = 5000

_BARE_CHUNK = """
    WITH due AS MATERIALIZED (
        SELECT wallet.id, wallet.balance, wallet.next_cycle_on, plan.monthly_credits AS credits
        FROM bare_wallet wallet JOIN billing_plan plan ON plan.slug = wallet.plan_id
        WHERE wallet.next_grant_at <= %(now)s ORDER BY wallet.next_grant_at LIMIT %(chunk)s
        FOR NO KEY UPDATE OF wallet SKIP LOCKED
    ), gone AS (
        UPDATE bare_creditlot lot SET expired = lot.remaining, remaining = 0 FROM due
        WHERE lot.wallet_id = due.id AND lot.remaining > 0 AND lot.expires_at <= %(now)s
        RETURNING lot.id, lot.wallet_id, lot.expired AS credits
    ), moved AS (
        UPDATE bare_wallet wallet SET balance = due.balance - COALESCE(gone.credits, 0) + due.credits,
            next_cycle_on = %(next_on)s, next_grant_at = %(next_at)s
        FROM due LEFT JOIN gone ON gone.wallet_id = due.id WHERE wallet.id = due.id
    ), lots AS (
        INSERT INTO bare_creditlot
            (id, wallet_id, source, credits, remaining, expired, cycle_on, expires_at, created_at)
        SELECT gen_random_uuid(), id, 'monthly', credits, credits, 0, next_cycle_on, %(next_at)s, %(now)s FROM due
        RETURNING id, wallet_id, credits
    ), expiries AS (
        INSERT INTO bare_ledgerentry
            (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
        SELECT gone.wallet_id, gone.id, 'expire', gone.credits, -gone.credits, due.balance - gone.credits,
            'Not used in time', '', 'expire:' || gone.id, %(now)s
        FROM gone JOIN due ON due.id = gone.wallet_id
    ), grants AS (
        INSERT INTO bare_ledgerentry
            (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
        SELECT lots.wallet_id, lots.id, 'grant', lots.credits, lots.credits,
            due.balance - COALESCE(gone.credits, 0) + lots.credits, 'Monthly credits', '', 'monthly:' || lots.id,
            %(now)s
        FROM lots JOIN due ON due.id = lots.wallet_id LEFT JOIN gone ON gone.wallet_id = lots.wallet_id
    )
    SELECT count(*) FROM due
"""


def make_site() -> Answer:
    """Return what sweeps; answers how many lots were granted in how many seconds."""
    import django

    django.setup()
    from billing import grants

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        now = datetime.fromisoformat(question["now"])
        began = time.perf_counter()
        granted = grants.grant_due(now, chunk=CHUNK)
        return {"granted": granted, "seconds": time.perf_counter() - began}

    return answer


def make_bare() -> Answer:
    """Return what runs the bare statement chunk by chunk; answers the same."""
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection.execute("SET jit = off")

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        values = {**question, "chunk": CHUNK}
        began = time.perf_counter()
        granted = 0
        while (row := connection.execute(_BARE_CHUNK, values).fetchone()) and row[0]:
            granted += row[0]
        return {"granted": granted, "seconds": time.perf_counter() - began}

    return answer


if __name__ == "__main__":
    serve({"site": make_site, "bare": make_bare}[sys.argv[1]])
