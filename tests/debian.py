"""Binaries that come from Debian's packages: found, else installed where that can be done, else named."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import ServiceError

# While a package is installed, this tells Debian not to start the package's own service.
_POLICY = Path("/usr/sbin/policy-rc.d")


def find_binary(name: str, *, package: str, places: str = "") -> str:
    """Return the path of the program; install its package if it is missing.

    places: a pattern for folders outside PATH, the last in order wins (`/usr/lib/postgresql/*/bin`).
    Raises: ServiceError naming the package.
    """
    found = _look_for(name, places)
    if found is None:
        with _one_at_a_time():
            if _look_for(name, places) is None:  # another process may have installed it while this one waited
                _install(name, package)
        found = _look_for(name, places)
    if found is None:
        raise ServiceError(f"`{name}` is missing though Debian's package {package} is installed.")
    return found


def _look_for(name: str, places: str) -> str | None:
    folders = sorted(Path("/").glob(places.lstrip("/")), reverse=True) if places else []
    beside = (shutil.which(name, path=folder) for folder in folders)
    return next((path for path in beside if path), shutil.which(name))


def _install(name: str, package: str) -> None:
    advice = f"`{name}` is missing. Install Debian's package: apt-get install {package}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ServiceError(advice)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_kept_still():
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
            done = subprocess.run(
                ["apt-get", "-o", "DPkg::Lock::Timeout=300", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise ServiceError(f"{advice}\nIt was tried and failed:\n{done.stderr[-2000:]}")


@contextmanager
def _services_kept_still() -> Iterator[None]:
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with Path(tempfile.gettempdir(), f"getimg-install-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
