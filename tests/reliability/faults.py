"""A fault that a test orders and a process of the site meets: at a commit of a named function, before it or after it,
or where its transaction begins.

What belongs here: the order as both sides read it, a file in FAULTS_FOLDER. What a fault does to a connection is
`faulty_postgresql`'s. Nothing of this is in the product: the site runs with `faulty_settings`, which change its
database's connections alone. A commit is the end of a transaction, or a statement outside one that writes.
"""

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType

MOMENTS = ("before", "after")
BEGIN = "begin"
# kill -9 of the process; its connection lost; an exception.
KINDS = ("kill", "lost", "exception")
# SIGSTOP: it goes on when it is told to.
STOP = "stop"
_PACKAGES = {"accounts", "billing", "generation", "getimg_site"}
_BACKEND = "getimg_site.postgresql"


@dataclass(frozen=True)
class Fault:
    """What is to happen once, and where: `place` commits, `under` is among its callers where it is named."""

    place: str
    moment: str
    kind: str
    under: str = ""
    # So many commits there are let pass first.
    skip: int = 0

    def is_here(self, functions: list[str], *, at_begin: bool) -> bool:
        """Whether a commit (or a begin) of these functions, the innermost first, is the one that is meant."""
        is_meant = functions[:1] == [self.place] and (not self.under or self.under in functions)
        return is_meant and at_begin == (self.moment == BEGIN)


def order(folder: Path, fault: Fault) -> None:
    """Let the next process that comes there meet the fault."""
    with _locked(folder):
        _write(folder, fault)


def withdraw(folder: Path) -> Fault | None:
    """Take the order back; returns it where nobody has met it."""
    with _locked(folder):
        fault = _read(folder)
        _order_in(folder).unlink(missing_ok=True)
    return fault


def is_met(folder: Path) -> bool:
    """Whether somebody has met what was ordered."""
    return not _order_in(folder).exists()


def due(*, at_begin: bool = False) -> Fault | None:
    """Return the fault that the caller meets in this commit, which nobody else meets then; None in all others."""
    folder = Path(os.environ["FAULTS_FOLDER"])
    if is_met(folder):
        return None
    functions = list(_functions(sys._getframe(1)))
    with _locked(folder):
        fault = _read(folder)
        if fault is None or not fault.is_here(functions, at_begin=at_begin):
            return None
        if fault.skip:
            _write(folder, replace(fault, skip=fault.skip - 1))
            return None
        _order_in(folder).unlink()
    print(f"fault: {fault} in process {os.getpid()}", file=sys.stderr, flush=True)
    return fault


def _functions(frame: FrameType | None) -> Iterator[str]:
    """Yield the product's functions that are being called, the innermost first."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in _PACKAGES and not module.startswith(_BACKEND):
            yield f"{module}.{frame.f_code.co_qualname}"
        frame = frame.f_back


def _order_in(folder: Path) -> Path:
    return folder / "order.json"


def _read(folder: Path) -> Fault | None:
    try:
        return Fault(**json.loads(_order_in(folder).read_text()))
    except FileNotFoundError:
        return None


def _write(folder: Path, fault: Fault) -> None:
    whole = folder / "order.new"
    whole.write_text(json.dumps(asdict(fault)))
    whole.replace(_order_in(folder))


def stop() -> None:
    """Stand still until told to go on; no other thread of this process keeps the lock from everybody meanwhile."""
    with _own_lock:
        os.kill(os.getpid(), signal.SIGSTOP)


# Of the threads of a process: who stops it stops all of them.
_own_lock = threading.Lock()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with _own_lock, (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
