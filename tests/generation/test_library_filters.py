import importlib
import uuid
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from generation import folders, gallery, library_filters
from generation.models import Folder, Image, Job, JobInput, JobLora, Tag
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person()


def shown(user: User, **data: str) -> list[Image]:
    found = library_filters.parse(data, user)
    assert not found.errors
    return gallery.page(user, found=found).images


def one(user: User, **values: object) -> Image:
    """Make one picture, of these facts."""
    image = finished(user, num_images=1).images.get()
    Image.objects.filter(pk=image.pk).update(**values)
    return image


def test_nothing_asked_shows_everything(person: User) -> None:
    images = [one(person), one(person)]

    assert shown(person, q="  ", task="") == images[::-1]


@pytest.mark.parametrize(
    ("facts", "data"),
    [
        ({"width": 256, "height": 128}, {"shape": "wide"}),
        ({"width": 128, "height": 256}, {"shape": "tall"}),
        ({"width": 256, "height": 128}, {"size": "256x128"}),
        ({"width": 256, "height": 128}, {"size": "256 × 128"}),
        ({"seed": 4711}, {"seed": "4711"}),
        ({"rating": 4}, {"rating": "4"}),
        ({"rating": 5}, {"rating": "4"}),
        ({"is_favourite": True}, {"favourite": "yes"}),
        ({"created_at": datetime(2026, 3, 14, 12, tzinfo=UTC)}, {"until": "2026-03-14"}),
        ({"created_at": datetime(2027, 3, 14, tzinfo=UTC)}, {"after": "2027-03-14"}),
    ],
)
def test_a_filter_shows_what_fits_alone(person: User, facts: dict[str, object], data: dict[str, str]) -> None:
    one(person, seed=1)
    image = one(person, **{"seed": 2, **facts})

    assert shown(person, **data) == [image]


def test_the_square_ones_are_shown(person: User) -> None:
    square = one(person)
    one(person, width=256)

    assert shown(person, shape="square") == [square]


def test_task_and_model_are_those_of_the_run(person: User) -> None:
    image, _ = one(person), one(person)
    Job.objects.filter(pk=image.job_id).update(task="upscale", model="some-alias", served_by="lanczos")

    for data in ({"task": "upscale"}, {"model": "some-alias"}, {"model": "lanczos"}):
        assert shown(person, **data) == [image]


def test_models_of_ones_own_are_found_by_who_drew_with_them(person: User) -> None:
    bob = make_person("bob@example.com")
    model, other = ready(person, name="Teapot"), ready(person, trigger_word="other")
    image = draw(person, loras=str(model.pk))
    draw(person, loras=str(other.pk))
    JobLora.objects.create(job=one(bob).job, model=model, user=bob)

    assert shown(person, model=str(model.pk)) == [image]
    assert shown(person, model=str(uuid.uuid4())) == []


def test_runs_from_before_are_noted_with_their_models(person: User) -> None:
    model = ready(person)
    image = draw(person, loras=str(model.pk))
    JobLora.objects.all().delete()

    importlib.import_module("generation.migrations.0037_note_models_of_earlier_runs").note(apps, connection)

    assert shown(person, model=str(model.pk)) == [image]


def test_what_began_from_a_picture_and_what_did_not(person: User) -> None:
    parent, child = one(person), one(person)
    JobInput.objects.create(
        job=child.job, role="image", kind="image", image=parent, source_id=parent.pk, width=128, height=128
    )

    assert shown(person, parent="yes") == [child]
    assert shown(person, parent="no") == [parent]


def test_folders_hold_their_own(person: User) -> None:
    folder = Folder.objects.create(user=person, name="Foxes")
    inside, outside = one(person, folder=folder), one(person)

    assert shown(person, folder=str(folder.pk)) == [inside]
    assert shown(person, folder="none") == [outside]


def test_a_strangers_folder_shows_nothing(person: User) -> None:
    stranger = make_person("bob@example.com")
    folder = Folder.objects.create(user=stranger, name="Foxes")
    one(stranger, folder=folder)
    one(person)

    found = library_filters.parse({"folder": str(folder.pk)}, person)

    assert gallery.page(person, found=found).images == []
    assert found.errors == {"folder": "There is no such folder. It may have been deleted."}


def test_a_deleted_folder_is_named_as_gone(person: User) -> None:
    folder = folders.make(person, "Foxes")
    one(person, folder=folder)
    pk = str(folder.pk)  # deleted, it has none
    folders.delete(folder)

    for data in ({"folder": pk}, {"q": "fox", "folder": pk}):
        assert library_filters.parse(data, person).errors == {
            "folder": "There is no such folder. It may have been deleted."
        }


def test_tags_are_found_whole(person: User) -> None:
    image = one(person)
    one(person)
    image.tags.add(Tag.objects.create(user=person, name="night sky"))

    assert shown(person, tag="Night  Sky") == [image]
    assert shown(person, tag="#night sky") == [image]
    assert shown(person, tag="night") == []


def test_everything_together_narrows(person: User) -> None:
    image = one(person, rating=5, is_favourite=True)
    one(person, rating=5)

    assert shown(person, q="fox", rating="5", favourite="yes", task="text-to-image") == [image]
    assert shown(person, q="owl", rating="5") == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("q", '"', "is never closed"),
        ("task", "dreambooth", "There is no task “dreambooth”"),
        ("shape", "round", "There is no shape “round”"),
        ("size", "big", "“big” is not a valid size"),
        ("after", "yesterday", "“yesterday” is not a valid date"),
        ("after", "0001-01-01", "“0001-01-01” is out of bounds: 1970-01-01 to 2999-12-31"),
        ("until", "9999-12-31", "is out of bounds"),
        ("seed", "-1", "“-1” is not a valid seed"),
        ("seed", "9999999999999999999", "is not a valid seed"),
        ("rating", "6", "“6” is not a valid rating"),
        ("folder", "../etc", "There is no such folder"),
        ("parent", "maybe", "is not a valid choice"),
        ("tag", "x" * 41, "at most 40 characters; this has 41"),
        ("model", "x" * 65, "at most 64 characters; this has 65"),
    ],
)
def test_a_value_that_means_nothing_is_named_and_shows_nothing(
    person: User, field: str, value: str, message: str
) -> None:
    one(person)

    found = library_filters.parse({field: value}, person)

    assert message in found.errors[field]
    assert gallery.page(person, found=found).images == []


def test_it_is_written_back_to_an_address_and_read_again(person: User) -> None:
    found = library_filters.parse({"rating": "4", "q": " red  fox ", "task": "", "unknown": "x"}, person)

    assert found.query == "q=red+fox&rating=4"
    assert found.parts == [("4 stars or more", "q=red+fox")]


@pytest.mark.parametrize(("stars", "words"), [("1", "1 star or more"), ("2", "2 stars or more"), ("5", "5 stars")])
def test_a_rating_that_is_looked_for_is_said_in_its_number(person: User, stars: str, words: str) -> None:
    assert library_filters.parse({"rating": stars}, person).parts == [(words, "")]


def test_neighbours_walk_what_was_found(person: User) -> None:
    first, _, last = one(person, rating=5), one(person), one(person, rating=5)

    assert gallery.neighbours(last, library_filters.parse({"rating": "5"}, person)) == (None, first)
