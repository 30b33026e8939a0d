"""A studio on thirteen hosts: PostgreSQL, Redis, a bucket, two for the web, one for event streams, one for the queue,
three that draw, the shop, one where visitors sit, and a customer's that webhooks go to.

Each has a DATA_DIR of its own and finds the others by the network alone. `people` is where visitors sit; they are the
balancer as well: they speak to one of the web hosts, as a proxy that ends TLS would, or through one (`balancer.py`).
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests import services
from tests.flows.clusters import wait_for
from tests.hosts.network import Network, be_named
from tests.processes import end_process, start_process, tie_to_parent
from tests.rules.tree import ROOT, variables_read
from tests.services import S3Server

NAME = "studio.example"
WEBS = ("web1", "web2")
GPUS = ("gpu1", "gpu2", "gpu3")
LEASE_SECONDS = 5
WEB_PORT, EVENTS_PORT, REDIS_PORT, HOOK_PORT, SHOP_PORT = 8000, 8001, 6379, 8080, 8042
# What each host of the site runs: the units of docs/deploy.
SERVICES = {
    **dict.fromkeys(WEBS, ("-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi")),
    "events": ("manage.py", "events"),
    "queue": ("manage.py", "supervise", "default"),
    **dict.fromkeys(GPUS, ("manage.py", "supervise", "gpu")),
}
_SHOP_SECRET = "whsec_of_the_shop"
# How long a pass of the no-op engine takes: it stands for the GPU's time, in which a host's processors rest.
DRAW_SECONDS = 1.0
RATE_OF_A_KEY = 100
# What PostgreSQL is told where clients are on other hosts (docs/operations.md): one that is cut off in the midst of a
# transaction lets go of its locks.
DATABASE_SETTINGS = {
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
}
_STOP_SECONDS = 30


@dataclass
class Studio:
    """Where everything is, and a hand to start and stop it."""

    network: Network
    folder: Path
    url: str
    s3: S3Server
    shared: dict[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _redis: "subprocess.Popen[bytes] | None" = None

    def data_dir(self, host: str) -> Path:
        """A host's own disk."""
        return self.folder / host

    def environment(self, host: str) -> dict[str, str]:
        """What a host's programs get: the same everywhere but for their disk and their address."""
        kept = {name: value for name, value in os.environ.items() if name not in variables_read()}
        own = {"DATA_DIR": str(self.data_dir(host)), "WEB_BIND": self.network.hosts[host], "PORT": str(WEB_PORT)}
        return {**kept, **self.shared, **own}

    def start(self, host: str, *command: str) -> None:
        """Start a host's one service: its unit's, where no other command is given."""
        command = command or SERVICES[host]
        cluster = {"Q_CLUSTER_NAME": command[2]} if "supervise" in command else {}
        with (self.folder / f"{host}.log").open("ab") as log, self.network.inside(host):
            name_it, tie = be_named(host), tie_to_parent(signal.SIGTERM)
            self.running[host] = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**self.environment(host), **cluster},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: (name_it(), tie()),
            )

    def restart(self, host: str) -> None:
        """Do what `systemctl restart` does, and wait until the host is at work."""
        starts = self.log(host).count("cluster started")
        self.stop(host)
        self.start(host)
        if "supervise" in SERVICES[host]:
            wait_for(lambda: self.log(host).count("cluster started") > starts, host)
        else:
            wait_for(lambda: self.answers(host, EVENTS_PORT if host == "events" else WEB_PORT, "/healthz"), host)

    def stop(self, host: str) -> None:
        """Stop a host's service as systemd does: ask its first process, and in the end insist."""
        process = self.running.pop(host)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        end_process(process, signal.SIGKILL)

    def manage(self, host: str, *arguments: str) -> str:
        """Run a command of manage.py there; returns what it printed. Fails with all of that where it ends badly."""
        with self.network.inside(host):
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.environment(host),
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def has_ended(self) -> list[str]:
        """Return the hosts whose service has ended by itself: systemd would begin it anew, and here nobody does."""
        return [host for host, process in self.running.items() if process.poll() is not None]

    def start_redis(self) -> None:
        """Start an empty Redis."""
        server = services.redis_server(self.network.hosts["redis"])
        with self.network.inside("redis"):
            self._redis = start_process(server.command(REDIS_PORT), self.data_dir("redis"), server)
            wait_for(lambda: server.answers(REDIS_PORT), "Redis")

    def kill_redis(self) -> None:
        """End Redis at once; what it knew is lost."""
        assert self._redis is not None
        end_process(self._redis, signal.SIGKILL)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        """Return the first value of the first row."""
        return self.rows(query, *values)[0][0]

    def await_ends(self, seconds: float) -> None:
        """Wait until every run has ended."""
        still = "SELECT NOT EXISTS (SELECT FROM generation_job WHERE status IN ('NEW', 'PROCESSING'))"
        wait_for(lambda: self.one(still), "the end of all runs", seconds)

    def check(self) -> None:
        """Have the audit and the checker look at what is left, files nobody owns as well. Fails with what they find."""
        self.manage("web1", "ledger_audit")
        command = [sys.executable, "-m", "tests.reliability.checker", self.url, "bucket", "--strays"]
        environment = {**os.environ, **self.s3.environment()}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def answers(self, host: str, port: int, path: str) -> bool:
        """Whether somebody there has a page to show."""
        try:
            with urllib.request.urlopen(f"http://{self.network.hosts[host]}:{port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def log(self, host: str) -> str:
        """Return what a host's service printed."""
        return (self.folder / f"{host}.log").read_text(errors="replace")

    def mails(self) -> list[str]:
        """Return all mails, wherever they were written, the newest last."""
        files = [path for host in self.network.hosts for path in (self.data_dir(host) / "mail").glob("*")]
        return [path.read_text() for path in sorted(files, key=lambda path: path.stat().st_mtime)]


@contextlib.contextmanager
def studio(network: Network, folder: Path) -> Iterator[Studio]:
    """Start all hosts and yield them when the site answers; what runs is ended in the end."""
    with ExitStack() as stack:
        for host in ("people", "postgres", "redis", "bucket", *SERVICES, "shop", "customer"):
            network.add(host)
            (folder / host).mkdir()
        with network.inside("postgres"):
            address = network.hosts["postgres"]
            url = stack.enter_context(services.postgres(durable=True, settings=DATABASE_SETTINGS, address=address))
        with network.inside("bucket"):
            s3 = stack.enter_context(services.s3(address=network.hosts["bucket"]))
        found = Studio(network, folder, url, s3, _settings(network, url, s3))
        stack.callback(_end, found)
        found.start_redis()
        stack.callback(found.kill_redis)
        # Whoever asks, the tests too, asks from where visitors sit.
        stack.enter_context(network.inside("people"))
        _open_shop(found)
        _install(found)
        for host in SERVICES:
            found.start(host)
        yield found


def _settings(network: Network, url: str, s3: S3Server) -> dict[str, str]:
    """Return what /etc/getimg.env is on all hosts."""
    return {
        "DJANGO_SETTINGS_MODULE": "getimg_site.settings",
        "PRODUCTION": "1",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LICENCE_SIGNING_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": NAME,
        "SITE_URL": f"https://{NAME}",
        "TRUSTED_PROXY_COUNT": "1",
        "DATABASE_URL": url,
        "REDIS_URL": f"redis://{network.hosts['redis']}:{REDIS_PORT}/0",
        **s3.environment(),
        "STRIPE_SECRET_KEY": "sk_test_of_the_shop",
        "STRIPE_API_BASE": f"http://{network.hosts['shop']}:{SHOP_PORT}",
        "STRIPE_WEBHOOK_SECRETS": _SHOP_SECRET,
        "METRICS_TOKEN": "a-token-for-the-hosts-of-a-test-alone",
        "LOG_FORMAT": "json",
        "WEB_PROCESSES": "1",
        "WEBHOOK_ALLOW_PRIVATE": "1",
        "API_RATE_KEY": str(RATE_OF_A_KEY),
        "API_RATE_ACCOUNT": "100000",
        "API_RATE_GENERATE": "100000",
        "ENGINE_BACKEND": "noop",
        "ENGINE_NOOP_SECONDS": str(DRAW_SECONDS),
        # A pass draws one picture, so that a host's rate is known.
        "BATCH_SIZE_MAX": "1",
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
    }


def _open_shop(studio: Studio) -> None:
    """Let the project's own shop stand in for Stripe, which tells the site by its public address."""
    hosts, books = studio.network.hosts, studio.data_dir("shop") / "books.sqlite3"
    where = ("--host", hosts["shop"], "--port", str(SHOP_PORT), "--file", str(books))
    told = ("--webhook", f"http://{hosts['people']}:{WEB_PORT}/stripe/webhook/", "--webhook-secret", _SHOP_SECRET)
    studio.start("shop", "manage.py", "test_shop", *where, *told)
    wait_for(lambda: studio.answers("shop", SHOP_PORT, "/"), "the shop")


def _install(studio: Studio) -> None:
    """What an operator does before the first start: tables and prices once, static files on each web host."""
    studio.manage("web1", "migrate", "--verbosity", "0")
    studio.manage("web1", "sync_plans")
    studio.manage("web1", "collectstatic", "--noinput", "--verbosity", "0")
    made, copy = (studio.data_dir(web) / "static" for web in WEBS)
    # As links: nobody writes to them any more.
    shutil.copytree(made, copy, copy_function=os.link, dirs_exist_ok=True)


def _end(studio: Studio) -> None:
    """End what runs at once; groups that clusters have made for themselves end with their host."""
    for process in studio.running.values():
        end_process(process, signal.SIGKILL)
