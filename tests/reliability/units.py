"""A unit as systemd keeps it: one command, begun anew whenever its main process ends, whoever ended it.

What belongs here: keeping and ending it, and the clusters as units. The web process is `web`'s.
"""

import contextlib
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.flows.clusters import QUICK, GpuCluster
from tests.processes import tie_to_parent
from tests.rules.tree import ROOT

Members = Callable[[], Mapping[str, list[psutil.Process]]]

# docs/deploy/*.service: RestartSec.
_PAUSE_SECONDS = 2.0
# What systemd knows a unit's processes by is their control group; here it is this variable.
_MARK = "TEST_UNIT"


@dataclass
class Unit:
    """Keeps one command; what it prints goes into the log."""

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    starts: int = 0
    main: "subprocess.Popen[bytes] | None" = None
    _mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def main_process(self) -> psutil.Process | None:
        """The main process, where it runs."""
        if self.main is None or self.main.poll() is not None:
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.main.pid)
        return None

    def keep(self) -> None:
        """Start it, and again after each end, until `end` is called."""
        while not self._is_over.is_set():
            self.starts += 1
            with self.log.open("ab") as output:
                self.main = subprocess.Popen(
                    self.command,
                    cwd=ROOT,
                    env={**self.environment, _MARK: self._mark},
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=tie_to_parent(signal.SIGTERM),
                )
            self.main.wait()
            self._end_the_rest()
            self._is_over.wait(_PAUSE_SECONDS)

    def end(self) -> None:
        """Kill it, and start no other."""
        self._is_over.set()
        if self.main is not None:
            self.main.kill()

    def _end_the_rest(self) -> None:
        """Kill what the main process leaves behind, and what that starts meanwhile (KillMode=mixed)."""
        while left := [process for process in psutil.process_iter() if self._is_ours(process)]:
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(left, timeout=1)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            return False


@contextlib.contextmanager
def kept(unit: Unit) -> Iterator[Unit]:
    """Keep the unit alive, and end all of it."""
    # A daemon: the kernel ends the command with the thread that started it, which must outlive every start.
    keeper = threading.Thread(target=unit.keep, name="systemd", daemon=True)
    keeper.start()
    try:
        yield unit
    finally:
        unit.end()
        keeper.join(30)


@contextlib.contextmanager
def cluster(environment: Mapping[str, str], folder: Path, name: str, **changes: str) -> Iterator[Members]:
    """Keep `manage.py supervise <name>` as a unit; yields how its processes are found, the supervisor among them."""
    own = {**environment, "Q_CLUSTER_NAME": name, **QUICK, **changes}
    unit = Unit([sys.executable, "manage.py", "supervise", name], own, folder / "supervisor.log")

    def members() -> Mapping[str, list[psutil.Process]]:
        supervisor = unit.main_process
        if supervisor is None or unit.main is None:
            return {}
        return {"supervisor": [supervisor], **GpuCluster(unit.main, unit.log).members()}

    with kept(unit):
        yield members
