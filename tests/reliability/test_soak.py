"""Mixed load for an hour: nothing grows, nothing breaks, and the books are right in the end."""

import logging
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest
import redis as redis_client

from tests import migrated, services
from tests.flows.clusters import gpu_cluster, wait_for
from tests.generation.receivers import Receiver, receiver
from tests.processes import free_port
from tests.reliability.gauges import Gauges, Members
from tests.reliability.people import Caller, Program, Tally, Visitor, at_work
from tests.reliability.size import seed, size
from tests.reliability.studio import Studio
from tests.reliability.units import Unit, kept
from tests.reliability.web import Web, await_web, web
from tests.rules.tree import ROOT

pytestmark = pytest.mark.postgres

logger = logging.getLogger(__name__)

SEED = seed(3)
_SETTINGS = {
    **dict.fromkeys(("API_RATE_KEY", "API_RATE_ACCOUNT", "API_RATE_GENERATE", "API_JOBS_WAITING_MAX"), "1000000"),
    **dict.fromkeys(("TEST_SHOP", "SHOWCASE", "WEBHOOK_ALLOW_PRIVATE", "TRUSTED_PROXY_COUNT"), "1"),
    "REFERRAL_SAME_PLACE_MAX": "1000",
    "LOG_LEVEL": "WARNING",
    "WEB_THREADS": "4",
}
_VISITORS, _PROGRAMS = 3, 2
_MEASURES = 40
_MEASURE_SECONDS_MAX = 3.0
# A machine with other work takes long to start it all.
_START_SECONDS = 600.0
_OF_SITE = ("sign-ups", "purchases", "pictures of the site", "edits", "videos", "publications")
_OF_API = ("runs of the API", "files of the API", "streams")
_KINDS = (*_OF_SITE, *_OF_API)
# Before that a process takes what it needs for the first of its kind: modules, connections.
_WARM_UP_SECONDS = 180.0
_REPORT = ROOT / "var" / "reliability" / "soak.json"
_KEYS = """
from django.db import transaction
from generation import webhooks
from tests.generation.api.calling import make_program
from tests.generation.runs import make_person
for number in range({count}):
    user = make_person(f"program{{number}}@example.com", credits=0)
    webhooks.create(user, url="{hooks}")
    print("KEY", make_program(1_000_000, user=user).text)
"""
_CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_WAITING_MESSAGES = "SELECT count(*) FROM generation_webhookdelivery WHERE status <> 'delivered'"


def test_seconds_of_mixed_load_break_nothing(tmp_path: Path) -> None:
    soak(tmp_path, seconds=15)


@pytest.mark.long
def test_an_hour_of_mixed_load_makes_nothing_grow(tmp_path: Path) -> None:
    soak(tmp_path, seconds=60 * size(60))


def soak(tmp_path: Path, *, seconds: float) -> None:
    """Let people and programs use a whole studio for so long once it is warm; fails with what broke or grew."""
    tally, is_over = Tally(), threading.Event()
    with ExitStack() as stack:
        url = stack.enter_context(services.postgres_database(os.environ["DATABASE_URL"]))
        migrated.fill(url)
        redis = stack.enter_context(services.redis())
        studio = Studio(url, tmp_path / "data", {**_SETTINGS, "REDIS_URL": redis, **_ports()})
        studio.data_dir.mkdir()
        studio.run("manage.py", "quickstart")
        box = stack.enter_context(receiver())
        parts, site = _start(studio, tmp_path, stack)
        gauges = Gauges(parts, _others(stack, studio, redis))
        with at_work(_callers(studio, site, box, tally, is_over), is_over):
            wait_for(lambda: _is_warm(tally), f"all of {_KINDS}", _WARM_UP_SECONDS)
            begin = time.monotonic()
            while (at := time.monotonic() - begin) < seconds:
                gauges.measure(at)
                time.sleep(min(_MEASURE_SECONDS_MAX, seconds / _MEASURES))
        studio.await_ends(60)
        wait_for(lambda: studio.one(_WAITING_MESSAGES) == 0, "the last message", 120)
        told = len({message.headers["webhook-id"] for message in box.received})
        facts = {"seed": SEED, "seconds": seconds, "done": tally.done, "statuses": tally.statuses, "messages": told}
        gauges.write(_REPORT, **facts, wrong=tally.wrong)
        logger.warning("%s\n%s", facts, "\n".join(gauges.table()))
        errors = list(_errors([*tmp_path.glob("*.log"), *tmp_path.glob("*/supervisor.log")]))
        studio.check(has_every_file_its_row=True)
    assert not tally.wrong, "\n".join(tally.wrong[:20])
    assert not errors, "\n".join(errors[:20])
    assert site.starts == 1
    assert all(tally.done[kind] for kind in _KINDS), tally.done
    assert told
    assert not list(gauges.findings())


