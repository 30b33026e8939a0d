"""The audit log in the admin: found, read, taken away; never written."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import AuditLine
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/auditline/"


@pytest.fixture
def operator() -> Client:
    return visitor(make_user(email="root@example.com", is_staff=True, is_superuser=True))


def test_lines_are_found_by_who_what_and_why_and_only_read(operator: Client) -> None:
    staff, person = make_user(email="staff@example.com"), make_user(email="ada@example.com")
    line = audit.write(None, staff.pk, "change", person, note="Asked by phone", changes={"is_active": [True, False]})
    for asked in ("staff@example.com", "ada@example.com", str(person.pk), "by phone"):
        assert "is_active: True → False" in words(operator.get(LIST, {"q": asked})), asked
    assert "by phone" not in words(operator.get(LIST, {"verb": "sign in"}))

    page = reverse("admin:accounts_auditline_change", args=[line.pk])
    assert "Asked by phone" in words(operator.get(page))
    assert operator.post(page, {"note": "x"}).status_code == 403
    assert operator.get(f"{LIST}add/").status_code == 403
    assert operator.get(f"{LIST}{line.pk}/delete/").status_code == 403


def test_lines_about_no_row_are_filtered_by_a_dash(operator: Client) -> None:
    audit.write(None, audit.COMMAND_LINE, "export audit log")

    assert '<a href="?kind=">—</a>' in words(operator.get(LIST))


def test_the_list_is_taken_away_as_csv_with_its_filters_and_no_formulas(operator: Client) -> None:
    staff = make_user(email="staff@example.com")
    audit.write(None, staff.pk, "change", note="=1+1")
    audit.write(None, staff.pk, "delete", note="Other")

    answer: Any = operator.get(reverse("admin:accounts_auditline_export"), {"verb": "change"})

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["email"], row["verb"], row["note"]) for row in rows] == [("staff@example.com", "change", "'=1+1")]
    assert AuditLine.objects.get(verb="export audit log").note == "verb=change"


def test_filters_that_mean_nothing_lead_back_to_the_list(operator: Client) -> None:
    answer = operator.get(reverse("admin:accounts_auditline_export"), {"picture": "1"})

    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert not AuditLine.objects.filter(verb="export audit log").exists()


def test_staff_without_the_permission_and_strangers_see_nothing() -> None:
    for user in (make_user(is_staff=True), make_user(), None):
        for path in (LIST, f"{LIST}export/"):
            assert visitor(user).get(path).status_code in (302, 403)
