"""The editor in a real browser: a mask painted by hand, pictures extended, blended and cut out, undo, keys alone."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from accounts.models import User
from generation import lifecycle, params
from generation.models import Image, Job, Upload
from tests.generation.uploads import brought, photograph
from tests.rules.tree import ROOT

_DRAWING_MS = 60_000


@pytest.fixture
def flat_cluster(child_environment: dict[str, str]) -> Iterator[None]:
    """Run the gpu cluster with the engine that draws flat colours and edits by the rules."""
    environment = {**child_environment, "ENGINE_BACKEND": "noop"}
    process = subprocess.Popen([sys.executable, "manage.py", "supervise", "gpu"], cwd=ROOT, env=environment)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_pictures_are_repainted_extended_blended_and_given_another_background(
    studio: Page, person: User, flat_cluster: None
) -> None:
    upload = brought(person)
    _open(studio, upload)
    _stroke(studio)
    studio.locator("#prompt").fill("a red hat")
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Repaint · \d+ credits?"))
    studio.locator("#generate").click()
    repainted = _result(studio, 1)
    before, after = photograph(), _pixels(repainted)
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


def test_what_was_painted_is_undone_also_after_a_reload(studio: Page, person: User) -> None:
    upload = brought(person)
    _open(studio, upload)
    _stroke(studio)
    _stroke(studio, down=20)
    assert _painted(studio) > 0
    both = _painted(studio)

    studio.reload()
    expect(studio.locator(".version")).to_have_count(1)
    assert _painted(studio) == both
    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+z")
    assert 0 < _painted(studio) < both
    studio.keyboard.press("Control+z")
    assert _painted(studio) == 0
    studio.keyboard.press("Control+Shift+z")
    assert _painted(studio) > 0


def test_one_undo_takes_back_what_was_done_last_whatever_the_tool(studio: Page, person: User) -> None:
    _open(studio, brought(person))
    _stroke(studio)
    painted = _painted(studio)
    _choose(studio, "Extend")
    studio.locator("#right").fill("64")
    studio.locator("#right").press("Tab")
    _choose(studio, "Cut out")

    studio.locator("#canvas").focus()
    studio.keyboard.press("Control+z")
    # The tool that it was done with is taken, so that the change is seen.
    expect(studio.get_by_role("radio", name="Extend", exact=True)).to_be_checked()
    expect(studio.locator("#right")).to_have_value("0")
    studio.keyboard.press("Control+z")
    expect(studio.get_by_role("radio", name="Repaint", exact=True)).to_be_checked()
    assert _painted(studio) == 0
    studio.keyboard.press("Control+Shift+z")
    assert _painted(studio) == painted


def test_a_history_too_large_for_the_tabs_storage_survives_a_reload(studio: Page, person: User) -> None:
    _open(studio, brought(person))
    _fill_the_tabs_storage(studio)
    _stroke(studio)
    painted = _painted(studio)

    studio.reload()

    expect(studio.locator("#canvas.is-painting")).to_be_visible()
    assert _painted(studio) == painted > 0


def test_it_is_said_when_nothing_can_be_kept(studio: Page, person: User) -> None:
    studio.add_init_script("IDBFactory.prototype.open = () => { throw new Error('no database here'); };")
    _open(studio, brought(person))

    _stroke(studio)

    expect(studio.locator(".toast")).to_contain_text("no room to keep your work")
    _stroke(studio, down=20)
    expect(studio.locator(".toast")).to_have_count(1)


def test_a_soft_stroke_is_as_light_where_it_crosses_itself(studio: Page, person: User) -> None:
    _open(studio, brought(person))
    studio.locator("#pen-softness").fill("100")
    _scribble(studio, times=1)
    once = _mean_of_the_mask(studio)
    studio.keyboard.press("Control+z")

    _scribble(studio, times=6)

    assert once > 0
    assert abs(_mean_of_the_mask(studio) - once) < 0.02 * once


def test_a_pen_draws_finer_where_it_is_pressed_less_along_one_stroke(studio: Page, person: User) -> None:
    _open(studio, brought(person))
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

    thick, thin = _thickness(studio)
    assert thick > 1.8 * thin > 0


def test_versions_are_hidden_shown_and_compared_with_each_other(studio: Page, person: User, flat_cluster: None) -> None:
    _open(studio, brought(person))
    _choose(studio, "Vary")
    for count in (1, 2):
        expect(studio.locator("#generate")).to_be_enabled()
        studio.locator("#generate").click()
        _result(studio, count)
    first, second = studio.locator(".version").nth(1), studio.locator(".version").nth(2)
    expect(second).to_have_attribute("aria-pressed", "true")

    studio.locator("#compare-with").select_option(label="2 Vary")
    studio.locator("#compare").fill("50")
    left, right = _board_colours(studio)
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


def test_the_boards_colours_follow_the_theme(studio: Page, person: User) -> None:
    studio.emulate_media(color_scheme="light")
    _open(studio, brought(person))
    checks = """() => {
        const [ground] = Konva.stages[0].find(".ground");
        return [...ground.fillPatternImage().getContext("2d").getImageData(0, 0, 1, 1).data];
    }"""
    light = studio.evaluate(checks)

    studio.emulate_media(color_scheme="dark")

    studio.wait_for_function(f"(light) => String(({checks})()) !== String(light)", arg=light)
    assert sum(studio.evaluate(checks)) < sum(light)


def test_a_preset_brings_the_tool_and_its_settings_back(studio: Page, person: User) -> None:
    _open(studio, brought(person))
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

    expect(studio.get_by_role("radio", name="Repaint", exact=True)).to_be_checked()
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


def test_branching_a_blend_brings_its_pictures_and_weights(studio: Page, person: User) -> None:
    one, two = brought(person), brought(person, seed=2)
    values = {"images": f"{one.reference},{two.reference}", "weights": "3,1"}
    job = lifecycle.submit(person, params.parse("blend", values, person), key="k")

    studio.goto(f"/edit/?branch={job.pk}")

    expect(studio.locator(".part")).to_have_count(2)
    expect(studio.locator(".part input").nth(0)).to_have_value("0.75")
    expect(studio.locator(".part input").nth(1)).to_have_value("0.25")
    expect(studio.locator("#generate")).to_be_enabled()


def test_a_mask_is_made_and_sent_by_keys_alone(studio: Page, person: User) -> None:
    upload = brought(person)
    _open(studio, upload)
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


def test_a_refusal_stands_at_its_cause_and_nothing_is_lost(studio: Page, person: User) -> None:
    _open(studio, brought(person))
    _stroke(studio)
    studio.locator("#prompt").fill("")
    studio.locator("#generate").click()

    expect(studio.locator("#prompt-error")).to_contain_text("Describe")
    expect(studio.locator("#prompt")).to_be_focused()
    assert _painted(studio) > 0
    assert not Job.objects.exists()


def test_a_value_out_of_bounds_is_said_at_its_field_before_anything_is_sent(studio: Page, person: User) -> None:
    _open(studio, brought(person))
    studio.locator("#feather").fill("500")

    expect(studio.locator("#feather-error")).to_contain_text("200")
    expect(studio.locator("#generate")).to_be_disabled()
    studio.locator("#feather").fill("20")
    expect(studio.locator("#feather-error")).to_be_hidden()
    expect(studio.locator("#generate")).to_be_enabled()


def test_a_file_that_is_no_picture_is_refused_in_words(studio: Page, person: User, tmp_path: Path) -> None:
    studio.goto("/edit/")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing more")

    studio.locator("#file").set_input_files(broken)

    expect(studio.locator(".toast")).to_be_visible()
    expect(studio.locator("#easel-empty")).to_be_visible()
    assert not Upload.objects.exists()


def _open(studio: Page, upload: Upload) -> None:
    studio.goto(f"/edit/?upload={upload.pk}")
    expect(studio.locator(".version")).to_have_count(1)
    expect(studio.locator("#canvas.is-painting")).to_be_visible()


def _stroke(studio: Page, down: float = 0) -> None:
    """Paint a short line through the middle of the picture, `down` window pixels below it."""
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + down
    studio.mouse.move(x - 30, y)
    studio.mouse.down()
    studio.mouse.move(x + 30, y, steps=4)
    studio.mouse.up()


def _painted(studio: Page) -> int:
    """Return how much of the mask is painted, as the board shows it."""
    return int(
        studio.evaluate("""() => {
            const overlay = Konva.stages[0].getLayers()[1].getChildren()[0];
            if (!overlay) return 0;
            const canvas = overlay.image();
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.filter((value, at) => at % 4 === 3 && value > 127).length;
        }""")
    )


def _fill_the_tabs_storage(studio: Page) -> None:
    studio.evaluate("""() => {
        let size = 2 ** 22;
        for (let at = 0; size > 8; at += 1) {
            try { sessionStorage.setItem(`fill${at}`, "x".repeat(size)); } catch { size = Math.floor(size / 2); }
        }
    }""")


def _scribble(studio: Page, times: int) -> None:
    """Draw one line to the right and back, so many times, without lifting the brush."""
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    studio.mouse.move(x - 40, y)
    studio.mouse.down()
    for _ in range(times):
        studio.mouse.move(x + 40, y, steps=8)
        studio.mouse.move(x - 40, y, steps=8)
    studio.mouse.up()


_MASK = """() => {
    const canvas = Konva.stages[0].getLayers()[1].getChildren()[0].image();
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return { width: canvas.width, alphas: [...pixels.filter((value, at) => at % 4 === 3)] };
}"""


def _mean_of_the_mask(studio: Page) -> float:
    alphas: list[int] = studio.evaluate(_MASK)["alphas"]
    return sum(alphas) / len(alphas)


def _thickness(studio: Page) -> tuple[int, int]:
    """Return how many pixels high the painted part is near its left end, and near its right end."""
    mask = studio.evaluate(_MASK)
    width, alphas = mask["width"], mask["alphas"]
    heights = [sum(alpha > 127 for alpha in alphas[column::width]) for column in range(width)]
    painted = [height for height in heights if height]
    return max(painted[: len(painted) // 2]), painted[-len(painted) // 8]


def _board_colours(studio: Page) -> tuple[list[int], list[int]]:
    """Return the colours that the board shows at a quarter and at three quarters of the picture's width."""
    found = studio.evaluate("""() => {
        const [pictures] = Konva.stages[0].getLayers();
        const canvas = pictures.getCanvas();
        const { x, y, width, height } = pictures.getChildren()[1].getClientRect();
        const ratio = canvas.getPixelRatio();
        const pixel = (left, top) => [...canvas.getContext().getImageData(left * ratio, top * ratio, 1, 1).data];
        const at = (part) => pixel(x + width * part, y + height / 2);
        return [at(0.25), at(0.75)];
    }""")
    return found[0], found[1]


