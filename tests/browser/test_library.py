"""The library and its pictures, as a person walks through them."""

import re
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from generation import folders
from generation.models import Image, Job
from tests.browser.sizes import SIZES, fits, goto
from tests.generation.pictures import draw
from tests.generation.runs import finished


def path_of(page: Page) -> str:
    return urlsplit(page.url).path


def newest_first(person: User) -> list[Image]:
    return list(Image.objects.visible_to(person).newest_first())


def test_scrolling_brings_every_picture_once(studio: Page, person: User) -> None:
    for number in range(9):
        finished(person, num_images=10, prompt=f"fox {number}")
    studio.goto("/library/")
    expect(studio.locator("#pictures .tile")).to_have_count(40)

    studio.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(studio.locator("#pictures .tile")).to_have_count(80)
    studio.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(studio.locator("#pictures .tile")).to_have_count(90)

    shown = studio.locator("#pictures .tile").evaluate_all("tiles => tiles.map(tile => tile.id)")
    assert shown == [f"picture-{image.pk}" for image in newest_first(person)]
    expect(studio.get_by_role("link", name="Older pictures")).to_have_count(0)


@pytest.mark.parametrize("count", [3, 4])
def test_the_last_row_on_a_phone_is_about_as_high_as_the_others(studio: Page, person: User, count: int) -> None:
    finished(person, num_images=count)
    studio.set_viewport_size(SIZES["phone"]["viewport"])
    studio.goto("/library/")

    heights = studio.locator("#pictures .tile").evaluate_all("tiles => tiles.map(tile => tile.offsetHeight)")

    assert len(heights) == count
    assert min(heights) > 0.9 * max(heights)


def press(studio: Page, key: str) -> None:
    """Press a key once the page's scripts listen."""
    studio.wait_for_load_state("load")
    studio.keyboard.press(key)


def test_a_chip_is_copied_and_says_so(studio: Page, person: User) -> None:
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    image = finished(person, num_images=1, seed=4711).images.get()
    studio.goto(f"/pictures/{image.pk}/")

    studio.get_by_role("button", name=re.compile("Seed 4711")).click()

    expect(studio.locator("#toasts")).to_contain_text("Copied: seed 4711")
    assert studio.evaluate("navigator.clipboard.readText()") == "4711"


