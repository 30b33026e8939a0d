"""Every address × every visitor × every method: who is not meant gets in nowhere and reads nothing of the owner's.

The addresses are walked, not listed: a new one must be given its line in `addresses`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache as cache_once
from http.cookies import SimpleCookie
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import LazySettings
from django.contrib.admin import site
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from generation import suspending
from generation.api.events import SIGN_OF_LIFE
from tests.factories import make_user
from tests.generation.api.calling import make_program
from tests.generation.runs import make_person
from tests.security.addresses import LINES, REACH, Address, Reach, all_addresses
from tests.security.belongings import CANARY, Belongings, make_belongings

pytestmark = pytest.mark.django_db

API_HOST = "api.example.com"
METHODS = ("get", "head", "options", "put", "patch", "post", "delete")
SHORT = ("get", "post", "delete")  # the admin answers all but POST as GET, which takes long; of the rest one in turn
LOGIN = ("/accounts/login/", "/admin/login/")
NOTHING = "default-src 'none'; frame-ancestors 'none'"  # the policy of what is no page, a refused method of it, too
ABSENT = {404, 405}
OTHERS = ("anonymous", "stranger", "suspended", "clerk")
# What of the admin is a clerk's own: its front page, its words for scripts, a password; Django gives no more.
CLERKS = {"admin:index", "admin:jsi18n", "admin:password_change", "admin:password_change_done"}
# What the others get: statuses; a redirect counts only where it leads to the log-in.
TURNED_AWAY = {
    Reach.OWN: {302, 405},
    Reach.OWNER: {302, *ABSENT},
    Reach.STAFF: {302, *ABSENT},
    Reach.KEY: {401, 405},
    Reach.KEY_OWNER: {401, 405},
    Reach.LINK: {302, *ABSENT},
    Reach.CLOSED: {302, *ABSENT},
}


# What makes a POST at an address matter: the verb, or the owner's things named as a program names them. The API's are
# JSON, with what `what_others_might_name` returns put in.
VERBS = {"generation:act": {"action": "delete"}}
_WISH = {"task": "upscale", "image": "image:%(image)s"}
JSON_BODIES = {"api:diffusions": _WISH, "api:quote": _WISH}


@dataclass(frozen=True)
class Visitor:
    """Who asks: with a session and with a key, or with neither."""

    kind: str
    client: Client
    headers: dict[str, str]

    def ask(self, method: str, address: Address, path: str, body: dict[str, str]) -> HttpResponseBase:
        """Send one request."""
        host = {"host": API_HOST} if address.urlconf.endswith("api_urls") else {}
        headers = {**host, **(self.headers if address.name.startswith("api:") else {})}
        send: Any = getattr(self.client, method)
        if body and method == "post" and address.name in JSON_BODIES:
            content = json.dumps(JSON_BODIES[address.name]) % body
            answer = send(path, content, content_type="application/json", headers=headers)
        elif method in ("get", "post"):
            answer = send(path, {**body, **(VERBS.get(address.name, {}) if body else {})}, headers=headers)
        elif method == "head":
            answer = send(path, headers=headers)
        else:
            answer = send(path, "{}", content_type="application/json", headers=headers)
        assert isinstance(answer, HttpResponseBase)
        return answer


def visitor_of(kind: str, made: Belongings) -> Visitor:
    """Return one of the six: a clerk may enter the admin and nothing more; who is suspended is the owner.

    The latter has a session and a key from before.
    """
    if kind == "anonymous":
        return Visitor(kind, Client(raise_request_exception=False), {})
    client = Client(raise_request_exception=False)
    program = made.program
    if kind == "suspended":
        suspending.suspend(made.owner, make_user(is_staff=True), "A reason")
    elif kind == "stranger":
        program = make_program(user=make_person("bob@example.com"))
    elif kind == "staff":
        program = make_program(user=User.objects.create_superuser("root@example.com", "correct horse battery"))
    elif kind == "clerk":
        clerk = make_person("clerk@example.com")
        clerk.is_staff = True
        clerk.save()
        program = make_program(user=clerk)
    client.force_login(program.user)
    say_password(client, program.user)
    return Visitor(kind, client, {"Authorization": f"Bearer {program.text}"})


def say_password(client: Client, user: User) -> None:
    """Write down in the visitor's session that the password was given again just now."""
    request: Any = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, "password", reauthenticated=True)
    request.session.save()


