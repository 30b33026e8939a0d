import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing import grants, ledger, plans
from billing.models import Payment, Plan, Subscription
from generation import gallery
from generation.models import Image
from tests.billing.books import make_subscription
from tests.billing.paying import buy
from tests.generation.pictures import draw, put_on
from tests.generation.runs import finished, make_person
from tests.generation.trained import ready
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/library/"


def shown(page: str) -> list[str]:
    """Return the ids of the pictures on a page, in order."""
    return re.findall(r'id="picture-([0-9a-f-]{36})"', page)


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_an_empty_library_offers_the_first_step() -> None:
    page = words(visitor(make_person()).get(PAGE))

    assert "Every picture you make comes here" in page
    assert 'href="/create/"' in page


def test_the_library_holds_ones_own_pictures_newest_first() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    finished(bob, num_images=2)
    job = finished(ada, num_images=3)

    ids = shown(words(visitor(ada).get(PAGE)))

    assert ids == [str(pk) for pk in job.images.order_by("-id").values_list("pk", flat=True)]


def test_every_picture_is_reached_without_javascript_and_in_parts() -> None:
    user = make_person()
    for number in range(9):
        finished(user, num_images=10, prompt=f"fox {number}")
    client = visitor(user)

    for headers in ({}, HTMX):
        address, seen = PAGE, []
        while address:
            page = words(client.get(address, headers=headers))
            seen += shown(page)
            link = re.search(r'<a class="button" href="(/library/\?before=[0-9a-f-]+)"', page)
            address = link[1] if link else ""
        assert len(seen) == len(set(seen)) == 90


def test_a_deleted_picture_can_be_brought_back_from_the_next_page() -> None:
    user = make_person()
    image = finished(user, num_images=2).images.get(index=0)
    gallery.delete(image)

    page = words(visitor(user).get(PAGE, {"deleted": str(image.pk)}))

    assert "Picture deleted." in page
    assert f'action="/pictures/{image.pk}/restore/"' in page
    assert str(image.pk) not in shown(page)


def test_what_a_stranger_deleted_is_not_offered() -> None:
    image = finished(make_person("bob@example.com")).images.get(index=0)
    gallery.delete(image)

    assert "Picture deleted." not in words(visitor(make_person()).get(PAGE, {"deleted": str(image.pk)}))


@pytest.mark.parametrize("pays", ["", "month", "year", "given", "cancelled", "failing"])
def test_a_page_costs_at_most_four_queries_whatever_plan_its_reader_has(
    django_assert_max_num_queries: DjangoAssertNumQueries, pays: str
) -> None:
    user = make_person()
    for number in range(5):
        finished(user, num_images=10, prompt=f"fox {number}")
    user.wallets.update(plan=plans.free(), plan_since=None, given_plan=None)
    grants.start_monthly_credits(user)
    pay(user, pays)
    client = visitor(user)
    client.get(PAGE)

    with django_assert_max_num_queries(4):
        page = words(client.get(PAGE))

    assert " more on " in page
    assert ("overdue-bar" in page) == (pays == "failing")
    for data in ({"q": "zebra"}, {"q": "fox", "parent": "yes"}, {"model": "lanczos"}):
        with django_assert_max_num_queries(4):
            client.get(PAGE, data)


def pay(user: User, how: str) -> None:
    """Give somebody a plan; one that is paid by the year has months to come."""
    wallet = ledger.wallet_of(user)
    if how == "given":
        plans.put_on(wallet, Plan.objects.get(pk="pro"))
    elif how in ("month", "year"):
        buy(user, "pro", how, 31 if how == "month" else 365)
        assert Payment.objects.filter(wallet=wallet, next_month_at__isnull=False).exists() == (how == "year")
    elif how == "cancelled":
        make_subscription(wallet, cancels_at_period_end=True)
    elif how == "failing":
        make_subscription(wallet, status=Subscription.Status.PAST_DUE, past_due_since=timezone.now())


def test_a_search_shows_what_it_finds_and_goes_on_with_it() -> None:
    user = make_person()
    for number in range(5):
        finished(user, num_images=10, prompt=f"a red fox {number}")
        finished(user, num_images=1, prompt="an owl")

    page = words(visitor(user).get(PAGE, {"q": "fox"}))

    assert len(shown(page)) == 40
    link = re.search(r'<a class="button" href="(/library/\?q=fox&amp;before=[0-9a-f-]+)"', page)
    assert link
    rest = words(visitor(user).get(link[1].replace("&amp;", "&"), headers=HTMX))
    assert len(shown(rest)) == 10
    assert re.search(rf'/pictures/{shown(page)[0]}/\?q=fox"', page)


