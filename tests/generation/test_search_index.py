import pytest

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
