"""The trash, without a pointer and with one: what is deleted is selected, brought back, or deleted for good."""

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from generation import shelving
from generation.models import Image
from tests.browser.sizes import fits, goto, toast
from tests.browser.test_keyboard import press_on, tab_to
from tests.generation.pictures import draw


def deleted(person: User, count: int) -> list[Image]:
    """Return pictures that lie in the trash, newest first."""
    pictures = [draw(person, prompt=f"fox {number}") for number in range(count)]
    shelving.delete(Image.objects.visible_to(person))
    return pictures[::-1]


def tile(studio: Page, image: Image) -> Locator:
    return studio.locator(f"#picture-{image.pk} .tile-link")


def test_pictures_are_selected_brought_back_and_deleted_for_good_by_keyboard_alone(
    studio: Page, person: User, size: str
) -> None:
    first, second, third, fourth, last = deleted(person, 5)
    goto(studio, "/library/trash/")
    studio.keyboard.press("?")
    expect(studio.get_by_role("dialog")).to_contain_text("Bring back; delete for good")
    studio.keyboard.press("Escape")

    studio.keyboard.press("ArrowRight")
    expect(tile(studio, first)).to_be_focused()
    studio.keyboard.press("End")
    expect(tile(studio, last)).to_be_focused()
    studio.keyboard.press("Home")
    studio.keyboard.press("x")
    studio.keyboard.press("Shift+ArrowRight")
    expect(tile(studio, second)).to_be_focused()
    expect(studio.locator("#selection-count")).to_have_text("2 selected")
    fits(studio)
    studio.keyboard.press("b")
    studio.wait_for_url("**/library/")
    toast(studio, "2 pictures are back in the library.")
    assert set(Image.objects.visible_to(person)) == {first, second}

    goto(studio, "/library/trash/")
    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("ArrowRight")
    expect(tile(studio, fourth)).to_be_focused()
    studio.keyboard.press("Delete")
    expect(studio.locator(".selection-menu[open] :focus")).to_have_text("Delete them for good")
    fits(studio)
    studio.keyboard.press("Escape")
    expect(tile(studio, fourth)).to_be_focused()
    studio.keyboard.press("Delete")
    studio.keyboard.press("Enter")
    toast(studio, "1 picture is deleted for good.")
    assert Image.objects.get(pk=fourth.pk).purged_at is not None
    assert set(Image.objects.in_trash_of(person)) == {third, last}


def test_tab_enter_and_space_alone_reach_everything_in_the_trash(studio: Page, person: User, size: str) -> None:
    first, second, *_ = deleted(person, 3)
    goto(studio, "/library/trash/")

    tab_to(studio, "fox 2")
    expect(tile(studio, first)).to_be_focused()
    studio.keyboard.press("Space")
    expect(studio.locator("#selection-count")).to_have_text("1 selected")
    studio.keyboard.press("Space")
    expect(studio.locator("#pictures input:checked")).to_have_count(0)
    studio.keyboard.press("Enter")
    press_on(studio, "^Select fox 1$", "Space")
    expect(studio.locator("#selection-count")).to_have_text("2 selected")
    press_on(studio, "^Bring back$")
    studio.wait_for_url("**/library/")
    assert set(Image.objects.visible_to(person)) == {first, second}

    goto(studio, "/library/trash/")
    press_on(studio, "fox 0", "Space")
    press_on(studio, "^Delete for good")
    press_on(studio, "^Delete them for good")
    toast(studio, "1 picture is deleted for good.")
    assert not Image.objects.in_trash_of(person).exists()


def test_everything_is_brought_back_when_that_was_confirmed(studio: Page, person: User, size: str) -> None:
    deleted(person, 3)
    goto(studio, "/library/trash/")

    studio.get_by_text("Bring back everything").click()
    fits(studio)
    studio.get_by_role("button", name="Bring them all back").click()

    studio.wait_for_url("**/library/")
    toast(studio, "3 pictures are back in the library.")
    expect(studio.locator("#pictures .tile")).to_have_count(3)
