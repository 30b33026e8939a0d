"""Journeys through library, files and showcase, each on a phone and on a desk."""

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from generation import moderation_queue
from generation.models import Image, ModerationCase
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


def test_many_pictures_are_selected_filed_saved_deleted_and_brought_back(studio: Page, person: User, size: str) -> None:
    for number in range(5):
        draw(person, prompt=f"fox {number}")
    goto(studio, "/library/")
    studio.locator(".shelf-new summary").click()
    studio.get_by_label("Name of the new folder").fill("Foxes")
    studio.get_by_role("button", name="Make folder").click()
    studio.wait_for_load_state("load")
    goto(studio, "/library/")

    boxes = studio.locator("#pictures").get_by_role("checkbox")
    boxes.nth(0).check(force=size == "desk")
    if size == "desk":
        boxes.nth(2).click(force=True, modifiers=["Shift"])
    else:
        boxes.nth(1).check()
        boxes.nth(2).check()
    expect(studio.locator("#selection-count")).to_have_text("3 selected")
    fits(studio)
    studio.get_by_label("Download as zip").click()
    kept = ZipFile(io.BytesIO(saved(studio, studio.get_by_role("button", name="Originals").click)))
    assert len([name for name in kept.namelist() if name.endswith(".png")]) == 3
    studio.get_by_label("Download as zip").click()
    told = ZipFile(io.BytesIO(saved(studio, studio.get_by_role("button", name="With recipe").click)))
    assert len([name for name in told.namelist() if name.endswith(".json")]) == 3
    studio.get_by_label("Download as zip").click()
    clean = ZipFile(io.BytesIO(saved(studio, studio.get_by_role("button", name="Clean").click)))
    assert clean.namelist() == [f"picture-000{number}.png" for number in (1, 2, 3)]
    assert all(b"trainedAlgorithmicMedia" in clean.read(name) for name in clean.namelist())
    studio.get_by_label("Move to a folder").click()
    studio.locator("#selection").get_by_role("button", name="Foxes").click()
    toast(studio, "3 pictures are in “Foxes”.")
    assert Image.objects.filter(user=person, folder__name="Foxes").count() == 3

    boxes.nth(3).check(force=size == "desk")
    studio.locator("#selection").get_by_label("Delete", exact=True).click()
    expect(studio.locator("#pictures .tile")).to_have_count(4)
    studio.get_by_role("button", name="Undo").click()
    expect(studio.locator("#pictures .tile")).to_have_count(5)

    boxes.nth(4).check(force=size == "desk")
    studio.locator("#selection").get_by_label("Delete", exact=True).click()
    expect(studio.locator("#pictures .tile")).to_have_count(4)
    goto(studio, "/library/trash/")
    studio.locator("#pictures").get_by_role("checkbox").first.check(force=size == "desk")
    studio.get_by_role("button", name="Bring back").click()
    studio.wait_for_url("**/library/")
    expect(studio.locator("#pictures .tile")).to_have_count(5)
    assert Image.objects.visible_to(person).count() == 5


def test_two_pictures_are_compared_in_each_way(studio: Page, person: User, size: str) -> None:
    draw(person, prompt="a red fox")
    draw(person, prompt="an owl")
    goto(studio, "/library/")
    for box in studio.locator("#pictures").get_by_role("checkbox").all():
        box.check(force=size == "desk")

    studio.get_by_role("button", name="Compare two pictures").click()
    studio.wait_for_url("**/library/compare/**")
    expect(studio.get_by_role("row", name="Prompt")).to_contain_text("an owl")
    for name, way in (("Side by side", "side"), ("Flip", "hover"), ("Slider", "slider")):
        studio.get_by_role("button", name=name).click()
        expect(studio.locator("#compare")).to_have_attribute("data-way", way)
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


def test_a_picture_is_drawn_again_to_see_whether_it_is_the_same(studio: Page, person: User, flat_cluster: None) -> None:
    goto(studio, "/create/")
    studio.locator("#prompt").fill("a red fox")
    studio.locator("#generate").click()
    studio.locator("#runs .tile-link").first.click()
    studio.wait_for_url("**/pictures/**")

    studio.get_by_role("button", name="Verify").click()
    expect(studio.get_by_text("Identical, bit for bit")).to_be_visible()
    fits(studio)


def test_the_words_for_the_blind_are_changed_and_go_into_the_file(studio: Page, person: User) -> None:
    image = draw(person, prompt="a red fox")
    goto(studio, f"/pictures/{image.pk}/")

    studio.locator(".panel-alt summary").click()
    studio.get_by_label("What the picture shows").fill("A fox <script>alert(1)</script> & an owl")
    fits(studio)
    studio.locator(".panel-alt").get_by_role("button").click()
    toast(studio, "Description saved.")
    studio.wait_for_load_state("load")

    image.refresh_from_db()
    assert image.alt_text == "A fox <script>alert(1)</script> & an owl"


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
