import json
import re

import pytest

from accounts.models import User
from generation import folders
from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/library/act/"


@pytest.fixture
def person() -> User:
    user = make_person()
    finished(user, num_images=3)
    return user


def ids_of(user: User) -> list[str]:
    return [str(pk) for pk in Image.objects.visible_to(user).order_by("pk").values_list("pk", flat=True)]


def test_anonymous_people_and_strangers_change_nothing(person: User) -> None:
    data = {"action": "delete", "picture": ids_of(person)}

    assert_sent_to_login(visitor().post(PAGE, data), "/create/")
    answer = visitor(make_person("bob@example.com")).post(PAGE, data, headers=HTMX)

    assert "0 pictures deleted." in words(answer)
    assert len(ids_of(person)) == 3


def test_the_answer_to_a_script_says_what_happened_and_what_left_the_page(person: User) -> None:
    answer = visitor(person).post(PAGE, {"action": "delete", "picture": ids_of(person)[:2]}, headers=HTMX)

    assert "2 pictures deleted." in words(answer)
    assert json.loads(answer["HX-Trigger"])["acted"]["gone"] is True
    stamp = re.search(r'name="stamp" value="([\d.]+)"', words(answer))
    assert stamp
    visitor(person).post("/library/trash/restore/", {"stamp": stamp[1]})
    assert len(ids_of(person)) == 3


def test_without_a_script_one_comes_back_to_what_was_shown_and_can_undo(person: User) -> None:
    data = {"action": "delete", "picture": ids_of(person)[:2], "query": "q=fox"}

    answer = visitor(person).post(PAGE, data, follow=True)

    assert answer.redirect_chain[0][0].startswith("/library/?q=fox&gone=")
    assert "Pictures deleted." in words(answer)


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        ("favour", {"is_favourite": True}),
        ("rate:4", {"rating": 4}),
    ],
)
def test_each_verb_does_its_work(person: User, action: str, facts: dict[str, object]) -> None:
    answer = visitor(person).post(PAGE, {"action": action, "picture": ids_of(person)[:2]}, headers=HTMX)

    assert answer.status_code == 200
    assert Image.objects.filter(**facts).count() == 2


def test_pictures_leave_the_folder_that_is_shown(person: User) -> None:
    here, there = folders.make(person, "Here"), folders.make(person, "There")
    Image.objects.update(folder=here)

    for query, gone in ((f"folder={here.pk}", True), ("", False)):
        data = {"action": f"move:{there.pk}", "picture": ids_of(person), "query": query}
        answer = visitor(person).post(PAGE, data, headers=HTMX)
        assert json.loads(answer["HX-Trigger"])["acted"]["gone"] is gone
    assert there.images.count() == 3


def test_everything_that_is_shown_can_be_meant(person: User) -> None:
    finished(person, prompt="an owl", num_images=2)

    visitor(person).post(PAGE, {"action": "favour", "everything": "1", "query": "q=owl"})

    assert Image.objects.filter(is_favourite=True).count() == 2


def test_tags_come_from_the_field_or_the_button(person: User) -> None:
    client = visitor(person)

    client.post(PAGE, {"action": "tag", "tags": "fox, <b>snow", "picture": ids_of(person)})
    client.post(PAGE, {"action": "untag:fox", "picture": ids_of(person)})

    assert set(Image.objects.values_list("tags__name", flat=True)) == {"<b>snow"}
    page = words(client.get(f"/pictures/{ids_of(person)[0]}/"))
    assert "&lt;b&gt;snow" in page
    assert "<b>snow" not in page


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"action": "explode"}, "“explode” is nothing that can be done with pictures."),
        ({"action": "rate:9"}, "“9” is not a valid rating"),
        ({"action": "move:nowhere"}, "There is no such folder."),
        ({"action": "tag", "tags": ""}, "Write at least one tag"),
        ({"action": "delete", "picture": []}, "Select at least one picture."),
    ],
)
def test_what_cannot_be_done_is_said(person: User, data: dict[str, object], message: str) -> None:
    answer = visitor(person).post(PAGE, {"picture": ids_of(person), **data}, headers=HTMX)

    assert message in words(answer)
    assert json.loads(answer["HX-Trigger"])["acted"]["refused"]


def test_a_strangers_folder_takes_nothing(person: User) -> None:
    folder = folders.make(make_person("bob@example.com"), "His")

    visitor(person).post(PAGE, {"action": f"move:{folder.pk}", "picture": ids_of(person)})

    assert folder.images.count() == 0


def test_from_a_picture_one_comes_back_to_it_among_what_was_found(person: User) -> None:
    pk = ids_of(person)[0]

    for query, address in (("", f"/pictures/{pk}/"), ("q=fox&rating=3", f"/pictures/{pk}/?q=fox&rating=3")):
        answer = visitor(person).post(PAGE, {"action": "rate:5", "picture": pk, "back": pk, "query": query})
        assert answer["Location"] == address
