"""What must hold of wallets, lots, holds and lines at any moment, runs on their way or not; without the product.

Whoever has a connection can ask: the checker over its own, and a test over the one whose transaction it will undo.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

# Runs a query and returns its rows.
Fetch = Callable[[str], Sequence[Sequence[Any]]]

SHOWN = 5
# What must hold → the rows that break it.
LAWS = {
    "a balance is what its lines make": """
        SELECT wallet.id, wallet.balance, sum(line.delta)
        FROM billing_wallet wallet LEFT JOIN billing_ledgerentry line ON line.wallet_id = wallet.id
        GROUP BY wallet.id, wallet.balance HAVING wallet.balance <> coalesce(sum(line.delta), 0)
    """,
    "a balance is what its lots have": """
        SELECT wallet.id, wallet.balance, sum(lot.remaining)
        FROM billing_wallet wallet LEFT JOIN billing_creditlot lot ON lot.wallet_id = wallet.id
        GROUP BY wallet.id, wallet.balance HAVING wallet.balance <> coalesce(sum(lot.remaining), 0)
    """,
    "nothing is negative": """
        SELECT id, balance FROM billing_wallet WHERE balance < 0
        UNION ALL SELECT id, remaining FROM billing_creditlot WHERE remaining < 0 OR expired < 0
        UNION ALL SELECT id, credits - settled - released FROM billing_credithold
        WHERE settled < 0 OR released < 0 OR settled + released > credits
    """,
    "a line says the balance that the lines up to it make": """
        SELECT id, balance_after, made FROM (
            SELECT id, balance_after, sum(delta) OVER (PARTITION BY wallet_id ORDER BY id) AS made
            FROM billing_ledgerentry
        ) AS chain WHERE balance_after <> made
    """,
    "a line moves the balance as its kind must": """
        SELECT id, kind, credits, delta FROM billing_ledgerentry WHERE delta <> CASE
            WHEN kind IN ('grant', 'release', 'adjust') THEN credits
            WHEN kind IN ('hold', 'expire') THEN -credits ELSE 0 END
    """,
    "a line is of a lot or a hold of its own wallet": """
        SELECT line.id, line.kind FROM billing_ledgerentry line
        LEFT JOIN billing_creditlot lot ON lot.id = line.lot_id
        LEFT JOIN billing_credithold hold ON hold.id = line.hold_id
        WHERE coalesce(lot.wallet_id, hold.wallet_id) IS NULL
        OR lot.wallet_id <> line.wallet_id OR hold.wallet_id <> line.wallet_id
    """,
    "a key is used once": """
        SELECT key, count(*) FROM billing_ledgerentry GROUP BY key HAVING count(*) > 1
    """,
    "a hold is opened once": """
        SELECT hold.id, count(line.id) FROM billing_credithold hold
        LEFT JOIN billing_ledgerentry line ON line.hold_id = hold.id AND line.kind IN ('hold', 'adjust')
        GROUP BY hold.id HAVING count(line.id) <> 1
    """,
    # What an adjustment takes is spent at once, by the line that opens its hold.
    "a hold is opened, settled and released by its lines": """
        SELECT hold.id, hold.credits, hold.settled, hold.released FROM billing_credithold hold
        LEFT JOIN billing_ledgerentry line ON line.hold_id = hold.id
        GROUP BY hold.id, hold.credits, hold.settled, hold.released
        HAVING hold.credits <> coalesce(sum(CASE WHEN line.kind IN ('hold', 'adjust') THEN -line.delta END), 0)
        OR hold.settled <> coalesce(sum(
            CASE line.kind WHEN 'settle' THEN line.credits WHEN 'adjust' THEN -line.delta END
        ), 0)
        OR hold.released <> coalesce(sum(CASE line.kind WHEN 'release' THEN line.credits END), 0)
    """,
    "a lot came and expired by its lines": """
        SELECT lot.id, lot.credits, lot.expired FROM billing_creditlot lot
        LEFT JOIN billing_ledgerentry line ON line.lot_id = lot.id
        GROUP BY lot.id, lot.credits, lot.expired
        HAVING lot.credits <> coalesce(sum(CASE WHEN line.kind IN ('grant', 'adjust') THEN line.credits END), 0)
        OR lot.expired <> coalesce(sum(CASE line.kind WHEN 'expire' THEN line.credits END), 0)
    """,
    "a cycle brings its credits once": """
        SELECT wallet_id, cycle_on, count(*) FROM billing_creditlot
        WHERE source = 'monthly' GROUP BY wallet_id, cycle_on HAVING count(*) > 1
    """,
}
_LOTS = "SELECT id, wallet_id, credits, expired, remaining FROM billing_creditlot"
_HOLDS = "SELECT id, wallet_id, credits, released, parts FROM billing_credithold"


def findings(fetch: Fetch) -> Iterator[str]:
    """Yield what is wrong with the books, in words."""
    yield from broken(LAWS, fetch)
    yield from _parts_wrong(fetch)


def broken(laws: dict[str, str], fetch: Fetch) -> Iterator[str]:
    """Yield which of these laws do not hold, with some of the rows that break them."""
    for law, query in laws.items():
        if rows := fetch(query):
            yield f"not so: {law}: {len(rows)} rows, such as {list(rows[:SHOWN])}"


def _parts_wrong(fetch: Fetch) -> Iterator[str]:
    """Yield the holds that are not the sum of their parts, and the lots that have not left what no hold keeps."""
    lots = {UUID(str(pk)): row for pk, *row in fetch(_LOTS)}
    kept: Counter[UUID] = Counter()
    for pk, wallet, credits, released, parts in fetch(_HOLDS):
        taken = [(UUID(lot), part) for lot, part in (json.loads(parts) if isinstance(parts, str) else parts)]
        if sum(part for _, part in taken) != credits:
            yield f"hold {pk} of {credits} has the parts {taken}"
        if any(lot not in lots or lots[lot][0] != wallet for lot, _ in taken):
            yield f"hold {pk} was taken from lots that are not its wallet's: {taken}"
        for lot, part in reversed(taken):  # what was taken last comes back first
            back = min(part, released)
            released -= back
            kept[lot] += part - back
    for lot, (_, credits, expired, remaining) in lots.items():
        if remaining != credits - expired - kept[lot]:
            yield f"lot {lot} of {credits} has {remaining} left: {expired} expired, holds keep {kept[lot]}"