@pytest.fixture
def made(settings: LazySettings) -> Belongings:
    settings.API_HOST = API_HOST
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.ACCOUNT_RATE_LIMITS = False
    cache.set(SIGN_OF_LIFE, True)  # event streams are served
    made = make_belongings()
    for model in site._registry:  # what operators open is there
        row = model._default_manager.first()
        made.at[f"admin:{model._meta.app_label}_{model._meta.model_name} object_id"] = str(row.pk if row else 1)
    return made


def test_every_address_has_its_line_and_every_line_its_address() -> None:
    addresses = all_addresses()

    assert [address for address in addresses if address.reach is None] == []
    known = {address.name for address in addresses} | {address.route for address in addresses} | {"admin:"}
    assert set(REACH) - known == set()
    assert sum(len(names.split()) for names in LINES.values()) == len(REACH), "an address stands in two lines"
    assert len(addresses) > 400


# Each walks some 500 addresses.
WALKS = [
    "stranger",
    *(pytest.param(kind, marks=pytest.mark.journey) for kind in ("anonymous", "suspended", "owner", "staff", "clerk")),
]


@pytest.mark.parametrize("kind", WALKS)
def test_who_is_not_meant_gets_in_nowhere(kind: str, made: Belongings) -> None:
    found = []
    visitor, addresses, before = visitor_of(kind, made), all_addresses(), made.facts()
    for place, address in enumerate(addresses):
        found += walk_to(visitor, address, made, before, sample(visitor, address, place))

    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["staff", "clerk"])
def test_no_method_gets_staff_any_further_in_the_admin(kind: str, made: Belongings) -> None:
    found = []
    visitor, before = visitor_of(kind, made), made.facts()
    for address in all_addresses():
        if address.reach == Reach.STAFF:
            found += walk_to(visitor, address, made, before, METHODS)

    assert not found, "\n".join(found)


def test_what_others_send_matters_when_the_owner_sends_it(made: Belongings) -> None:
    visitor, before = visitor_of("owner", made), made.facts()
    for address in all_addresses():
        if address.name in {*VERBS, *JSON_BODIES}:
            with undone():
                answer = visitor.ask("post", address, address.path(made.at), what_others_might_name(made))
                assert answer.status_code < 400, (address.name, getattr(answer, "content", b"")[:300])
                assert address.name in JSON_BODIES or made.facts() != before, address.name


def sample(visitor: Visitor, address: Address, place: int) -> Sequence[str]:
    """Return the methods that are tried at the address in this place of the walk."""
    if visitor.kind not in ("staff", "clerk") or address.reach != Reach.STAFF:
        return METHODS
    others = [method for method in METHODS if method not in SHORT]
    return *SHORT, others[place % len(others)]


def walk_to(
    visitor: Visitor, address: Address, made: Belongings, before: dict[str, Any], methods: Sequence[str]
) -> list[str]:
    """Return what is wrong at one address; what was changed there is undone."""
    session = visitor.client.cookies.get("sessionid")
    with undone():
        found = list(faults(visitor, address, made, methods))
        if may_read_nothing(visitor, address):
            found += changed(visitor, address, before, made.facts())
    visitor.client.cookies = SimpleCookie({"sessionid": session.value} if session else {})
    return found


