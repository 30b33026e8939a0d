"""What the editor keeps and shows: one undo for all tools, strokes, versions, presets, branches."""

from playwright.sync_api import Page, expect

from accounts.models import User
from generation import lifecycle, params
from tests.browser.board import (
    board_colours,
    choose_tool,
    fill_the_tabs_storage,
    mean_of_the_mask,
    open_in_editor,
    painted,
    result,
    scribble,
    stroke,
    thickness,
    until_painted,
)
from tests.generation.pictures import stored
from tests.generation.runs import claim
from tests.generation.uploads import brought, masked


def test_what_was_painted_is_undone_also_after_a_reload(studio: Page, person: User) -> None:
    upload = brought(person)
    open_in_editor(studio, upload)
    stroke(studio)
    stroke(studio, down=20)
    assert painted(studio) > 0
    both = painted(studio)

    studio.reload()
    expect(studio.locator(".version")).to_have_count(1)
    assert painted(studio) == both
    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+z")
    assert 0 < painted(studio) < both
    studio.keyboard.press("Control+z")
    assert painted(studio) == 0
    studio.keyboard.press("Control+Shift+z")
    assert painted(studio) > 0


def test_one_undo_takes_back_what_was_done_last_whatever_the_tool(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    stroke(studio)
    before = painted(studio)
    choose_tool(studio, "Extend")
    studio.locator("#right").fill("64")
    studio.locator("#right").press("Tab")
    choose_tool(studio, "Cut out")

    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+z")
    # The tool that it was done with is taken, so that the change is seen.
    expect(studio.get_by_role("radio", name="Extend", exact=True)).to_be_checked()
    expect(studio.locator("#right")).to_have_value("0")
    studio.keyboard.press("Control+z")
    expect(studio.get_by_role("radio", name="Inpaint", exact=True)).to_be_checked()
    assert painted(studio) == 0
    studio.keyboard.press("Control+Shift+z")
    assert painted(studio) == before


def test_a_history_too_large_for_the_tabs_storage_survives_a_reload(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    fill_the_tabs_storage(studio)
    stroke(studio)
    before = painted(studio)

    studio.reload()

    expect(studio.locator("#canvas.is-painting")).to_be_visible()
    assert painted(studio) == before > 0


def test_it_is_said_when_nothing_can_be_kept(studio: Page, person: User) -> None:
    studio.add_init_script("IDBFactory.prototype.open = () => { throw new Error('no database here'); };")
    open_in_editor(studio, brought(person))

    stroke(studio)

    expect(studio.locator(".toast")).to_contain_text("no room to keep your work")
    stroke(studio, down=20)
    expect(studio.locator(".toast")).to_have_count(1)


def test_a_soft_stroke_is_as_light_where_it_crosses_itself(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    studio.locator("#pen-softness").fill("100")
    scribble(studio, times=1)
    once = mean_of_the_mask(studio)
    studio.keyboard.press("Control+z")

    scribble(studio, times=6)

    assert once > 0
    assert abs(mean_of_the_mask(studio) - once) < 0.02 * once


def test_a_pen_draws_finer_where_it_is_pressed_less_along_one_stroke(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    studio.evaluate("""() => {
        const canvas = document.getElementById("canvas");
        const { x, y, width, height } = canvas.getBoundingClientRect();
        const pen = { pointerId: 7, pointerType: "pen", bubbles: true, button: 0, buttons: 1 };
        canvas.setPointerCapture = () => {};
        const at = (part) => ({ ...pen, clientX: x + width * part, clientY: y + height / 2 });
        canvas.dispatchEvent(new PointerEvent("pointerdown", { ...at(0.4), pressure: 1 }));
        for (let step = 1; step <= 20; step += 1) {
            const lighter = { ...at(0.4 + step / 100), pressure: 1 - step / 20.1 };
            canvas.dispatchEvent(new PointerEvent("pointermove", lighter));
        }
        canvas.dispatchEvent(new PointerEvent("pointerup", at(0.6)));
    }""")

    thick, thin = thickness(studio)
    assert thick > 1.8 * thin > 0


def test_versions_are_hidden_shown_and_compared_with_each_other(studio: Page, person: User, flat_cluster: None) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Vary")
    for count in (1, 2):
        expect(studio.locator("#generate")).to_be_enabled()
        studio.locator("#generate").click()
        result(studio, count)
    first, second = studio.locator(".version").nth(1), studio.locator(".version").nth(2)
    expect(second).to_have_attribute("aria-pressed", "true")

    studio.locator("#compare-with").select_option(label="2 Vary")
    studio.locator("#compare").fill("50")
    for _ in range(50):  # the other version is loaded first
        left, right = board_colours(studio)
        if left != right:
            break
        studio.wait_for_timeout(100)
    assert left != right

    studio.locator("#canvas").focus()
    studio.keyboard.press("v")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(studio.locator("#compare-with option")).to_have_text(["1 Beginning"])
    studio.keyboard.press(".")
    expect(first).to_have_attribute("aria-pressed", "true")
    studio.reload()
    expect(studio.locator(".version-item.is-hidden")).to_have_count(1)
    studio.get_by_role("button", name="Show 3 Vary").click()
    expect(studio.locator(".version").nth(2)).to_have_attribute("aria-pressed", "true")
    # A tool that is used on the board is used on the picture that one edits.
    studio.get_by_role("radio", name="Inpaint", exact=True).check(force=True)
    expect(studio.locator(".version").first).to_have_attribute("aria-pressed", "true")
    expect(studio.locator("#canvas.is-painting")).to_be_visible()


def test_the_boards_colours_follow_the_theme(studio: Page, person: User) -> None:
    studio.emulate_media(color_scheme="light")
    open_in_editor(studio, brought(person))
    checks = """() => {
        const [ground] = Konva.stages[0].find(".ground");
        return [...ground.fillPatternImage().getContext("2d").getImageData(0, 0, 1, 1).data];
    }"""
    light = studio.evaluate(checks)

    studio.emulate_media(color_scheme="dark")

    studio.wait_for_function(f"(light) => String(({checks})()) !== String(light)", arg=light)
    assert sum(studio.evaluate(checks)) < sum(light)


def test_a_preset_brings_the_tool_and_its_settings_back(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    studio.locator("#prompt").fill("a red hat")
    studio.locator("#feather").fill("21")
    studio.get_by_role("button", name="Styles").click()
    studio.locator("#preset_name").fill("Hat")
    studio.locator(".style-save button").click()
    expect(studio.locator("#styles")).to_contain_text("Saved as Hat")
    studio.keyboard.press("Escape")
    studio.locator("#feather").fill("3")
    studio.get_by_role("radio", name="Enlarge", exact=True).check(force=True)
    studio.get_by_role("radio", name="Rework", exact=True).check(force=True)

    studio.get_by_role("button", name="Styles").click()
    studio.locator(".style", has_text="a red hat").click()

    expect(studio.get_by_role("radio", name="Inpaint", exact=True)).to_be_checked()
    expect(studio.locator("#feather")).to_have_value("21")


def test_branching_brings_an_earlier_runs_tool_and_settings_into_the_editor(studio: Page, person: User) -> None:
    upload = brought(person)
    values = {"prompt": "a wide lake", "image": upload.reference, "right": "48", "feather": "3", "seed": "7"}
    job = lifecycle.submit(person, params.parse("outpaint", values, person), key="k")

    studio.goto(f"/edit/?branch={job.pk}")

    expect(studio.get_by_role("radio", name="Extend", exact=True)).to_be_checked()
    for field, value in {"prompt": "a wide lake", "right": "48", "left": "0", "feather": "3", "seed": "7"}.items():
        expect(studio.locator(f"#{field}")).to_have_value(value)
    expect(studio.locator("#generate")).to_be_enabled()
    assert studio.url.endswith(f"/edit/?upload={upload.pk}")
    studio.locator("#feather").fill("9")
    studio.reload()
    expect(studio.locator("#feather")).to_have_value("9")
    expect(studio.locator("#right")).to_have_value("48")


def test_everything_of_a_picture_brings_its_mask_and_undo_takes_it_back(studio: Page, person: User) -> None:
    upload, mask = brought(person), masked(person)
    values = {"prompt": "a hat", "image": upload.reference, "mask": mask.reference, "feather": "3", "strength": "0.5"}
    lifecycle.submit(person, params.parse("inpaint", values, person), key="k")
    image = stored(claim().jobs[0])

    studio.goto(f"/pictures/{image.pk}/")
    studio.get_by_role("link", name="Use everything").click()

    expect(studio.get_by_role("radio", name="Inpaint", exact=True)).to_be_checked()
    for field, value in {"prompt": "a hat", "strength": "0.5", "feather": "3", "seed": str(image.seed)}.items():
        expect(studio.locator(f"#{field}")).to_have_value(value)
    white = 40 * 30
    until_painted(studio, white)
    studio.reload()
    until_painted(studio, white)
    studio.get_by_role("button", name="Undo").click()
    until_painted(studio, 0)


def test_branching_a_blend_brings_its_pictures_and_weights(studio: Page, person: User) -> None:
    one, two = brought(person), brought(person, seed=2)
    values = {"images": f"{one.reference},{two.reference}", "weights": "3,1"}
    job = lifecycle.submit(person, params.parse("blend", values, person), key="k")

    studio.goto(f"/edit/?branch={job.pk}")

    expect(studio.locator(".part")).to_have_count(2)
    expect(studio.locator(".part input").nth(0)).to_have_value("0.75")
    expect(studio.locator(".part input").nth(1)).to_have_value("0.25")
    expect(studio.locator("#generate")).to_be_enabled()
