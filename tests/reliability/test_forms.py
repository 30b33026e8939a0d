"""Thousands of hostile requests to every page and form of the site: none breaks it.

The addresses are those of the URL configuration; what is sent there is what the pages themselves let one send, with
one thing or another wrong. Each request is undone in the database, so that the next finds everything as it was.
"""

import inspect
import itertools
import logging
import random
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import LazySettings
from django.contrib.admin import site
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, TestCase
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from billing.models import Wallet
from tests.generation import connections
from tests.reliability import hostile, page_forms
from tests.reliability.own_books import wrong_books
from tests.reliability.page_forms import Field
from tests.reliability.size import seed as begin_of_dice
from tests.reliability.size import size
from tests.rules.tree import ROOT
from tests.security.addresses import Address, Reach, all_addresses
from tests.security.belongings import Belongings, make_belongings
from tests.security.test_url_matrix import say_password, undone

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db,
    # The test shop's thread does, while a request is made.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

logger = logging.getLogger(__name__)

VISITORS = ("owner", "operator", "anonymous")
# Of what is sent, the share of each: what strangers see is little, and the admin's addresses are much alike.
SHARES = {"owner": 0.65, "operator": 0.2, "anonymous": 0.15}
# One test of hypothesis remembers what it made.
# Each batch of requests has the next.
SEED = begin_of_dice(0)
_BATCH = 1_000
_READS = re.compile(r'\b(GET|POST|FILES)(?:\.get|\.getlist|\.pop)?[(\[]\s*"([\w-]+)"')
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass
class Place:
    """An address, what stands for something in it, and what can be sent there, by method."""

    address: Address
    path: str
    fields: dict[str, list[Field]] = field(default_factory=lambda: {"GET": [], "POST": []})

    @property
    def parts(self) -> list[str]:
        """Return the words in the path that stand for something."""
        pattern = re.escape(self.address.route)
        for name in _PARAMETER.findall(self.address.route):
            pattern = re.sub(rf"<(?:\w+:)?{name}>", f"(?P<{name}>.+)", pattern, count=1)
        found = re.fullmatch(pattern, unquote(self.path.lstrip("/")))
        return list(found.groupdict().values()) if found else []


@dataclass
class Tally:
    """How many were sent, how they were answered, and each way to break the site with the shortest that does."""

    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def note(self, sent: hostile.Sent, response: HttpResponseBase) -> None:
        """Take an answer in."""
        self.sent += 1
        self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
        if response.status_code >= 500:
            self._keep(sent, _cause(response))

    def try_out(self, sent: hostile.Sent, calls: Iterable[Callable[[], object]]) -> None:
        """Call what follows on a request's commit; what fails is noted as if the request had."""
        try:
            for call in calls:
                call()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
            self._keep(sent, f"after the answer: {_where(error)}")

    def _keep(self, sent: hostile.Sent, cause: str) -> None:
        self.broken[cause] = min(self.broken.get(cause, str(sent)), str(sent), key=len)


@dataclass(frozen=True)
class Visitor:
    """Who sends: a client whose session is the same at each request."""

    client: Client
    session: str

    def send(self, sent: hostile.Sent) -> HttpResponseBase:
        """Send a request and read the answer to its end."""
        self.client.cookies = SimpleCookie({"sessionid": self.session} if self.session else {})
        headers = dict(sent.headers)
        if self.session and "Cookie" in headers:
            headers["Cookie"] = f"sessionid={self.session}; {headers['Cookie']}"
        response = self.client.generic(
            sent.method, sent.path, sent.body, sent.content_type, QUERY_STRING=sent.query, headers=headers
        )
        answer: Any = response
        if answer.streaming:
            for _ in answer.streaming_content:
                pass
        assert isinstance(answer, HttpResponseBase)
        return answer