def faults(visitor: Visitor, address: Address, made: Belongings, methods: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the answers to one visitor at one address."""
    path, statuses = address.path(made.at), []
    named = {} if visitor.kind == "owner" else what_others_might_name(made)
    for method in methods:
        response = visitor.ask(method, address, path, named)
        statuses.append(response.status_code)
        words = f"{visitor.kind}: {method.upper()} {path} ({address.name}, {address.reach}): {response.status_code}"
        if response.status_code >= 500:
            yield f"{words} {getattr(response, 'exc_info', '')}"
        elif not may_be_answered(visitor, address, method, response):
            yield f"{words} {response.headers.get('Location', '')}"
        if is_page(response) and response.headers.get("Content-Security-Policy") not in (policy(), NOTHING):
            yield f"{words}: another policy: {response.headers.get('Content-Security-Policy')}"
        if may_read_nothing(visitor, address):
            yield from (f"{words}: shows {word}" for word in shown(response, made))
        if method == "post" and address.name in JSON_BODIES and visitor.kind != "owner" and response.status_code < 400:
            yield f"{words}: made something of the owner's things"
    if visitor.kind == "owner" and address.reach in (Reach.OWNER, Reach.KEY_OWNER) and set(statuses) <= ABSENT:
        yield f"the owner finds nothing at {path} ({address.name}): the strangers' 404 says nothing"


def may_read_nothing(visitor: Visitor, address: Address) -> bool:
    """Return whether what is the owner's is no business of theirs here: operators read it in the admin alone."""
    return visitor.kind in OTHERS or (visitor.kind == "staff" and address.reach not in (Reach.STAFF, Reach.PUBLIC))


def is_page(response: HttpResponseBase) -> bool:
    """Return whether a browser would show it as a page."""
    return "html" in response.headers.get("Content-Type", "")


@cache_once
def policy() -> str:
    """Return the one policy of every page: nothing inline, nothing from elsewhere."""
    header: str = Client().get("/faq/").headers["Content-Security-Policy"]
    assert "unsafe" not in header
    return header


def may_be_answered(visitor: Visitor, address: Address, method: str, response: HttpResponseBase) -> bool:
    """Return whether this visitor may get this answer here."""
    reach, status = address.reach, response.status_code
    if reach is None or reach == Reach.PUBLIC:
        return True
    if method == "options" and getattr(response, "content", None) == b"":
        return True  # which methods there are, and nothing of what is there
    is_in = visitor.kind in ("owner", "stranger", "staff", "clerk")
    if reach in (Reach.OWN, Reach.KEY) and is_in:
        return status != 401
    if reach in (Reach.OWNER, Reach.KEY_OWNER) and is_in:
        return visitor.kind == "owner" or status in ABSENT
    if reach == Reach.STAFF and visitor.kind == "staff":
        return True
    if reach == Reach.STAFF and visitor.kind == "clerk":
        is_led_on = status == 302 and response.headers["Location"].startswith("/admin/")
        return address.name in CLERKS or status in {403, *ABSENT} or is_led_on
    to_login = status != 302 or response.headers["Location"].startswith(LOGIN)
    return status in TURNED_AWAY[reach] and to_login


def what_others_might_name(made: Belongings) -> dict[str, str]:
    """Return parameters of forms and queries that name the owner's things."""
    at = made.at
    mine = {"picture": "image_id", "image": "image_id", "branch": "job_id", "upload": "upload_id", "key": "key_id"}
    mine |= {"folder": "folder_id", "own": "ready_model_id", "preset": "preset_id", "before": "image_id"}
    return {name: at[thing] for name, thing in mine.items()}


def shown(response: Any, made: Belongings) -> Iterator[str]:
    """Yield what of the owner's stands in an answer."""
    is_stream = isinstance(response, StreamingHttpResponse)
    content = b"".join(response.streaming_content) if is_stream else response.content
    text = content.decode(errors="replace") + str(response.headers)
    yield from (word for word in (CANARY,) if word in text.lower())
    yield from (secret for secret in made.secrets if secret in text)


def changed(visitor: Visitor, address: Address, before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Yield which of the owner's rows are no longer as they were."""
    yield from (f"{visitor.kind} changed {name} at {address.name}" for name in now if now[name] != before[name])


@contextmanager
def undone() -> Iterator[None]:
    """Undo in the database what happens within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
