import pytest

from tests.generation.runs import make_person, submit
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

PROMPTS = "/create/prompts/"


def test_anonymous_people_are_sent_to_the_login() -> None:
    assert visitor().get(PROMPTS)["Location"].startswith("/accounts/login/")


def test_the_owner_gets_what_was_asked_for() -> None:
    person = make_person()
    submit(person, prompt="a fox", num_images=1)
    submit(person, prompt="an owl", num_images=1)

    answer = visitor(person).get(PROMPTS)

    assert answer.json() == {"prompts": ["an owl", "a fox"], "before": None}
    assert "no-store" in answer["Cache-Control"]


def test_older_ones_come_with_before() -> None:
    person = make_person()
    submit(person, prompt="a fox", num_images=1)
    newest = submit(person, prompt="an owl", num_images=1)

    assert visitor(person).get(PROMPTS, {"before": str(newest.pk)}).json()["prompts"] == ["a fox"]
    assert len(visitor(person).get(PROMPTS, {"before": "nonsense"}).json()["prompts"]) == 2


def test_a_stranger_gets_their_own_alone() -> None:
    submit(make_person(), prompt="a secret")

    assert visitor(make_person("eve@example.com")).get(PROMPTS).json()["prompts"] == []
