"""The way in: for who may, and with a reason."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import SupportVisit, User
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.getimg_site.test_view_as import begin, way_in
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))


@pytest.fixture
def person() -> User:
    return make_person("ada@example.com", credits=57)


def test_only_staff_with_the_permission_may_and_only_while_they_have_it(person: User) -> None:
    staff = make_user(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = visitor(staff)
    assert client.post(way_in(person), {"reason": "Because"}).status_code == 403
    assert visitor(person).post(way_in(make_user()), {"reason": "Because"}).status_code == 302
    permission = Permission.objects.get(codename="view_as_person")
    staff.user_permissions.add(permission)
    begin(client, person)
    staff.user_permissions.remove(permission)
    assert client.get("/library/").status_code == 302
    assert SupportVisit.objects.get().ended_at is not None
