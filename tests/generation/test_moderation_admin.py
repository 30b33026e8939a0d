"""The queue in the admin: what waits, with its words; a decision needs a reason and stands in the log."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from generation import moderation_queue
from generation.models import ModerationCase
from tests.generation.runs import make_person
from tests.generation.test_moderation_queue import refused

pytestmark = pytest.mark.django_db


def test_the_queue_decides_with_words_in_the_log() -> None:
    operator = User.objects.create_superuser("operator@example.com", "correct horse battery")
    case = refused(make_person())
    moderation_queue.appeal(case, "It is a statue in a public museum.")
    client = Client()
    client.force_login(operator)

    page = client.get("/admin/generation/moderationcase/?is_waiting__exact=1")
    assert "museum" in page.content.decode()
    path = f"/admin/generation/moderationcase/{case.pk}/change/"
    assert "It is a statue" in client.get(path).content.decode()
    assert client.post(path, {"verdict": "allow", "why": ""}).status_code == 200
    assert client.post(path, {"verdict": "allow", "why": "A statue."}).status_code == 302

    case.refresh_from_db()
    assert (case.decision, case.reason, case.decided_by) == ("passed", "A statue.", operator)
    assert LogEntry.objects.get().change_message == "Allowed: A statue."


def test_it_is_closed_to_everybody_else() -> None:
    case = refused(make_person())
    client = Client()
    client.force_login(User.objects.get())
    assert client.get(f"/admin/generation/moderationcase/{case.pk}/change/").status_code == 302
    assert ModerationCase.objects.get().decision == ""
