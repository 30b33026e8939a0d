from collections.abc import Callable

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from generation import folders
from generation.errors import InvalidParams
from generation.models import Folder, Image
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_folders_come_by_name() -> None:
    user, stranger = make_person(), make_person("bob@example.com")
    for name in ("owls", "Foxes", "bees"):
        folders.make(user, f"  {name} ")
    folders.make(stranger, "Foxes")

    assert [folder.name for folder in folders.of(user)] == ["bees", "Foxes", "owls"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (" \x00 ", "Give the folder a name."),
        ("x" * 61, "The name has 61 characters; 60 are the most."),
        ("FOXES", "You have a folder “FOXES” already."),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, message: str) -> None:
    user = make_person()
    folders.make(user, "Foxes")
    other = folders.make(user, "Owls")

    acts: tuple[Callable[[], object], ...] = (lambda: folders.make(user, name), lambda: folders.rename(other, name))
    for act in acts:
        with pytest.raises(InvalidParams) as refused:
            act()
        assert refused.value.errors[0].message == message
    assert sorted(Folder.objects.values_list("name", flat=True)) == ["Foxes", "Owls"]


def test_a_folder_may_change_the_case_of_its_name() -> None:
    folder = folders.make(make_person(), "foxes")

    assert folders.rename(folder, "Foxes").name == "Foxes"


def test_there_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person()
    monkeypatch.setattr(folders, "FOLDERS_MAX", 1)
    folders.make(user, "Foxes")

    with pytest.raises(InvalidParams, match="You have 1 folders, which is the most"):
        folders.make(user, "Owls")


def test_a_folder_goes_and_its_pictures_stay() -> None:
    user = make_person()
    folder = folders.make(user, "Foxes")
    image = finished(user, num_images=1).images.get()
    Image.objects.update(folder=folder)

    folders.delete(folder)

    image.refresh_from_db()
    assert (image.folder, image.deleted_at) == (None, None)


def test_folders_are_read_once_until_they_change(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_person()
    with django_assert_num_queries(1):
        for _ in range(3):
            assert folders.of(user) == []

    foxes = folders.make(user, "Foxes")
    assert [folder.name for folder in folders.of(user)] == ["Foxes"]
    folders.rename(foxes, "Owls")
    assert [(folder.pk, folder.name) for folder in folders.of(user)] == [(foxes.pk, "Owls")]
    folders.delete(foxes)
    assert folders.of(user) == []


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    user = make_person()
    folders.make(user, "Foxes")

    for _ in range(2):  # the first read comes while the change is noted
        assert [folder.name for folder in folders.of(user)] == ["Foxes"]
    cache.delete(f"folders:{user.pk}")
    assert len(folders.of(user)) == 1
    Folder.objects.all().delete()
    assert len(folders.of(user)) == 1  # kept: nobody said that they changed
