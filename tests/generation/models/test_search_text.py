"""The same searches find the same pictures in both databases: run this file on SQLite and on PostgreSQL."""

import pytest

from accounts.models import User
from generation import search_words
from generation.models import Image, SearchText
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db

PROMPTS = ("a red fox in the snow", "an old red barn", "two foxes and an owl", "Füchse im Schnee, sci-fi", "東京タワー")


@pytest.fixture
def person() -> User:
    user = make_person()
    for prompt in PROMPTS:
        finished(user, prompt=prompt, num_images=1)
    return user


def found(user: User, text: str) -> list[str]:
    """Return the prompts that a search finds, in the order they were made."""
    rows = SearchText.objects.matching(user, search_words.parse(text)).order_by("image_id")
    return [row.image.prompt for row in rows.select_related("image__job")]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("fox", [0, 2]),
        ("FOX", [0, 2]),
        ('"fox"', [0]),
        ("red", [0, 1]),
        ("red fox", [0]),
        ("fox red", [0]),
        ('"red fox"', [0]),
        ('"fox red"', []),
        ("red -fox", [0, 1][1:]),
        ("-red", [2, 3, 4]),
        ("barn OR owl", [1, 2]),
        ("red barn OR owl", [1]),
        ("-red -owl", [3, 4]),
        ("fuchse", [3]),
        ("sci-fi", [3]),
        ("タワー", [4]),
        ("京東", []),
        ("dog", []),
        ("fox:* & ! ( ' \\ %", [0, 2]),
        ("NEAR NOT AND", []),
    ],
)
def test_a_search_finds_what_it_means(person: User, text: str, places: list[int]) -> None:
    assert found(person, text) == [PROMPTS[place] for place in places]


def test_nobody_finds_what_another_has(person: User) -> None:
    stranger = make_person("bob@example.com")
    finished(stranger, prompt="a red fox of his own", num_images=1)

    assert found(stranger, "fox") == ["a red fox of his own"]
    assert len(found(person, "fox")) == 2


def test_owners_with_the_same_mark_are_told_apart(person: User) -> None:
    twin = User.objects.create_user("twin@example.com", "correct horse battery")
    SearchText.objects.update(user=twin)  # its words still carry the person's mark

    assert found(person, "fox") == []


def test_the_words_go_with_their_picture(person: User) -> None:
    Image.objects.get(pk=SearchText.objects.order_by("image_id")[0].image_id).delete()

    assert found(person, "fox") == [PROMPTS[2]]


def test_words_written_anew_are_found_and_the_old_ones_are_not(person: User) -> None:
    row = SearchText.objects.order_by("image_id")[0]
    row.words = search_words.marked(person.pk, ["a green frog"])
    row.save()

    assert found(person, "frog") == [PROMPTS[0]]
    assert found(person, "fox") == [PROMPTS[2]]
