"""Renews the leases of what a worker has in flight, three times within a lease, and looks after an idle engine."""

import threading
import time
import uuid
from collections.abc import Collection
from typing import Protocol

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection

from generation import doorbell, lifecycle


class Living(Protocol):
    """A worker whose heart beats."""

    name: str

    def in_flight(self) -> Collection[uuid.UUID]:
        """Ids of the runs it has."""

    @property
    def lost_its_engine(self) -> bool:
        """Whether an engine that was warm is gone."""


class Heart:
    """A thread of a worker's."""

    def __init__(self, worker: Living) -> None:
        self.worker = worker
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Beat from now on; once a process."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
            self._thread.start()

    def _beat(self) -> None:
        while True:
            time.sleep(settings.JOB_LEASE_SECONDS / 3)
            try:
                close_old_connections()
                if job_ids := list(self.worker.in_flight()):
                    lifecycle.renew(self.worker.name, job_ids)
                if self.worker.lost_its_engine:
                    doorbell.ring()  # so that the next person does not wait for a new one
            except DatabaseTrouble:
                connection.close()  # it is back before the lease is over, or the job is tried again
