"""A visit is over in time, and its owner hears of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, SupportVisit, User
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.getimg_site.test_view_as import begin, way_in
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))


@pytest.fixture
def person() -> User:
    return make_person("ada@example.com", credits=57)


def test_it_is_over_after_half_an_hour(operator: Client, person: User) -> None:
    begin(operator, person)
    visit = SupportVisit.objects.get()
    assert timedelta(minutes=29) < visit.ends_at - timezone.now() <= timedelta(minutes=30)
    SupportVisit.objects.update(ends_at=timezone.now())

    answer = operator.get("/library/")

    assert answer["Location"] == f"/admin/accounts/user/{person.pk}/change/"
    assert 'id="view-as-bar"' not in words(operator.get("/library/"))
    assert AuditLine.objects.get(verb="view as: end").note == "over by itself"


def test_nobody_views_as_staff_or_as_a_closed_account(operator: Client, person: User) -> None:
    for other in (make_user(is_staff=True), make_user(is_active=False)):
        operator.post(way_in(other), {"reason": "Because"})
        assert not SupportVisit.objects.exists()
    begin(operator, person)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    assert operator.get("/library/").status_code == 302
    assert 'id="view-as-bar"' not in words(operator.get("/library/"))


def test_the_person_sees_that_support_looked_and_not_why(operator: Client, person: User) -> None:
    security = "/accounts/2fa/"
    assert "Support looked" not in words(visitor(person).get(security))
    begin(operator, person)
    page = words(visitor(person).get(security))
    assert "Support looked at the site as you see it" in page
    assert "Ticket 7" not in page