def test_pictures_of_a_model_of_ones_own_are_chosen_by_its_name_in_four_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_person()
    model = ready(user, name="Teapot")
    image = draw(user, loras=str(model.pk))
    finished(user)
    client = visitor(user)

    client.get(PAGE)
    with django_assert_max_num_queries(4):
        page = words(client.get(PAGE, {"model": str(model.pk)}))

    assert f'<option value="{model.pk}" selected>Teapot</option>' in page
    assert "Model Teapot" in page
    assert shown(page) == [str(image.pk)]


def test_a_search_in_place_answers_with_what_was_found_and_its_address() -> None:
    user = make_person()
    finished(user, num_images=2)

    answer = visitor(user).get(PAGE, {"q": "fox", "task": ""}, headers=HTMX)

    assert len(shown(words(answer))) == 2
    assert "<html" not in words(answer)
    assert answer["HX-Replace-Url"] == "/library/?q=fox"


def test_a_search_that_means_nothing_says_so() -> None:
    user = make_person()
    finished(user)

    page = words(visitor(user).get(PAGE, {"q": '"red', "rating": "9"}))

    assert "The quotation mark before “red” is never closed." in page
    assert "“9” is not a valid rating" in page
    assert shown(page) == []


def test_what_is_not_found_is_said() -> None:
    user = make_person()
    finished(user)

    assert "No picture fits" in words(visitor(user).get(PAGE, {"q": "zebra"}))


def test_a_search_is_shown_as_text() -> None:
    page = words(visitor(make_person()).get(PAGE, {"q": '"><script>alert(1)</script>"', "tag": "<b>x"}))

    assert "<script>alert(1)" not in page
    assert "<b>x" not in page


@pytest.mark.parametrize("pays", [False, True])
@pytest.mark.parametrize("query", [{}, {"q": "zebra"}, {"q": "fox", "task": "text-to-image", "shape": "square"}])
def test_no_page_of_the_library_costs_more_than_four_queries(
    query: dict[str, str], pays: bool, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_person()
    finished(user, num_images=10)
    if pays:
        make_subscription(ledger.wallet_of(user))
    client = visitor(user)
    client.get(PAGE)

    with django_assert_max_num_queries(4):
        client.get(PAGE, query)


def test_each_picture_that_will_go_says_when_and_near_it_how_soon() -> None:
    user = make_person()
    put_on(user, "free")
    user.wallets.update(plan_since=None, pictures_kept_until=None)
    far, near, last = finished(user, num_images=3).images.order_by("index")
    now = timezone.now()
    for image, left in ((far, 40.5), (near, 12.5), (last, 0.5)):
        Image.objects.filter(pk=image.pk).update(created_at=now - timedelta(days=90 - left))

    page = words(visitor(user).get(PAGE))
    parts = words(visitor(user).get(PAGE, {"before": "f" * 8 + "-ffff-7fff-bfff-" + "f" * 12}, headers=HTMX))

    for text in (page, parts):
        assert 'until </span><time datetime="' in tile_of(far, text)
        assert "12 days left" in tile_of(near, text)
        assert ", kept until <time" in tile_of(near, text)
        assert "is-near" in tile_of(near, text)
        assert "is-near" not in tile_of(far, text)
        assert "Goes today" in tile_of(last, text)
    put_on(user, "pro")
    assert "tile-until" not in words(visitor(user).get(PAGE))


def tile_of(image: Image, page: str) -> str:
    """Return a picture's tile."""
    return page.partition(f'id="picture-{image.pk}"')[2].partition("</li>")[0]


def test_further_pictures_cost_no_query_for_how_long_they_are_kept(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_person()
    put_on(user, "free")
    finished(user, num_images=5)
    last = finished(user, num_images=1).images.get()
    client = visitor(user)
    client.get(PAGE, {"before": str(last.pk)}, headers=HTMX)

    with django_assert_max_num_queries(3):
        page = words(client.get(PAGE, {"before": str(last.pk)}, headers=HTMX))

    assert page.count("tile-until") == 5
