"""The site's PostgreSQL backend, whose connections meet the faults that a test orders at its commits.

An exception before a commit is one that the database may raise there, such as a deferred constraint; one after it is
nobody's. A connection that is lost before a commit is ended by the server, which undoes what was written; one that is
lost after it is deaf: the commit is sent and done, its answer never comes.
"""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
from django.db import IntegrityError

from getimg_site.postgresql import base
from tests.reliability import faults

_ENDED_WITHIN_MILLISECONDS = 10_000


class PlannedError(RuntimeError):
    """Raised after a commit, for a test."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.execute_wrappers.append(self._execute)

    def set_autocommit(self, autocommit: bool, *arguments: Any, **named: Any) -> None:
        """Begin a transaction, or end it; who is to stop at its begin stops before anything is locked."""
        if not autocommit and faults.due(at_begin=True):
            faults.stop()
        super().set_autocommit(autocommit, *arguments, **named)

    def commit(self) -> None:
        """Commit, and meet what is due here."""
        self._meet(super().commit)

    def _execute(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        go = partial(execute, sql, *rest)
        is_commit = not self.in_atomic_block and not str(sql).lstrip().upper().startswith("SELECT")
        return self._meet(go) if is_commit else go()

    def _meet(self, go: Callable[[], Any]) -> Any:
        fault = faults.due()
        if fault is None:
            return go()
        if fault.moment == "before":
            self._fail_before(fault.kind)
            return go()
        if fault.kind == "lost":
            self._go_deaf()
            return go()
        result = go()
        if fault.kind == faults.STOP:
            faults.stop()
        elif fault.kind == "kill":
            _die()
        else:
            raise PlannedError(fault.place)
        return result

    def _fail_before(self, kind: str) -> None:
        if kind == faults.STOP:
            faults.stop()
        elif kind == "kill":
            _die()
        elif kind == "exception":
            raise IntegrityError("a test's, before a commit")
        else:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
                pid = self.connection.info.backend_pid
                other.execute("SELECT pg_terminate_backend(%s, %s)", [pid, _ENDED_WITHIN_MILLISECONDS])

    def _go_deaf(self) -> None:
        with closing(socket.socket(fileno=os.dup(self.connection.pgconn.socket))) as ear:
            ear.shutdown(socket.SHUT_RD)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
