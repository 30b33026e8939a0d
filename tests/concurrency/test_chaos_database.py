"""The database goes away while runs are drawn, and comes back, on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from billing.models import LedgerEntry
from generation.models import Job
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for, wait_until_ended, wait_until_running
from tests.generation.runs import balance, hold_of, make_person, submit

Status = Job.Status


def test_a_cut_of_all_connections_costs_a_run_nothing(child_environment: dict[str, str], tmp_path: Path) -> None:
    user = make_person(credits=10)
    job = submit(user, num_images=2)
    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="3", JOB_LEASE_SECONDS="10") as cluster:
        wait_until_running(job)
        main = cluster.pid_of("main")
        with _server() as server:
            _cut_all(server)
        ended = wait_until_ended(job)
        wait_until_ended(submit(user, prompt="the next one"))

        assert cluster.pid_of("main") == main

    assert (ended.status, ended.attempt, hold_of(ended).settled) == (Status.FINISHED, 1, 2)
    assert balance(user) == 7


def test_runs_end_right_though_the_database_was_away(child_environment: dict[str, str], tmp_path: Path) -> None:
    user = make_person(credits=10)
    drawn, waiting = submit(user, num_images=2, size="128x128"), submit(user, num_images=3, size="128x96")
    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="2") as cluster:
        wait_until_running(drawn)
        _send_away(cluster)
        ended = [wait_until_ended(job) for job in (drawn, waiting)]
        wait_until_ended(submit(user, prompt="the next one"))

    assert [(job.status, hold_of(job).settled) for job in ended] == [(Status.FINISHED, 2), (Status.FINISHED, 3)]
    assert LedgerEntry.objects.filter(kind="settle").count() == 3
    assert balance(user) == 4


def _send_away(cluster: GpuCluster) -> None:
    """Let nobody into the test's database until everybody has met the closed door, who stores pictures too."""
    name = sql.Identifier(connection.settings_dict["NAME"])
    connection.close()
    with _server() as server:
        server.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(name))
        try:
            _cut_all(server)
            for trouble in ("supervisor cannot look", "queue cannot look", "database is away"):
                wait_for(partial(_says, cluster, trouble), trouble)
        finally:
            server.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true").format(name))


def _says(cluster: GpuCluster, text: str) -> bool:
    return text in cluster.text()


@contextmanager
def _server() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Yield a connection to the server that does not go through the test's database."""
    url = urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path="/postgres"))
    with psycopg.connect(url, autocommit=True) as server:
        yield server


def _cut_all(server: "psycopg.Connection[tuple[object, ...]]") -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    cut = server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    assert cut.rowcount >= 2