@pytest.fixture
def made(settings: LazySettings, embedded: None, caplog: pytest.LogCaptureFixture) -> Iterator[Belongings]:
    """Yield somebody with one of everything, on a site that knows nothing outside this machine."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.ACCOUNT_RATE_LIMITS = False
    settings.SHOWCASE = True
    caplog.set_level(logging.CRITICAL, "django")
    made = make_belongings()
    for model in site._registry:
        row = model._default_manager.first()
        made.at[f"admin:{model._meta.app_label}_{model._meta.model_name} object_id"] = str(row.pk if row else 1)
    with connections.offline():
        yield made


@pytest.mark.parametrize("kind", VISITORS)
def test_some_hostile_requests_break_no_page(kind: str, made: Belongings) -> None:
    # To read all of the admin first would take ten times as long as what is sent there.
    besiege(kind, made, int(300 * SHARES[kind]), addresses_max=60 if kind == "operator" else None)


@pytest.mark.long
@pytest.mark.parametrize("kind", VISITORS)
def test_twenty_thousand_hostile_requests_break_no_page(kind: str, made: Belongings) -> None:
    besiege(kind, made, int(size(20_000) * SHARES[kind]))


def test_what_breaks_a_page_is_found(made: Belongings, settings: LazySettings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{break_at_nul.__name__}"]
    [address] = [address for address in all_addresses() if address.name == "generation:library"]
    place, tally = Place(address, "/library/", {"GET": [Field("q")]}), Tally()

    siege(visitor_of("owner", made), [(place, "GET")], 80, 1, tally)

    assert [cause for cause in tally.broken if "a word that PostgreSQL does not take" in cause] == list(tally.broken)
    assert tally.broken


def test_what_breaks_the_books_is_found(made: Belongings, settings: LazySettings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{give_a_credit.__name__}"]
    [address] = [address for address in all_addresses() if address.name == "generation:library"]
    place, tally = Place(address, "/library/", {"GET": [Field("q")]}), Tally()

    siege(visitor_of("owner", made), [(place, "GET")], 5, 1, tally)

    assert "a balance is what its lines make" in str(list(tally.broken))
    assert wrong_books() == []  # it was undone


def break_at_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stand for a view with a defect."""

    def serve(request: HttpRequest) -> HttpResponse:
        assert "\x00" not in request.GET.get("q", ""), "a word that PostgreSQL does not take"
        return get_response(request)

    return serve


