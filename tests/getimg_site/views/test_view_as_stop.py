"""Stopping gives the operator the own site back."""

import pytest
from django.test import Client

from accounts.models import AuditLine, SupportVisit, User
from tests.generation.runs import make_person
from tests.getimg_site.test_view_as import begin, way_in
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

STOP = "/view-as/stop/"


@pytest.fixture
def operator() -> Client:
    return visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))


@pytest.fixture
def person() -> User:
    return make_person("ada@example.com", credits=57)


def test_a_reason_is_asked_for_and_both_ends_are_in_the_log(operator: Client, person: User) -> None:
    assert way_in(person) in words(operator.get(f"/admin/accounts/user/{person.pk}/change/"))
    assert "The person sees that support looked" in words(operator.get(way_in(person)))
    assert "required" in words(operator.post(way_in(person), {"reason": " "}))
    assert not SupportVisit.objects.exists()

    begin(operator, person)
    page = words(operator.get("/settings/profile/"))
    assert "You see the site as ada@example.com." in page
    answer = operator.post(STOP)

    assert answer["Location"] == f"/admin/accounts/user/{person.pk}/change/"
    assert "ada@example.com" not in words(operator.get("/settings/profile/"))
    lines = AuditLine.objects.filter(verb__startswith="view as").order_by("id")
    assert [(line.verb, line.object_id, line.note) for line in lines] == [
        ("view as: begin", str(person.pk), "Ticket 7"),
        ("view as: end", str(person.pk), "stopped"),
    ]


def test_stopping_what_was_not_begun_changes_nothing(operator: Client) -> None:
    assert operator.post("/view-as/stop/")["Location"] == "/"
    assert operator.get("/view-as/stop/").status_code == 405
