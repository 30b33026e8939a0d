"""Child processes that end with their owner: folders, ports, starting, waiting, stopping.

`services.py` says which servers there are; this file knows none of them.
"""

import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# Below the ports that the system hands out by itself (32768 and up), and low enough for a server whose second
# port is the first + 10000.
PORTS = range(15000, 32000)
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 10
STARTS = 3
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class ServiceError(RuntimeError):
    """A server or a binary that is not to be had; the message says which, and what to do."""


@dataclass(frozen=True)
class Server:
    """How one server is started, asked whether it is there, and stopped."""

    name: str
    command: Callable[[int], list[str]]  # port -> argument list
    answers: Callable[[int], bool]  # port -> whether the server is ready
    stop_signal: signal.Signals = signal.SIGKILL
    owner: pwd.struct_passwd | None = None
    environment: Mapping[str, str] | None = None
    patience_seconds: float = START_TIMEOUT_SECONDS


@dataclass
class RunningServer:
    """A server at its port, in its folder, that can be stopped and begun again there."""

    server: Server
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop it as its kind is stopped; its files stay."""
        end_process(self.process, self.server.stop_signal)

    def start(self) -> None:
        """Start it again where it was, and wait until it answers. Raises: ServiceError."""
        self.process = start_process(self.server.command(self.port), self.folder, self.server)
        if not _wait_until_ready(self.server, self.process, self.port):
            raise ServiceError(f"{self.server.name} did not come back. The end of its log:\n{log_tail(self.folder)}")


@contextmanager
def running(server: Server, folder: Path) -> Iterator[int]:
    """Run the server on a free port of 127.0.0.1 and yield the port once it answers.

    Raises: ServiceError with the end of the server's own log.
    """
    with running_server(server, folder) as found:
        yield found.port


@contextmanager
def running_server(server: Server, folder: Path) -> Iterator[RunningServer]:
    """Run the server on a free port of 127.0.0.1 and yield it once it answers.

    Raises: ServiceError with the end of the server's own log.
    """
    for start in range(1, STARTS + 1):
        port = free_port()
        process = start_process(server.command(port), folder, server)
        if _wait_until_ready(server, process, port):
            break
        end_process(process, signal.SIGKILL)
        # Somebody may have taken the port between the look and the start: another port, then.
        if start == STARTS:
            raise ServiceError(f"{server.name} did not start. The end of its log:\n{log_tail(folder)}")
    found = RunningServer(server, folder, port, process)
    try:
        yield found
    finally:
        found.stop()


def start_process(command: Sequence[str], folder: Path, server: Server) -> subprocess.Popen[bytes]:
    """Start the command in a group of its own, its output in the folder's log, tied to this process's life."""
    owner = server.owner
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            env=None if server.environment is None else {**os.environ, **server.environment},
            preexec_fn=tie_to_parent(server.stop_signal),  # after the change of user, which would undo it
        )


def end_process(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    """Stop the process, then whatever is left of its group."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def tie_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child calls before exec so that it gets the signal when its parent dies, however it dies."""
    parent = os.getpid()

    def ask_kernel() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        # The parent may have died before the call; nobody would tell then.
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def free_port(*offsets: int) -> int:
    """Return a port on which, and on which plus each offset, nobody listens."""
    while True:
        port = random.choice(PORTS)
        if all(_is_free(port + offset) for offset in (0, *offsets)):
            return port


@contextmanager
def private_folder(kind: str, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """Make a temporary folder that only the owner can read, and remove it in the end.

    Folders whose maker was killed before it could remove them are removed at the next start.
    """
    sweep_folders(kind)
    folder = Path(tempfile.mkdtemp(prefix=f"getimg-{kind}-{os.getpid()}-"))
    try:
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_folders(kind: str) -> None:
    """Remove the folders of this kind whose makers are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"getimg-{kind}-*-*"):
        maker = folder.name.split("-")[2]
        if maker.isdigit() and not Path("/proc", maker).exists():
            shutil.rmtree(folder, ignore_errors=True)


def log_tail(folder: Path, size_bytes: int = 3000) -> str:
    """Return the end of what the folder's process printed."""
    log = folder / "log"
    return log.read_bytes()[-size_bytes:].decode(errors="replace") if log.exists() else "(no output)"


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + server.patience_seconds
    while time.monotonic() < deadline and process.poll() is None:
        if server.answers(port):
            return True
        time.sleep(0.05)
    return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Without it a port counts as taken for a minute after its last user.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
