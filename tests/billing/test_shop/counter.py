"""A shop that runs for a test, and the hands of its customer: real HTTP, the real SDK, no browser.

with counter.open_shop(tmp_path) as shop:
    shop.pay(session["url"], "4242 4242 4242 4242")
    shop.advance(days=31)
"""

import base64
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe
from django.conf import settings

from billing.test_shop import deliveries
from billing.test_shop.app import Shop
from billing.test_shop.server import make_server

KEY = "sk_test_of_the_shop"
HOOK_SECRET = "whsec_shop"
VISA = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
ASKS = "4000 0000 0000 3155"
ALWAYS_ASKS = "4000 0027 6000 3184"
FAILS_LATER = "4000 0000 0000 0341"
DISPUTED = "4000 0000 0000 0259"


@dataclass(frozen=True)
class Answer:
    """What a page answered; the way to another address is not followed."""

    status: int
    text: str
    headers: Any

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))

    @property
    def problem(self) -> str:
        """The message beside the form."""
        found = re.search(r'role="alert">(.*?)</p>', self.text, re.DOTALL)
        return found[1].strip() if found else ""


@dataclass
class OpenShop:
    """A running shop."""

    url: str
    shop: Shop
    client: stripe.StripeClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = stripe.StripeClient(KEY, base_addresses={"api": self.url}, max_network_retries=0)

    @property
    def v1(self) -> Any:
        """The SDK's services."""
        return self.client.v1

    # --- The customer ---

    def visit(self, url: str, **form: str) -> Answer:
        """Get a page, or post its form."""
        body = urlencode(form).encode() if form else None
        return open_url(urllib.request.Request(url, body))

    def pay(self, url: str, number: str = VISA, **form: str) -> Answer:
        """Pay on a page with card fields: checkout, an open invoice."""
        card = {"number": number, "expiry": "12 / 40", "cvc": "123", "name": "Ada Lovelace"}
        return self.visit(url, **{"do": "pay", **card, **form})

    # --- The test ---

    def tell(self, url: str, secret: str = HOOK_SECRET) -> None:
        """Let an address be told of every event from now on."""
        with self.shop.store.books() as books:
            deliveries.register(books, url, secret, ["*"])

    def control(self, name: str, **asked: Any) -> dict[str, Any]:
        """Tell the shop what no real one would hear."""
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        url = f"{self.url}/_control/{name}"
        answer = open_url(urllib.request.Request(url, json.dumps(asked).encode(), headers, method="POST"))
        assert answer.status == 200, answer.text
        return json.loads(answer.text)  # type: ignore[no-any-return]

    def advance(self, **span: int) -> int:
        """Move the time on by days or seconds; what falls into it happens."""
        return int(self.control("advance", **span)["now"])

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Return the events, oldest first, of these types or all."""
        listed = self.v1.events.list({"limit": 100}).auto_paging_iter()
        found = [event.to_dict() for event in listed][::-1]
        return [event for event in found if not names or event["type"] in names]


@dataclass
class Inbox:
    """A webhook endpoint that keeps what it is sent; `refuse` says how many to turn away first."""

    url: str = ""
    refuse: int = 0
    letters: list[tuple[bytes, str]] = field(default_factory=list)
    refused: int = 0

    @property
    def names(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.letters]


@contextmanager
def open_shop(folder: Path) -> Iterator[OpenShop]:
    """Yield a shop that listens on a free port, its books in this folder; letters go out when told to."""
    shop = Shop(folder / "test_shop.sqlite3", "", key=KEY, assets=Path(settings.BASE_DIR) / "static")
    server = make_server(shop, "127.0.0.1", 0)
    with _running(server):
        yield OpenShop(shop.base_url, shop)


@contextmanager
def open_inbox() -> Iterator[Inbox]:
    """Yield an endpoint on a free port."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if inbox.refuse > 0:
                inbox.refuse -= 1
                inbox.refused += 1
                self.send_response(500)
            else:
                inbox.letters.append((body, self.headers["Stripe-Signature"]))
                self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.url = f"http://127.0.0.1:{server.server_port}/hook"
    with _running(server):
        yield inbox


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def open_url(request: urllib.request.Request) -> Answer:
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=20) as answer:
            return Answer(answer.status, answer.read().decode("utf-8", "replace"), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode("utf-8", "replace"), error.headers)


def get_with_basic_authentication(url: str, path: str) -> Answer:
    """Get a path of http://name:password@host as curl would."""
    place = urlsplit(url)
    token = base64.b64encode(f"{place.username}:{place.password or ''}".encode()).decode()
    address = f"http://{place.hostname}:{place.port}{path}"
    return open_url(urllib.request.Request(address, headers={"Authorization": f"Basic {token}"}))


def told(error: pytest.ExceptionInfo[stripe.CardError]) -> Any:
    """Return what the shop said of a card that was declined."""
    assert error.value.error is not None
    return error.value.error


def wait_for(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    """Return whether something comes true before the time is up."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
