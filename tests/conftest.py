"""What every test stands on: a private DATA_DIR, the database, private servers, the browser.

`DATABASE_URL` chooses the database: without it SQLite, as a file in the private DATA_DIR (threads and processes
share it); with a PostgreSQL URL, a test database of this run on that server.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django import conf
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Playwright

from tests import migrated, services
from tests.processes import private_folder
from tests.rules.tree import ROOT, variables_read
from tests.second_tries import may_be_the_load

pytest_plugins = ["tests.limited_time"]

# The servers that a run may be pointed at; every other setting is as on the embedded default.
CHOICES = {"DATABASE_URL", "REDIS_URL"}

_folders = ExitStack()

# A machine that is busy for a moment is no failure of what is tested.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


def _choose_environment() -> None:
    """Give this process a DATA_DIR of its own before anything reads the settings."""
    if conf.settings.configured:
        raise pytest.UsageError("Django's settings were read before tests/conftest.py: unset DJANGO_SETTINGS_MODULE.")
    for name in variables_read() - CHOICES:
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = str(_folders.enter_context(private_folder("tests")))
    os.environ["DJANGO_SETTINGS_MODULE"] = "getimg_site.settings"
    # What is compiled once serves this process and the hundreds that its tests start: each would take seconds for it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # Many a test is one transaction that stands still while its child works.
    os.environ["DATABASE_IDLE_SECONDS"] = "0"
    # Playwright's synchronous API runs an event loop in the test's own thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # Read now: pytest-django sets Django up only where the settings have been read.
    assert conf.settings.INSTALLED_APPS


_choose_environment()


# Tests with processes and kills meet the load of a shared machine: what waits in vain or does not come up is run once
# more (`second_tries.py`), and the report names it as RERUN; so is whatever fails in a browser, where Playwright's
# expectations are time-outs that read as assertions. All other tests have one try.
_JOURNEYS = ("browser", "flows")
# On PostgreSQL all of them are run; on the embedded default, which `make test` has time for, what a newcomer does.
_NEWCOMERS = {
    *("test_first_picture.py", "test_create.py", "test_pages.py", "test_library.py"),
    *("test_edits.py", "test_api_quickstart.py", "test_videos.py", "test_accessibility.py"),
}
# What draws, and never comes near a database: run once.
_DRAWING = ("generation/inference", "generation/starter")


def pytest_xdist_setupnodes() -> None:
    """Let each worker process choose for itself: it would inherit this one's settings, and read them too early."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure() -> None:
    """Remove the private DATA_DIR."""
    _folders.close()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files alone of which no test is asked for: to import all of them takes half a minute of a core."""
    asked = config.getoption("markexpr")
    if not collection_path.match("test_*.py"):
        return None
    is_left_out = "not journey" in asked and _is_journey(collection_path)
    is_left_out |= asked.startswith("postgres and ") and not _may_need_postgres(collection_path)
    return is_left_out or None


@cache
def _is_in(path: Path, *folders: str) -> bool:
    return any(ROOT / "tests" / folder in path.parents for folder in folders)


def _is_journey(path: Path) -> bool:
    return _is_in(path, *_JOURNEYS) and path.name not in _NEWCOMERS


def _may_need_postgres(path: Path) -> bool:
    return _is_in(path, "concurrency") or "mark.postgres" in path.read_text()


@cache
def _has_workers(module: ModuleType) -> bool:
    """Return whether a test's module has names from where workers are started."""
    return any(getattr(name, "__module__", "") == "tests.generation.workers" for name in vars(module).values())


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark by folder what needs PostgreSQL or a browser, and what is run on one of the databases alone; order them.

    Tests whose rows are emptied away by a flush come after those that are rolled back, for the rows that migrations
    made are gone then; those with a browser come last, for its event loop stays in the process.
    """
    for item in items:
        for folder, mark in (("concurrency", "postgres"), ("browser", "browser")):
            if _is_in(item.path, folder):
                item.add_marker(mark)
        # A long proof that fails once has failed.
        has_processes = _is_in(item.path, *_JOURNEYS, "reliability") or (
            isinstance(item, pytest.Function) and _has_workers(item.module)
        )
        if has_processes and not item.get_closest_marker("long"):
            has_browser = _is_in(item.path, "browser")
            item.add_marker(pytest.mark.flaky(reruns=1, condition=True if has_browser else may_be_the_load))
        if _is_journey(item.path):
            item.add_marker("journey")
        if _is_in(item.path, *_DRAWING):
            item.add_marker("drawing")
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    fixtures = set(getattr(item, "fixturenames", ()))
    if "playwright" in fixtures:
        return 2
    marker = item.get_closest_marker("django_db")
    is_flushed = bool(marker and marker.kwargs.get("transaction")) or fixtures & {"transactional_db", "live_server"}
    return 1 if is_flushed else 0


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail, never skip, what needs PostgreSQL and has none."""
    if item.get_closest_marker("postgres") and not _on_postgres():
        pytest.fail("needs PostgreSQL: `make test`, or python -m tests.services postgres -- pytest ...", pytrace=False)


