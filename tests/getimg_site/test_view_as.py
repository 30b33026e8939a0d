"""The site as a person sees it: for who may, with a reason, to look at only, for half an hour."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from billing import calendar_feed, ledger
from generation import exports
from getimg_site.view_as import OPEN, ViewAsMiddleware, WouldWrite
from tests.factories import add_lot, make_user
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))


@pytest.fixture
def person() -> User:
    return make_person("ada@example.com", credits=57)


def way_in(person: User) -> str:
    return f"/admin/accounts/user/{person.pk}/view-as/"


def begin(operator: Client, person: User) -> None:
    answer = operator.post(way_in(person), {"reason": "Ticket 7"})
    assert answer.status_code == 302, answer.content


def test_what_is_shown_is_the_persons_and_every_page_has_the_banner(operator: Client, person: User) -> None:
    job = finished(person)
    image = job.images.get()
    begin(operator, person)
    paths = (
        "/",
        "/pricing/",
        "/create/",
        "/library/",
        f"/pictures/{image.pk}/",
        "/settings/api-keys/",
        "/accounts/2fa/",
    )
    for path in paths:
        answer = operator.get(path, follow=True)
        assert answer.status_code == 200, path
        assert 'id="view-as-bar"' in words(answer), path
    assert str(image.pk) in words(operator.get("/library/"))


def test_the_menu_offers_no_log_out_which_would_be_refused(operator: Client, person: User) -> None:
    assert 'action="/accounts/logout/"' in words(operator.get("/library/"))
    begin(operator, person)
    assert 'action="/accounts/logout/"' not in words(operator.get("/library/"))


def test_nothing_can_be_changed(operator: Client, person: User) -> None:
    image = finished(person).images.get()
    begin(operator, person)
    for path in (
        f"/pictures/{image.pk}/delete/",
        "/settings/profile/",
        "/accounts/logout/",
        "/create/runs/",
        way_in(person),
    ):
        for method in (operator.post, operator.put, operator.patch, operator.delete):
            answer = method(path)
            assert answer.status_code == 403, path
            assert "nothing can be changed" in words(answer)
    image.refresh_from_db()
    assert image.deleted_at is None


def test_secrets_downloads_and_the_admin_stay_closed(operator: Client, person: User) -> None:
    export = exports.order(person)
    begin(operator, person)
    downloads = (f"/settings/your-data/export/{export.pk}/", "/library/zip/")
    secrets = (
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/totp/activate/",
        "/accounts/email/",
    )
    for path in (*downloads, *secrets, "/admin/", way_in(person)):
        answer = operator.get(path)
        assert answer.status_code == 403, path
        assert "This page is closed while" in words(answer)


def test_rules_and_money_are_seen_and_the_calendars_secret_is_not(operator: Client, person: User) -> None:
    wallet = ledger.wallet_of(person)
    add_lot(wallet, 5, expires_at=timezone.now() + timedelta(days=3))
    token = calendar_feed.token_of(wallet)
    own = words(visitor(person).get("/settings/billing/"))
    begin(operator, person)
    for path in ("/content-policy/", "/licence/", "/verify/", "/report-a-bug/", "/settings/billing/"):
        assert operator.get(path).status_code == 200, path
    seen = words(operator.get("/settings/billing/"))
    assert token in own
    assert "62" in seen
    assert token not in seen
    assert operator.get(f"/settings/billing/calendar/{token}.ics").status_code == 403


def test_every_open_page_exists() -> None:
    known = set()
    for name, (_, resolver) in get_resolver().namespace_dict.items():
        known |= {f"{name}:{view}" for view in resolver.reverse_dict if isinstance(view, str)}
    known |= {view for view in get_resolver().reverse_dict if isinstance(view, str)}
    assert known >= OPEN, OPEN - known


def test_a_page_that_would_write_something_down_is_stopped(operator: Client, person: User) -> None:
    begin(operator, person)
    request = RequestFactory().get("/library/")
    request.user = User.objects.get(is_staff=True)
    request.session = operator.session

    def note(request: HttpRequest) -> HttpResponse:
        User.objects.filter(pk=person.pk).update(display_name="Noted")
        return HttpResponse()

    with pytest.raises(WouldWrite), transaction.atomic():
        ViewAsMiddleware(note)(request)
    person.refresh_from_db()
    assert person.display_name == ""


def test_somebody_who_has_only_just_come_can_be_viewed_too(operator: Client) -> None:
    begin(operator, make_user())
    for path in ("/create/", "/library/", "/library/trash/", "/settings/api-keys/", "/settings/webhooks/"):
        assert operator.get(path).status_code == 200, path
    # Without a wallet, which everybody who signed up has: this page would make one.
    assert "notes something down" in words(operator.get("/models/"))


def test_what_an_operator_sees_there_leads_nobody_else_to_it(operator: Client, person: User) -> None:
    image = draw(person)
    begin(operator, person)
    pages = ("/library/", f"/pictures/{image.pk}/", "/trash/", f"/edit/{image.pk}/")
    seen = {link for path in pages for link in re.findall(r"/media/[^\"' ]+", words(operator.get(path)))}

    assert len(seen) >= 3
    assert {operator.get(link).status_code for link in seen} == {200}
    assert {visitor().get(link).status_code for link in seen} == {404}
    assert {visitor(person).get(link).status_code for link in seen} == {404}
    assert {link.split("/")[2] for link in seen} == {"operators"}
    own = words(visitor(person).get("/library/"))
    assert image.thumbnail_320 in own
    assert "/media/operators/" not in own
