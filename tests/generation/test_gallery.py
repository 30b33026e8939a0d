import pytest

from generation import gallery
from generation.models import Image
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_pages_are_newest_first_and_complete() -> None:
    user = make_person()
    for number in range(3):
        finished(user, num_images=4, prompt=f"fox {number}")

    seen, before = [], None
    while True:
        page = gallery.page(user, before=before, size=5)
        seen += [image.pk for image in page.images]
        before = page.next_before
        if before is None:
            break

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 12


def test_a_page_that_ends_exactly_has_no_next() -> None:
    user = make_person()
    finished(user, num_images=5)

    assert gallery.page(user, size=5).next_before is None


def test_others_and_deleted_pictures_are_not_shown() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    job = finished(ada, num_images=2)
    finished(bob, prompt="an owl")
    gone = job.images.get(index=0)

    gallery.delete(gone)

    assert [image.index for image in gallery.page(ada).images] == [1]
    gallery.restore(gone)
    assert len(gallery.page(ada).images) == 2


def test_neighbours_walk_the_library() -> None:
    user = make_person()
    finished(user, num_images=3)
    newest, middle, oldest = gallery.page(user).images

    assert gallery.neighbours(middle) == (newest, oldest)
    assert gallery.neighbours(newest) == (None, middle)
    assert gallery.neighbours(oldest) == (middle, None)


def test_recent_runs_come_with_their_pictures_in_order(django_assert_num_queries: object) -> None:
    user = make_person()
    first, second = finished(user, num_images=2), finished(user, num_images=3, prompt="an owl")

    page = gallery.recent_runs(user)

    assert page.jobs == [second, first]
    assert [image.index for image in page.jobs[0].images.all()] == [0, 1, 2]


def test_a_page_takes_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    user = make_person()
    finished(user, num_images=3)

    with django_assert_num_queries(1):
        for image in gallery.page(user).images:
            assert image.job.prompt
    assert Image.objects.count() == 3
