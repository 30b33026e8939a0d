"""What is shown under a name and with tags: found by both, liked, remixed, gone from both; on a phone and a desk."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from tests.browser.sizes import SIZES, fits, goto
from tests.generation.pictures import draw

pytestmark = pytest.mark.usefixtures("size")


def test_an_author_and_a_tag_lead_to_a_picture_until_it_is_withdrawn(
    studio: Page, person: User, stranger: Page, browser: Browser, base_url: str, settings: Settings, size: str
) -> None:
    settings.SHOWCASE = True
    goto(studio, "/settings/profile/")
    studio.get_by_label("Name", exact=True).fill("Ada of the Foxes")
    studio.get_by_role("button", name="Save").click()
    studio.wait_for_load_state("load")
    images = [draw(person, prompt=prompt) for prompt in ("a red fox", "an owl")]
    for image, tags in zip(images, ("fox, night sky", "night sky"), strict=True):
        goto(studio, f"/pictures/{image.pk}/")
        studio.get_by_label("Tags to add, divided by commas").fill(tags)
        studio.get_by_label("Tags to add, divided by commas").press("Enter")
        expect(studio.get_by_role("button", name="Take off the tag night sky")).to_be_visible()
        studio.get_by_role("button", name="To the showcase").click()
        expect(studio.get_by_label("Link to this picture")).to_be_visible()

    context = browser.new_context(**SIZES[size], base_url=base_url)
    visitor = context.new_page()
    goto(visitor, "/showcase/")
    visitor.get_by_role("link", name="All tags").click()
    expect(visitor.get_by_role("link", name="night sky 2")).to_be_visible()
    fits(visitor)
    visitor.get_by_role("link", name="fox 1").click()
    expect(visitor.locator(".tile-link")).to_have_count(1)
    fits(visitor)
    of_tag = visitor.url
    visitor.locator(".tile-link").click()
    visitor.wait_for_url("**/s/**")
    shown = visitor.url
    visitor.get_by_role("link", name="Ada of the Foxes").click()
    expect(visitor.get_by_role("heading", name="Ada of the Foxes")).to_be_visible()
    expect(visitor.locator(".tile-link")).to_have_count(2)
    assert person.email not in visitor.content()
    fits(visitor)
    of_author = visitor.url

    visitor.goto(shown)
    visitor.get_by_role("button", name="0 likes").click()
    visitor.wait_for_url("**/accounts/login/**")  # a like is somebody's
    stranger.goto(of_tag)
    stranger.locator(".tile-link").click()
    stranger.get_by_role("button", name="0 likes").click()
    expect(stranger.get_by_role("button", name="1 like")).to_be_visible()
    stranger.get_by_role("link", name="Remix").click()
    expect(stranger.locator("#prompt")).to_have_value("a red fox")

    for image, left in zip(images, (1, 0), strict=True):
        goto(studio, f"/pictures/{image.pk}/")
        studio.get_by_role("button", name="Make private").click()
        expect(studio.get_by_text("Nobody but you sees it.")).to_be_visible()
        visitor.goto(of_tag)
        expect(visitor.get_by_text("Nothing is shown here yet.")).to_be_visible()
        visitor.goto(of_author)
        expect(visitor.locator(".tile-link")).to_have_count(left)
    for gone in (shown, of_author):
        assert visitor.goto(gone).status == 404  # type: ignore[union-attr]
    goto(visitor, "/showcase/tags/")
    expect(visitor.get_by_text("Nothing that is shown has a tag yet.")).to_be_visible()
    context.close()
