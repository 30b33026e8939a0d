"""The queue's broker on the database: tasks in order, and a doorbell so that nobody polls for them.

On PostgreSQL a claim is one statement with SKIP LOCKED, and NOTIFY, which commits with the sender's
transaction, wakes the waiting cluster. On SQLite, which has one host by nature, a named pipe in
DATA_DIR does. A bell that is not heard costs one wait, never a task.
"""

import logging
import os
import select
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from billing.ledger_rows import Statement, together

logger = logging.getLogger(__name__)

_WAIT_SECONDS = 1.0
_WAITING_AT_ONCE = 1000
# What Django's cursors want of a connection; the listener has none.
_CURSOR_PARAMS = {"context", "cursor_factory", "prepare_threshold"}

_ENQUEUE = "INSERT INTO django_q_ormq (key, payload, lock) VALUES (%s, %s, %s) RETURNING id"
# A claim that a crash of the server undoes is made again, as one whose worker died is: nobody waits for the disk.
_UNHURRIED = "SET LOCAL synchronous_commit TO off"
_CLAIM = """
    UPDATE django_q_ormq SET lock = %s WHERE id IN (
        SELECT id FROM django_q_ormq WHERE key = %s AND lock <= %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id, payload
"""


class DoorbellBroker(ORM):
    """django-q2's database broker with an order and a bell."""

    _wait: Callable[[], None] | None = None

    def enqueue(self, task: str) -> int:
        """Write the task in the caller's transaction; the bell rings when that commits."""
        with transaction.atomic(using=Conf.ORM, savepoint=False):
            (row_id,), *_ = together(self.enqueueing(task))[0]
        return int(row_id)

    def enqueueing(self, task: str) -> list[Statement]:
        """Return what `enqueue` writes, for whoever has something to write with it in the transaction that is open."""
        row = Statement(_ENQUEUE, [self.list_key, task, timezone.now()])
        if connections[Conf.ORM].vendor == "postgresql":
            return [row, Statement("SELECT pg_notify(%s, '')", [_channel(self.list_key)])]
        transaction.on_commit(partial(_poke, _pipe_path(self.list_key)), using=Conf.ORM)
        return [row]

    def dequeue(self) -> list[tuple[int, str]]:
        """Take the oldest waiting tasks; with none, wait for the bell for at most a second."""
        try:
            return self._claim_or_wait()
        except (DatabaseError, psycopg.Error) as error:
            # django-q2 would sleep for ten seconds and end its pusher; the database may be back in one.
            logger.warning("queue cannot look", extra={"queue": self.list_key, "error": repr(error)})
            self._wait = None
            connections[Conf.ORM].close()
            time.sleep(_WAIT_SECONDS)
            return []

    def delete(self, task_id: int) -> None:
        """Forget a task that is done. One that stays because the database is away only rings once more, in hours."""
        try:
            super().delete(task_id)
        except DatabaseError as error:
            logger.warning("queue cannot forget", extra={"queue": self.list_key, "error": repr(error)})
            connections[Conf.ORM].close()

    def waiting(self) -> list[int]:
        """Return the oldest tasks that nobody has taken."""
        rows = OrmQ.objects.using(Conf.ORM).filter(key=self.list_key, lock__lte=timezone.now())
        return list(rows.order_by("id").values_list("pk", flat=True)[:_WAITING_AT_ONCE])

    def forget(self, task_ids: Sequence[int]) -> None:
        """Remove those of these tasks that nobody has taken meanwhile."""
        OrmQ.objects.using(Conf.ORM).filter(pk__in=task_ids, key=self.list_key, lock__lte=timezone.now()).delete()

    def _claim_or_wait(self) -> list[tuple[int, str]]:
        # The listener is there before the first look, so nothing can come between the two unheard.
        if self._wait is None:
            self._wait = _listen(self.list_key)
        tasks = self._claim()
        if not tasks:
            self._wait()
            tasks = self._claim()
        return tasks

    def _claim(self) -> list[tuple[int, str]]:
        self.get_connection()
        now = timezone.now()
        locked_until = now + timedelta(seconds=Conf.RETRY)
        if connections[Conf.ORM].vendor == "postgresql":
            claim = Statement(_CLAIM, [locked_until, self.list_key, now, Conf.BULK])
            _, found = together([Statement(_UNHURRIED, []), claim])
            return sorted((row_id, payload) for row_id, payload in found)
        rows = OrmQ.objects.using(Conf.ORM).filter(key=self.list_key, lock__lte=now).order_by("id")
        return [
            (row.pk, row.payload)
            for row in rows[: Conf.BULK]
            if OrmQ.objects.using(Conf.ORM).filter(pk=row.pk, lock=row.lock).update(lock=locked_until)
        ]


def _listen(key: str) -> Callable[[], None]:
    """Open this process's ear and return a function that waits for the bell."""
    connection = connections[Conf.ORM]
    if connection.vendor != "postgresql":
        return partial(_wait_for_poke, _open_pipe(_pipe_path(key)))
    params = {name: value for name, value in connection.get_connection_params().items() if name not in _CURSOR_PARAMS}
    listener = psycopg.connect(**params, autocommit=True)
    listener.execute(f'LISTEN "{_channel(key)}"')
    return partial(_wait_for_notify, listener)


def _wait_for_notify(listener: "psycopg.Connection[Any]") -> None:
    for _ in listener.notifies(timeout=_WAIT_SECONDS, stop_after=1):
        pass


def _wait_for_poke(pipe: int) -> None:
    ready, _, _ = select.select([pipe], [], [], _WAIT_SECONDS)
    if ready:
        os.read(pipe, 4096)


def _channel(key: str) -> str:
    return f"queue_{key}"


def _pipe_path(key: str) -> Path:
    return Path(settings.DATA_DIR) / "run" / f"{key}.bell"


def _open_pipe(path: Path) -> int:
    try:
        os.mkfifo(path, 0o600)
    except FileExistsError:
        pass
    # Read and write: a pipe with only a reader would report its end whenever the last writer closes.
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


def _poke(path: Path) -> None:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return  # no cluster listens: the task waits in its table
    try:
        os.write(pipe, b"!")
    except BlockingIOError:
        pass  # full: it is ringing already
    finally:
        os.close(pipe)