def _start(studio: Studio, tmp_path: Path, stack: ExitStack) -> tuple[Mapping[str, Members], Web]:
    """Start both clusters and the web process, as on a machine; returns their members by part once all are there."""
    parts: dict[str, Members] = {}
    site = stack.enter_context(web(studio.environment, tmp_path))
    for name in ("gpu", "default"):
        folder = tmp_path / name
        folder.mkdir()
        # Where the site is, mails and the shop's answers say.
        environment = {**studio.environment, "SITE_URL": site.url, "PORT": str(site.port)}
        cluster = stack.enter_context(gpu_cluster(environment, folder, name=name, ENGINE_NOOP_SECONDS="0.05"))
        parts[name] = cluster.members
    parts["web"] = site.members
    parts["events"] = _events(studio, tmp_path, stack)
    wait_for(lambda: "engine" in parts["gpu"]() and "worker" in parts["default"](), "the clusters", _START_SECONDS)
    await_web(site, _START_SECONDS)
    _crowd_into(site)
    return parts, site


def _events(studio: Studio, tmp_path: Path, stack: ExitStack) -> Members:
    """Serve the event streams, as a unit of their own; returns how their process is found."""
    command = [sys.executable, "manage.py", "events"]
    unit = stack.enter_context(kept(Unit(command, studio.environment, tmp_path / "events.log")))
    where = _events_url(studio)
    wait_for(lambda: _answers(f"{where}/healthz"), "the event streams", _START_SECONDS)
    return lambda: {"main": [unit.main_process]} if unit.main_process else {}


def _ports() -> dict[str, str]:
    return {name: str(free_port()) for name in ("PORT", "EVENTS_PORT")}


def _events_url(studio: Studio) -> str:
    return f"http://127.0.0.1:{studio.settings['EVENTS_PORT']}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _crowd_into(site: Web) -> None:
    """Ask for more at once than there are threads: each opens its connections when it is first needed."""
    with ThreadPoolExecutor(8) as crowd:
        answers = crowd.map(lambda _: httpx.get(f"{site.url}/showcase/", timeout=60).status_code, range(32))
        assert set(answers) == {200}


def _is_warm(tally: Tally) -> bool:
    """Whether everything was done once, or something was wrong, which is told in the end."""
    return bool(tally.wrong) or all(tally.done[kind] for kind in _KINDS)


def _callers(studio: Studio, site: Web, box: Receiver, tally: Tally, is_over: threading.Event) -> list[Caller]:
    made = studio.run("manage.py", "shell", "--command", _KEYS.format(count=_PROGRAMS, hooks=box.url))
    keys = re.findall(r"^KEY (\S+)$", made, re.MULTILINE)
    assert len(keys) == _PROGRAMS
    people = [
        Visitor(site.url, random.Random(f"{SEED} person {number}"), tally, is_over, 0.2) for number in range(_VISITORS)
    ]
    programs = [
        Program(site.url, random.Random(f"{SEED} program {number}"), tally, is_over, 0.2, key, _events_url(studio))
        for number, key in enumerate(keys)
    ]
    return [*people, *programs]


def _others(stack: ExitStack, studio: Studio, redis: str) -> dict[str, Callable[[], float]]:
    """Return what is measured beside the processes: connections to the database and to Redis."""
    watcher = stack.enter_context(psycopg.connect(studio.url, autocommit=True))
    client = stack.enter_context(redis_client.Redis.from_url(redis))

    def connections() -> float:
        row = watcher.execute(_CONNECTIONS).fetchone()
        assert row is not None
        return float(row[0])

    return {
        "connections to PostgreSQL": connections,
        "connections to Redis": lambda: float(client.info("clients")["connected_clients"]),
    }


def _errors(logs: Iterable[Path]) -> Iterator[str]:
    """Yield what the programs complained of."""
    for log in logs:
        lines = log.read_text(errors="replace").splitlines()
        yield from (f"{log.parent.name}: {line}" for line in lines if re.search(r"ERROR|CRITICAL|Traceback", line))
