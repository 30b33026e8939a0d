import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings

from generation.webhook_sender import ANSWER_MAX_BYTES, post
from tests.generation import connections
from tests.generation.receivers import Receiver, receiver
from tests.generation.test_web_address import ANSWERS, URLS


@pytest.fixture
def connected() -> Iterator[list[object]]:
    """Yield a list that fills with every address this process connects to."""
    with connections.noted() as found:
        yield found


@pytest.fixture
def no_v6() -> Iterator[None]:
    """Be on a system without IPv6, where no socket can be made for it."""
    with connections.without_v6():
        yield


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Receiver]:
    """Yield a receiver that may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as running:
        yield running


def leading_to(addresses: list[str], _host: str, _port: int) -> list[str]:
    """Resolve every name to these addresses."""
    return addresses


def here(_host: str, _port: int) -> list[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


# --- What is not reached --------------------------------------------------------------------------------------


def test_no_connection_is_made_for_any_forbidden_address(connected: list[object]) -> None:
    with receiver() as trap:
        for url in URLS:
            with_port = url.replace("/hook", f":{trap.port}/hook")
            for each in (url, with_port, with_port.replace("https:", "http:", 1)):
                assert post(each, b"{}", {}, resolver=here).status is None, each
        for answer in ANSWERS:
            for url in ("https://hooks.example.com/", f"http://hooks.example.com:{trap.port}/"):
                assert post(url, b"{}", {}, resolver=partial(leading_to, answer)).status is None

        assert (connected, trap.connections) == ([], 0)


def test_a_redirect_is_not_followed(box: Receiver, connected: list[object]) -> None:
    with receiver() as trap:
        box.status, box.headers = 307, {"Location": trap.url}

        answer = post(box.url, b"{}", {})

    assert (answer.status, answer.is_accepted, trap.connections) == (307, False, 0)
    assert connected == [("127.0.0.1", box.port)]
    assert "redirect" in answer.trouble


def test_the_connection_goes_to_the_address_that_was_checked(box: Receiver, connected: list[object]) -> None:
    asked = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.66"]

    answer = post(f"http://hooks.example.com:{box.port}/in?a=1", b"{}", {}, resolver=rebinding)

    assert answer.is_accepted
    assert (asked, connected) == (["hooks.example.com"], [("127.0.0.1", box.port)])
    assert box.received[0].headers["host"] == f"hooks.example.com:{box.port}"
    assert box.received[0].path == "/in?a=1"


# --- What comes back ------------------------------------------------------------------------------------------


def test_body_and_headers_arrive_as_they_are(box: Receiver) -> None:
    answer = post(box.url, '{"ä": 1}'.encode(), {"webhook-id": "msg_1", "Content-Type": "application/json"})

    [request] = box.received
    assert (answer.status, answer.body, answer.trouble) == (200, "thanks", "")
    assert request.body == '{"ä": 1}'.encode()
    assert (request.headers["webhook-id"], request.headers["content-type"]) == ("msg_1", "application/json")


def test_a_refusal_is_an_answer(box: Receiver) -> None:
    box.status, box.answer, box.headers = 503, b"later", {"Retry-After": "120"}

    answer = post(box.url, b"{}", {})

    assert (answer.status, answer.is_accepted, answer.body) == (503, False, "later")
    assert answer.retry_after_seconds == 120


def test_no_more_than_64_kib_are_read(box: Receiver) -> None:
    def flood(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    box.behave = flood

    answer = post(box.url, b"{}", {})

    assert answer.status == 200
    assert ANSWER_MAX_BYTES - 1024 < len(answer.body) < ANSWER_MAX_BYTES  # the headers count too
    assert answer.milliseconds < 5000


@pytest.mark.parametrize("piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"X-Long: %s\r\n" % (b"x" * 60_000)])
def test_headers_count_among_the_64_kib(box: Receiver, piece: bytes) -> None:
    def flood(handler: BaseHTTPRequestHandler, _number: int) -> None:
        is_header = piece.startswith(b"X")
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if is_header else b"")
        handler.wfile.write(piece * (90 if is_header else 10_000))
        handler.wfile.write(b"\r\n" if is_header else b"HTTP/1.1 200 OK\r\n\r\n")

    box.behave = flood

    answer = post(box.url, b"{}", {})

    assert (answer.status, answer.trouble) == (None, "The answer's headers are over 64 KiB long.")


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"Content-Length: 9999\r\n\r\nthanks", "thanks"),
        (b"Transfer-Encoding: chunked\r\n\r\n6\r\nthanks\r\nsix\r\n", "thanks"),
        (b"Transfer-Encoding: chunked\r\n\r\n-5\r\n", ""),
    ],
)
def test_the_status_counts_however_the_body_ends(box: Receiver, body: bytes, read: str) -> None:
    def break_off(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + body)
        handler.connection.shutdown(socket.SHUT_RDWR)

    box.behave = break_off

    answer = post(box.url, b"{}", {})

    assert (answer.is_accepted, answer.body, answer.trouble) == (True, read, "")


@pytest.mark.parametrize("part", ["status", "header", "body", "continue"])
def test_a_receiver_that_drips_is_left_in_time(box: Receiver, part: str) -> None:
    starts = {
        "status": b"",
        "header": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "body": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        "continue": b"",
    }
    drop = b"HTTP/1.1 100 Continue\r\n\r\n" if part == "continue" else b"H"

    def drip(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.wfile.write(starts[part])
        while True:
            handler.wfile.write(drop)
            time.sleep(0.02)

    box.behave = drip
    started = time.monotonic()

    answer = post(box.url, b"{}", {}, total_seconds=0.5)

    assert answer.status == (200 if part == "body" else None)
    assert 0.4 < time.monotonic() - started < 2


def test_a_receiver_that_accepts_and_says_nothing_is_left_in_time(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        answers = [post(f"{scheme}://127.0.0.1:{port}/", b"{}", {}, total_seconds=0.3) for scheme in ("http", "https")]

    assert [answer.status for answer in answers] == [None, None]
    assert all("10 seconds" in answer.trouble and answer.milliseconds < 1500 for answer in answers)


def test_one_who_is_not_there_or_speaks_no_http_is_told_apart(settings: LazySettings, box: Receiver) -> None:
    def mumble(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        handler.connection.shutdown(socket.SHUT_RDWR)

    box.behave = mumble
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert post(box.url, b"{}", {}).trouble == "What came back is not HTTP."
    assert post(f"http://127.0.0.1:{port}/", b"{}", {}).trouble == "The connection was refused."


def test_a_second_address_gets_its_turn(box: Receiver) -> None:
    answer = post(f"http://a.example:{box.port}/", b"{}", {}, resolver=lambda *_: ["127.0.0.9", "127.0.0.1"])

    assert answer.is_accepted


def test_without_ipv6_a_name_with_both_is_reached(box: Receiver, no_v6: None) -> None:
    answer = post(f"http://a.example:{box.port}/", b"{}", {}, resolver=lambda *_: ["::1", "127.0.0.1"])
    only_v6 = post(f"http://a.example:{box.port}/", b"{}", {}, resolver=lambda *_: ["::1"])

    assert answer.is_accepted
    assert (only_v6.status, only_v6.trouble) == (None, "The connection was broken off.")


# --- TLS ------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's side and the caller's of a certificate for this name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test's own")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


def test_the_certificate_is_held_to_the_name_not_the_number(settings: LazySettings, tmp_path: Path) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    server, caller = certificate(tmp_path, "hooks.example.com")
    names: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    with receiver(server) as box:
        right = post(f"https://hooks.example.com:{box.port}/", b"{}", {}, resolver=here, tls=caller)
        wrong = post(f"https://other.example.com:{box.port}/", b"{}", {}, resolver=here, tls=caller)
        unknown = post(f"https://hooks.example.com:{box.port}/", b"{}", {}, resolver=here)

    assert (right.status, len(box.received)) == (200, 1)
    assert names[0] == "hooks.example.com"
    assert (wrong.status, unknown.status) == (None, None)
    assert "certificate was not accepted" in wrong.trouble
    assert "certificate was not accepted" in unknown.trouble


def test_connections_are_closed(box: Receiver) -> None:
    before = threading.active_count()
    for _ in range(20):
        assert post(box.url, b"{}", {}).is_accepted

    assert ip_address("127.0.0.1").is_loopback
    assert threading.active_count() <= before + 2
