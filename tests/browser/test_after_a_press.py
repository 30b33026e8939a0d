"""What follows a press: the focus stays where it was, and what is said in passing hides nothing."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.sizes import SIZES
from tests.generation.runs import finished


def test_the_focus_stays_where_somebody_pressed(studio: Page, person: User) -> None:
    job = finished(person, num_images=1)
    studio.goto("/create/")

    studio.locator(f"#again-new-{job.pk}").press("Enter")
    expect(studio.locator(".run")).to_have_count(2)
    expect(studio.locator(f"#again-new-{job.pk}")).to_be_focused()
    studio.get_by_role("button", name="Cancel").press("Enter")
    expect(studio.get_by_role("button", name="Cancel")).to_have_count(0)

    expect(studio.locator(".run").first.locator(".run-prompt a")).to_be_focused()


@pytest.mark.parametrize("path", ["/create/", "/edit/", "/video/"])
def test_on_a_phone_what_is_said_in_passing_lies_above_the_pictures(studio: Page, path: str) -> None:
    studio.set_viewport_size(SIZES["phone"]["viewport"])
    studio.goto(path)

    studio.evaluate("document.dispatchEvent(new CustomEvent('toast', { detail: 'Saved.' }))")

    box = studio.locator("#toasts .toast").bounding_box()
    assert box is not None
    assert 50 < box["y"] < 120
