"""The web process as a unit of systemd: gunicorn, and whether it answers."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.flows.clusters import PATIENCE_SECONDS, wait_for
from tests.processes import free_port
from tests.reliability.units import Unit, kept

_COMMAND = [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"]


@dataclass(frozen=True)
class Web:
    """One gunicorn at one port; its members are found from outside."""

    port: int
    unit: Unit

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Where it writes what it has to say."""
        return self.unit.log

    @property
    def starts(self) -> int:
        """How often its master was started."""
        return self.unit.starts

    def answers(self) -> bool:
        """Whether it is ready, with a database behind it."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def members(self) -> dict[str, list[psutil.Process]]:
        """Return the processes by what they do; those that are not there are missing."""
        master = self.unit.main_process
        if master is None:
            return {}
        try:
            workers = master.children()
        except psutil.NoSuchProcess:
            return {}
        return {"master": [master], **({"worker": workers} if workers else {})}


@contextlib.contextmanager
def web(environment: Mapping[str, str], folder: Path, **changes: str) -> Iterator[Web]:
    """Serve, kept alive, and yield it; it may take some seconds until it answers."""
    port = free_port()
    own = {**environment, "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}", **changes}
    with kept(Unit(_COMMAND, own, folder / "web.log")) as unit:
        yield Web(port, unit)


def await_web(site: Web, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it answers."""
    wait_for(site.answers, f"the web process; its log is {site.log}", seconds)
