"""The shop as a server of its own, for the tests and for whoever develops against it."""

import argparse
import socketserver
import wsgiref.simple_server
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from billing.test_shop import deliveries
from billing.test_shop.app import Shop, as_wsgi


class _Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(wsgiref.simple_server.WSGIRequestHandler):
    # HTTP/1.0 and a new connection for each request: wsgiref knows no other.
    timeout = 30

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the desk's page shows what happened."""


def make_server(shop: Shop, host: str, port: int) -> wsgiref.simple_server.WSGIServer:
    """Return a server that is bound; `serve_forever` runs it. Port 0 takes a free one."""
    server = wsgiref.simple_server.make_server(host, port, as_wsgi(shop), _Server, _Handler)
    shop.base_url = shop.base_url or f"http://{host}:{server.server_port}"
    return server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the server's options to a command."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8042)
    parser.add_argument("--file", type=Path, required=True, help="where the shop keeps its books")
    parser.add_argument("--url", default="", help="how people reach the shop, if not by host and port")
    parser.add_argument("--webhook", default="", help="an address that is told of every event")
    parser.add_argument("--webhook-secret", default="whsec_test")


def serve(options: argparse.Namespace, say: Callable[[str], object]) -> None:
    """Run the server until it is stopped; says its address when it can be reached."""
    shop = Shop(options.file, options.url, assets=settings.BASE_DIR / "static")
    server = make_server(shop, options.host, options.port)
    if options.webhook:
        with shop.store.books() as books:
            deliveries.register(books, options.webhook, options.webhook_secret, ["*"])
    shop.courier.start()
    shop.courier.ring()
    say(f"The test shop listens on {shop.base_url}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        shop.courier.stop()
