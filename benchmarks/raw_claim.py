"""The bare side of the start benchmark: one process inserts and notifies, the other wakes and claims.

    python -m benchmarks.raw_claim sender | worker

As little as PostgreSQL can do it with: one table, one commit each, and both processes have nothing else to do.
"""

import os
import sys
import time
from typing import Any

import psycopg

from benchmarks.children import Answer, serve

TABLE = """
    CREATE TABLE IF NOT EXISTS benchmark_queue (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL, status text NOT NULL,
        claimed_at timestamptz
    )
"""
INSERT = "INSERT INTO benchmark_queue (payload, status) VALUES ('{}', 'NEW')"
RING = "NOTIFY benchmark_bell"
_CLAIM = """
    UPDATE benchmark_queue SET status = 'PROCESSING', claimed_at = now() WHERE id = (
        SELECT id FROM benchmark_queue WHERE status = 'NEW' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""
_PATIENCE_SECONDS = 60.0


def make_sender() -> Answer:
    """Return what puts a row there and rings, in one transaction; answers when it began."""
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        sent_at = time.time()
        with connection.transaction():
            connection.execute(INSERT)
            connection.execute(RING)
        return {"sent_at": sent_at}

    return answer


def make_worker() -> Answer:
    """Return what waits for the bell and claims; answers when it woke and when its claim stood."""
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection.execute("LISTEN benchmark_bell")

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        # To its end: the connection is the generator's as long as it goes on.
        if not list(connection.notifies(timeout=_PATIENCE_SECONDS, stop_after=1)):
            raise RuntimeError(f"the bell did not ring for {_PATIENCE_SECONDS:g} s")
        woken_at = time.time()
        if connection.execute(_CLAIM).fetchone() is None:
            raise RuntimeError("the bell rang and no row was there")
        return {"woken_at": woken_at, "claimed_at": time.time()}

    return answer


if __name__ == "__main__":
    serve({"sender": make_sender, "worker": make_worker}[sys.argv[1]])
