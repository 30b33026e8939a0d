"""What a picture says of itself."""

import pytest
from django.db import connection
from django.utils import timezone

from generation.models import Image
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_a_recipe_makes_this_picture_alone() -> None:
    job = finished(make_person(), prompt="a {red|blue} fox", seed=7, num_images=4)
    image = job.images.get(index=2)

    assert (image.recipe["seed"], image.recipe["num_images"]) == (9, 1)
    assert image.recipe["prompt"] == image.words[0] == image.prompt
    assert image.prompt in {"a red fox", "a blue fox"}


def test_a_picture_is_described_by_its_prompt_until_its_owner_says_what_it_shows() -> None:
    image = finished(make_person(), prompt="a red fox", num_images=1).images.get()

    assert image.description == "a red fox"
    image.alt_text = "A fox asleep"
    assert image.description == "A fox asleep"


def test_the_trash_holds_what_can_still_be_brought_back() -> None:
    user = make_person()
    kept, deleted, purged = finished(user, num_images=3).images.order_by("index")
    now = timezone.now()
    Image.objects.filter(pk=deleted.pk).update(deleted_at=now)
    Image.objects.filter(pk=purged.pk).update(deleted_at=now, purged_at=now)

    assert list(Image.objects.in_trash_of(user)) == [deleted]
    assert list(Image.objects.visible_to(user)) == [kept]
    assert not Image.objects.in_trash_of(make_person("bob@example.com")).exists()


@pytest.mark.postgres
def test_the_planner_knows_that_a_folder_is_one_persons() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stxname FROM pg_statistic_ext WHERE stxrelid = 'generation_image'::regclass")
        assert cursor.fetchall() == [("generation_image_folders_owner",)]
