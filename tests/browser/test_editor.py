"""The editor in a real browser: a mask painted by hand, pictures extended, blended and cut out, keys alone."""

import re
from pathlib import Path

from django.core.files.storage import default_storage
from PIL import Image as Pillow
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from generation.models import Job, JobInput, Upload
from tests.browser.board import (
    choose_tool,
    open_in_editor,
    painted,
    pixels_of,
    result,
    stroke,
)
from tests.generation.uploads import brought, photograph


def test_pictures_are_repainted_extended_blended_and_given_another_background(
    studio: Page, person: User, flat_cluster: None
) -> None:
    upload = brought(person)
    open_in_editor(studio, upload)
    stroke(studio)
    studio.locator("#prompt").fill("a red hat")
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Inpaint · \d+ credits?"))
    studio.locator("#generate").click()
    repainted = result(studio, 1)
    before, after = photograph(), pixels_of(repainted)
    assert after.size == before.size
    assert after.getpixel((3, 3)) == before.getpixel((3, 3))
    assert after.getpixel((80, 60)) != before.getpixel((80, 60))
    _extend_to_the_right(studio)
    _blend(studio)
    _replace_the_background(studio)
    studio.reload()
    expect(studio.locator(".version")).to_have_count(5)
    expect(studio.locator(".version").first).to_have_attribute("aria-pressed", "true")
    assert person.wallets.get(product="site").balance < 100


def test_a_mask_is_made_and_sent_by_keys_alone(studio: Page, person: User) -> None:
    upload = brought(person)
    open_in_editor(studio, upload)
    studio.locator("#canvas").focus()
    for key in ("r", "ArrowRight", "Shift+ArrowDown", "Enter", "i"):
        studio.keyboard.press(key)
    studio.locator("#prompt").focus()
    studio.keyboard.type("a blue door")
    expect(studio.locator("#generate")).to_be_enabled()
    studio.keyboard.press("Control+Enter")

    expect(studio.locator("article.run")).to_have_count(1)
    job = Job.objects.get()
    assert (job.task, job.prompt) == ("inpaint", "a blue door")
    mask = Upload.objects.get(kind=Upload.Kind.MASK)
    # Inverted: the middle is kept, the corner painted.
    with default_storage.open(mask.file) as file:
        grey = Pillow.open(file).convert("L")
        assert (grey.getpixel((0, 0)), grey.getpixel((84, 64))) == (255, 0)


def test_pictures_are_extended_blended_and_given_another_background_by_keys_alone(
    studio: Page, person: User, flat_cluster: None
) -> None:
    open_in_editor(studio, brought(person))
    _arrow_to_tool(studio, "Extend")
    _tab_to(studio, studio.locator("#right"))
    studio.keyboard.type("64")
    _tab_to_button_and_press(studio, "Extend")
    extended = result(studio, 1)
    assert (extended.width, extended.height) == (160 + 64, 120)

    _arrow_to_tool(studio, "Blend")
    _tab_to(studio, studio.locator("#add-part"))
    studio.keyboard.press("Enter")
    expect(studio.locator(".chooser-picture").first).to_be_visible()
    _tab_to(studio, studio.locator(".chooser-picture").first)
    studio.keyboard.press("Enter")
    expect(studio.locator(".part")).to_have_count(2)
    _tab_to(studio, studio.locator(".part input").nth(1))
    studio.keyboard.press("ArrowLeft")
    _tab_to_button_and_press(studio, "Blend")
    blended = result(studio, 2)
    assert blended.job.task == "blend"
    assert blended.job.params["weights"][0] > blended.job.params["weights"][1]

    _arrow_to_tool(studio, "New background")
    _tab_to(studio, studio.locator("#canvas"))
    for key in ("r", "ArrowRight", "Shift+ArrowDown", "Enter"):
        studio.keyboard.press(key)
    _tab_to(studio, studio.locator("#prompt"))
    studio.keyboard.type("a beach")
    _tab_to_button_and_press(studio, "Replace the background")
    replaced = result(studio, 3)
    assert (replaced.job.task, replaced.job.prompt) == ("replace-background", "a beach")
    assert JobInput.objects.filter(job=replaced.job, role="strokes").exists()
    assert pixels_of(replaced).getpixel((84, 64)) == photograph().getpixel((84, 64))


