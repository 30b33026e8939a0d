"""Nobody is led to another site, by whatever door and by whatever address it is told to come back to."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from getimg_site import wishes
from tests.factories import make_user
from tests.rules import tree
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

PASSWORD, HOME = "Correct horse, battery!", "/library/"
AWAY = (
    "https://evil.example/", "//evil.example/", "///evil.example/", "/\\evil.example/", "\\\\evil.example/",
    "https:evil.example", "https:///evil.example/", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example/",
    "\t//evil.example/", " //evil.example/", "https://testserver@evil.example/", "https://testserver.evil.example/",
    "//testserver@evil.example/", "ht\ntps://evil.example/", "http://evil.example\x00.testserver/",
)  # fmt: skip


def person() -> User:
    return make_user(password=PASSWORD)


def with_second_factor() -> tuple[User, Callable[[], str]]:
    """Return somebody and what gives them a code that was not used yet."""
    user = person()
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

    def code() -> str:
        Authenticator.objects.filter(user=user, type="recovery_codes").delete()
        RecoveryCodes.activate(user)
        return str(RecoveryCodes(Authenticator.objects.get(user=user, type="recovery_codes")).generate_codes()[0])

    return user, code


def log_in(user: User) -> Callable[[str], Any]:
    return lambda back: Client().post(
        "/accounts/login/", {"login": user.email, "password": PASSWORD, "next": back}, query_params={"next": back}
    )


def sign_up() -> Callable[[str], Any]:
    def ask(back: str) -> Any:
        form = {"email": f"{User.objects.count()}@example.com", "password1": PASSWORD, "next": back}
        return Client().post("/accounts/signup/", form, query_params={"next": back})

    return ask


def log_out() -> Callable[[str], Any]:
    user = person()
    return lambda back: visitor(user).post("/accounts/logout/", {"next": back}, query_params={"next": back})


def ask_again() -> Callable[[str], Any]:
    client, form = visitor(person()), {"password": PASSWORD}
    path = "/accounts/reauthenticate/"
    return lambda back: client.post(path, {**form, "next": back}, query_params={"next": back})


def second_factor() -> Callable[[str], Any]:
    user, code = with_second_factor()

    def ask(back: str) -> Any:
        client = Client()
        form = {"login": user.email, "password": PASSWORD, "next": back}
        on: Any = client.post("/accounts/login/", form, query_params={"next": back})
        assert "/2fa/authenticate/" in on["Location"]
        return client.post(on["Location"], {"code": code(), "next": back})

    return ask


def second_factor_again() -> Callable[[str], Any]:
    user, code = with_second_factor()
    client, path = visitor(user), "/accounts/2fa/reauthenticate/"
    return lambda back: client.post(path, {"code": code(), "next": back}, query_params={"next": back})


def test_key() -> Callable[[str], Any]:
    client = visitor(person())
    return lambda back: client.post("/docs/key/", {"next": back})


def vote() -> Callable[[str], Any]:
    path, client = f"/wishes/{wishes.add(person(), 'Darker nights', '').pk}/vote/", visitor(person())
    return lambda back: client.post(path, {"next": back}, query_params={"next": back, "q": back, "order": back})


def log_in_of_operators() -> Callable[[str], Any]:
    client = visitor(User.objects.create_superuser("root@example.com", PASSWORD))
    return lambda back: client.get("/admin/login/", query_params={"next": back})


def form_sent_logged_out() -> Callable[[str], Any]:
    user = person()

    def ask(back: str) -> Any:
        client = visitor()
        login = client.post("/create/runs/", headers={"Referer": back})["Location"]
        next_page = parse_qs(urlsplit(login).query)["next"][0]
        return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, "next": next_page})

    return ask


test_key.__test__ = False  # type: ignore[attr-defined]
HONEST = {
    "log-in": lambda: log_in(person()),
    "sign-up": sign_up,
    "log-out": log_out,
    "asked again": ask_again,
    "second factor": second_factor,
    "second factor again": second_factor_again,
    "test key": test_key,
}
DEAF = {"form sent logged out": form_sent_logged_out, "vote": vote, "operators": log_in_of_operators}


@pytest.mark.parametrize("door", [*HONEST, *DEAF])
def test_nobody_is_led_to_another_site(door: str, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS, settings.ACCOUNT_EMAIL_VERIFICATION = False, "none"
    ask = {**HONEST, **DEAF}[door]()
    found = []
    for away in AWAY:
        answer = ask(away)
        if answer.status_code != 302 or leads_away(answer["Location"]):
            found.append(f"{away!r}: {answer.status_code} {answer.get('Location')}")

    assert not found
    if door in HONEST:
        assert ask(HOME)["Location"] == HOME


def test_no_view_of_ours_but_these_reads_where_to_go_next() -> None:
    reads = ('GET.get("next"', 'POST.get("next"', 'GET["next"]', 'POST["next"]', "HTTP_REFERER", '"Referer"')
    found = [tree.name_of(path) for path in tree.product_files() if any(word in path.read_text() for word in reads)]

    assert set(found) == {"accounts/access.py", "getimg_site/views/docs_key.py"}


@pytest.mark.parametrize("away", AWAY)
def test_an_address_elsewhere_is_recognised(away: str) -> None:
    assert leads_away(away)


def leads_away(location: str) -> bool:
    """Whether a browser would leave the site: it drops control characters, and takes a backslash for a slash."""
    bare = "".join(letter for letter in location if letter > " ").replace("\\", "/")
    scheme, _, rest = bare.partition(":")
    if scheme.lower() in ("http", "https") and rest:  # however many slashes follow
        bare = f"{scheme}://{rest.lstrip('/')}"
    elif bare.startswith("//"):
        bare = f"//{bare.lstrip('/')}"
    goal = urlsplit(urljoin("http://testserver/here/", bare))
    return goal.scheme not in ("http", "https") or goal.hostname != "testserver"
