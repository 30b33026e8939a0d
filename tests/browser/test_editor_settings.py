"""The editor's form in a browser: a blend's pictures and weights, models and schedulers, Canny's thresholds, keys."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from accounts.models import User
from generation.models import Job
from tests.browser.board import choose_tool, open_in_editor
from tests.generation.test_catalog import install
from tests.generation.uploads import brought, photograph, png_of


def drop_picture(studio: Page, seed: int) -> None:
    """Let go of a picture file over the page."""
    content = list(png_of(photograph(seed=seed)))
    studio.evaluate(
        """(content) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(content)], "dropped.png", { type: "image/png" }));
            const facts = { dataTransfer: transfer, bubbles: true, cancelable: true };
            const at = document.body;
            for (const name of ["dragenter", "dragover", "drop"]) at.dispatchEvent(new DragEvent(name, facts));
        }""",
        content,
    )


def slide(studio: Page, part: int, presses: int) -> None:
    """Press the arrow keys so many times on the weight of a blend's picture; to the left where negative."""
    slider = studio.locator(".part input").nth(part)
    slider.focus()
    for _ in range(abs(presses)):
        slider.press("ArrowRight" if presses > 0 else "ArrowLeft")


def test_a_blends_pictures_and_weights_are_undone_and_outlive_a_reload(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Blend")
    drop_picture(studio, seed=2)
    expect(studio.locator(".part")).to_have_count(2)
    slide(studio, 1, -10)
    expect(studio.locator(".part input").nth(1)).to_be_focused()
    expect(studio.locator(".part-share")).to_have_text(["67 %", "33 %"])
    drop_picture(studio, seed=3)
    expect(studio.locator(".part")).to_have_count(3)

    studio.reload()
    expect(studio.locator(".part")).to_have_count(3)
    expect(studio.locator(".part-share")).to_have_text(["40 %", "20 %", "40 %"])
    expect(studio.locator("#generate")).to_be_enabled()
    choose_tool(studio, "Rework")
    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+z")
    expect(studio.get_by_role("radio", name="Blend", exact=True)).to_be_checked()
    expect(studio.locator(".part")).to_have_count(2)
    studio.keyboard.press("Control+z")
    expect(studio.locator(".part input").nth(1)).to_have_value("0.55")
    studio.keyboard.press("Control+Shift+z")
    expect(studio.locator(".part input").nth(1)).to_have_value("0.5")


def test_no_weight_that_the_slider_has_is_refused(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Blend")
    drop_picture(studio, seed=2)
    studio.locator(".part input").nth(1).focus()
    studio.keyboard.press("Home")
    expect(studio.locator(".part-share")).to_have_text(["95 %", "5 %"])
    expect(studio.locator("#generate")).to_be_enabled()
    studio.locator("#generate").click()

    expect(studio.locator("article.run")).to_have_count(1)
    assert Job.objects.get().params["weights"] == pytest.approx([20 / 21, 1 / 21])


def test_the_model_says_what_it_is_and_has_its_own_schedulers(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Enlarge")
    expect(studio.locator("#model")).to_have_value("starter-upscaler")
    studio.locator("#model").select_option("lanczos")
    expect(studio.locator("#model-says")).to_contain_text("adds no detail")
    expect(studio.locator("#generate")).to_be_enabled()
    studio.locator("#generate").click()
    expect(studio.locator("article.run")).to_have_count(1)
    assert Job.objects.get().served_by == "lanczos"

    choose_tool(studio, "Rework")
    expect(studio.locator("#model")).to_have_value("starter")
    expect(studio.locator("#model-says")).to_contain_text("Of a photograph it makes one of its rounded drawings")
    studio.locator("#advanced summary").click()
    studio.locator("#scheduler").select_option("euler")
    expect(studio.locator("#steps")).to_have_attribute("placeholder", "The model’s own, 25")
    studio.locator("#model").select_option("starter-fast")
    # It has no Euler: its own is taken, and nothing is refused.
    expect(studio.locator("#scheduler")).to_have_value("")
    expect(studio.locator("#scheduler option:not([hidden])")).to_have_text(["The model’s own", "LCM"])
    studio.locator("#model").select_option("starter")
    studio.locator("#scheduler").select_option("euler")
    studio.locator("#prompt").fill("a lemon")
    expect(studio.locator("#generate")).to_be_enabled()
    studio.locator("#generate").click()
    expect(studio.locator("article.run")).to_have_count(2)
    assert Job.objects.get(task="image-to-image").params["scheduler"] == "euler"
    # Each tool comes back with the model that was chosen for it.
    choose_tool(studio, "Enlarge")
    expect(studio.locator("#model")).to_have_value("lanczos")


def test_edges_are_looked_for_by_thresholds_that_can_be_set(
    studio: Page, person: User, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8", "controlnet-canny", "controlnet-scribble")
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Guide")
    studio.locator("#advanced summary").click()
    studio.locator("#control").select_option("scribble")
    expect(studio.locator("#thresholds")).to_be_hidden()
    studio.locator("#control").select_option("canny")
    studio.locator("#low_threshold").fill("90")
    studio.locator("#high_threshold").fill("40")
    expect(studio.locator("#high_threshold-error")).to_contain_text("below the low one")
    studio.locator("#high_threshold").fill("180")
    expect(studio.locator("#high_threshold-error")).to_be_hidden()
    studio.locator("#prompt").fill("a house")
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Draw · \d+ credits?"))
    studio.locator("#generate").click()

    expect(studio.locator("article.run")).to_have_count(1)
    params = Job.objects.get().params
    assert (params["low_threshold"], params["high_threshold"], params["control"]) == (90, 180, "canny")


@pytest.mark.parametrize(("key", "address"), [("l", "/library/"), ("v", "/video/"), ("e", "/edit/"), ("c", "/create/")])
def test_going_to_a_place_takes_no_pen(studio: Page, person: User, key: str, address: str) -> None:
    open_in_editor(studio, brought(person))
    studio.locator("#canvas").focus()
    studio.keyboard.press("l")
    expect(studio.locator('button[data-pen="lasso"]')).to_have_attribute("aria-pressed", "true")
    # Links are left alone, so that the page that was there can be looked at.
    studio.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    studio.evaluate("document.addEventListener('click', ({ target }) => (window.went = target.closest('a')?.pathname))")
    studio.locator('button[data-pen="rectangle"]').click()
    studio.locator("#canvas").focus()

    studio.keyboard.press("g")
    studio.keyboard.press(key)

    assert studio.evaluate("window.went") == address
    expect(studio.locator('button[data-pen="rectangle"]')).to_have_attribute("aria-pressed", "true")
    assert studio.locator("#versions .is-hidden").count() == 0


def test_the_sheet_of_keys_has_the_editors(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    studio.locator("#canvas").focus()
    studio.keyboard.press("?")
    expect(studio.locator("#keys")).to_be_visible()
    expect(studio.locator("#keys")).to_contain_text("Brush, eraser, rectangle, lasso, move")
    # While it is open, letters are not the board's.
    studio.keyboard.press("e")
    expect(studio.locator('button[data-pen="brush"]')).to_have_attribute("aria-pressed", "true")
    studio.keyboard.press("Escape")
    expect(studio.locator("#keys")).to_be_hidden()
    studio.goto("/library/")
    studio.keyboard.press("?")
    expect(studio.locator("#keys")).not_to_contain_text("lasso")