def test_a_refusal_stands_at_its_cause_and_nothing_is_lost(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    stroke(studio)
    studio.locator("#prompt").fill("")
    studio.locator("#generate").click()

    expect(studio.locator("#prompt-error")).to_contain_text("Describe")
    expect(studio.locator("#prompt")).to_be_focused()
    assert painted(studio) > 0
    assert not Job.objects.exists()


def test_a_mask_that_was_refused_can_be_mended(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    studio.locator("#prompt").fill("a blue door")
    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+a")
    expect(studio.locator("#generate")).to_be_enabled()
    studio.locator("#generate").click()
    expect(studio.locator("#picture-error")).to_be_visible()
    assert not Job.objects.exists()

    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+z")
    stroke(studio)
    expect(studio.locator("#picture-error")).to_be_hidden()
    expect(studio.locator("#generate")).to_be_enabled()
    studio.locator("#generate").click()
    expect(studio.locator("article.run")).to_have_count(1)


def test_each_tool_begins_with_its_own_values_and_keeps_what_was_set(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    strength, feather = studio.locator("#strength"), studio.locator("#feather")
    expect(strength).to_have_value("1")
    strength.fill("0.7")
    choose_tool(studio, "Extend")
    expect(feather).to_have_value("16")
    choose_tool(studio, "New background")
    expect(feather).to_have_value("1")
    choose_tool(studio, "Rework")
    expect(strength).to_have_value("0.6")
    choose_tool(studio, "Inpaint")
    expect(strength).to_have_value("0.7")
    expect(feather).to_have_value("8")


def test_a_value_out_of_bounds_is_said_at_its_field_before_anything_is_sent(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    price = re.compile(r"Inpaint · \d+ credits?")
    expect(studio.locator("#generate")).to_have_text(price)
    studio.locator("#feather").fill("500")

    expect(studio.locator("#feather-error")).to_contain_text("200")
    expect(studio.locator("#generate")).to_be_disabled()
    expect(studio.locator("#generate")).to_have_text(price)
    studio.locator("#feather").fill("20")
    expect(studio.locator("#feather-error")).to_be_hidden()
    expect(studio.locator("#generate")).to_be_enabled()


def test_the_price_stands_on_the_button_also_while_something_is_missing(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    button, line = studio.locator("#generate"), studio.locator("#price-line")
    for tool, missing in (("Extend", "Drag the frame"), ("Blend", "Add a picture")):
        choose_tool(studio, tool)
        expect(button).to_have_text(re.compile(rf"{tool} · \d+ credits?"))
        expect(line).to_contain_text(missing)
        expect(button).to_be_disabled()


def test_an_answer_that_a_proxy_lost_is_asked_for_again_and_makes_no_second_run(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Vary")

    def lose(route: Route) -> None:
        route.fetch()
        route.fulfill(status=504, content_type="text/html", body="<h1>504 Gateway Time-out</h1>")

    studio.route("**/edit/runs/", lose, times=1)
    studio.locator("#generate").click()
    expect(studio.locator("#form-error")).to_contain_text("Press again: the same press never makes two.")
    studio.locator("#generate").click()

    expect(studio.locator("article.run")).to_have_count(1)
    assert Job.objects.count() == 1


def test_a_file_that_is_no_picture_is_refused_in_words(studio: Page, person: User, tmp_path: Path) -> None:
    studio.goto("/edit/")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing more")

    studio.locator("#file").set_input_files(broken)

    expect(studio.locator(".toast")).to_be_visible()
    expect(studio.locator("#easel-empty")).to_be_visible()
    assert not Upload.objects.exists()


def _tab_to(studio: Page, control: Locator) -> None:
    """Press Tab until a control has the focus; it goes round the page."""
    for _ in range(120):
        if control.evaluate("(node) => node === document.activeElement"):
            return
        studio.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {control}")


def _arrow_to_tool(studio: Page, tool: str) -> None:
    _tab_to(studio, studio.locator("[name=task]:checked"))
    wanted = studio.get_by_role("radio", name=tool, exact=True)
    for _ in range(20):
        if wanted.is_checked():
            return
        studio.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows do not reach {tool}")


def _tab_to_button_and_press(studio: Page, verb: str) -> None:
    button = studio.locator("#generate")
    expect(button).to_have_text(re.compile(rf"{verb} · \d+ credits?"))
    expect(button).to_be_enabled()
    _tab_to(studio, button)
    studio.keyboard.press("Enter")


def _extend_to_the_right(studio: Page) -> None:
    choose_tool(studio, "Extend")
    studio.locator("#right").fill("64")
    studio.locator("#right").press("Tab")
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Extend · \d+ credits?"))
    studio.locator("#generate").click()
    extended = result(studio, 2)
    assert (extended.width, extended.height) == (160 + 64, 120)


def _blend(studio: Page) -> None:
    choose_tool(studio, "Blend")
    studio.locator("#add-part").click()
    # Only pictures made here stand in the list; the first one there is the newest.
    studio.locator(".chooser-picture").first.click()
    expect(studio.locator(".part")).to_have_count(2)
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Blend · \d+ credits?"))
    studio.locator("#generate").click()
    assert result(studio, 3).job.task == "blend"


def _replace_the_background(studio: Page) -> None:
    choose_tool(studio, "New background")
    stroke(studio)
    studio.locator("#prompt").fill("a beach")
    studio.locator("#generate").click()
    assert result(studio, 4).job.task == "replace-background"
