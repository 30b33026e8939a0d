"""From the library to a picture, along the pictures, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.test_library import newest_first, path_of, press
from tests.generation.runs import finished


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


@pytest.mark.parametrize("way", ["key", "arrow"])
def test_who_came_from_the_library_gets_it_back_as_it_was_left(studio: Page, person: User, way: str) -> None:
    finished(person, num_images=3)
    newest, middle, _ = newest_first(person)
    studio.goto("/library/")
    studio.locator(f"#picture-{newest.pk} a").click()
    press(studio, "ArrowRight")
    expect(studio).to_have_url(re.compile(str(middle.pk)))

    if way == "key":
        press(studio, "Escape")
    else:
        studio.get_by_role("link", name="Back to the library").click()

    expect(studio).to_have_url(re.compile("/library/$"))
    studio.go_forward()  # a step back, and no new one
    expect(studio).to_have_url(re.compile(str(middle.pk)))


def test_who_came_from_elsewhere_is_led_to_the_library(studio: Page, person: User) -> None:
    image = finished(person, num_images=1).images.get()
    studio.goto("/pricing/")
    studio.goto(f"/pictures/{image.pk}/")

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


def test_a_comparison_leads_back_to_what_was_looked_for(studio: Page, person: User) -> None:
    finished(person, num_images=2, prompt="a red fox")
    studio.goto("/library/?q=fox")
    for image in newest_first(person):
        studio.locator(f"#picture-{image.pk} a").focus()
        studio.keyboard.press("x")
    studio.keyboard.press("c")
    expect(studio).to_have_url(re.compile(r"/library/compare/.*\?q=fox$"))

    press(studio, "Escape")

    expect(studio).to_have_url(re.compile(r"/library/\?q=fox$"))
    studio.go_forward()
    expect(studio).to_have_url(re.compile("/library/compare/"))
