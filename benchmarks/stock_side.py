"""The stock side of the queue's benchmarks: a server and a cluster of `benchmarks.stock`, and who sends it runs."""

import http.client
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil
import psycopg
from PIL import Image as Pillow

from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, minimal, running
from benchmarks.turns import Pixels
from benchmarks.visitors import Wish
from benchmarks.witness import pause
from tests import services

_SETTINGS = "benchmarks.stock.settings"
_PATIENCE_SECONDS = 900.0
_ENDED = "SELECT count(*) FROM stock_run WHERE id = ANY(%s) AND finished_at IS NOT NULL"
_FAILED = "SELECT count(*) FROM django_q_task WHERE NOT success"
_PROOF = "SELECT id, started_at, picture FROM stock_run WHERE id = ANY(%s)"


@dataclass(frozen=True)
class Sent:
    """A run that was taken, and the Unix time just before its POST."""

    run_id: int
    sent_at: float


@dataclass(frozen=True)
class Stock:
    """The project, serving."""

    port: int
    web: psutil.Process
    cluster: psutil.Process
    connection: "psycopg.Connection[tuple[object, ...]]"
    media: Path
    log: Path

    def send(self, task: str, wish: Wish) -> Sent:
        """Send a run, over a connection of its own that is open by then. Raises: BenchmarkFailed."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            connection.connect()
            body = json.dumps(vars(wish))
            sent_at = time.time()
            connection.request("POST", f"/{task}", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        if response.status != 201:
            raise BenchmarkFailed(f"stock django-q2 answered POST with {response.status}: {content[:500]!r}")
        return Sent(json.loads(content)["id"], sent_at)

    def parts(self) -> dict[str, list[psutil.Process]]:
        """Return its processes by what they do."""
        return {
            "web": [self.web, *self.web.children(recursive=True)],
            "cluster": [self.cluster, *self.cluster.children(recursive=True)],
        }

    def wait(self, run_ids: Sequence[int], look_seconds: float) -> None:
        """Return when every run has ended. Raises: BenchmarkFailed when one has failed, or none ends."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while (done := self._count(_ENDED, list(run_ids))) != len(run_ids):
            if self._count(_FAILED) or time.monotonic() > end or not self.cluster.is_running():
                tail = self.log.read_bytes()[-2000:].decode(errors="replace")
                raise BenchmarkFailed(f"stock django-q2 ended {done} of {len(run_ids)} runs:\n{tail}")
            time.sleep(pause(len(run_ids) - done, look_seconds))

    def started_at(self, run_id: int) -> datetime:
        """Return what its worker stamped."""
        ((_, started_at, _),) = self.connection.execute(_PROOF, [[run_id]]).fetchall()
        assert isinstance(started_at, datetime)
        return started_at

    def pictures(self, run_ids: Sequence[int]) -> list[Pixels]:
        """Return the pictures it saved, in the order of the runs."""
        files = {row[0]: str(row[2]) for row in self.connection.execute(_PROOF, [list(run_ids)])}
        return [np.asarray(Pillow.open(self.media / files[run_id])) for run_id in run_ids]

    def _count(self, query: str, *values: object) -> int:
        row = self.connection.execute(query, values).fetchone()
        assert row is not None
        assert isinstance(row[0], int)
        return row[0]


@contextmanager
def serving_stock(place: Place, name: str) -> Iterator[Stock]:
    """Start the project with a database of its own on the place's server."""
    with ExitStack() as stack:
        url = stack.enter_context(services.postgres_database(place.database_url))
        own = replace(place, database_url=url)
        own.manage("migrate", "--run-syncdb", DJANGO_SETTINGS_MODULE=_SETTINGS)
        port, web = stack.enter_context(minimal(own, _SETTINGS, "benchmarks.stock.wsgi"))
        log = own.log(f"{name}-stock-cluster")
        environment = own.environment(DJANGO_SETTINGS_MODULE=_SETTINGS)
        command = [sys.executable, "manage.py", "qcluster"]
        cluster = stack.enter_context(running(command, environment, log))
        connection = stack.enter_context(psycopg.connect(url, autocommit=True))
        yield Stock(port, web, psutil.Process(cluster.pid), connection, own.data_dir / "stock", log)
