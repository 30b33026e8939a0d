"""From a picture to a video that plays, and in the gallery under the pointer."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from generation.models import Clip, Job
from tests.browser.windows import sign_in
from tests.flows.clusters import gpu_cluster
from tests.generation.runs import balance
from tests.generation.uploads import brought, photograph, png_of
from tests.generation.videos import make_video

PATIENCE_SECONDS = 30.0
# Of a real engine, on a machine with much else to do.
DRAWING_MS = 600_000


def wait_until(video: Locator, is_so: str) -> None:
    """Ask the video again and again, until it is so. Scripts that ask by themselves are refused by the policy."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not video.evaluate(f"video => {is_so}"):
        assert time.monotonic() < deadline, f"never {is_so}"
        time.sleep(0.1)


def wait_until_it_plays(video: Locator) -> None:
    """Wait until a video goes on."""
    wait_until(video, "!video.paused && video.currentTime > 0.1")


@pytest.mark.usefixtures("size")
def test_a_picture_becomes_a_video_that_plays(studio: Page, person: User, flat_cluster: None, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(png_of(photograph()))
    studio.goto("/video/")
    expect(studio.locator("#price-line")).to_have_text("Choose a picture")
    expect(studio.locator("#generate")).to_be_disabled()
    studio.locator("#file").set_input_files(tmp_path / "fox.png")
    expect(studio.locator("#generate")).to_have_text("Make a video · 12 credits")

    studio.locator("#seconds").fill("60")
    expect(studio.locator("#seconds-error")).to_contain_text("from 0.5 to 12")
    studio.locator("#seconds").fill("6")
    expect(studio.locator("#generate")).to_have_text("Make a video · 24 credits")
    studio.locator("#seconds").fill("1")
    expect(studio.locator("#generate")).to_have_text("Make a video · 12 credits")
    studio.locator("#generate").click()

    # It plays by itself when it comes.
    tile = studio.locator("#runs [data-clip]")
    expect(tile).to_have_count(1, timeout=60_000)
    wait_until_it_plays(studio.locator("#runs video"))
    assert Clip.objects.get().frames == 16
    assert (Job.objects.get().status, balance(person)) == ("FINISHED", 88)

    tile.click()
    expect(studio).to_have_url(re.compile("/pictures/"))
    player = studio.locator("#player")
    player.evaluate("video => video.play()")
    wait_until_it_plays(player)
    assert player.evaluate("video => [video.videoWidth, video.videoHeight]") == [128, 96]
    # To seek, the browser asks for parts of the file.
    player.evaluate("video => { video.pause(); video.currentTime = 0.8; }")
    wait_until(player, "!video.seeking")
    assert abs(player.evaluate("video => video.currentTime") - 0.8) < 0.05


@pytest.mark.long
def test_the_starters_fox_is_drawn_moves_and_plays(
    studio: Page, person: User, child_environment: dict[str, str], tmp_path: Path
) -> None:
    """The whole way with the real engine: drawn from words, and moved for twelve credits."""
    with gpu_cluster(child_environment, tmp_path, ENGINE_BACKEND="diffusers"):
        studio.goto("/create/")
        studio.locator("#prompt").fill("a fox")
        studio.locator("#num_images").get_by_text("1", exact=True).click()
        studio.locator("#generate").click()
        studio.locator(".run .tile-link").click(timeout=DRAWING_MS)
        studio.get_by_role("link", name="Make a video").click()
        expect(studio.locator("#generate")).to_have_text("Make a video · 12 credits")
        studio.locator("#generate").click()
        tile = studio.locator("#runs [data-clip]")
        expect(tile).to_have_count(1, timeout=DRAWING_MS)
        wait_until_it_plays(studio.locator("#runs video"))
    assert (Clip.objects.get().frames, Clip.objects.get().fps) == (48, 16)
    assert balance(person) == 87


def test_a_video_plays_under_the_pointer_and_is_loaded_only_then(studio: Page, person: User) -> None:
    make_video(person)
    asked: list[str] = []
    studio.on("request", lambda request: asked.append(request.url) if request.url.endswith(".mp4") else None)
    studio.goto("/library/")
    tile = studio.locator("[data-clip]")
    expect(tile).to_contain_text("0.5 s")
    studio.wait_for_load_state("networkidle")
    assert not asked

    tile.hover()
    wait_until_it_plays(tile.locator("video"))
    assert tile.locator("video").evaluate("video => [video.muted, video.loop]") == [True, True]
    studio.mouse.move(0, 0)
    expect(tile.locator("video")).to_have_count(0)

    tile.focus()
    wait_until_it_plays(tile.locator("video"))
    tile.blur()
    expect(tile.locator("video")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_from_a_picture_file_to_a_video_that_plays_in_the_gallery(
    studio: Page, person: User, flat_cluster: None, width: int, tmp_path: Path
) -> None:
    studio.set_viewport_size({"width": width, "height": 844})
    (tmp_path / "fox.png").write_bytes(png_of(photograph()))
    studio.goto("/video/")
    studio.locator("#file").set_input_files(tmp_path / "fox.png")
    studio.locator("#seconds").fill("1")
    expect(studio.locator("#generate")).to_have_text("Make a video · 12 credits")
    studio.locator("#generate").click()
    expect(studio.locator("#runs [data-clip]")).to_have_count(1, timeout=60_000)

    studio.goto("/library/")
    tile = studio.locator("[data-clip]")
    expect(tile).to_contain_text("1 s")
    tile.scroll_into_view_if_needed()
    # A phone has no pointer that rests: there the focus starts it.
    tile.focus() if width == 390 else tile.hover()
    wait_until_it_plays(tile.locator("video"))
    assert studio.evaluate("document.documentElement.scrollWidth") <= width


def test_where_less_motion_is_wanted_nothing_plays(studio: Page, person: User) -> None:
    make_video(person)
    studio.emulate_media(reduced_motion="reduce")
    studio.goto("/library/")
    studio.wait_for_load_state("load")
    studio.locator("[data-clip]").hover()
    studio.locator("[data-clip]").focus()
    expect(studio.locator("[data-clip] video")).to_have_count(0)


def test_a_second_picture_is_the_end_and_can_be_taken_out_again(studio: Page, person: User) -> None:
    first, second = brought(person), brought(person, seed=2)
    studio.goto(f"/video/?upload={first.pk}")
    expect(studio.locator("#generate")).to_have_text("Make a video · 12 credits")
    content = png_of(photograph(seed=2))
    studio.locator("#file").set_input_files({"name": "end.png", "mimeType": "image/png", "buffer": content})
    expect(studio.locator("[name=end_image]")).to_have_value(second.reference)
    studio.locator("[data-end=end_image]").get_by_role("button", name="Take the picture out").click()
    expect(studio.locator("[name=end_image]")).to_have_value("")
    expect(studio.locator("[name=image]")).to_have_value(first.reference)


def test_a_lost_answer_is_asked_for_again_and_makes_no_second_run(studio: Page, person: User) -> None:
    studio.goto(f"/video/?upload={brought(person).pk}")
    button = studio.locator("#generate")
    expect(button).to_have_text("Make a video · 12 credits")

    def lose(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502, content_type="text/html", body="<h1>502 Bad Gateway</h1>")

    studio.route("**/edit/runs/", lose, times=1)
    button.click()
    expect(studio.locator("#form-error")).to_contain_text("Press again: the same press never makes two.")
    studio.context.set_offline(True)
    button.click()
    expect(studio.locator("#form-error")).to_contain_text("Press again")
    expect(button).to_have_text("Make a video · 12 credits")
    studio.context.set_offline(False)
    button.click()

    expect(studio.locator("article.run")).to_have_count(1)
    expect(studio.locator("#balance")).to_contain_text("88")
    assert Job.objects.count() == 1


def test_what_was_set_and_chosen_outlives_a_reload_and_a_session(studio: Page, person: User, base_url: str) -> None:
    first, second = brought(person), brought(person, seed=2)
    studio.goto("/video/")
    for seed, name in ((1, "image"), (2, "end_image")):
        studio.locator("#file").set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": png_of(photograph(seed=seed))}
        )
        expect(studio.locator(f"[name={name}]")).not_to_have_value("")
    studio.locator("#prompt").fill("it runs away")
    studio.locator("#seconds").fill("6")
    expect(studio.locator("#generate")).to_have_text("Make a video · 24 credits")

    studio.context.clear_cookies(name="sessionid")
    studio.locator("#motion").fill("0.3")
    studio.wait_for_url(re.compile(r"/accounts/login/\?next=.*video"))
    sign_in(studio.context, person, base_url)
    for _ in range(2):
        studio.goto("/video/")
        expect(studio.locator("#generate")).to_have_text("Make a video · 24 credits")
        expect(studio.locator("[name=image]")).to_have_value(first.reference)
        expect(studio.locator("[name=end_image]")).to_have_value(second.reference)
        expect(studio.locator("#prompt")).to_have_value("it runs away")
        expect(studio.locator("[data-slides=motion]")).to_have_value("0.3")

    studio.goto(f"/video/?upload={second.pk}")
    expect(studio.locator("[name=image]")).to_have_value(second.reference)
    expect(studio.locator("[name=end_image]")).to_have_value("")
    expect(studio.locator("#prompt")).to_have_value("it runs away")
    expect(studio).to_have_url(re.compile("/video/$"))
    studio.reload()
    expect(studio.locator("[name=image]")).to_have_value(second.reference)
    expect(studio.locator("[data-end=image] .end-picture")).to_have_js_property("complete", True)

    # An address that is pressed again is meant again.
    studio.locator("[data-end=image]").get_by_role("button", name="Take the picture out").click()
    studio.goto(f"/video/?upload={second.pk}")
    expect(studio.locator("[name=image]")).to_have_value(second.reference)


def test_a_file_that_is_refused_is_told_in_the_dialog_that_it_was_chosen_in(studio: Page, tmp_path: Path) -> None:
    studio.goto("/video/")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    studio.locator("[data-end=image] [data-command=choose]").click()

    studio.locator("#file").set_input_files(broken)

    expect(studio.locator("#chooser[open] #chooser-error")).to_be_visible()
    expect(studio.locator(".toast")).to_have_count(0)
