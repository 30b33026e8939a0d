import pytest
from django.core import mail

from accounts.models import User
from tests.generation.runs import make_person
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


def test_addresses_differ_by_more_than_their_case() -> None:
    make_person("ada@example.com")

    visitor().post("/accounts/signup/", {"email": "ADA@Example.com", "password1": "a long enough secret"})

    assert list(User.objects.values_list("email", flat=True)) == ["ada@example.com"]


def test_a_mail_names_the_site_and_leaves_its_subject_alone() -> None:
    make_person("ada@example.com")

    visitor().post("/accounts/password/reset/", {"email": "ada@example.com"})

    [message] = mail.outbox
    assert message.subject == "Your code for a new password"
    assert "http://localhost:8000" in message.body


def test_whoever_logs_in_comes_to_create() -> None:
    make_person("ada@example.com")

    answer = visitor().post("/accounts/login/", {"login": "Ada@example.com", "password": "correct horse battery"})

    assert (answer.status_code, answer["Location"]) == (302, "/create/")


def test_logging_out_takes_a_post() -> None:
    client = visitor(make_person())

    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/library/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/library/").status_code == 302
