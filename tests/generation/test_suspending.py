"""A suspended account: nothing comes in or goes out of it, nothing of it is lost, and it opens again as it was."""

import pytest
from django.core import mail
from django.test import Client

from accounts import api_keys
from accounts.models import Suspension, User
from generation import erasing, showcase, suspending
from generation.models import Job, Publication, WebhookEndpoint
from generation.suspending import NotSuspendable
from tests.factories import make_user
from tests.generation.api.told import make_endpoint
from tests.generation.runs import balance, claim, finished, make_person, submit

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


def log_in(email: str = "ada@example.com", password: str = PASSWORD) -> tuple[Client, int, str]:
    client = Client()
    answer = client.post(LOGIN, {"login": email, "password": password})
    return client, answer.status_code, answer.content.decode()


def test_sessions_keys_and_runs_end_and_the_person_is_told(operator: User) -> None:
    person = make_person(credits=20)
    client, status, _ = log_in()
    assert status == 302
    _, text = api_keys.create(person, "mine")
    drawn, waiting = submit(person), submit(person, num_images=2)
    assert claim().jobs[0].pk == drawn.pk

    suspending.suspend(person, operator, "Spam in the showcase")

    assert client.get("/settings/profile/").status_code == 302
    answer = Client().get("/v1/account", headers={"Authorization": f"Bearer {text}"})
    assert (answer.status_code, "This API key is not valid" in answer.content.decode()) == (401, True)
    assert set(Job.objects.filter(pk__in=[drawn.pk, waiting.pk]).values_list("status", flat=True)) == {"CANCELED"}
    assert balance(person) == 20
    letter = mail.outbox[-1]
    assert letter.to == ["ada@example.com"]
    assert "Spam in the showcase" in letter.body
    assert "If you think that this is a mistake" in letter.body


def test_logging_in_says_why_to_whoever_knows_the_password_alone(operator: User) -> None:
    suspending.suspend(make_person(), operator, "Spam <b>here</b>")

    _, status, page = log_in()
    assert status == 403
    assert "Spam &lt;b&gt;here&lt;/b&gt;" in page
    assert "write to us and say why" in page
    _, status, page = log_in(password="guessed")
    assert status == 200
    assert "Spam" not in page


def test_lifted_everything_is_as_it_was(operator: User) -> None:
    person = make_person()
    on, off = make_endpoint(person), make_endpoint(person)
    WebhookEndpoint.objects.filter(pk=off.pk).update(off="failing")
    image = finished(person).images.get()
    showcase.publish(image, is_listed=False, shows_recipe=False)
    _, text = api_keys.create(person, "mine")

    suspending.suspend(person, operator, "Spam")
    assert not Publication.objects.open().exists()
    assert not WebhookEndpoint.objects.filter(off="").exists()
    suspending.lift(person, operator, "It was somebody else")

    assert Publication.objects.open().exists()
    assert [WebhookEndpoint.objects.get(pk=one.pk).off for one in (on, off)] == ["", "failing"]
    assert Client().get("/v1/account", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    assert log_in()[1] == 302
    assert "It was somebody else" in mail.outbox[-1].body
    row = Suspension.objects.get()
    assert (row.reason, row.lift_reason, row.lifted_by) == ("Spam", "It was somebody else", operator.pk)
    suspending.suspend(person, operator, "Again")
    assert Suspension.objects.count() == 2


def test_who_runs_the_site_or_is_closed_already_is_not_suspended(operator: User) -> None:
    person = make_person()
    suspending.suspend(person, operator, "Spam")
    for other in (operator, make_user(is_staff=True), make_user(is_active=False), person):
        with pytest.raises(NotSuspendable):
            suspending.suspend(other, operator, "No")
    with pytest.raises(NotSuspendable):
        suspending.lift(make_user(), operator, "No")


def test_an_erasure_is_not_undone_by_lifting(operator: User) -> None:
    person = make_person()
    suspending.suspend(person, operator, "Spam")
    erasing.request(person)
    with pytest.raises(NotSuspendable):
        suspending.lift(person, operator, "No")
    with pytest.raises(NotSuspendable):
        suspending.suspend(person, operator, "No")

    erasing.run_due()

    person.refresh_from_db()
    assert (person.is_active, person.is_erased) == (False, True)
    assert not Suspension.objects.exists()
