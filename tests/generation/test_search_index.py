import importlib

import pytest
from django.apps import apps

from generation import search_index, search_words
from generation.models import SearchText, Tag
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_each_picture_is_found_by_its_own_words() -> None:
    user = make_person()
    job = finished(user, prompt="a {red|blue|green|white} fox", num_images=4)

    for image in job.images.all():
        hits = SearchText.objects.matching(user, search_words.parse(f'"{image.prompt}"')).values_list(
            "image", flat=True
        )
        assert image.pk in hits
        assert {job.images.get(pk=pk).prompt for pk in hits} == {image.prompt}


def test_tags_and_descriptions_are_found_once_they_are_written_and_no_longer_when_they_are_gone() -> None:
    user = make_person()
    image = finished(user, num_images=1).images.get()
    image.tags.add(Tag.objects.create(user=user, name="holiday cards"))
    image.alt_text = "Sleeping under a pine"
    image.save()
    search_index.rewrite([image.pk])

    for text in ("holiday", "pine", "fox"):
        assert SearchText.objects.matching(user, search_words.parse(text)).exists()

    image.tags.clear()
    search_index.rewrite([image.pk])
    assert not SearchText.objects.matching(user, search_words.parse("holiday")).exists()
    assert SearchText.objects.count() == 1


@pytest.mark.parametrize(
    ("prompt", "search", "is_found"),
    [
        ("two red foxes", "fox", True),
        ("a red fox", "foxes", True),
        ("a girl running", "runs", True),
        ("a girl who runs", "running", True),
        ("two red foxes", "-fox", False),
        ("two red foxes", '"red fox"', False),
        ("two red foxes", '"red foxes"', True),
        ("a foxglove", "foxes", False),
        ("Füchse im Schnee", "fuchse", True),
    ],
)
def test_other_forms_of_a_word_are_found(prompt: str, search: str, is_found: bool) -> None:
    user = make_person()
    finished(user, prompt=prompt)

    found = SearchText.objects.matching(user, search_words.parse(search))

    assert found.exists() is is_found


def test_older_texts_are_written_anew_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person()
    images = [finished(user, prompt=f"{number} foxes").images.get() for number in range(5)]
    SearchText.objects.update(words=["before"])
    migration = importlib.import_module("generation.migrations.0027_search_stems")
    monkeypatch.setattr(migration, "CHUNK", 2)

    migration.index(apps, None)

    found = SearchText.objects.matching(user, search_words.parse("fox"))
    assert {row.image_id for row in found} == {image.pk for image in images}
