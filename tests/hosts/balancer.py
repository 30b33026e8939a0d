"""The balancer of docs/operations.md, at the host where visitors sit: two routes, and what its lines there ask of it.

A host that is not ready is left out; where one takes no connection, the next is tried, for half a minute; what was sent
is not sent again; what comes back is not held back.
"""

import contextlib
import http.client
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from tests.hosts.people import BY_PROXY, send
from tests.hosts.studio import EVENTS_PORT, WEB_PORT, WEBS, Studio

# The host to name where one of the web hosts would be.
BALANCER = "people"
_STREAM = re.compile(r"/v1/diffusions/[^/]+/events")
# Caddy's `lb_try_duration`, `lb_try_interval` and `health_interval`.
_TRY_SECONDS, _PAUSE_SECONDS, _LOOK_SECONDS = 30.0, 0.25, 5.0
_CONNECT_SECONDS, _ANSWER_SECONDS = 3.0, 90.0
# What is about one connection alone.
_OWN_HEADERS = {"connection", "keep-alive", "transfer-encoding"}


class Balancer(ThreadingHTTPServer):
    """Knows which web hosts are ready, and whose turn it is."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, studio: Studio, webs: Sequence[str]) -> None:
        super().__init__((studio.network.hosts[BALANCER], WEB_PORT), _Handler)
        self.studio, self.webs = studio, list(webs)
        self._ready = list(webs)
        self._turns = itertools.count()

    def watch(self, over: Event) -> None:
        """Ask each host again and again whether it is ready."""
        while not over.wait(_LOOK_SECONDS):
            self._ready = [web for web in self.webs if self._is_ready(web)]

    def connect(self, path: str) -> http.client.HTTPConnection:
        """Return a connection to a host that has taken it. Raises: OSError when none does for half a minute."""
        end = time.monotonic() + _TRY_SECONDS
        while time.monotonic() < end:
            for host, port in self._places(path):
                connection = http.client.HTTPConnection(self.studio.network.hosts[host], port, timeout=_CONNECT_SECONDS)
                with contextlib.suppress(OSError):
                    connection.connect()
                    assert connection.sock is not None
                    connection.sock.settimeout(_ANSWER_SECONDS)
                    return connection
            time.sleep(_PAUSE_SECONDS)
        raise OSError("no host takes a connection")

    def _places(self, path: str) -> list[tuple[str, int]]:
        if _STREAM.fullmatch(path.partition("?")[0]):
            return [("events", EVENTS_PORT)]
        ready = self._ready
        first = next(self._turns) % max(1, len(ready))
        return [(web, WEB_PORT) for web in (*ready[first:], *ready[:first])]

    def _is_ready(self, web: str) -> bool:
        try:
            return send(self.studio, web, "GET", "/readyz").status == 200
        except OSError:
            return False


class _Handler(BaseHTTPRequestHandler):
    server: Balancer

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def log_message(self, *_: object) -> None:
        return

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            connection = self.server.connect(self.path)
        except OSError as error:
            self.send_error(503, str(error))
            return
        with contextlib.closing(connection):
            try:
                connection.request(self.command, self.path, body or None, {**dict(self.headers), **BY_PROXY})
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                self.send_error(502, f"what was sent was not answered: {error!r}")
                return
            self._hand_back(response)

    def _hand_back(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        self.end_headers()
        # Whoever does not get all of it sees so: the connection is closed, and its length was said or its end was not.
        with contextlib.suppress(OSError, http.client.HTTPException):
            while piece := response.read1(65536):
                self.wfile.write(piece)
                self.wfile.flush()


@contextlib.contextmanager
def balancer(studio: Studio, webs: Sequence[str] = WEBS) -> Iterator[None]:
    """Stand before these web hosts and the host of the event streams."""
    over = Event()
    server = Balancer(studio, webs)
    threads = [Thread(target=server.serve_forever, daemon=True), Thread(target=server.watch, args=(over,), daemon=True)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()
