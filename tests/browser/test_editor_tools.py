"""Every tool of the editor whose button no other test presses: set, priced, run, and what comes of it."""

import re

import numpy as np
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from accounts.models import User
from generation.engine.noop import colour_of
from generation.models import Image, Job
from tests.browser.board import choose_tool, open_in_editor, pixels_of, result, stroke
from tests.browser.windows import Held
from tests.generation.pictures import stored
from tests.generation.runs import balance, claim
from tests.generation.uploads import brought, photograph


def press(studio: Page, verb: str) -> int:
    """Press the button, which says the verb and a price, and return the price."""
    button = studio.locator("#generate")
    expect(button).to_have_text(re.compile(rf"^{verb} · \d+ credits?$"))
    expect(button).to_be_enabled()
    found = re.search(r"\d+", button.inner_text())
    assert found
    button.click()
    return int(found.group())


def test_a_picture_is_reworked_varied_cut_out_and_enlarged(studio: Page, person: User, flat_cluster: None) -> None:
    open_in_editor(studio, brought(person))
    before = balance(person)
    prices = [
        _rework(studio, count=1),
        _vary(studio, "Subtle", count=2),
        _vary(studio, "Strong", count=3),
        _cut_out(studio, count=4),
        _enlarge(studio, count=5),
    ]
    expect(studio.locator("article.run[data-face=done]")).to_have_count(5)
    assert balance(person) == before - sum(prices)


def _rework(studio: Page, count: int) -> int:
    choose_tool(studio, "Rework")
    studio.locator("#prompt").fill("a green hill")
    studio.locator("#strength").fill("0.35")
    price = press(studio, "Rework")
    made = result(studio, count)
    assert (made.job.task, made.job.prompt, made.job.params["strength"]) == ("image-to-image", "a green hill", 0.35)
    assert pixels_of(made).getpixel((5, 5)) == colour_of(made.seed)
    return price


def _vary(studio: Page, mode: str, count: int) -> int:
    choose_tool(studio, "Vary")
    studio.locator("#prompt").fill("")
    studio.get_by_role("radio", name=mode, exact=True).check(force=True)
    price = press(studio, "Vary")
    made = result(studio, count)
    assert (made.job.task, made.job.params["mode"]) == ("variations", mode.lower())
    return price


def _cut_out(studio: Page, count: int) -> int:
    choose_tool(studio, "Cut out")
    expect(studio.locator("#words")).to_be_hidden()
    stroke(studio)
    studio.get_by_role("radio", name="Background", exact=True).check(force=True)
    stroke(studio, down=60)
    price = press(studio, "Cut out")
    made = result(studio, count)
    with default_storage.open(made.file) as file:
        cut = np.asarray(Pillow.open(file))
    whole = cut[..., 3] == 255
    assert cut.shape == (120, 160, 4)
    assert 0 < whole.mean() < 1
    assert np.array_equal(cut[whole][:, :3], np.asarray(photograph())[whole])
    return price


def _enlarge(studio: Page, count: int) -> int:
    choose_tool(studio, "Enlarge")
    studio.get_by_role("radio", name="× 4", exact=True).check(force=True)
    price = press(studio, "Enlarge")
    made = result(studio, count)
    assert (made.job.task, made.width, made.height) == ("upscale", 640, 480)
    expect(studio.locator("#picture-size")).to_have_text("640 × 480")
    return price


def test_what_came_of_it_is_compared_and_gone_on_with(studio: Page, person: User, flat_cluster: None) -> None:
    open_in_editor(studio, brought(person))
    _enlarge(studio, count=1)
    made = Image.objects.get()

    studio.get_by_role("button", name="Go on with this one").click()

    expect(studio.locator("#continue")).to_be_hidden()
    assert studio.url.endswith(f"/edit/{made.pk}/")
    studio.reload()
    expect(studio.locator("#picture-size")).to_have_text("640 × 480")


def test_what_is_drawn_again_is_a_version_of_its_tool_and_stays(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Enlarge")
    press(studio, "Enlarge")
    expect(studio.locator("article.run")).to_have_count(1)
    stored(claim().jobs[0])
    expect(studio.locator(".version")).to_have_count(2)
    choose_tool(studio, "Vary")

    studio.locator("#runs").get_by_role("button", name="Again").click()
    expect(studio.locator("article.run")).to_have_count(2)
    stored(claim().jobs[0])

    expect(studio.locator(".version").last).to_contain_text("3 Enlarge")
    studio.reload()
    expect(studio.locator(".version")).to_have_count(3)
    expect(studio.locator(".version").last).to_contain_text("Enlarge")
    expect(studio.locator(".version-eye")).to_have_count(2)


def test_the_button_says_that_it_is_sending_until_it_was_sent(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Vary")
    button = studio.locator("#generate")
    expect(button).to_be_enabled()
    held = Held(studio, "**/edit/runs/")

    with studio.expect_response("**/edit/price/"):
        studio.locator("#prompt").fill("a fox")
        studio.keyboard.press("Control+Enter")
    held.wait_for(1)
    studio.wait_for_timeout(200)
    expect(button).to_have_text("Sending …")
    expect(button).to_be_disabled()
    studio.keyboard.press("Control+Enter")
    held.let_through()

    expect(studio.locator("article.run")).to_have_count(1)
    expect(button).to_be_enabled()
    assert Job.objects.count() == 1
