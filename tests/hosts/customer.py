"""A customer's host, which webhooks are told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.hosts.people import Browser
from tests.hosts.studio import HOOK_PORT, Studio


@contextmanager
def customer(hosts: Studio, person: Browser) -> Iterator[list[str]]:
    """Let the customer's host listen to how this person's runs end; yields what it hears."""
    heard: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    address = hosts.network.hosts["customer"]
    with hosts.network.inside("customer"):
        server = ThreadingHTTPServer((address, HOOK_PORT), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        form = {"url": f"http://{address}:{HOOK_PORT}/hook", "events": ["diffusion.finished", "diffusion.failed"]}
        made = person.post("web1", "/settings/webhooks/", form)
        assert made.status == 302, made.text[:3000]
        yield heard
    finally:
        server.shutdown()
        server.server_close()
