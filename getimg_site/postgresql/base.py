"""Django's PostgreSQL backend with five habits of its own (`ENGINE = "getimg_site.postgresql"` leads here).

A connection is asked whether it is alive once a second, not once a request: that question is a round trip, and a
polled request has only two others. And beside Django's cursors, which send each statement as text to be planned anew,
there is one whose statements the server prepares (`accounts.compiled` uses it). And no statement is compiled to machine
code: that takes tens of milliseconds, which a polled request's, dear only where a branch of it is taken, never earns.
Nor is one shared out among workers of the server: it starts them for milliseconds of work, on cores that serve others.
And a process that stands still within a transaction, or whose host is gone, is cut off: its locks would stop the run's
next worker, the reaper and the owner.
"""

import time
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base

_ALIVE_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    _checked_at = float("-inf")

    def close_if_health_check_failed(self) -> None:
        """Ask whether it is alive, unless it was within the last second.

        Once a request at most, as in Django: later it may be within a transaction.
        """
        now = time.monotonic()
        if now - self._checked_at < _ALIVE_SECONDS:
            self.health_check_done = True
        elif not self.health_check_done:
            super().close_if_health_check_failed()
            self._checked_at = now

    def _configure_connection(self, connection: Any) -> bool:
        """Set a new connection up; returns whether that is to be committed."""
        super()._configure_connection(connection)  # type: ignore[misc]
        idle = settings.DATABASE_IDLE_SECONDS * 1000
        connection.execute(
            f"SET jit = off; SET max_parallel_workers_per_gather = 0; SET idle_in_transaction_session_timeout = {idle}"
        )
        return True

    def prepared_cursor(self) -> Any:
        """Return a cursor whose statements are prepared once they were used a few times on this connection."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(psycopg.Cursor(self.connection))  # type: ignore[attr-defined]
