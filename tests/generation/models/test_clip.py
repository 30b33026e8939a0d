"""A video's row lives with its picture's."""

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from generation.models import Clip, Image
from tests.generation.runs import finished, make_person
from tests.generation.videos import clip_of, make_video

pytestmark = pytest.mark.django_db


def test_a_video_knows_its_length_and_its_files() -> None:
    image = make_video(make_person())
    clip = clip_of(image)
    assert (clip.frames, clip.fps, clip.seconds) == (8, 16, 0.5)
    assert image.files == (image.file, image.thumbnail_320, image.thumbnail_640, clip.mp4, clip.webp, clip.gif)
    assert len({key.rsplit("/", 1)[0] for key in image.files}) == 1


def test_of_a_picture_it_is_known_without_asking_that_it_has_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    finished(make_person(), num_images=1)
    image = Image.objects.select_related("job").get()
    with django_assert_num_queries(0):
        assert image.video is None
        assert len(image.files) == 3


def test_it_goes_with_its_picture() -> None:
    make_video(make_person()).delete()
    assert not Clip.objects.exists()


def test_no_video_is_without_length() -> None:
    image = make_video(make_person())
    with pytest.raises(IntegrityError), transaction.atomic():
        Clip.objects.filter(pk=image.pk).update(fps=0)
