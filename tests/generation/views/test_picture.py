import pytest

from generation import gallery
from generation.models import ModelAlias
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    page = f"/pictures/{finished(make_person()).images.get(index=0).pk}/"

    assert_sent_to_login(visitor().get(page), page)


def test_a_stranger_finds_nothing() -> None:
    image = finished(make_person()).images.get(index=0)

    assert visitor(make_person("bob@example.com")).get(f"/pictures/{image.pk}/").status_code == 404


def test_the_owner_sees_the_whole_recipe() -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})
    user = make_person()
    values = {"prompt": "a fox in snow", "negative_prompt": "owls", "model": "midjourney", "seed": 4711}
    job = finished(user, **values, num_images=2, size="160x96", steps=30, guidance_scale=5.5, scheduler="euler")

    page = words(visitor(user).get(f"/pictures/{job.images.get(index=1).pk}/"))

    for part in (
        "a fox in snow",
        "Without owls",
        "midjourney · served by Starter",
        "Seed 4712",
        "30 steps",
        "Guidance 5.5",
        "Euler",
        f"/create/runs/{job.pk}/",
    ):
        assert part in page


def test_arrows_lead_to_the_neighbours() -> None:
    user = make_person()
    oldest, middle, newest = finished(user, num_images=3).images.order_by("id")

    page = words(visitor(user).get(f"/pictures/{middle.pk}/"))

    assert f'href="/pictures/{newest.pk}/" data-walks data-key="ArrowLeft"' in page
    assert f'href="/pictures/{oldest.pk}/" data-walks data-key="ArrowRight"' in page


def test_a_deleted_picture_has_no_page() -> None:
    user = make_person()
    image = finished(user).images.get(index=0)
    gallery.delete(image)

    assert visitor(user).get(f"/pictures/{image.pk}/").status_code == 404


def test_the_way_on_is_offered_by_seed_prompt_and_everything() -> None:
    user = make_person()
    image = finished(user).images.get(index=0)

    page = words(visitor(user).get(f"/pictures/{image.pk}/"))

    for take in ("seed", "prompt", "all"):
        assert f'href="/create/?from={image.pk}&amp;take={take}"' in page
