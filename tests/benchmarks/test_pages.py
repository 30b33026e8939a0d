"""Benchmark (h) weighs the page that it names, never an error or another page that stands in its place."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext

from benchmarks.errors import BenchmarkFailed
from benchmarks.pages import MORE_PAGES, PAGES, read_report, view
from tests.factories import make_user

PORT = 8123
ELSEWHERE = [
    ("/broken/", "/broken/ could not be measured: 500 at /broken/"),
    ("/led-away/", "/led-away/ could not be measured: 200 at /accounts/login/"),
]


class _Site(BaseHTTPRequestHandler):
    """A page that is there, one that breaks, and one that leads to the log-in."""

    def do_GET(self) -> None:
        self.send_response({"/broken/": 500, "/led-away/": 302}.get(self.path, 200))
        self.send_header("Location", "/accounts/login/?next=/led-away/")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>A page</title>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.django_db
def test_every_page_that_is_weighed_is_there_for_who_is_signed_in() -> None:
    client = Client()
    client.force_login(make_user())
    found = {path: client.get(path).status_code for path in [*PAGES.values(), *MORE_PAGES]}
    assert set(found.values()) == {200}, found


@pytest.mark.browser
def test_a_page_that_is_there_is_weighed(context: BrowserContext, site_url: str) -> None:
    assert [path for path, *_ in view(context, site_url, "/there/")][:1] == ["/there/"]


@pytest.mark.browser
@pytest.mark.parametrize(("path", "words"), ELSEWHERE)
def test_an_error_and_another_page_are_not_weighed(
    path: str, words: str, context: BrowserContext, site_url: str
) -> None:
    with pytest.raises(BenchmarkFailed, match=words):
        view(context, site_url, path)


def test_what_lighthouse_says_of_the_page_is_read() -> None:
    assert read_report(report("/create/"), PORT, "/create/") == {"seo": 100.0, "shift": 0.01, "foreign": 1.0}


@pytest.mark.parametrize(
    ("shown", "status", "words"),
    [("/accounts/login/", 200, "200 at /accounts/login/"), ("/create/", 500, "500 at /create/")],
)
def test_what_lighthouse_says_of_another_page_is_refused(shown: str, status: int, words: str) -> None:
    with pytest.raises(BenchmarkFailed, match=f"/create/ could not be measured: {words}"):
        read_report(report(shown, status), PORT, "/create/")


def report(shown: str, status: int = 200) -> dict[str, Any]:
    """Return what Lighthouse tells of a page that loads one file of others."""
    url = f"http://127.0.0.1:{PORT}{shown}"
    requests = [{"url": url, "statusCode": status}, {"url": "https://cdn.example.com/a.js", "statusCode": 200}]
    return {
        "finalDisplayedUrl": url,
        "categories": {"seo": {"score": 1}},
        "audits": {
            "cumulative-layout-shift": {"numericValue": 0.01},
            "network-requests": {"details": {"items": requests}},
        },
    }
