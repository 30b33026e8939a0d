import re

import pytest
from pytest_django import DjangoAssertNumQueries

from billing import grants
from generation.models import ModelAlias
from tests.factories import make_user
from tests.generation.runs import claim, finished, make_person, submit
from tests.generation.videos import submit_video
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/create/"


def value_of(page: str, name: str) -> str:
    """Return what stands in an input of the page."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_the_price_stands_above_the_button_and_on_it() -> None:
    page = words(visitor(make_person()).get(PAGE))

    assert "1 credit a picture" in page
    assert "Generate · 4 credits" in page
    assert "96 left after" in page


def test_the_empty_page_offers_the_models_three_prompts_and_its_limits() -> None:
    page = words(visitor(make_person()).get(PAGE))

    assert page.count("data-fills-prompt=") == 3
    assert "It cannot draw photographs" in page


def test_models_that_are_not_here_are_shown_and_cannot_be_chosen() -> None:
    page = words(visitor(make_person()).get(PAGE))

    option = re.search(r'<input type="radio" name="model" value="flux-1-schnell"[^>]*>', page)
    assert option is not None
    assert "disabled" in option[0]
    assert "Not installed on this site" in page


def test_an_alias_says_who_serves_it() -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})
    user = make_person()
    finished(user, model="midjourney")

    page = words(visitor(user).get(PAGE))

    assert "midjourney · served by Starter" in page
    assert "Served by Starter" in page


def test_runs_stand_newest_first_and_only_ones_own() -> None:
    ada, bob = make_person(), make_person("bob@example.com")
    finished(ada, prompt="the older fox")
    finished(ada, prompt="the newer fox")
    finished(bob, prompt="an owl of bob's")

    page = words(visitor(ada).get(PAGE))

    assert page.index("the newer fox") < page.index("the older fox")
    assert "owl" not in page


def test_older_runs_follow_on_their_own() -> None:
    user = make_person()
    for number in range(9):
        finished(user, prompt=f"fox number {number}", num_images=1)
    client = visitor(user)
    link = re.search(r'href="(/create/\?before=[0-9a-f-]+)"', words(client.get(PAGE)))
    assert link is not None

    part, whole = client.get(link[1], headers=HTMX), client.get(link[1])

    assert "fox number 0" in words(part)
    assert "<html" not in words(part)
    assert "fox number 0" in words(whole)
    assert "<html" in words(whole)
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize("take", ["seed", "prompt", "all"])
def test_a_picture_fills_the_form(take: str) -> None:
    user = make_person()
    image = finished(user, prompt="a very special fox", seed=4711).images.get(index=0)

    page = words(visitor(user).get(PAGE, {"from": str(image.pk), "take": take}))

    assert ("a very special fox</textarea>" in page) is (take != "seed")
    assert (value_of(page, "seed") == "4711") is (take != "prompt")


@pytest.mark.parametrize("source", ["from", "run"])
def test_what_belongs_to_a_stranger_fills_nothing(source: str) -> None:
    job = finished(make_person("bob@example.com"))
    key = job.images.get(index=0).pk if source == "from" else job.pk

    assert visitor(make_person()).get(PAGE, {source: str(key)}).status_code == 404


def test_the_form_is_as_the_last_run_from_text_was_whatever_was_made_since() -> None:
    user = make_person()
    finished(user, prompt="a fox", num_images=3)
    submit_video(user)

    assert "Generate · 3 credits" in words(visitor(user).get(PAGE))


def test_a_run_fills_the_form_without_its_seed() -> None:
    user = make_person()
    job = finished(user, prompt="a very special fox", seed=4711, size="160x96")

    page = words(visitor(user).get(PAGE, {"run": str(job.pk)}))

    assert "a very special fox</textarea>" in page
    assert 'value="160x96" checked' in page
    assert value_of(page, "seed") == ""


def test_a_prompt_from_the_first_page_waits_in_the_form_once() -> None:
    client = visitor(make_person())
    client.post("/", {"prompt": "a fox from the first page"})

    assert "a fox from the first page</textarea>" in words(client.get(PAGE))
    assert "a fox from the first page" not in words(client.get(PAGE))


def test_the_fold_comes_as_it_was_left() -> None:
    client = visitor(make_person())

    assert '<details class="fold" id="advanced">' in words(client.get(PAGE))
    client.cookies["advanced"] = "open"
    assert '<details class="fold" id="advanced" open>' in words(client.get(PAGE))


def test_who_has_too_few_credits_reads_what_is_missing_and_when_more_come() -> None:
    user = make_user()
    grants.start_monthly_credits(user)
    for _ in range(9):
        finished(user, num_images=10)
    finished(user, num_images=8)

    page = words(visitor(user).get(PAGE, {"run": str(user.jobs.earliest("id").pk)}))

    assert "8 credits missing" in page
    assert 'href="/pricing/">Get more credits' in page
    assert re.search(r"100 more on (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d+ [A-Z][a-z]+\.", page)
    assert "Generate 2 pictures instead · 2 credits" in page


@pytest.mark.parametrize("nonsense", ["x", "", "00000000-0000-0000-0000-00000000000g"])
def test_an_address_that_names_nothing_shows_the_page(nonsense: str) -> None:
    answer = visitor(make_person()).get(PAGE, {"before": nonsense, "from": nonsense, "run": nonsense})

    assert answer.status_code == 200


def test_the_full_page_costs_at_most_nine_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    user = make_person()
    for number in range(6):
        finished(user, num_images=4, prompt=f"fox {number}")
    submit(user, prompt="working")
    claim()
    submit(user, prompt="waiting")
    submit(user, prompt="waiting too")
    client = visitor(user)
    client.get(PAGE)

    with django_assert_max_num_queries(9):
        client.get(PAGE)
