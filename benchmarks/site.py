"""The whole studio for one benchmark: gunicorn and the supervised gpu cluster, as the Procfile starts them.

The `default` cluster is left out: nothing of a run's way passes through it.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks.children import ROOT
from benchmarks.errors import BenchmarkFailed
from tests import services
from tests.processes import free_port, private_folder, tie_to_parent
from tests.rules.tree import variables_read

_START_SECONDS = 120.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Place:
    """Where a run of the benchmarks keeps everything: an empty database and an empty folder."""

    database_url: str
    data_dir: Path

    def environment(self, **settings: str) -> dict[str, str]:
        """Return what every process gets: one thread for arithmetic, and no setting of whoever runs this."""
        kept = {name: value for name, value in os.environ.items() if name not in variables_read()}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "getimg_site.settings",
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.data_dir),
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "ENGINE_THREADS": "1",
            "ENGINE_DEVICE": "cpu",
            # Sixty-four runs of a few people wait at once.
            "JOBS_WAITING_MAX": "1000",
            **settings,
        }

    def manage(self, *arguments: str, **settings: str) -> str:
        """Run a management command; returns what it printed. Raises: BenchmarkFailed."""
        command = [sys.executable, "manage.py", *arguments]
        environment = self.environment(**settings)
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchmarkFailed(f"manage.py {arguments[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def log(self, name: str) -> Path:
        """Return the file that takes what a process prints."""
        return self.data_dir / "logs" / f"benchmark-{name}.log"


@dataclass(frozen=True)
class Site:
    """A studio that serves."""

    port: int
    web: psutil.Process
    supervisor: psutil.Process
    logs: tuple[Path, ...]

    def parts(self) -> dict[str, list[psutil.Process]]:
        """Return its processes by what they do; together they are the whole of both trees."""
        found: dict[str, list[psutil.Process]] = {
            "web": [self.web, *self.web.children(recursive=True)],
            "supervisor": [self.supervisor],
            "cluster": [],
            "engine": [],
        }
        for process in self.supervisor.children(recursive=True):
            found["engine" if _is_engine(process) else "cluster"].append(process)
        return found

    def check(self) -> None:
        """Make sure that nothing of it has ended. Raises: BenchmarkFailed with the end of its logs."""
        for name, process in (("gunicorn", self.web), ("the supervisor", self.supervisor)):
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                tails = "\n".join(log.read_bytes()[-2000:].decode(errors="replace") for log in self.logs)
                raise BenchmarkFailed(f"{name} has ended:\n{tails}")


@contextmanager
def own_place() -> Iterator[Place]:
    """Make an empty database and an empty folder, and put the site's tables and files there.

    The database is on the server of DATABASE_URL, or else on a durable server of this run's own. Raises:
    BenchmarkFailed where the server does not write through to the disk.
    """
    here = os.environ.get("DATABASE_URL", "")
    if here:
        _check_durability(here)
    with _set_up(services.postgres_database(here) if here else services.postgres(durable=True)) as place:
        yield place


def _check_durability(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for name in ("fsync", "synchronous_commit"):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            if row == ("off",):
                raise BenchmarkFailed(
                    f"the server of DATABASE_URL has {name} = off: benchmarks ask for one that"
                    " writes through to the disk"
                )


@contextmanager
def neighbour(place: Place) -> Iterator[Place]:
    """Make another such place on the same server; its books are looked at in the end. Raises: BenchmarkFailed."""
    with _set_up(services.postgres_database(place.database_url)) as other:
        yield other
        other.manage("ledger_audit")


@contextmanager
def _set_up(database: AbstractContextManager[str]) -> Iterator[Place]:
    with private_folder("bench") as folder, database as url:
        place = Place(url, folder)
        place.manage("quickstart")
        yield place


def audit(place: Place) -> dict[str, str]:
    """Prove that the books are right after all of it; returns what is wrong by name."""
    try:
        place.manage("ledger_audit")
    except BenchmarkFailed as error:
        print(f"THE BOOKS ARE WRONG: {error}", flush=True)
        return {"ledger_audit": str(error)}
    return {}


@contextmanager
def serving(place: Place, name: str, *, draws: bool = True, **settings: str) -> Iterator[Site]:
    """Start the studio with these settings and yield it once it answers; `draws`: with a cluster that works."""
    port = free_port()
    environment = place.environment(PORT=str(port), **settings)
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    commands = {
        "web": [gunicorn, "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"],
        "gpu": [sys.executable, "manage.py", "supervise", "gpu"] if draws else ["sleep", "infinity"],
    }
    with ExitStack() as stack:
        logs = {part: place.log(f"{name}-{part}") for part in commands}
        started = {
            part: stack.enter_context(running(command, environment, logs[part])) for part, command in commands.items()
        }
        web, supervisor = (psutil.Process(started[part].pid) for part in ("web", "gpu"))
        site = Site(port, web, supervisor, tuple(logs.values()))
        _wait_until_it_answers(site)
        yield site


@contextmanager
def minimal(
    place: Place, settings: str, application: str = "benchmarks.minimal"
) -> Iterator[tuple[int, psutil.Process]]:
    """Start a small project on the same server with these settings; yields its port and process."""
    port = free_port()
    environment = place.environment(PORT=str(port), DJANGO_SETTINGS_MODULE=settings)
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    command = [gunicorn, "--config", "getimg_site/gunicorn.py", application]
    with running(command, environment, place.log(settings)) as process:
        wait_for_answer(f"http://127.0.0.1:{port}/", place.log(settings))
        yield port, psutil.Process(process.pid)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process, its output in the log, and stop it and what it started in the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=tie_to_parent(signal.SIGTERM),
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it as an operator does, then whatever of its tree is left."""
    if process.poll() is not None:
        return
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        if child.is_running():
            child.kill()


def _wait_until_it_answers(site: Site) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        site.check()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/readyz", timeout=10) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise BenchmarkFailed(f"the site did not answer within {_START_SECONDS:g} s")


def wait_for_answer(url: str, log: Path) -> None:
    """Return once the address answers. Raises: BenchmarkFailed with the end of the log."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise BenchmarkFailed(f"nothing answered within {_START_SECONDS:g} s:\n{log.read_text()[-2000:]}")


def _is_engine(process: psutil.Process) -> bool:
    try:
        return "generation.engine.server" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
