import http.client
import socket
import ssl
import time
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from generation import public_line, web_address
from generation.errors import AddressRefused
from tests.generation import connections
from tests.generation.receivers import Receiver, receiver

LIMIT = 64 * 1024


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Receiver]:
    """Yield a server that may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as running:
        yield running


def ask(url: str, *addresses: str, seconds: float = 5, limit: int = LIMIT) -> tuple[int, bytes]:
    """Return status and body of what stands at `url`, its host leading to `addresses`."""
    place = web_address.parse(url)
    deadline = time.monotonic() + seconds
    with public_line.connect(place, deadline=deadline, limit=limit, resolver=lambda *_: [*addresses]) as line:
        answer = public_line.request(line, "GET", place, {"X-Own": "1", "Host": "other.example"})
        return answer.status, answer.read()


def test_a_second_address_gets_its_turn_and_the_host_is_the_name(box: Receiver) -> None:
    assert ask(f"http://a.example:{box.port}/x", "127.0.0.9", "127.0.0.1") == (200, b"thanks")
    assert box.received[0].headers["host"] == f"a.example:{box.port}"
    assert box.received[0].headers["x-own"] == "1"


def test_a_name_with_one_address_near_us_is_not_called_at_all(settings: LazySettings) -> None:
    with connections.noted() as connected, pytest.raises(AddressRefused):
        ask("https://a.example/", "8.8.8.8", "127.0.0.1")

    assert connected == []


def test_no_more_than_the_limit_is_read(box: Receiver) -> None:
    box.answer = b"x" * 5000

    with pytest.raises(public_line.TooLong):
        ask(box.url, "127.0.0.1", limit=4096)


def test_the_deadline_is_for_everything(box: Receiver) -> None:
    box.behave = lambda *_: time.sleep(0.6)
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        ask(box.url, "127.0.0.1", seconds=0.3)
    assert time.monotonic() - started < 0.55


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AddressRefused("The address has port 99."), "The address has port 99."),
        (TimeoutError(), "No answer within 10 seconds."),
        (ssl.SSLError(), "No secure connection could be made."),
        (socket.gaierror(), "The name leads nowhere."),
        (public_line.TooLong(), "The answer's headers are over 64 KiB long."),
        (ConnectionRefusedError(), "The connection was refused."),
        (ConnectionResetError(), "The connection was broken off."),
        (http.client.BadStatusLine("x"), "What came back is not HTTP."),
    ],
)
def test_each_trouble_has_words(error: Exception, words: str) -> None:
    assert isinstance(error, public_line.TROUBLES)
    assert public_line.in_words(error, seconds=10, limit=LIMIT) == words
