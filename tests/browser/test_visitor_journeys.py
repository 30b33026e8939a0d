"""What a visitor walks through before and after signing up, and how a library is narrowed: on a phone and on a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from generation import shelving
from generation.models import Image
from getimg_site.models import Incident
from tests.browser.sizes import fits, goto, toast
from tests.browser.windows import sign_up_from_the_first_page
from tests.generation.pictures import draw

pytestmark = pytest.mark.usefixtures("size")


def follow(page: Page, name: str) -> None:
    """Follow a link of the page's foot to a page that fits."""
    page.locator("footer").get_by_role("link", name=name, exact=True).click()
    page.wait_for_load_state("load")
    fits(page)


# --- The site ------------------------------------------------------------------------------------------------


def test_a_visitor_learns_the_price_and_begins_with_the_prompt_from_the_first_page(page: Page, base_url: str) -> None:
    goto(page, "/")
    follow(page, "Pricing")
    expect(page.get_by_role("heading", name="Pricing")).to_be_visible()
    expect(page.get_by_text("100 credits a month").first).to_be_visible()
    follow(page, "Questions and answers")
    expect(page.get_by_role("heading", name="May I use my pictures commercially?")).to_be_visible()

    sign_up_from_the_first_page(page, "a fox and a red apple")

    expect(page.locator("#generate")).to_contain_text("credit")
    fits(page)


def test_what_does_not_work_what_is_new_and_the_terms_are_read(page: Page, base_url: str) -> None:
    Incident.objects.create(title="Videos wait", text="New ones begin an hour late. We add a machine.")
    goto(page, "/")

    follow(page, "Status")
    expect(page.get_by_role("heading", name="Videos wait")).to_be_visible()
    expect(page.get_by_text("New ones begin an hour late.")).to_be_visible()
    follow(page, "What is new")
    expect(page.get_by_role("heading", name="What is new")).to_be_visible()
    for name in ("Terms", "Privacy", "Refunds", "Licence"):
        follow(page, name)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_prompt_of_the_book_is_in_the_form(studio: Page, person: User) -> None:
    goto(studio, "/guides/")
    prompt = studio.locator(".chapter-prompt").first
    words = prompt.inner_text()

    prompt.click()

    expect(studio).to_have_url(re.compile("/create/"))
    expect(studio.locator("#prompt")).to_have_value(words)
    fits(studio)


# --- The library ---------------------------------------------------------------------------------------------


def test_filters_narrow_the_library_together_and_go_one_by_one(studio: Page, person: User) -> None:
    kept, other = draw(person, prompt="a red fox"), draw(person, prompt="an owl")
    draw(person, prompt="a castle")
    mine = Image.objects.filter(user=person)
    shelving.rate(mine.filter(pk__in=[kept.pk, other.pk]), "4")
    shelving.tag(person, mine.filter(pk=kept.pk), "night")
    goto(studio, "/library/")
    tiles = studio.locator("#pictures .tile")

    studio.get_by_label("Filters").click()
    fits(studio)
    studio.get_by_label("Rating", exact=True).select_option("3")
    expect(tiles).to_have_count(2)
    studio.get_by_role("textbox", name="Tag").fill("night")
    studio.get_by_role("button", name="Show", exact=True).click()
    expect(tiles).to_have_count(1)
    fits(studio)

    studio.get_by_role("link", name=re.compile("night.*show others too")).click()
    expect(tiles).to_have_count(2)


def test_selected_pictures_are_tagged_together_and_found_by_it(studio: Page, person: User, size: str) -> None:
    for number in range(3):
        draw(person, prompt=f"fox {number}")
    goto(studio, "/library/")
    boxes = studio.locator("#pictures").get_by_role("checkbox")
    for number in range(2):
        boxes.nth(number).check(force=size == "desk")

    studio.locator("#selection").get_by_label("Tag", exact=True).click()
    studio.get_by_label("Tags, divided by commas").fill("night, snow")
    fits(studio)
    studio.locator("#selection").get_by_role("button", name="Add", exact=True).click()

    toast(studio, "2 pictures")
    assert Image.objects.filter(user=person, tags__name="snow").count() == 2
    goto(studio, "/library/?tag=snow")
    expect(studio.locator("#pictures .tile")).to_have_count(2)