def give_a_credit(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stand for a view that pays without a line in the ledger."""

    def serve(request: HttpRequest) -> HttpResponse:
        Wallet.objects.update(balance=F("balance") + 1)
        return get_response(request)

    return serve


def besiege(kind: str, made: Belongings, wanted: int, addresses_max: int | None = None) -> None:
    """Send at least `wanted` requests, spread over all places; fails with each way to break the site.

    addresses_max: with it, over so many places that the seed chooses.
    """
    visitor, tally = visitor_of(kind, made), Tally()
    besieged = places(kind, made, visitor, addresses_max)
    sieges = [(place, method) for place in besieged for method in place.fields]
    assert len(sieges) > 50
    for number in itertools.count(1):
        siege(visitor, sieges, min(_BATCH, wanted - tally.sent), number, tally)
        if tally.sent >= wanted:
            break
    logger.warning(
        "seed %d, %s: %d requests to %d places: %s", SEED, kind, tally.sent, len(sieges), sorted(tally.statuses.items())
    )
    assert set(tally.statuses) - {302, 404, 405}, "nobody was let in anywhere"
    if tally.broken:
        found = "\n\n".join(f"{cause}\n    {sent}" for cause, sent in sorted(tally.broken.items()))
        pytest.fail(f"{len(tally.broken)} ways to break a page:\n\n{found}", pytrace=False)


def siege(visitor: Visitor, sieges: Sequence[tuple[Place, str]], count: int, number: int, tally: Tally) -> None:
    """Send up to so many requests, each to one of these places, and undo each."""
    requests = st.sampled_from(sieges).flatmap(lambda one: _requests(*one))

    @seed(SEED + number)
    @hypothesis_settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests)
    def send(sent: hostile.Sent) -> None:
        with undone(), TestCase.captureOnCommitCallbacks() as callbacks:
            tally.note(sent, visitor.send(sent))
            if not connection.needs_rollback:
                tally.try_out(sent, [connection.check_constraints, *callbacks, assert_right_books])
        cache.clear()

    send()


def assert_right_books() -> None:
    """Let the checker's laws look at all wallets. Fails with what they find."""
    found = wrong_books()
    assert not found, "; ".join(found)


def _requests(place: Place, method: str) -> st.SearchStrategy[hostile.Sent]:
    return hostile.requests(method, place.path, place.parts, place.fields[method])


def visitor_of(kind: str, made: Belongings) -> Visitor:
    """Return who asks; both who are signed in gave their password just now."""
    client = Client(raise_request_exception=False)
    if kind == "anonymous":
        return Visitor(client, "")
    user = made.owner if kind == "owner" else User.objects.create_superuser("root@example.com", "correct horse battery")
    client.force_login(user)
    say_password(client, user)
    return Visitor(client, client.cookies["sessionid"].value)


def places(kind: str, made: Belongings, visitor: Visitor, most: int | None = None) -> list[Place]:
    """Return every address that is this visitor's business, or `most` of them, with what these let one send there."""
    found = [Place(address, address.path(made.at)) for address in all_addresses() if _concerns(kind, address)]
    if most is not None:
        found = random.Random(SEED).sample(found, most)
    by_route = {resolve(place.path).route: place for place in found}
    for place in found:
        _read_view(place)
        with undone():
            page = visitor.send(hostile.Sent("GET", place.path, "", {}))
        with undone():
            nothing = visitor.send(hostile.Sent("POST", place.path, "", {}, "application/x-www-form-urlencoded"))
        for method, answer in (("GET", page), ("POST", nothing)):
            if answer.status_code == 405:
                del place.fields[method]
        if (
            page.status_code == 200
            and "html" in page.headers.get("Content-Type", "")
            and isinstance(page, HttpResponse)
        ):
            for form in page_forms.read(page.content.decode(), place.path):
                if (target := by_route.get(_route(form.path))) and form.method in target.fields:
                    target.fields[form.method].extend(form.fields)
    for place in found:
        place.fields = {method: page_forms.merge(fields) for method, fields in place.fields.items()}
    return found


def _concerns(kind: str, address: Address) -> bool:
    if address.urlconf.endswith("api_urls") or address.name.startswith("api:"):
        return False
    if kind == "operator":
        return address.reach == Reach.STAFF
    left_out = {Reach.STAFF} if kind == "owner" else {Reach.STAFF, Reach.OWNER}
    return address.reach not in left_out


def _route(path: str) -> str:
    try:
        return resolve(path).route
    except Resolver404:
        return ""


def _read_view(place: Place) -> None:
    """Note what the view's module reads by name: what htmx and scripts send stands in no form."""
    module = inspect.getmodule(inspect.unwrap(resolve(place.path).func))
    if module is None or not module.__file__ or not Path(module.__file__).is_relative_to(ROOT):
        return
    for kind, name in _READS.findall(inspect.getsource(module)):
        place.fields["GET" if kind == "GET" else "POST"].append(Field(name, "file" if kind == "FILES" else "text"))


def _cause(response: HttpResponseBase) -> str:
    """Return the exception behind an answer, and where in the project it came up."""
    exc_info = getattr(response, "exc_info", None)
    if not exc_info:
        return f"answered with {response.status_code}"
    return _where(exc_info[1])


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(ROOT)) and ".venv" not in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*own[-1:], *frames[-1:])]
    return f"{type(error).__name__}: {str(error)[:200]} at {' < '.join(dict.fromkeys(places))}"
