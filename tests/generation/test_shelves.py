import pytest

from generation import folders, library_filters, shelves
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


def test_what_is_open_is_known_by_the_address() -> None:
    user = make_person()
    foxes = folders.make(user, "Foxes")
    folders.make(user, "Best owls", query="q=owl&rating=5")

    def open_at(**data: str) -> list[str]:
        found = library_filters.parse(data, user)
        beside = shelves.shelves_of(folders.of(user), found)
        return [shelf.name for shelf in (*beside.fixed, *beside.plain, *beside.smart) if shelf.is_open]

    assert open_at() == ["All pictures"]
    assert open_at(favourite="yes") == ["Favourites"]
    assert open_at(folder="none") == ["In no folder"]
    assert open_at(folder=str(foxes.pk)) == ["Foxes"]
    assert open_at(folder=str(foxes.pk), q="red") == ["Foxes"]
    assert open_at(rating="5", q="owl") == ["Best owls"]
    assert open_at(q="owl") == []


def test_pictures_can_be_put_into_folders_alone() -> None:
    user = make_person()
    foxes = folders.make(user, "Foxes")
    folders.make(user, "Owls", query="q=owl")

    beside = shelves.shelves_of(folders.of(user), library_filters.parse({}, user))

    assert [shelf.target for shelf in (*beside.fixed, *beside.plain, *beside.smart)] == [
        "",
        "",
        "none",
        str(foxes.pk),
        "",
    ]
