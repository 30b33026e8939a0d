"""Hosts that share a machine and nothing else: each in a network namespace, on one switch that leads nowhere.

The switch is a bridge in a namespace of its own as well, so no address is seen, and no packet goes, outside. What a
run that was killed has left is removed by the next.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

_PREFIX = "getimg"
_SWITCH = "switch"
_NETWORK = "10.77.0"
_CLONE_NEWNET, _CLONE_NEWUTS = 0x40000000, 0x04000000
_NAMESPACES = Path("/run/netns")
_libc = ctypes.CDLL(None, use_errno=True)


class NetworkRefused(Exception):
    """Namespaces may not be made here; the message is the system's."""


class Network:
    """A switch, and hosts that are plugged into it."""

    def __init__(self) -> None:
        self.hosts: dict[str, str] = {}

    def add(self, host: str) -> str:
        """Make a host and return its address. Its link is called `eth0`."""
        address = f"{_NETWORK}.{len(self.hosts) + 1}"
        name = _name(host)
        _ip("netns", "add", name)
        _ip("link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", host, "netns", _name(_SWITCH))
        _ip("-n", _name(_SWITCH), "link", "set", "dev", host, "master", "bridge", "up")
        _ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "link", "set", "eth0", "up")
        self.hosts[host] = address
        return address

    @contextlib.contextmanager
    def inside(self, host: str) -> Iterator[None]:
        """Be on a host: this thread's new sockets and new processes are there."""
        with Path("/proc/thread-self/ns/net").open() as before, (_NAMESPACES / _name(host)).open() as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def cut(self, host: str) -> None:
        """Pull a host's cable at the switch; what runs there goes on, and nobody is told that it is gone."""
        _ip("-n", _name(_SWITCH), "link", "set", "dev", host, "down")

    def mend(self, host: str) -> None:
        """Plug it in again."""
        _ip("-n", _name(_SWITCH), "link", "set", "dev", host, "up")

    def lose(self, host: str, other: str) -> None:
        """Let what a host sends to one other come to nothing."""
        _ip("-n", _name(host), "route", "add", "blackhole", f"{self.hosts[other]}/32")

    def find(self, host: str, other: str) -> None:
        """Let it arrive again."""
        _ip("-n", _name(host), "route", "del", "blackhole", f"{self.hosts[other]}/32")


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Make a switch and take it away with all its hosts, and with whatever still runs on them.

    Raises: NetworkRefused.
    """
    sweep()
    try:
        _ip("netns", "add", _name(_SWITCH))
        _ip("-n", _name(_SWITCH), "link", "add", "bridge", "type", "bridge")
        _ip("-n", _name(_SWITCH), "link", "set", "bridge", "up")
        yield Network()
    finally:
        _remove(str(os.getpid()))


def sweep() -> None:
    """Remove the namespaces whose makers are gone, and end what runs there."""
    if not _NAMESPACES.is_dir():
        return
    makers = {path.name.split("-")[1] for path in _NAMESPACES.glob(f"{_PREFIX}-*-*")}
    for maker in makers:
        if maker.isdigit() and not Path("/proc", maker).exists():
            _remove(maker)


def be_named(host: str) -> Callable[[], None]:
    """Return what a child calls before exec so that its host has this name."""

    def name_it() -> None:
        if _libc.unshare(_CLONE_NEWUTS):
            os._exit(1)
        socket.sethostname(host)

    return name_it


def _name(host: str) -> str:
    return f"{_PREFIX}-{os.getpid()}-{host}"


def _remove(maker: str) -> None:
    if not _NAMESPACES.is_dir():
        return
    names = [path.name for path in _NAMESPACES.glob(f"{_PREFIX}-{maker}-*")]
    for name in names:
        done = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
        for pid in done.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    for name in names:
        _ip("netns", "del", name)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*arguments: str) -> None:
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NetworkRefused("the program `ip` is missing: apt-get install iproute2") from error
    if done.returncode:
        raise NetworkRefused(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
