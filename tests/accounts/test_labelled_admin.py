"""What Django's admin shows without a label has a name: a field of an editable list, and the halves of a time."""

import pytest
from django.test import Client

from accounts.models import User
from getimg_site.models import Incident, Wish
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    return visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))


def test_a_field_of_an_editable_list_is_named_by_its_column_and_its_row(office: Client) -> None:
    Wish.objects.create(title="Draw larger pictures")

    answer = words(office.get("/admin/getimg_site/wish/"))

    assert 'aria-label="State: Draw larger pictures"' in answer


def test_an_editable_list_is_saved(office: Client) -> None:
    wish = Wish.objects.create(title="Draw larger pictures")
    count = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1}

    office.post("/admin/getimg_site/wish/", {**count, "form-0-id": wish.pk, "form-0-state": "planned", "_save": "Save"})

    wish.refresh_from_db()
    assert wish.state == "planned"


def test_the_date_and_the_time_of_a_moment_are_named(office: Client) -> None:
    incident = Incident.objects.create(title="Slow disks", text="All wait.")

    answer = words(office.get(f"/admin/getimg_site/incident/{incident.pk}/change/"))

    for name in ("From: Date", "From: Time", "To: Date", "To: Time"):
        assert answer.count(f'aria-label="{name}"') == 1
