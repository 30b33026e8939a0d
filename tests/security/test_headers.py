"""Twenty pages under production's settings get 115 points or more of Mozilla's HTTP Observatory: an A+."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from tests.generation.runs import make_person
from tests.getimg_site.scraping import TOKEN
from tests.security.observatory import Page, directives, results, score

ENOUGH = 115
HOST = "getimg.example"
PUBLIC = "/ /pricing/ /pricing/api/ /faq/ /guides/ /changelog/ /status/ /wishes/ /terms/ /privacy/ /docs/ /verify/"
PRIVATE = "/create/ /library/ /edit/ /models/ /video/ /settings/profile/ /settings/billing/ /accounts/2fa/"
# Read in a process of its own, as production reads it.
NAMES = "SECURE_ SESSION_COOKIE_ CSRF_COOKIE_ CONTENT_SECURITY_POLICY X_FRAME_OPTIONS MIDDLEWARE WEB_BIND"
READ = f"""
import json
from getimg_site import settings
names = tuple("{NAMES}".split())
print(json.dumps({{name: value for name, value in vars(settings).items() if name.startswith(names)}}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the settings of production that headers and cookies are made by."""
    named = {"PRODUCTION": "1", "ALLOWED_HOSTS": HOST, "SITE_URL": f"https://{HOST}", "EMAIL_HOST": "mail.example"}
    named |= {"SECRET_KEY": "s" * 50, "LICENCE_SIGNING_KEY": "l" * 50, "STRIPE_SECRET_KEY": "sk_live_never_called"}
    named |= {"STRIPE_WEBHOOK_SECRETS": "whsec_never_called", "DATA_DIR": str(tmp_path_factory.mktemp("production"))}
    environment = {**os.environ, **named}
    root = Path(__file__).parent.parent.parent
    read = subprocess.run([sys.executable, "-c", READ], env=environment, cwd=root, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(read.stdout)
    return found


@pytest.fixture
def as_in_production(production: dict[str, Any], settings: LazySettings) -> None:
    for name, value in production.items():
        setattr(settings, name, value)
    settings.ALLOWED_HOSTS = [HOST]


def page_at(path: str, user: User | None = None) -> Page:
    client = Client(headers={"host": HOST})
    if user is not None:
        client.force_login(user)
    answer = client.get(path, secure=True)
    assert answer.status_code == 200, path
    plain = client.get(path)
    leads = plain.status_code == 301 and plain["Location"] == f"https://{HOST}{path}"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Page(headers, list(answer.cookies.values()), answer.content.decode(), leads)


def test_production_listens_to_its_own_host_alone(production: dict[str, Any]) -> None:
    # gunicorn believes what a proxy says of addresses and https: nobody else may speak to it by default.
    assert production["WEB_BIND"] == "127.0.0.1"


@pytest.mark.django_db
def test_twenty_pages_have_an_a_plus(as_in_production: None) -> None:
    user = make_person()
    pages = {path: page_at(path) for path in PUBLIC.split()} | {path: page_at(path, user) for path in PRIVATE.split()}

    assert len(pages) == 20
    assert {path: (score(page), results(page)) for path, page in pages.items() if score(page) < ENOUGH} == {}
    assert any(page.cookies for page in pages.values())


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing-here/"])
def test_a_page_allows_nothing_inline_and_nothing_from_elsewhere(as_in_production: None, path: str) -> None:
    answer = Client(headers={"host": HOST}).get(path, secure=True)

    policy = directives(Page({"content-security-policy": answer["Content-Security-Policy"]}, [], ""))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
    assert policy["script-src"] == policy["style-src"] == {"'self'"}
    assert "object-src" not in policy
    assert answer["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_belong_to_this_host_alone(as_in_production: None) -> None:
    cookies = page_at("/accounts/login/").cookies + page_at("/settings/profile/", make_person()).cookies

    assert {cookie.key for cookie in cookies} >= {"__Host-csrftoken"}
    for cookie in cookies:
        assert cookie.key.startswith("__Host-"), cookie.key
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), cookie.key


@pytest.mark.django_db
def test_a_session_of_production_is_kept_under_its_own_name(as_in_production: None) -> None:
    client = Client(headers={"host": HOST})
    client.force_login(make_person())

    assert "__Host-sessionid" in client.cookies
    assert client.get("/settings/profile/", secure=True).status_code == 200


@pytest.mark.django_db
def test_the_apis_answers_are_nothing_that_a_browser_shows(as_in_production: None) -> None:
    answer = Client(headers={"host": HOST}).get("/v1/diffusions", secure=True)

    assert answer.status_code == 401
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Strict-Transport-Security"].startswith("max-age=63072000")
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_the_house_asks_is_answered_at_an_inner_address(
    as_in_production: None, settings: LazySettings, path: str
) -> None:
    settings.METRICS_TOKEN = TOKEN
    inner = Client(headers={"host": "10.0.0.7:8000"})

    answer = inner.get(path, headers={"authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert int(answer["Content-Length"]) == len(answer.content)


@pytest.mark.django_db
def test_nothing_else_is_answered_at_an_inner_address(as_in_production: None, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    inner = Client(headers={"host": "10.0.0.7:8000"})
    named = Client(headers={"host": HOST})

    assert inner.get("/metrics").status_code == 401
    for path in ("/", "/metrics/", "/v1/models", "/admin/", "/accounts/login/", "/status/"):
        assert inner.get(path).status_code == 400, path
        assert inner.get(path, secure=True).status_code == 400, path
        assert named.get(path).status_code == (403 if path.startswith("/v1/") else 301), path


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "has_key"), [("/v1/diffusions", False), ("/v1/models", True), ("/diffusions", True)])
def test_a_program_that_comes_unencrypted_is_not_led_on_as_people_are(
    as_in_production: None, path: str, has_key: bool
) -> None:
    headers = {"authorization": "Bearer key-it-should-not-have-sent"} if has_key else {}
    client = Client(headers={"host": HOST})

    answer = client.get(path, headers=headers)

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["error"]["code"] == "https_required"
    assert "key-it-should" not in answer.content.decode()
    assert client.get(path, headers=headers, secure=True).status_code in (401, 404)


@pytest.mark.django_db
def test_without_a_token_figures_are_at_no_address(as_in_production: None, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = ""

    assert Client(headers={"host": "10.0.0.7:8000"}).get("/metrics", secure=True).status_code == 400
    assert Client(headers={"host": HOST}).get("/metrics", secure=True).status_code == 404


def test_a_bare_page_and_one_with_everything_inline_have_far_fewer_points() -> None:
    assert score(Page({}, [], "", leads_to_https=False)) == 10
    good = {"strict-transport-security": "max-age=63072000", "x-content-type-options": "nosniff"}
    inline = {**good, "content-security-policy": "script-src 'self' 'unsafe-inline'; frame-ancestors 'none'"}
    assert score(Page(inline, [], "")) == 80
    foreign = {**good, "content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
    assert score(Page(foreign, [], '<script src="//cdn.example.com/x.js"></script>')) == 50
