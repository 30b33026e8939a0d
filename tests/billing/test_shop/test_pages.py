"""The shop's pages: assets, policy, and forms from elsewhere."""

import re
import urllib.request

import pytest

from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop


def test_the_pages_style_sheets_and_letters_are_served_here(shop: OpenShop) -> None:
    page = shop.visit(f"{shop.url}/").text
    sheets = re.findall(r'href="([^"]+\.css)"', page)
    assert len(sheets) == 4
    for sheet in sheets:
        answer = shop.visit(shop.url + sheet)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert shop.visit(f"{shop.url}/assets/img/mark.svg").headers["Content-Type"] == "image/svg+xml"
    letters = re.search(r'url\("\.\./(vendor/[^"]+)"\)', shop.visit(shop.url + sheets[0]).text)
    assert letters is not None
    assert shop.visit(f"{shop.url}/assets/{letters[1]}").headers["Content-Type"] == "font/woff2"


@pytest.mark.parametrize(
    "path",
    ["/assets/css/../../manage.py", "/assets/css/settings.css", "/assets/vendor/lucide-1.62.0.svg", "/nothing", "/v2"],
)
def test_nothing_else_is_served(shop: OpenShop, path: str) -> None:
    assert shop.visit(shop.url + path).status == 404


def test_a_page_allows_no_script_and_no_style_of_its_own(shop: OpenShop) -> None:
    answer = shop.visit(f"{shop.url}/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.text


def test_a_form_from_elsewhere_is_refused(shop: OpenShop) -> None:
    for origin, status in (("http://evil.example", 403), ("null", 403), (shop.url, 303)):
        request = urllib.request.Request(f"{shop.url}/", b"step=day", {"Origin": origin})
        assert counter.open_url(request).status == status
