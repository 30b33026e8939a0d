"""Who cannot come in asks by mail: a superuser orders the export, or erases the account."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from accounts.models import AuditLine, User
from generation import erasing, export_worker, exports, suspending
from generation.models import Erasure, Export, Image
from tests.factories import make_user
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root@example.com", "correct horse battery")


@pytest.fixture
def suspended(root: User) -> User:
    person = make_person("ada@example.com")
    draw(person)
    suspending.suspend(person, root, "Spam")
    mail.outbox.clear()
    return person


def act(client: Client, action: str, *people: User, **form: str) -> str:
    rows = [str(person.pk) for person in people]
    return words(client.post(LIST, {"action": action, "_selected_action": rows, **form}, follow=True))


def test_the_export_of_a_suspended_person_is_led_to_by_a_mail_without_a_log_in(root: User, suspended: User) -> None:
    asked = act(visitor(root), "order_export", suspended, reason="Ticket 7", address="ada@example.com")
    assert "The file is being written" in asked
    export = Export.objects.get()
    export_worker.write(export.pk)

    (letter,) = mail.outbox
    assert letter.to == ["ada@example.com"]
    link = re.findall(r"/settings/your-data/export/\S+", str(letter.body))[0]
    assert Client().get(link).status_code == 302
    assert "/media/" in Client().get(link)["Location"]
    bare = link.partition("?")[0]
    for other in (bare, f"{bare}?ticket=no", link[:-1] + ("a" if link[-1] != "a" else "b")):
        assert "/accounts/login/" in Client().get(other)["Location"], other
    line = AuditLine.objects.get(verb="order export")
    assert (line.actor, line.object_id, line.note) == (root.pk, str(suspended.pk), "Ticket 7")


def test_the_mail_to_who_can_come_in_asks_for_the_log_in() -> None:
    person = make_person()
    export_worker.write(exports.order(person).pk)
    assert "ticket=" not in str(mail.outbox[-1].body)
    assert "You will be asked to log in" in str(mail.outbox[-1].body)


def test_a_suspended_person_is_erased_and_a_line_stays(root: User, suspended: User) -> None:
    client = visitor(root)
    for form in ({}, {"reason": "Ticket 7"}, {"reason": "Ticket 7", "address": "bob@example.com"}):
        assert "It cannot be taken back" in act(client, "erase", suspended, **form)
    confirmed = {"reason": "Ticket 7", "address": "ada@example.com"}
    assert "Choose one person" in act(client, "erase", suspended, make_user(), **confirmed)
    assert not Erasure.objects.exists()

    assert "The account is closed and is being erased" in act(client, "erase", suspended, **confirmed)
    assert "This account is erased, or" in act(client, "order_export", suspended, **confirmed)
    erasing.run_due()

    suspended.refresh_from_db()
    assert suspended.is_erased
    assert not Image.objects.exists()
    line = AuditLine.objects.get(verb="erase account")
    assert (line.actor, line.object_id, line.note) == (root.pk, str(suspended.pk), "")


def test_nobody_of_the_staff_is_erased_and_who_only_changes_people_erases_nobody(root: User) -> None:
    refused = act(visitor(root), "erase", root, reason="No", address=root.email)
    assert "This account runs the site" in refused
    staff, person = make_user(is_staff=True), make_user(email="ada@example.com")
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "suspend_user"]))
    for action in ("erase", "order_export"):
        act(visitor(staff), action, person, reason="No", address=person.email)
    assert not Erasure.objects.exists()
    assert not Export.objects.exists()
