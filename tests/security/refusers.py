"""Servers of others that refuse whatever they are asked with, and keep what they heard: a bucket, Sentry, Google's and
GitHub's tokens (all over HTTP), Redis, PostgreSQL.
"""

import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any

_XML = "<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Message>Refused</Message></Error>"
_TOKENS = ("/token", "/login/oauth/access_token")
_ENCRYPTIONS = {80877103, 80877104}  # SSLRequest, GSSENCRequest. Source: PostgreSQL's protocol, message formats
_WANTS_PASSWORD = b"R" + struct.pack("!ii", 8, 3)
_WRONG = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user\0\0"


class Refuser(socketserver.ThreadingTCPServer):
    """A server on a free port of 127.0.0.1."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, handler: Any) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._heard: list[bytes] = []

    @property
    def place(self) -> str:
        """Where it is: host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def hear(self, words: bytes) -> None:
        """Keep what somebody said."""
        self._heard.append(words)

    def has_heard(self, words: str) -> bool:
        """Whether somebody said this."""
        return words.encode() in b"\n".join(self._heard)


class OverHttp(BaseHTTPRequestHandler):
    """Refuses every request, as a bucket does; at the addresses for tokens as an OAuth server."""

    server: Refuser

    def refuse(self) -> None:
        """Answer 403, or 401 where a token is asked for."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.hear(f"{self.requestline}\n{self.headers}".encode() + body)
        is_token = self.path.startswith(_TOKENS)
        answer = b"" if self.command == "HEAD" else (b'{"error": "invalid_client"}' if is_token else _XML.encode())
        self.send_response(401 if is_token else 403)
        self.send_header("Content-Type", "application/json" if is_token else "application/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


for _verb in ("GET", "HEAD", "PUT", "POST", "DELETE"):
    setattr(OverHttp, f"do_{_verb}", OverHttp.refuse)


class OverRedis(socketserver.BaseRequestHandler):
    """Knows no password."""

    server: Refuser

    def handle(self) -> None:
        """Refuse each thing that is said."""
        while said := self.request.recv(65536):
            self.server.hear(said)
            self.request.sendall(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")


class OverPostgres(socketserver.StreamRequestHandler):
    """Asks for the password, and it is wrong."""

    server: Refuser

    def handle(self) -> None:
        """Say no to encryption, hear who it is and the password, refuse it."""
        while head := self.rfile.read(8):
            length, code = struct.unpack("!ii", head)
            if code not in _ENCRYPTIONS:
                break
            self.wfile.write(b"N")
        else:
            return  # somebody who looks whether anybody listens
        self.rfile.read(length - 8)
        self.wfile.write(_WANTS_PASSWORD)
        kind = self.rfile.read(5)
        if kind:
            self.server.hear(self.rfile.read(struct.unpack("!i", kind[1:])[0] - 4))
            self.wfile.write(b"E" + struct.pack("!i", len(_WRONG) + 4) + _WRONG)


@contextmanager
def refusing(handler: Any) -> Iterator[Refuser]:
    """Run such a server and yield it."""
    with Refuser(handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
