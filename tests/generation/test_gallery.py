import uuid

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generation import folders, gallery, library_filters, shelving
from generation.library_filters import LibraryFilter
from generation.models import Image, Job
from generation.models.image import ImageQuerySet
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


FINDS = (
    {"q": "fox"},
    {"q": '"red fox" OR owl -snow'},
    {"q": "foxes"},
    {"q": "unicorn"},
    {"q": "zebra"},
    {"q": "-fox"},
    {"q": "fox", "rating": "3"},
    {"q": "fox", "task": "text-to-image", "shape": "wide"},
    {"q": "fox", "tag": "print"},
    {"q": "fox", "folder": "none"},
    {"q": "owl", "parent": "no", "favourite": "yes"},
    {"task": "text-to-image"},
    {"task": "upscale", "rating": "2"},
    {"model": "starter"},
    {"model": "lanczos", "q": "fox"},
    {"model": "0190a1b2-0000-7000-8000-000000000000"},
)


@pytest.fixture
def collector() -> User:
    """Return somebody with forty pictures, of which foxes are many and a unicorn is the oldest."""
    user = make_person(credits=1000)
    prompts = ("a unicorn", *("a red fox", "foxes in the snow", "an owl", "a red fox and an owl", "a barn") * 8)
    images = [finished(user, prompt=prompt, num_images=1).images.get() for prompt in prompts[:40]]
    for place, image in enumerate(images):
        facts = {"rating": place % 6, "is_favourite": place % 3 == 0, "width": 128 + 32 * (place % 2)}
        Image.objects.filter(pk=image.pk).update(**facts)
    shelving.tag(user, Image.objects.filter(pk__in=[image.pk for image in images[::4]]), "print")
    shelving.move(Image.objects.filter(pk__in=[image.pk for image in images[::5]]), folders.make(user, "Foxes"))
    upscaled = Job.objects.filter(pk__in=[image.job_id for image in images[1::9]])
    upscaled.update(task="upscale", model="larger", served_by="lanczos")
    for image in images[3::7]:
        gallery.delete(image)
    stranger = make_person("bob@example.com")
    finished(stranger, prompt="a red fox and a unicorn", num_images=4)
    return user


def test_what_is_searched_for_here_is_there_often_seldom_and_never(collector: User) -> None:
    counts = [plainly(library_filters.parse(data, collector)).count() for data in FINDS]

    assert 0 < counts.count(0) < 5
    assert min(count for count in counts if count) == 1
    assert max(counts) > 10


@pytest.mark.parametrize("looked_through", [1, 8, 500])
def test_a_search_finds_page_by_page_what_the_plain_query_finds(
    collector: User, monkeypatch: pytest.MonkeyPatch, looked_through: int
) -> None:
    monkeypatch.setattr(gallery, "LOOKED_THROUGH", looked_through)
    for data in FINDS:
        found = library_filters.parse(data, collector)
        plain = list(plainly(found).values_list("pk", flat=True))

        for size in (2, 40):
            pages: list[list[uuid.UUID]] = []
            before = None
            while not pages or before:
                page = gallery.page(collector, before=before, size=size, found=found)
                pages.append([image.pk for image in page.images])
                before = page.next_before
            assert pages == ([plain[start : start + size] for start in range(0, len(plain), size)] or [[]]), data


def test_a_search_goes_on_behind_any_picture(collector: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "LOOKED_THROUGH", 5)
    for data in FINDS:
        found = library_filters.parse(data, collector)

        for before in [*Image.objects.order_by("id").values_list("pk", flat=True)[::6], uuid.UUID(int=0)]:
            page = gallery.page(collector, before=before, size=4, found=found)
            older = list(plainly(found).filter(pk__lt=before)[:5])
            assert page.images == older[:4], data
            assert (page.next_before is not None) == (len(older) == 5), data


def plainly(found: LibraryFilter) -> ImageQuerySet:
    """Return what is found by the index of words alone."""
    return found.apply(Image.objects.visible_to(found.user)).newest_first()


def test_whatever_is_found_takes_one_query(collector: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for data in FINDS:
        found = library_filters.parse(data, collector)
        with django_assert_num_queries(1):
            gallery.page(collector, size=10, found=found)


@pytest.mark.parametrize(
    ("filters", "narrows"), [({}, True), ({"rating": "2"}, True), ({"shape": "wide"}, True), ({"tag": "print"}, False)]
)
def test_only_so_many_of_the_newest_that_the_librarys_index_finds_are_looked_at(
    collector: User, filters: dict[str, str], narrows: bool
) -> None:
    found = library_filters.parse({"q": "fox", **filters}, collector)
    visible = Image.objects.visible_to(collector)
    among = plainly(library_filters.parse(filters if narrows else {}, collector))
    newest = set(among.values_list("pk", flat=True)[:9])

    looked_at, older = found.apply_in_two(visible, 9)

    assert list(looked_at.newest_first()) == [image for image in plainly(found) if image.pk in newest]
    assert 0 < looked_at.count() < 9
    assert [*looked_at.newest_first(), *older.newest_first()] == list(plainly(found))


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
