"""The private servers: they answer, keep to themselves, and die with their owner."""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from tests import services
from tests.debian import find_binary
from tests.processes import PORTS, Server, ServiceError, private_folder, running
from tests.rules.tree import ROOT

WAIT_SECONDS = 30


def test_postgres_gives_an_empty_database_and_never_runs_as_root(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        data_directory = connection.execute("SHOW data_directory").fetchone()
    assert row == (0,)
    assert data_directory is not None
    process_id = int(Path(data_directory[0], "postmaster.pid").read_text().splitlines()[0])
    assert Path(f"/proc/{process_id}").stat().st_uid != 0


def test_postgres_databases_are_apart(postgres_url: str) -> None:
    with services.postgres_database(postgres_url) as other:
        with psycopg.connect(other) as connection:
            connection.execute("CREATE TABLE here (id int)")
        with psycopg.connect(postgres_url) as connection:
            assert connection.execute("SELECT to_regclass('here')").fetchone() == (None,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(other)


@pytest.mark.parametrize(("durable", "fsync"), [(False, "off"), (True, "on")])
def test_postgres_writes_through_only_where_asked(durable: bool, fsync: str) -> None:
    with services.postgres(durable=durable) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == (fsync,)
        assert connection.execute("SHOW synchronous_commit").fetchone() == (fsync,)


def test_an_immediate_restart_refuses_people_meanwhile_and_keeps_what_was_committed() -> None:
    with services.postgres_server(durable=True) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int)")
            refused: list[str] = []
            asking = threading.Thread(target=_ask_until_refused, args=(server.url, refused))
            asking.start()
            server.restart_at_once(away_seconds=1.0)
            asking.join(WAIT_SECONDS)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert "refused" in refused[0]


def test_redis_answers_and_keeps_nothing_on_disk(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}


def test_s3_serves_a_signed_link_and_refuses_a_tampered_one(s3: services.S3Server) -> None:
    client = s3.client()
    client.put_object(Bucket=s3.bucket, Key="picture.png", Body=b"bytes")
    link = client.generate_presigned_url("get_object", Params={"Bucket": s3.bucket, "Key": "picture.png"}, ExpiresIn=60)
    last = "0" if link[-1] != "0" else "1"

    assert urllib.request.urlopen(link).read() == b"bytes"
    for wrong in (link[:-1] + last, link.split("?")[0]):
        with pytest.raises(HTTPError, match="403"):
            urllib.request.urlopen(wrong)


def test_ports_are_below_those_of_the_system_and_two_servers_stand_side_by_side(redis_url: str) -> None:
    with services.redis() as other:
        ports = {urlsplit(redis_url).port, urlsplit(other).port}
    assert len(ports) == 2
    assert all(port in PORTS for port in ports)


def test_chromium_is_there() -> None:
    version = subprocess.run([services.chromium_path(), "--version"], capture_output=True, text=True, check=True)
    assert "Chromium" in version.stdout


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ServiceError, match="apt-get install redis-server"):
        find_binary("redis-server", package="redis-server")


def test_a_server_that_does_not_start_shows_its_log() -> None:
    broken = Server(
        "Broken", command=lambda port: ["sh", "-c", "echo no such luck; exit 3"], answers=lambda port: False
    )
    with private_folder("broken") as folder, pytest.raises(ServiceError, match="no such luck"), running(broken, folder):
        pass


def test_folders_of_a_killed_owner_are_removed_at_the_next_start() -> None:
    with private_folder("sweep") as mine:
        gone = subprocess.Popen(["true"])
        gone.wait()
        left_behind = mine.with_name(f"getimg-sweep-{gone.pid}-x")
        left_behind.mkdir()
        with private_folder("sweep"):
            assert not left_behind.exists()
            assert mine.exists()


def test_the_command_line_hands_on_addresses_and_the_exit_status() -> None:
    script = "import os, sys; print(os.environ['REDIS_URL']); sys.exit(7)"
    done = subprocess.run(
        [sys.executable, "-m", "tests.services", "redis", "--", sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("redis://127.0.0.1:")
    assert done.returncode == 7


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_servers_and_command_die_with_their_owner(how: signal.Signals) -> None:
    script = "import os, time; print(os.getpid(), os.environ['DATABASE_URL'], flush=True); time.sleep(600)"
    owner = subprocess.Popen(
        [sys.executable, "-m", "tests.services", "postgres", "redis", "--", sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    command, url = owner.stdout.readline().split()
    children = _descendants(owner.pid)
    assert int(command) in children
    assert len(children) >= 3  # the command, PostgreSQL with children of its own, Redis

    owner.send_signal(how)
    owner.wait(WAIT_SECONDS)

    _wait_until(lambda: not any(_runs(child) for child in children))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.postgres
def test_the_suite_runs_on_the_postgres_it_was_given(db: None) -> None:
    from django.db import connection

    assert connection.vendor == "postgresql"
    assert connection.settings_dict["PORT"] == urlsplit(os.environ["DATABASE_URL"]).port


def test_an_unprivileged_user_stands_in_for_root() -> None:
    user = services._unprivileged_user()
    assert user is None if os.geteuid() != 0 else user in pwd.getpwall()


def _ask_until_refused(url: str, refused: list[str]) -> None:
    """Note what somebody is told at whose knock nobody listens."""
    while not refused:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "refused" in str(error):
                refused.append(str(error))


def _descendants(process_id: int) -> set[int]:
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return {int(child) for child in children}.union(*(_descendants(int(child)) for child in children))


def _runs(process_id: int) -> bool:
    status = Path(f"/proc/{process_id}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "still not so after half a minute"
        time.sleep(0.05)