def _on_postgres() -> bool:
    return bool(conf.settings.DATABASES["default"]["ENGINE"].endswith("postgresql"))


# --- Django ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _quick_settings() -> Iterator[None]:
    """Hash passwords fast, and serve static files without collecting them first."""
    from django.test import override_settings

    conf.settings.STATIC_ROOT.mkdir(exist_ok=True)
    static_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={**conf.settings.STORAGES, "staticfiles": static_files},
    ):
        yield


@pytest.fixture(autouse=True)
def _known_switches() -> None:
    """Know that no switch was touched, as a process that asked a moment ago does."""
    from accounts import switches
    from generation import model_switches, policy_rules

    switches.memory.keep({}, float("inf"))
    model_switches.memory.keep({}, float("inf"))
    policy_rules.memory.keep((), float("inf"))


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Leave no login limit, preview or session to the next test."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let Django take the database that `django_db_modify_db_settings` laid there."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Lay a migrated database there; on SQLite it is the file that a child process with the same DATA_DIR opens."""
    from django.db import connection

    if _on_postgres():
        name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]  # the stubs leave it out
        with migrated.database(os.environ["DATABASE_URL"], name):
            yield
    else:
        file = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = str(file)
        migrated.copy_to(Path(file))
        with migrated.held_open(Path(file)):
            yield


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    """Return the environment in which a child process sees this test's database and files."""
    return _environment()


@pytest.fixture(scope="session")
def session_environment(django_db_setup: None) -> dict[str, str]:
    """Return that environment for a child that lives as long as the session; each test says which rows are there."""
    return _environment()


def _environment() -> dict[str, str]:
    from django.db import connection

    environment = dict(os.environ)
    if _on_postgres():
        server = urlsplit(environment["DATABASE_URL"])
        environment["DATABASE_URL"] = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
    return environment


# --- Servers --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database beside the suite's own."""
    here = os.environ.get("DATABASE_URL", "")
    with services.postgres_database(here) if here.startswith("postgres") else services.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Yield the URL of a private Redis; what a test writes there stays for the session."""
    with services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3() -> Iterator[services.S3Server]:
    """Yield a private S3 server with one bucket; what a test writes there stays for the session."""
    with services.s3() as server:
        yield server


# --- Browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _no_connection_left() -> None:
    """Close this thread's connections before Playwright's event loop runs in it.

    While a loop runs, Django keeps a thread's connections elsewhere (`asgiref.local`). A forked child has no loop: it
    would find those from before, and share their sockets with this process or meet what the server has since closed.
    """
    from django.db import connections

    connections.close_all()


@pytest.fixture(scope="session")
def playwright(_no_connection_left: None, playwright: Playwright) -> Playwright:
    """Return pytest-playwright's own, begun without a connection."""
    return playwright


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive Debian's Chromium, which speaks to nobody but the test's own server."""
    switches = [
        "--no-sandbox",  # root may not have one, and every page here is our own
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-pings",
    ]
    return {**browser_type_launch_args, "executable_path": services.chromium_path(), "args": switches}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Give every page a desktop window, one language and one time zone."""
    window = {"width": 1440, "height": 900}
    return {**browser_context_args, "viewport": window, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
