import pytest

from generation import word_lists
from generation.models import WordList
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

NEW = "/create/styles/lists/new/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(NEW), NEW)


def test_a_list_is_made_and_changed_by_its_owner() -> None:
    person = make_person()
    visitor(person).post(NEW, {"name": "hats", "entries": "a bowler\na beret"})
    made = WordList.objects.visible_to(person).get()
    address = f"/create/styles/lists/{made.pk}/"
    assert "a bowler\na beret" in words(visitor(person).get(address))

    visitor(person).post(address, {"name": "caps", "entries": "a cap"})

    made.refresh_from_db()
    assert (made.name, made.entries) == ("caps", ["a cap"])


def test_a_stranger_finds_nothing() -> None:
    made = word_lists.save(make_person(), "hats", "a bowler")

    assert visitor(make_person("bob@example.com")).get(f"/create/styles/lists/{made.pk}/").status_code == 404


def test_a_refusal_stands_beside_its_field_with_what_was_typed() -> None:
    answer = visitor(make_person()).post(NEW, {"name": "my hats", "entries": "a {bowler"})

    assert answer.status_code == 422
    page = words(answer)
    assert "is not a valid name for a list" in page
    assert "Entry 1: The “{” at character 3 is not closed" in page
    assert 'value="my hats"' in page
