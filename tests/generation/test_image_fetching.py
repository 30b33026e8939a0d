import socket
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler

import pytest
from django.conf import LazySettings

from generation import image_fetching
from generation.errors import ImageNotFetched
from tests.generation import connections
from tests.generation.receivers import Receiver, receiver
from tests.generation.test_web_address import ANSWERS, URLS

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 100
WEBP = b"RIFF\x40\x00\x00\x00WEBPVP8 " + b"\x00" * 100


@pytest.fixture
def connected() -> Iterator[list[object]]:
    """Yield a list that fills with every address this process connects to."""
    with connections.noted() as found:
        yield found


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Receiver]:
    """Yield a server of pictures that may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as running:
        running.answer, running.headers = PNG, {"Content-Type": "image/png"}
        yield running


def refusal(url: str, **options: object) -> str:
    """Return what is said instead of the picture at `url`."""
    with pytest.raises(ImageNotFetched) as caught:
        image_fetching.fetch(url, **options)  # type: ignore[arg-type]
    return str(caught.value)


# --- What is not reached --------------------------------------------------------------------------------------


def test_no_connection_is_made_for_any_forbidden_address(connected: list[object]) -> None:
    with receiver() as trap:
        for url in URLS:
            for each in (url, url.replace("/hook", f":{trap.port}/hook"), url.replace("https:", "http:", 1)):
                assert refusal(each, resolver=lambda *_: ["127.0.0.1"]), each
        for answer in ANSWERS:
            for url in ("https://a.example.com/a.png", f"http://a.example.com:{trap.port}/a.png"):
                assert refusal(url, resolver=lambda *_, found=answer: found)

        assert (connected, trap.connections) == ([], 0)
    assert len(URLS) + len(ANSWERS) >= 200


@pytest.mark.parametrize("url", [url for url in URLS if url.isascii() and not set(url) & set("\r\n\x00 \t")])
def test_no_redirect_leads_to_a_forbidden_address(
    url: str, box: Receiver, settings: LazySettings, connected: list[object]
) -> None:
    def lead_on(handler: BaseHTTPRequestHandler, _number: int) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = False  # the first step alone is allowed on this machine
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.end_headers()

    box.behave = lead_on

    assert refusal(box.url, resolver=lambda *_: ["127.0.0.1"])
    assert connected == [("127.0.0.1", box.port)]


def test_a_redirect_to_a_name_that_leads_near_us_is_refused(
    box: Receiver, settings: LazySettings, connected: list[object]
) -> None:
    def lead_on(handler: BaseHTTPRequestHandler, _number: int) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = False
        handler.send_response(307)
        handler.send_header("Location", "https://inside.example.com/")
        handler.end_headers()

    box.behave = lead_on

    assert "only public addresses" in refusal(box.url, resolver=lambda *_: ["169.254.169.254"])
    assert connected == [("127.0.0.1", box.port)]


def test_the_connection_goes_to_the_address_that_was_checked(box: Receiver, connected: list[object]) -> None:
    asked = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.66"]

    assert image_fetching.fetch(f"http://pictures.example.com:{box.port}/a.png?b=1", resolver=rebinding) == PNG
    assert (asked, connected) == (["pictures.example.com"], [("127.0.0.1", box.port)])
    assert box.received[0].headers["host"] == f"pictures.example.com:{box.port}"
    assert not {"authorization", "cookie", "referer"} & set(box.received[0].headers)


def test_plain_http_is_allowed_in_production_but_no_private_network(settings: LazySettings) -> None:
    settings.PRODUCTION = True

    assert "private network" in refusal("http://a.example.com/a.png", resolver=lambda *_: ["10.0.0.1"])


# --- What comes back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "type_"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (JPEG, "image/jpg; q=1"), (WEBP, "IMAGE/WEBP")],
)
def test_a_picture_is_fetched(box: Receiver, content: bytes, type_: str) -> None:
    box.answer, box.headers = content, {"Content-Type": type_}

    assert image_fetching.fetch(box.url) == content


def test_a_redirect_is_followed_relative_to_where_it_stands(box: Receiver) -> None:
    def lead_on(handler: BaseHTTPRequestHandler, number: int) -> int:
        box.headers = {"Content-Type": "image/png", **({"Location": "../other.png#top"} if number == 1 else {})}
        return 301 if number == 1 else 200

    box.behave = lead_on

    assert image_fetching.fetch(f"{box.url}/deep/a.png") == PNG
    assert [one.path for one in box.received] == ["/hooks/deep/a.png", "/hooks/other.png"]


def test_redirects_in_a_circle_end(box: Receiver) -> None:
    box.status, box.headers = 302, {"Location": box.url}

    assert refusal(box.url) == "The address leads on more than 3 times."
    assert len(box.received) == 4


@pytest.mark.parametrize("location", ["", "https://[::1", "//", "javascript:alert(1)", "file:///etc/passwd"])
def test_a_redirect_to_nowhere_is_refused(box: Receiver, location: str) -> None:
    box.status, box.headers = 302, {"Location": location}

    assert refusal(box.url).startswith("The address ")


@pytest.mark.parametrize("type_", ["text/html", "image/svg+xml", "application/octet-stream", "image/gif", "", "\x07"])
def test_another_type_is_refused(box: Receiver, type_: str) -> None:
    box.headers = {"Content-Type": type_}

    assert "image/png, image/jpeg or image/webp" in refusal(box.url)


@pytest.mark.parametrize("content", [b"", b"<html>", b"GIF89a", b"RIFF\x00\x00\x00\x00WAVE", b"\x89PNX", b"BM"])
def test_a_declared_type_alone_does_not_make_a_picture(box: Receiver, content: bytes) -> None:
    box.answer = content

    assert "is not a PNG, JPEG or WebP" in refusal(box.url)


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
def test_another_status_is_refused(box: Receiver, status: int) -> None:
    box.status, box.answer = status, b""

    assert refusal(box.url) == f"The server answered with status {status}; 200 is needed."


def test_what_is_announced_as_too_large_is_not_read(box: Receiver, settings: LazySettings) -> None:
    settings.INPUT_IMAGE_MAX_BYTES = 1_000_000
    box.headers = {"Content-Type": "image/png", "Content-Length": "1000001"}

    assert refusal(box.url) == "The picture is over 1 MB large, which is the most."


def test_a_picture_of_exactly_the_most_is_taken(box: Receiver, settings: LazySettings) -> None:
    settings.INPUT_IMAGE_MAX_BYTES = box_size = 1_000_000
    box.answer = PNG.ljust(box_size, b"\x00")

    assert len(image_fetching.fetch(box.url)) == box_size

    box.answer += b"\x00"

    assert "over 1 MB" in refusal(box.url)


@pytest.mark.parametrize("framing", [b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_flood_ends_at_the_most(box: Receiver, settings: LazySettings, framing: bytes) -> None:
    settings.INPUT_IMAGE_MAX_BYTES = 1_000_000
    sent = [0]

    def flood(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n" + framing)
        while True:
            handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n" if b"chunked" in framing else b"x" * 65536)
            sent[0] += 65536

    box.behave = flood

    assert "over 1 MB" in refusal(box.url)
    time.sleep(0.1)
    assert sent[0] < 20_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 9999\r\n\r\n" + PNG,
        b"Transfer-Encoding: chunked\r\n\r\n6\r\n\x89PNG\r\n\r\nsix\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
    ],
)
def test_half_a_picture_is_none(box: Receiver, body: bytes) -> None:
    def break_off(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n" + body)
        handler.connection.shutdown(socket.SHUT_RDWR)

    box.behave = break_off

    assert refusal(box.url) in {"The connection was broken off.", "What came back is not HTTP."}


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\n"])
def test_a_server_that_drips_is_left_in_time(box: Receiver, start: bytes) -> None:
    def drip(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.wfile.write(start)
        while True:
            handler.wfile.write(b"H")
            time.sleep(0.05)

    box.behave = drip
    started = time.monotonic()

    assert refusal(box.url, total_seconds=0.5) == "No answer within 10 seconds."
    assert time.monotonic() - started < 2


def test_the_time_counts_for_all_redirects_together(box: Receiver) -> None:
    def lead_on(handler: BaseHTTPRequestHandler, _number: int) -> int:
        time.sleep(0.3)
        box.headers = {"Location": box.url}
        return 302

    box.behave = lead_on
    started = time.monotonic()

    assert refusal(box.url, total_seconds=0.5) == "No answer within 10 seconds."
    assert time.monotonic() - started < 1.5


def test_who_is_not_there_is_told_apart(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert refusal(f"http://127.0.0.1:{port}/") == "The connection was refused."
    assert refusal("https://nowhere.example/", resolver=partial(_no_such, "x")) == "The name leads nowhere."


def _no_such(*_: object) -> list[str]:
    raise socket.gaierror(-2, "no such name")
