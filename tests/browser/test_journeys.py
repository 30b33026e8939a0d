"""Journeys through library, files and showcase, each on a phone and on a desk."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from generation import moderation_queue
from generation.models import ModerationCase
from tests.browser.sizes import SIZES, fits, goto, saved, toast
from tests.browser.test_security import PASSWORD
from tests.generation.pictures import draw

pytestmark = pytest.mark.usefixtures("size")


# --- The library -------------------------------------------------------------------------------------------


def test_a_picture_is_found_and_the_search_kept_as_a_folder(studio: Page, person: User) -> None:
    for prompt in ("a red fox", "a red fox in the snow", "an owl"):
        draw(person, prompt=prompt)
    goto(studio, "/library/")

    studio.get_by_label("Search your prompts").fill("fox")
    expect(studio.locator("#pictures .tile")).to_have_count(2)
    studio.get_by_text("Save this search").click()
    studio.get_by_label("Name of the saved search").fill("My foxes")
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_role("link", name="My foxes")).to_be_visible()
    fits(studio)
    goto(studio, "/library/")
    studio.get_by_role("link", name="My foxes").click()

    expect(studio.locator("#pictures .tile")).to_have_count(2)
    studio.locator("#pictures .tile-link").first.click()
    studio.wait_for_url("**/pictures/**")
    fits(studio)


# --- Files --------------------------------------------------------------------------------------------------


def test_files_say_what_is_wanted_and_a_licence_is_checked_by_its_file(
    studio: Page, person: User, tmp_path: Path
) -> None:
    image = draw(person, prompt="a red fox", seed=4711)
    goto(studio, f"/pictures/{image.pk}/")

    original = saved(studio, studio.get_by_role("link", name="Download", exact=True).first.click)
    menu = studio.get_by_label("Other files")
    menu.click()
    fits(studio)
    recipe = saved(studio, studio.locator(".split-kinds").nth(0).get_by_role("link", name="JPEG").click)
    if not studio.locator(".split-kinds").nth(1).is_visible():
        menu.click()
    clean = saved(studio, studio.locator(".split-kinds").nth(1).get_by_role("link", name="JPEG").click)
    assert b"a red fox" in recipe
    assert b"a red fox" not in clean
    assert all(b"trainedAlgorithmicMedia" in file for file in (original, recipe, clean))

    (tmp_path / "fox.png").write_bytes(original)
    goto(studio, "/verify/")
    studio.get_by_label(re.compile("^The picture as it was downloaded")).set_input_files(tmp_path / "fox.png")
    studio.get_by_role("button", name="Check").click()
    expect(studio.locator(".verify")).to_contain_text(re.compile("personal use", re.I))
    fits(studio)


# --- Sharing ------------------------------------------------------------------------------------------------


def test_a_picture_is_shown_liked_remixed_reported_taken_down_appealed_and_shown_again(
    studio: Page, person: User, stranger: Page, settings: Settings
) -> None:
    settings.SHOWCASE = True
    image = draw(person, prompt="a red fox", seed=4711)
    goto(studio, f"/pictures/{image.pk}/")
    studio.get_by_role("button", name="To the showcase").click()
    expect(studio.get_by_label("Link to this picture")).to_be_visible()
    fits(studio)

    goto(stranger, "/showcase/")
    stranger.locator(".tile-link").click()
    stranger.wait_for_url("**/s/**")
    fits(stranger)
    link = stranger.url
    stranger.get_by_role("button", name="0 likes").click()
    expect(stranger.get_by_role("button", name="1 like")).to_be_visible()
    stranger.get_by_role("link", name="Remix").click()
    expect(stranger.locator("#prompt")).to_have_value("a red fox")
    stranger.goto(link)
    stranger.get_by_text("Report this picture").click()
    stranger.get_by_label("Infringes rights of somebody").check()
    stranger.get_by_label("More about it, if you like").fill("It is mine.")
    fits(stranger)
    stranger.get_by_role("button", name="Send report").click()
    toast(stranger, "Somebody will look at this picture")

    operator = User.objects.create_superuser("operator@example.com", PASSWORD)
    moderation_queue.decide(ModerationCase.objects.get(), operator, allows=False, reason="Their lawyer wrote.")
    assert stranger.goto(link).status == 404  # type: ignore[union-attr]
    goto(stranger, "/settings/refusals/")
    expect(stranger.get_by_text("Taken down")).to_be_visible()

    goto(studio, "/settings/refusals/")
    studio.get_by_role("link", name="See why, or appeal").click()
    expect(studio.get_by_text("Their lawyer wrote.")).to_be_visible()
    studio.get_by_label("Say why this should be allowed").fill("I drew it by myself, of a fox that nobody owns.")
    fits(studio)
    studio.get_by_role("button", name="Send the appeal").click()
    toast(studio, "Somebody looks at it and writes to you.")
    moderation_queue.decide(ModerationCase.objects.get(), operator, allows=True, reason="Nobody owns a fox.")
    studio.reload()
    expect(studio.get_by_text("Nobody owns a fox.")).to_be_visible()
    assert stranger.goto(link).status == 200  # type: ignore[union-attr]
    goto(stranger, "/settings/refusals/")
    expect(stranger.get_by_text("shown again after an appeal")).to_be_visible()


def test_a_link_is_shared_with_a_visitor_and_ended(studio: Page, person: User, browser: Browser, size: str) -> None:
    image = draw(person, prompt="a red fox")
    goto(studio, f"/pictures/{image.pk}/")
    studio.get_by_role("button", name="Share by link").click()
    link = studio.get_by_label("Link to this picture").input_value()
    path = "/" + link.split("/", 3)[3]
    visitor = browser.new_context(**SIZES[size], base_url=studio.url.split("/pictures")[0]).new_page()

    goto(visitor, path)
    expect(visitor.locator("img.shared-picture")).to_be_visible()
    studio.get_by_role("button", name="Make private").click()
    expect(studio.get_by_text("Nobody but you sees it.")).to_be_visible()

    answer = visitor.goto(path)
    assert answer is not None
    assert answer.status == 404
    visitor.context.close()
