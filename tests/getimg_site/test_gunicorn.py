"""What the web process says of itself has the site's form, and whoever has reached it when it stops is answered."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.flows.clusters import PATIENCE_SECONDS, wait_for
from tests.processes import free_port
from tests.rules.tree import ROOT

_COMMAND = [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"]
_ASK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def test_lines_of_its_own_have_the_sites_form(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        named = {"LOG_FORMAT": "json", "DATA_DIR": str(tmp_path), "PORT": str(taken.getsockname()[1])}
        environment = {**os.environ, **named, "WEB_BIND": "127.0.0.1"}

        with subprocess.Popen(_COMMAND, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            line = json.loads(process.stderr.readline())
            process.kill()

    assert (line["level"], line["logger"]) == ("ERROR", "gunicorn.error")
    assert "Connection in use" in line["message"]
    assert line["time"].endswith("+00:00")


def test_while_it_answers_what_it_began_it_takes_no_more(tmp_path: Path) -> None:
    """A balancer whose connection is refused sends the request elsewhere; one that was taken and reset, it may not."""
    with _web(tmp_path) as (web, port), socket.create_connection(("127.0.0.1", port)) as begun:
        begun.sendall(_ASK[:-2])
        # In hand, not only in the socket's queue: behind it somebody else was answered.
        assert _answer_to(port).startswith(b"HTTP/1.1 200")
        web.terminate()
        wait_for(lambda: _refuses(port), "its port to be closed")
        assert web.poll() is None
        begun.sendall(_ASK[-2:])
        assert begun.recv(100).startswith(b"HTTP/1.1 200")
        assert web.wait(PATIENCE_SECONDS) == 0


def test_who_had_reached_it_when_it_stopped_is_answered(tmp_path: Path) -> None:
    with _web(tmp_path) as (web, port):
        (worker,) = psutil.Process(web.pid).children()
        worker.suspend()
        came = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        for connection in came:
            connection.sendall(_ASK)
        web.terminate()
        wait_for(lambda: _is_sent_sigterm(worker), "the worker to be told")
        worker.resume()
        answers = [connection.recv(100) for connection in came]
        for connection in came:
            connection.close()
        assert web.wait(PATIENCE_SECONDS) == 0
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)


@contextmanager
def _web(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    port = free_port()
    named = {"DATA_DIR": str(folder), "PORT": str(port), "WEB_BIND": "127.0.0.1", "WEB_PROCESSES": "1"}
    with subprocess.Popen(_COMMAND, cwd=ROOT, env={**os.environ, **named}) as process:
        try:
            wait_for(lambda: not _refuses(port), "the server")
            assert _answer_to(port)  # its worker is there as well
            yield process, port
        finally:
            process.kill()


def _answer_to(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(_ASK)
        return connection.recv(100)


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def _is_sent_sigterm(process: psutil.Process) -> bool:
    """Whether the signal waits for the process (SigPnd and ShdPnd of the kernel)."""
    lines = Path("/proc", str(process.pid), "status").read_text().splitlines()
    waiting = [int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd"))]
    return any(bits >> (signal.SIGTERM - 1) & 1 for bits in waiting)
