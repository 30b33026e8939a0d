"""The library and its pictures, as a person walks through them."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from accounts.models import User
from generation.models import Image
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


def press(studio: Page, key: str) -> None:
    """Press a key once the page's scripts listen."""
    studio.wait_for_load_state("load")
    studio.keyboard.press(key)


def test_arrows_walk_the_library_and_escape_leads_back(studio: Page, person: User) -> None:
    finished(person, num_images=3)
    newest, middle, oldest = newest_first(person)
    studio.goto("/library/")
    studio.locator(f"#picture-{newest.pk} a").click()
    expect(studio).to_have_url(re.compile(str(newest.pk)))

    press(studio, "ArrowRight")
    expect(studio).to_have_url(re.compile(str(middle.pk)))
    press(studio, "ArrowRight")
    expect(studio).to_have_url(re.compile(str(oldest.pk)))
    press(studio, "ArrowRight")
    assert path_of(studio) == f"/pictures/{oldest.pk}/"
    press(studio, "ArrowLeft")
    expect(studio).to_have_url(re.compile(str(middle.pk)))

    press(studio, "Escape")
    expect(studio).to_have_url(re.compile("/library/$"))


def test_back_leaves_the_pictures_in_one_step(studio: Page, person: User) -> None:
    finished(person, num_images=3)
    newest, middle, _ = newest_first(person)
    studio.goto("/library/")
    studio.locator(f"#picture-{newest.pk} a").click()
    expect(studio).to_have_url(re.compile(str(newest.pk)))
    press(studio, "ArrowRight")
    expect(studio).to_have_url(re.compile(str(middle.pk)))

    studio.go_back()

    expect(studio).to_have_url(re.compile("/library/$"))


def test_a_chip_is_copied_and_says_so(studio: Page, person: User) -> None:
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    image = finished(person, num_images=1, seed=4711).images.get()
    studio.goto(f"/pictures/{image.pk}/")

    studio.get_by_role("button", name=re.compile("Seed 4711")).click()

    expect(studio.locator("#toasts")).to_contain_text("Copied: seed 4711")
    assert studio.evaluate("navigator.clipboard.readText()") == "4711"


def test_a_deleted_picture_comes_back_by_undo(studio: Page, person: User) -> None:
    image = finished(person, num_images=2).images.get(index=0)
    studio.goto(f"/pictures/{image.pk}/")

    studio.get_by_role("button", name="Delete").click()
    expect(studio.locator("#pictures .tile")).to_have_count(1)
    expect(studio).to_have_url(re.compile("/library/$"))
    studio.get_by_role("button", name="Undo").click()

    expect(studio).to_have_url(re.compile(str(image.pk)))
    studio.goto("/library/")
    expect(studio.locator("#pictures .tile")).to_have_count(2)


def test_everything_of_a_picture_comes_to_the_form(studio: Page, person: User) -> None:
    image = finished(person, num_images=1, seed=4711, prompt="a special fox", size="160x96").images.get()
    studio.goto("/create/")
    studio.locator("#prompt").fill("a draft that must not win")
    studio.goto(f"/pictures/{image.pk}/")

    studio.get_by_role("link", name="Use everything").click()

    expect(studio.locator("#prompt")).to_have_value("a special fox")
    assert studio.locator("#seed").input_value() == "4711"
    expect(studio.locator("input[name=size][value='160x96']")).to_be_checked()
