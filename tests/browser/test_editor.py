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