def test_a_deleted_picture_comes_back_by_undo(studio: Page, person: User) -> None:
    image, other = finished(person, num_images=2, prompt="a fox").images.order_by("-pk")
    finished(person, num_images=1, prompt="an owl")
    studio.goto(f"/pictures/{image.pk}/?q=fox")

    studio.get_by_role("button", name="Delete").click()
    expect(studio).to_have_url(re.compile(rf"{other.pk}/\?q=fox$"))
    studio.get_by_role("button", name="Undo").click()

    expect(studio).to_have_url(re.compile(rf"{image.pk}/\?q=fox$"))
    press(studio, "f")
    expect(studio.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    press(studio, "Escape")
    expect(studio).to_have_url(re.compile(r"/library/\?q=fox$"))
    expect(studio.locator("#pictures .tile")).to_have_count(2)


def test_a_picture_gets_stars_and_its_seed_prompt_or_everything_comes_to_the_form(
    studio: Page, person: User, size: str
) -> None:
    image = finished(person, num_images=1, seed=4711, prompt="a special fox", size="160x96").images.get()
    goto(studio, "/create/")
    studio.locator("#prompt").fill("a draft that must not win")
    goto(studio, f"/pictures/{image.pk}/")
    studio.get_by_role("button", name="4 stars").click()
    expect(studio.get_by_role("group", name="Rating: 4 of 5 stars")).to_be_visible()

    studio.get_by_role("link", name="Use everything").click()

    expect(studio.locator("#prompt")).to_have_value("a special fox")
    expect(studio.locator("#seed")).to_have_value("4711")
    expect(studio.locator("input[name=size][value='160x96']")).to_be_checked()
    fits(studio)
    for words, prompt, seed in (("Use prompt", "a special fox", ""), ("Use seed", "an owl", "4711")):
        studio.locator("#prompt").fill("an owl")
        studio.goto(f"/pictures/{image.pk}/")
        studio.get_by_role("link", name=words).click()
        expect(studio.locator("#prompt")).to_have_value(prompt)
        expect(studio.locator("#seed")).to_have_value(seed)


def test_what_is_typed_is_looked_for_at_once_and_stands_in_the_address(studio: Page, person: User) -> None:
    finished(person, num_images=2, prompt="a red fox")
    finished(person, num_images=3, prompt="an owl")
    studio.goto("/library/")
    press(studio, "/")
    expect(studio.get_by_label("Search your prompts")).to_be_focused()

    studio.keyboard.type("owl")
    expect(studio.locator("#pictures .tile")).to_have_count(3)
    expect(studio).to_have_url(re.compile(r"/library/\?q=owl$"))

    studio.keyboard.type(' "')
    expect(studio.get_by_role("alert")).to_contain_text("is never closed")


def test_a_search_is_saved_and_opened_again(studio: Page, person: User) -> None:
    finished(person, num_images=2, prompt="a red fox")
    finished(person, num_images=3, prompt="an owl")
    Job.objects.filter(images__isnull=False).update(served_by="gone-by-now")
    studio.goto("/library/")
    studio.get_by_label("Filters").click()
    expect(studio.get_by_label("Model", exact=True)).to_contain_text("gone-by-now")
    studio.get_by_label("Shape").select_option("square")
    expect(studio.get_by_role("link", name="Square, show others too")).to_be_visible(timeout=30_000)
    studio.get_by_label("Search your prompts").fill("fox")
    expect(studio.locator("#pictures .tile")).to_have_count(2)

    studio.get_by_text("Save this search").click()
    studio.get_by_label("Name of the saved search").fill("My foxes")
    studio.get_by_role("button", name="Save").click()
    studio.get_by_role("link", name="All pictures").click()
    expect(studio.locator("#pictures .tile")).to_have_count(5)
    studio.get_by_role("link", name="My foxes").click()

    expect(studio.locator("#pictures .tile")).to_have_count(2)
    expect(studio.get_by_role("link", name="My foxes")).to_have_attribute("aria-current", "page")


def test_the_arrows_walk_through_what_was_found(studio: Page, person: User) -> None:
    finished(person, num_images=1, prompt="a red fox")
    finished(person, num_images=1, prompt="an owl")
    finished(person, num_images=1, prompt="another fox")
    newest, _, oldest = newest_first(person)
    studio.goto("/library/?q=fox")
    studio.locator(f"#picture-{newest.pk} a").click()
    press(studio, "ArrowRight")
    expect(studio).to_have_url(re.compile(f"{oldest.pk}/\\?q=fox$"))

    press(studio, "Escape")
    expect(studio).to_have_url(re.compile(r"/library/\?q=fox$"))


def tile(studio: Page, image: Image) -> Locator:
    return studio.locator(f"#picture-{image.pk}")


def test_pictures_are_selected_rated_and_deleted_by_keyboard_alone(studio: Page, person: User) -> None:
    finished(person, num_images=5)
    first, second, third, fourth, _ = newest_first(person)
    studio.goto("/library/")
    press(studio, "ArrowRight")
    expect(tile(studio, first).locator(".tile-link")).to_be_focused()

    studio.keyboard.press("x")
    studio.keyboard.press("Shift+ArrowRight")
    studio.keyboard.press("Shift+ArrowRight")
    expect(studio.locator("#selection-count")).to_have_text("3 selected")
    studio.keyboard.press("4")
    expect(tile(studio, third)).to_have_attribute("data-stars", "4", timeout=30_000)
    expect(tile(studio, fourth)).to_have_attribute("data-stars", "0")

    studio.keyboard.press("Escape")
    studio.keyboard.press("f")
    expect(tile(studio, third)).to_have_class(re.compile("is-favourite"), timeout=30_000)
    studio.keyboard.press("Delete")
    expect(tile(studio, third)).to_have_count(0, timeout=30_000)

    studio.get_by_role("button", name="Undo").click()
    expect(tile(studio, third)).to_have_count(1, timeout=30_000)
    assert [image.rating for image in newest_first(person)] == [4, 4, 4, 0, 0]
    assert Image.objects.get(pk=second.pk).is_favourite is False  # only the third had the focus


def test_everything_found_is_selected_saved_deleted_and_brought_back_by_keyboard_alone(
    studio: Page, person: User
) -> None:
    for number in range(3):
        draw(person, prompt=f"fox {number}")
    finished(person, num_images=2, prompt="owl")
    studio.goto("/library/?q=fox")
    press(studio, "?")
    keys = studio.get_by_role("dialog")
    expect(keys).to_contain_text("all that were found")
    expect(keys).to_contain_text("Download as zip")
    studio.keyboard.press("Escape")

    studio.keyboard.press("Control+a")
    expect(studio.locator("#selection-count")).to_have_text("3 selected")
    studio.keyboard.press("Shift+A")
    expect(studio.locator("#selection-count")).to_have_text("Everything found")
    studio.keyboard.press("d")
    expect(studio.locator(".selection-menu[open] :focus")).to_contain_text("Originals")
    studio.keyboard.press("Tab")
    studio.keyboard.press("Tab")
    with studio.expect_download() as download:
        studio.keyboard.press("Enter")
    with ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["picture-0001.png", "picture-0002.png", "picture-0003.png"]
    expect(studio.locator(".selection-menu[open]")).to_have_count(0)

    studio.locator("#pictures .tile-link").first.focus()
    studio.keyboard.press("Delete")
    expect(studio.locator("#toasts")).to_contain_text("Pictures deleted.")
    assert Image.objects.visible_to(person).count() == 2
    studio.keyboard.press("Control+z")
    expect(studio.locator("#toasts")).to_contain_text("3 pictures are back in the library.")
    assert Image.objects.visible_to(person).count() == 5


def test_what_was_deleted_last_comes_back_by_a_key_when_its_offer_has_gone(studio: Page, person: User) -> None:
    finished(person, num_images=2)
    studio.goto("/library/")
    press(studio, "ArrowRight")
    studio.keyboard.press("Control+z")  # nothing was deleted
    studio.keyboard.press("Delete")
    expect(studio.locator("#pictures .tile")).to_have_count(1)
    expect(studio.locator("#toasts form")).to_have_count(1)
    studio.evaluate("document.querySelector('#toasts form').remove()")

    studio.keyboard.press("Control+z")

    expect(studio.locator("#pictures .tile")).to_have_count(2)


def test_a_menu_over_the_library_goes_by_escape_and_when_one_goes_on_elsewhere(
    studio: Page, person: User, size: str
) -> None:
    finished(person, num_images=2)
    folder = folders.make(person, "Foxes and other animals")
    goto(studio, f"/library/?folder={folder.pk}")
    fits(studio)
    for summary, field in ((".shelf-new", "Name of the new folder"), (".shelf-deeds", "Name"), (".filters", "Seed")):
        menu = studio.locator(f"{summary} summary")
        menu.click()
        expect(studio.get_by_label(field, exact=True)).to_be_visible()
        fits(studio)
        studio.get_by_label(field, exact=True).focus()
        studio.keyboard.press("Escape")
        expect(studio.get_by_label(field, exact=True)).to_be_hidden()
        expect(menu).to_be_focused()

        menu.click()
        expect(studio.get_by_label(field, exact=True)).to_be_visible()
        studio.locator(".bar-title").click()
        expect(studio.get_by_label(field, exact=True)).to_be_hidden()


def look_for(studio: Page, words: str, count: int) -> None:
    studio.locator("#search-words").fill(words)
    expect(studio.locator("#pictures .tile")).to_have_count(count, timeout=30_000)
    studio.wait_for_url(re.compile(f"q={words}"))


def test_all_means_what_is_found_now_and_comes_back_by_undo(studio: Page, person: User) -> None:
    finished(person, num_images=2, prompt="red fox")
    owls = finished(person, num_images=3, prompt="owl")
    studio.goto("/library/")
    studio.wait_for_load_state("load")
    look_for(studio, "owl", 3)

    studio.get_by_role("checkbox").first.check()
    studio.get_by_role("button", name="All", exact=True).click()
    expect(studio.locator("#selection-count")).to_have_text("Everything found")
    studio.locator(".selection").get_by_role("button", name="Delete").click()

    expect(studio.locator("#toasts")).to_contain_text("Pictures deleted.", timeout=30_000)
    assert {image.job.params["prompt"] for image in newest_first(person)} == {"red fox"}
    studio.get_by_role("button", name="Undo").click()
    expect(studio.get_by_role("button", name="Undo")).to_have_count(0, timeout=30_000)
    assert owls.images.filter(deleted_at=None).count() == 3


def test_another_search_selects_anew(studio: Page, person: User) -> None:
    finished(person, num_images=2, prompt="red fox")
    finished(person, num_images=3, prompt="owl")
    studio.goto("/library/")
    studio.wait_for_load_state("load")
    studio.get_by_role("checkbox").first.check()
    studio.get_by_role("button", name="All", exact=True).click()

    look_for(studio, "owl", 3)
    studio.locator("#pictures .tile-link").first.focus()
    studio.keyboard.press("Delete")

    expect(studio.locator("#toasts")).to_contain_text("1 picture deleted.", timeout=30_000)
    assert len(newest_first(person)) == 4


def test_a_stretch_shrinks_again_and_a_place_is_no_comparison(studio: Page, person: User) -> None:
    finished(person, num_images=4)
    studio.goto("/library/")
    press(studio, "ArrowRight")
    studio.keyboard.press("x")
    studio.keyboard.press("Shift+ArrowRight")
    studio.keyboard.press("Shift+ArrowRight")
    studio.keyboard.press("Shift+ArrowLeft")
    expect(studio.locator("#selection-count")).to_have_text("2 selected")

    studio.keyboard.press("g")
    studio.keyboard.press("c")
    studio.wait_for_url(re.compile("/create/"))


def test_pictures_are_dragged_into_a_folder(studio: Page, person: User) -> None:
    finished(person, num_images=3)
    folder = folders.make(person, "Foxes")
    first, second, third = newest_first(person)
    studio.goto("/library/")
    studio.wait_for_load_state("load")
    for image in (first, second):
        tile(studio, image).hover()
        tile(studio, image).get_by_role("checkbox").check()

    tile(studio, second).locator(".tile-link").drag_to(studio.get_by_role("link", name="Foxes"))
    expect(studio.locator("#toasts")).to_contain_text("2 pictures are in “Foxes”.", timeout=30_000)
    studio.get_by_role("link", name="Foxes").click()

    expect(studio.locator("#pictures .tile")).to_have_count(2)
    assert set(folder.images.all()) == {first, second}
    assert third.folder is None


def test_on_a_phone_pictures_are_moved_by_the_bar(studio: Page, person: User) -> None:
    finished(person, num_images=2)
    folder = folders.make(person, "Foxes")
    studio.set_viewport_size({"width": 390, "height": 844})
    studio.goto("/library/")
    studio.wait_for_load_state("load")

    studio.get_by_role("checkbox").first.check()
    studio.get_by_label("Move to a folder").click()
    studio.get_by_role("button", name="Foxes").click()

    expect(studio.locator("#toasts")).to_contain_text("1 picture is in “Foxes”.", timeout=30_000)
    assert folder.images.count() == 1


def test_two_pictures_are_compared(studio: Page, person: User) -> None:
    finished(person, num_images=1, prompt="a red fox")
    finished(person, num_images=1, prompt="an owl")
    studio.goto("/library/")
    studio.wait_for_load_state("load")
    for box in studio.get_by_role("checkbox").all():
        box.check(force=True)

    studio.get_by_role("button", name="Compare two pictures").click()
    expect(studio.get_by_role("row", name="Prompt")).to_contain_text("an owl")
    slider = studio.get_by_role("slider")
    slider.press("ArrowRight")
    expect(slider).to_have_value("50.5")
    studio.get_by_role("button", name="Flip").click()
    studio.keyboard.down(" ")
    expect(studio.locator("#compare-stage")).to_have_class(re.compile("is-flipped"))
    studio.keyboard.up(" ")

    expect(studio.locator("#compare-stage")).not_to_have_class(re.compile("is-flipped"))
