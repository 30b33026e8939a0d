"""Suspending in the admin: a reason is asked for, and stands in the audit log."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditLine, Suspension, User
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


def test_a_reason_is_asked_for_and_stands_in_the_log_both_times() -> None:
    operator = visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))
    person = make_user(email="ada@example.com")
    for action, reason, is_active in (("suspend", "Spam", False), ("lift_suspension", "A mistake", True)):
        form = {"action": action, "_selected_action": [str(person.pk)]}
        assert "The person reads it" in words(operator.post(LIST, form))
        assert "required" in words(operator.post(LIST, {**form, "reason": " "}))
        operator.post(LIST, {**form, "reason": reason}, follow=True)
        person.refresh_from_db()
        assert person.is_active is is_active
        line = AuditLine.objects.filter(kind="accounts.user", verb="change").latest("id")
        assert reason in line.note
        assert line.changes == {"is_active": [not is_active, is_active]}
        shown = words(operator.get(f"{LIST}{person.pk}/change/"))
        assert ("Spam" in shown) is not is_active


def test_the_mark_alone_cannot_be_taken_and_staff_are_named_as_refused() -> None:
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    operator, person = visitor(root), make_user(email="ada@example.com")
    operator.post(f"{LIST}{person.pk}/change/", {"email": person.email, "time_zone": "UTC"})
    person.refresh_from_db()
    assert person.is_active

    form = {"action": "suspend", "_selected_action": [str(root.pk)], "reason": "No"}
    assert "Who runs the site is not suspended" in words(operator.post(LIST, form, follow=True))


def test_who_may_only_change_people_cannot_suspend() -> None:
    staff = make_user(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    form = {"action": "suspend", "_selected_action": [str(make_user().pk)], "reason": "No"}
    visitor(staff).post(LIST, form)
    assert not Suspension.objects.exists()