def _result(studio: Page, count: int) -> Image:
    """Wait for so many results and return the newest."""
    expect(studio.locator(".version")).to_have_count(1 + count, timeout=_DRAWING_MS)
    return Image.objects.latest("id")


def _pixels(image: Image) -> Pillow.Image:
    with default_storage.open(image.file) as file:
        return Pillow.open(file).convert("RGB").copy()


def _choose(studio: Page, tool: str) -> None:
    studio.locator(".version").first.click()
    studio.get_by_role("radio", name=tool, exact=True).check(force=True)


def _extend_to_the_right(studio: Page) -> None:
    _choose(studio, "Extend")
    studio.locator("#right").fill("64")
    studio.locator("#right").press("Tab")
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Extend · \d+ credits?"))
    studio.locator("#generate").click()
    extended = _result(studio, 2)
    assert (extended.width, extended.height) == (160 + 64, 120)


def _blend(studio: Page) -> None:
    _choose(studio, "Blend")
    studio.locator("#add-part").click()
    # Only pictures made here stand in the list; the first one there is the newest.
    studio.locator(".chooser-picture").first.click()
    expect(studio.locator(".part")).to_have_count(2)
    expect(studio.locator("#generate")).to_have_text(re.compile(r"Blend · \d+ credits?"))
    studio.locator("#generate").click()
    assert _result(studio, 3).job.task == "blend"


def _replace_the_background(studio: Page) -> None:
    _choose(studio, "New background")
    _stroke(studio)
    studio.locator("#prompt").fill("a beach")
    studio.locator("#generate").click()
    assert _result(studio, 4).job.task == "replace-background"
