"""Audit lines are written once; of who is erased they keep the id."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory

from accounts import audit, closing
from accounts.models import AuditLine, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("facts", [{"verb": "x"}, {"note": "x"}, {"changes": {"a": [1, 2]}}, {"object_id": ""}, None])
def test_no_sql_changes_or_deletes_a_line(facts: dict[str, object] | None) -> None:
    line = audit.write(None, make_user().pk, "change", make_user(), note="Why", changes={"name": ["a", "b"]})
    rows = AuditLine.objects.filter(pk=line.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**facts) if facts else rows.delete()
    line.refresh_from_db()
    assert (line.verb, line.note, line.changes) == ("change", "Why", {"name": ["a", "b"]})


def test_of_an_erased_person_the_ids_stay() -> None:
    staff, person = make_user(email="staff@example.com"), make_user(email="ada@example.com")
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    audit.write(request, staff.pk, "change", person, note="Said ada", changes={"email": ["a@b.c", "ada@example.com"]})
    audit.write(request, staff.pk, "note", note="Wrote to Ada@example.com")
    kept = audit.write(request, staff.pk, "change", make_user(email="bob@example.com"), note="Bob")

    closing.make_nobodys(person, "ada@example.com")
    closing.make_nobodys(staff, "staff@example.com")

    assert set(AuditLine.objects.values_list("actor", "address")) == {(staff.pk, "")}
    of_person = AuditLine.objects.get(object_id=str(person.pk))
    assert (of_person.object_text, of_person.note, of_person.changes) == ("", "", {})
    assert AuditLine.objects.get(verb="note").note == ""
    kept.refresh_from_db()
    assert (kept.object_text, kept.note) == ("bob@example.com", "Bob")


def test_secrets_are_left_out_and_long_texts_shortened() -> None:
    user = make_user(password="correct horse battery")
    before = audit.values_of(user)
    user.set_password("another")
    user.display_name = "Ada"
    user.save()
    assert audit.differences(User, before, audit.values_of(user)) == {"display_name": ["", "Ada"]}
    assert audit.differences(User, {"x": "a" * 200}, {"x": "b"}) == {"x": ["…", "b"]}


def test_staff_sign_ins_are_written_down_and_others_are_not() -> None:
    staff = make_user(email="staff@example.com", password="correct horse battery", is_staff=True)
    make_user(email="ada@example.com", password="correct horse battery")
    for email in ("staff@example.com", "ada@example.com"):
        facts = {"login": email, "password": "correct horse battery"}
        assert Client().post("/accounts/login/", facts, REMOTE_ADDR="192.0.2.9").status_code == 302

    line = AuditLine.objects.get()
    assert (line.actor, line.verb, line.address) == (staff.pk, "sign in", "192.0.2.9")
