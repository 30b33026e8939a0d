"""The web process as systemd keeps it: gunicorn, begun anew whenever its master ends, whoever ended it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.flows.clusters import PATIENCE_SECONDS, wait_for
from tests.processes import free_port, tie_to_parent
from tests.rules.tree import ROOT

# docs/deploy/getimg-web.service: RestartSec.
_PAUSE_SECONDS = 2.0


@dataclass
class Web:
    """Keeps one gunicorn at one port; its members are found from outside."""

    port: int
    environment: Mapping[str, str]
    log: Path
    starts: int = 0
    _master: "subprocess.Popen[bytes] | None" = None
    _is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        """Whether it is ready, with a database behind it."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def members(self) -> dict[str, list[psutil.Process]]:
        """Return the processes by what they do; those that are not there are missing."""
        if self._master is None or self._master.poll() is not None:
            return {}
        try:
            master = psutil.Process(self._master.pid)
            workers = master.children()
        except psutil.NoSuchProcess:
            return {}
        return {"master": [master], **({"worker": workers} if workers else {})}

    def keep(self) -> None:
        """Start it, and again after each end, until `end` is called."""
        while not self._is_over.is_set():
            self.starts += 1
            with self.log.open("ab") as output:
                self._master = subprocess.Popen(
                    [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=tie_to_parent(signal.SIGTERM),
                )
            self._master.wait()
            self._end_the_rest()
            self._is_over.wait(_PAUSE_SECONDS)

    def end(self) -> None:
        """Kill it, and start no other."""
        self._is_over.set()
        if self._master is not None:
            self._master.kill()

    def _end_the_rest(self) -> None:
        """Kill what a master leaves behind, as systemd does (KillMode=mixed)."""
        assert self._master is not None
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                if process.pid != self._master.pid and os.getsid(process.pid) == self._master.pid:
                    process.kill()


@contextlib.contextmanager
def web(environment: Mapping[str, str], folder: Path, **changes: str) -> Iterator[Web]:
    """Serve, kept alive, and yield it; it may take some seconds until it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    kept = Web(port, {**environment, "PORT": str(port), "SITE_URL": address, **changes}, folder / "web.log")
    # A daemon: the kernel ends gunicorn with the thread that started it, which must outlive every start.
    keeper = threading.Thread(target=kept.keep, name="systemd", daemon=True)
    keeper.start()
    try:
        yield kept
    finally:
        kept.end()
        keeper.join(30)


def await_web(kept: Web, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it answers."""
    wait_for(kept.answers, f"the web process; its log is {kept.log}", seconds)
