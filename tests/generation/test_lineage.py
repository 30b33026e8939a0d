"""The way back from a picture to the first words, whatever of it was deleted since."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generation import gallery, lifecycle, lineage, params, uploads
from generation.models import Image
from tests.generation.runs import claim, make_person, pictures
from tests.generation.uploads import brought, masked
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def made(user: User, task: str = "text-to-image", **values: Any) -> Image:
    """Return a picture of a run that began from what `values` say; its files do not exist."""
    lifecycle.submit(user, params.parse(task, {"prompt": "a red fox", **values}, user), key=f"{task}{values}")
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))
    return Image.objects.select_related("job", "user").get(job=job)


def ref(image: Image) -> str:
    return f"image:{image.pk}"


def test_a_picture_from_words_has_no_parents(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    image = made(make_person())
    with django_assert_num_queries(1):
        assert lineage.of(image).parents == []


def test_the_tree_goes_back_to_the_first_words_and_leaves_masks_out() -> None:
    user = make_person()
    first = made(user, prompt="a green owl")
    second = made(user, "variations", image=ref(first))
    mask = masked(user, 128, 128, (10, 10, 60, 60))
    third = made(user, "inpaint", image=ref(second), mask=mask.reference)

    root = lineage.of(third)

    assert root.image == third
    [parent] = root.parents
    assert (parent.image, parent.job) == (second, second.job)
    [grandparent] = parent.parents
    assert (grandparent.image, grandparent.title, grandparent.parents) == (first, "a green owl", [])


def test_a_blend_has_each_of_its_pictures_as_a_parent() -> None:
    user = make_person()
    one, two = made(user, prompt="one"), brought(user, 128, 128)
    root = lineage.of(made(user, "blend", images=[ref(one), two.reference]))
    assert [(parent.image, parent.upload) for parent in root.parents] == [(one, None), (None, two)]


def test_what_was_deleted_keeps_a_stub_and_the_way_goes_on() -> None:
    user = make_person()
    upload = brought(user, 128, 128)
    first = made(user, "variations", image=upload.reference)
    second = made(user, "variations", image=ref(first))
    gallery.delete(first)
    uploads.delete(upload)
    uploads.purge()

    [parent] = lineage.of(second).parents
    assert (parent.is_gone, parent.width, parent.job) == (True, 128, first.job)
    [grandparent] = parent.parents
    assert (grandparent.is_gone, grandparent.job, grandparent.placeholder) == (True, None, upload.placeholder)


def oldest_of(node: lineage.Node) -> tuple[lineage.Node, int]:
    """Return the first picture of a way without forks, and how many generations back it is."""
    generations = 0
    while node.parents:
        node, generations = node.parents[0], generations + 1
    return node, generations


def long_way(user: User, generations: int, first: Image) -> Image:
    """Return what came of a picture after so many generations."""
    for _ in range(generations):
        first = made(user, "variations", image=ref(first))
    return first


def test_a_long_way_back_is_given_in_parts_down_to_the_first_words(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_person(credits=1000)
    first = made(user, prompt="a green owl")
    image = long_way(user, 2 * lineage.GENERATIONS_MAX + 3, first)

    with django_assert_max_num_queries(lineage.GENERATIONS_MAX + 1):
        node, generations = oldest_of(lineage.of(image))
    for _ in range(2):
        assert (generations, node.is_cut_off) == (lineage.GENERATIONS_MAX, True)
        assert node.job
        node, generations = oldest_of(lineage.earlier(node.job))
    assert (generations, node.image, node.is_cut_off) == (3, first, False)


def test_the_beginnings_of_a_long_way_are_known_in_one_query_each_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user, stranger = make_person(credits=1000), make_person("eve@example.com")
    made(stranger, prompt="a red hat")
    first, brought_along = made(user, prompt="a green owl"), brought(user, 128, 128)
    mask = masked(user, 128, 128, (10, 10, 60, 60))
    left = long_way(user, lineage.GENERATIONS_MAX, first)
    right = made(user, "inpaint", image=brought_along.reference, mask=mask.reference)
    both = made(user, "blend", images=[ref(left), ref(right)])
    image = made(user, "blend", images=[ref(both), ref(first)], prompt="together")
    gallery.delete(first)

    with django_assert_num_queries(1):
        found = lineage.beginnings(image)

    assert {(node.title, node.is_gone) for node in found} == {("a green owl", True), ("A picture of your own", False)}
    assert {node.job for node in found} == {first.job, None}


def test_a_blend_of_blends_is_cut_off_where_it_grows_too_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "NODES_MAX", 5)
    user = make_person(credits=1000)
    four = [brought(user, 128, 128, seed=seed) for seed in range(1, 5)]
    halves = [made(user, "blend", images=[one.reference for one in two]) for two in (four[:2], four[2:])]

    root = lineage.of(made(user, "blend", images=[ref(half) for half in halves], prompt="all"))

    # All parents of a picture are shown, or none.
    assert [(len(half.parents), half.is_cut_off) for half in root.parents] == [(2, False), (0, True)]
    assert root.parents[1].job
    assert [parent.upload for parent in lineage.earlier(root.parents[1].job).parents] == four[2:]


def test_the_pictures_page_shows_it_with_a_way_on_from_each() -> None:
    user = make_person()
    first = made(user, prompt="a green owl")
    second = made(user, "variations", image=ref(first))

    page = words(visitor(user).get(f"/pictures/{second.pk}/"))

    assert "Where it comes from" in page
    assert f'href="/pictures/{first.pk}/"' in page
    assert f"/create/?from={first.pk}&amp;take=all" in page
    assert f'href="/edit/?branch={second.job_id}"' in page
    assert "Where it comes from" not in words(visitor(user).get(f"/pictures/{first.pk}/"))


def test_a_long_ways_page_has_the_first_words_and_what_lies_between() -> None:
    user = make_person(credits=1000)
    first = made(user, prompt="a green owl")
    image = long_way(user, lineage.GENERATIONS_MAX + 2, first)

    page = words(visitor(user).get(f"/pictures/{image.pk}/"))

    assert "It all began with" in page
    assert f"/create/?from={first.pk}&amp;take=all" in page
    node, _ = oldest_of(lineage.of(image))
    assert node.job
    assert f'href="/create/runs/{node.job.pk}/earlier/"' in page
