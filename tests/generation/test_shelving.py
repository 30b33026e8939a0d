from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from generation import folders, library_filters, search_words, shelving
from generation.errors import InvalidParams
from generation.models import Image, SearchText, Tag
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    user = make_person()
    finished(user, num_images=3)
    return user


def of(user: User) -> list[str]:
    return [str(pk) for pk in Image.objects.visible_to(user).order_by("pk").values_list("pk", flat=True)]


def found(user: User, text: str) -> int:
    return SearchText.objects.matching(user, search_words.parse(text)).count()


def test_nobody_chooses_what_is_anothers(person: User) -> None:
    stranger = make_person("bob@example.com")

    assert shelving.chosen(stranger, of(person)).count() == 0
    assert shelving.delete(shelving.chosen(stranger, of(person)))[0] == 0


def test_everything_that_was_found_is_chosen(person: User) -> None:
    finished(person, prompt="an owl", num_images=2)

    assert shelving.chosen(person, [], library_filters.parse({"q": "owl"}, person)).count() == 2
    assert shelving.chosen(person, [], library_filters.parse({"q": '"'}, person)).count() == 0


@pytest.mark.parametrize(
    ("ids", "message"),
    [([], "Select at least one picture"), (["x"], "has no id"), (["x"] * 2001, "2,001 pictures are selected; 2,000")],
)
def test_a_choice_that_cannot_be_is_refused(person: User, ids: list[str], message: str) -> None:
    with pytest.raises(InvalidParams, match=message):
        shelving.chosen(person, ids)


def test_pictures_move_into_a_folder_and_out(person: User) -> None:
    folder = folders.make(person, "Foxes")
    chosen = shelving.chosen(person, of(person)[:2])

    assert shelving.move(chosen, folder) == 2
    assert folder.images.count() == 2
    assert shelving.move(chosen, None) == 2
    assert folder.images.count() == 0


def test_nothing_is_put_into_a_saved_search(person: User) -> None:
    with pytest.raises(InvalidParams, match="“Owls” is a saved search"):
        shelving.move(shelving.chosen(person, of(person)), folders.make(person, "Owls", query="q=owl"))


def test_favourites_and_stars(person: User) -> None:
    chosen = shelving.chosen(person, of(person)[:1])

    shelving.favour(chosen, is_favourite=True)
    shelving.rate(chosen, "5")

    assert [(one.is_favourite, one.rating) for one in Image.objects.order_by("pk")][:2] == [(True, 5), (False, 0)]


@pytest.mark.parametrize("stars", ["6", "-1", "", "five", "٣"])
def test_stars_have_bounds(person: User, stars: str) -> None:
    with pytest.raises(InvalidParams, match="is not a valid rating; choose 0 to 5 stars"):
        shelving.rate(shelving.chosen(person, of(person)), stars)


def test_tags_are_put_on_once_found_and_taken_off(person: User) -> None:
    chosen = shelving.chosen(person, of(person)[:2])

    for _ in range(2):
        assert shelving.tag(person, chosen, " #Night  Sky, holiday,,HOLIDAY ") == 2

    assert sorted(Tag.objects.values_list("name", flat=True)) == ["holiday", "night sky"]
    assert Image.objects.get(pk=of(person)[0]).tags.count() == 2
    assert (found(person, "holiday"), found(person, '"night sky"')) == (2, 2)

    shelving.untag(person, shelving.chosen(person, of(person)[:1]), "holiday")
    assert found(person, "holiday") == 1
    shelving.untag(person, chosen, "holiday")
    assert list(Tag.objects.values_list("name", flat=True)) == ["night sky"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" , # ,", "Write at least one tag"),
        ("x" * 41, "has 41 characters; a tag has 40 at most"),
        (",".join(map(str, range(31))), "These are 31 tags; a picture can have 30"),
    ],
)
def test_tags_that_cannot_be_are_refused(person: User, text: str, message: str) -> None:
    with pytest.raises(InvalidParams, match=message):
        shelving.tag(person, shelving.chosen(person, of(person)), text)


def test_a_picture_takes_no_more_tags_than_fit(person: User) -> None:
    chosen = shelving.chosen(person, of(person)[:1])
    shelving.tag(person, chosen, ",".join(map(str, range(29))))

    with pytest.raises(InvalidParams, match="A picture can have 30 tags"):
        shelving.tag(person, chosen, "one, two")

    shelving.tag(person, chosen, "1, #2, one")  # what it has already takes no room
    with pytest.raises(InvalidParams, match="A picture can have 30 tags"):
        shelving.tag(person, chosen, "1, two")
    assert shelving.tag(person, chosen, "1, one") == 1


def test_two_people_have_tags_of_their_own(person: User) -> None:
    stranger = make_person("bob@example.com")
    finished(stranger, num_images=1)
    for user in (person, stranger):
        shelving.tag(user, shelving.chosen(user, of(user)), "fox")

    shelving.untag(person, shelving.chosen(person, of(person)), "fox")

    assert Tag.objects.get().user == stranger


def test_what_went_together_comes_back_together(person: User) -> None:
    before = of(person)
    shelving.delete(shelving.chosen(person, before[:1]))
    count, stamp = shelving.delete(shelving.chosen(person, before))
    assert (count, of(person)) == (2, [])

    assert shelving.restore(person, deleted_at=stamp).count == 2
    assert of(person) == before[1:]
    assert shelving.restore(person, before[:1]).count == 1
    assert of(person) == before


def test_what_is_gone_for_good_or_anothers_does_not_come_back(person: User) -> None:
    ids = of(person)
    _, stamp = shelving.delete(shelving.chosen(person, ids))
    Image.objects.filter(pk=ids[0]).update(purged_at=timezone.now() + timedelta(days=31))

    assert shelving.restore(make_person("bob@example.com"), ids).count == 0
    assert shelving.restore(person, deleted_at=stamp).count == 2


def test_a_description_is_kept_and_found(person: User) -> None:
    image = Image.objects.get(pk=of(person)[0])

    shelving.describe(image, "  A pine \n in fog ")

    image.refresh_from_db()
    assert image.description == "A pine in fog"
    assert found(person, "pine") == 1
    with pytest.raises(InvalidParams, match="has 1,001 characters; 1,000 are the most"):
        shelving.describe(image, "x" * 1001)
